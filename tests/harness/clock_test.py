# SPDX-License-Identifier: MIT
"""No test can set this machine's clock: scripts/test has given the right to do so away."""

import ctypes
import errno
import unittest

CAP_SYS_TIME = 25
ADJ_TICK = 0x4000


class Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint)] + [
        (name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")] + [
        ("status", ctypes.c_int)] + [
        (name, ctypes.c_long) for name in ("constant", "precision", "tolerance", "time_s",
                                           "time_us", "tick")] + [
        ("rest", ctypes.c_byte * 128)]


def sets_with_the_right():
    """The capability sets of this process, and so of its children, that hold CAP_SYS_TIME."""
    with open("/proc/self/status", encoding="ascii") as status:
        rows = [line.split() for line in status if line.startswith("Cap")]
    return [name for name, bits in rows if int(bits, 16) >> CAP_SYS_TIME & 1]


class Clock(unittest.TestCase):
    def test_no_capability_set_holds_the_right(self):
        held = set(sets_with_the_right())
        if not held & {"CapPrm:", "CapEff:", "CapInh:", "CapAmb:"}:
            held.discard("CapBnd:")  # of no use to a user who cannot become root
        self.assertEqual(held, set(), "run this through scripts/test")

    def test_the_kernel_refuses(self):
        self.assertNotIn("CapEff:", sets_with_the_right())  # else do not even try
        libc = ctypes.CDLL(None, use_errno=True)
        timex = Timex(modes=0)
        self.assertGreaterEqual(libc.adjtimex(ctypes.byref(timex)), 0)
        timex.modes = ADJ_TICK  # to the value it has: harmless, were it allowed
        self.assertEqual(libc.adjtimex(ctypes.byref(timex)), -1)
        self.assertEqual(ctypes.get_errno(), errno.EPERM)

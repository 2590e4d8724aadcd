# SPDX-License-Identifier: MIT
"""What the kernel says of this machine's clock. It is read, never set."""

import ctypes

TIME_ERROR = 5  # what adjtimex() returns for a clock that nobody vouches for
STA_UNSYNC = 0x40


class Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint)] + [
        (name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")] + [
        ("status", ctypes.c_int), ("rest", ctypes.c_byte * 256)]


def is_synchronised():
    timex = Timex(modes=0)
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    return state not in (-1, TIME_ERROR) and not timex.status & STA_UNSYNC

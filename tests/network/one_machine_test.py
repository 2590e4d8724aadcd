# SPDX-License-Identifier: MIT
"""Both programs on one machine, at 127.0.0.1, by a user without any privilege."""

import unittest

from lab import lonely_host

LOOPBACK = ("--interface", "127.0.0.1")


def capabilities_of(pid):
    """All sets of a process, as one number."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        rows = [line.split() for line in status if line.startswith("Cap")]
    return sum(int(bits, 16) for _, bits in rows)


class WithoutPrivilege(unittest.TestCase):
    """In a host that has `lo` and no other interface."""

    @classmethod
    def setUpClass(cls):
        host = lonely_host()
        cls.announcer = host.announcer(*LOOPBACK, privileged=False)
        cls.listener = host.listener(*LOOPBACK, privileged=False)
        cls.listener.await_state("synchronised", within=15)

    def test_the_programs_have_no_capability_at_all(self):
        for program in (self.announcer, self.listener):
            self.assertEqual(capabilities_of(program.pid), 0)

    def test_the_listener_is_synchronised_with_the_announcer_beside_it(self):
        status = self.listener.status()
        self.assertEqual((status["state"], status["announcer"]),
                         ("synchronised", "127.0.0.1:11123"))
        self.assertLessEqual(abs(status["offset_s"]), status["bound_s"])

    def test_the_announcer_says_that_port_123_is_refused_and_what_to_do(self):
        self.assertRegex(self.announcer.log,
                         "no plain stream at 127.0.0.1:123: port 123 needs a privilege; sudo "
                         "setcap .* /.*/timecast-announcer, or .*, or do without by --no-plain")

    def test_the_announcer_sends_the_precise_stream_alone(self):
        status = self.announcer.status()
        self.assertEqual({each["stream"]: each["open"] for each in status["sockets"]},
                         {"precise": True, "plain": False})
        self.assertGreater(status["announcements"], 0)
        self.assertEqual(status["plain_announcements"], 0)


class NoPlainWanted(unittest.TestCase):
    def test_nothing_is_said_of_port_123_when_it_is_not_wanted(self):
        host = lonely_host()
        announcer = host.announcer(*LOOPBACK, "--no-plain", privileged=False)
        self.addCleanup(announcer.stop)
        announcer.await_line("to announce", lambda line: line.get("stream") == "precise")
        self.assertNotIn("123:", announcer.log.replace("11123:", ""))
        self.assertNotIn("plain", announcer.log)

# SPDX-License-Identifier: MIT
"""Genuine announcements that somebody else on the link sends again: counted, and nothing else."""

import unittest

import ntp
from lab import Link
from udp import Socket

RECORDED = 5


class Replay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        link = Link()
        link.host(["192.0.2.1/24"]).announcer()
        cls.listener = link.host(["192.0.2.2/24"]).listener()
        attacker = link.host()
        cls.sniffer = Socket(attacker, ntp.PRECISE_PORT, groups=[ntp.PRECISE_GROUP])
        cls.sender = Socket(attacker)
        cls.record = [packet.octets for packet in cls.sniffer.collect(RECORDED + 5, RECORDED)]
        cls.listener.await_state("synchronised", within=15)

    def replay(self, octets, hops=255):
        self.sender.send(octets, ntp.PRECISE_GROUP, ntp.PRECISE_PORT, hops)

    def check_only_counts(self, reason, act, count):
        """What act() sends is refused for this reason, and the listener goes on as before."""
        before = self.listener.status()
        seen = len(self.listener.lines)
        act()
        self.listener.await_line(
            f"to count {reason}", lambda line: line["type"] == "estimate" and
            line["refused"].get(reason, 0) >= before["refused"].get(reason, 0) + count,
            within=5, after=seen)
        after = self.listener.status()
        self.assertEqual(after["refused"].get(reason, 0),
                         before["refused"].get(reason, 0) + count)
        for key in ("state", "announcer", "key", "streams", "interval_s", "interleaved"):
            self.assertEqual(after[key], before[key], key)
        self.assertLessEqual(abs(after["offset_s"]), after["bound_s"])
        lines = [line for line in self.listener.lines[seen:] if line["type"] == "state"]
        self.assertEqual(lines, [])

    def test_old_packets_are_counted_as_replayed(self):
        self.check_only_counts("replayed", lambda: [self.replay(octets) for octets in self.record],
                               RECORDED)

    def test_a_packet_sent_again_at_once_is_counted_as_a_duplicate(self):
        self.sniffer.collect(0.01)
        latest, = self.sniffer.collect(3, count=1)
        self.check_only_counts("duplicate",
                               lambda: [self.replay(latest.octets) for _ in range(3)], 3)

    def test_a_packet_that_has_crossed_a_router_is_counted_by_its_hop_limit(self):
        self.check_only_counts("bad_hop_limit", lambda: [
            self.replay(self.record[-1], hops) for hops in (254, 64, 1)], 3)

    def test_an_altered_packet_is_counted_by_its_signature(self):
        latest, = self.sniffer.collect(3, count=1)
        later = bytearray(latest.octets)
        later[ntp.SEQUENCE_AT] += 1
        self.check_only_counts("bad_signature", lambda: self.replay(bytes(later)), 1)

    def test_recorded_packets_alone_never_make_a_listener_synchronised(self):
        link = Link()  # where nobody answers its challenges
        sender = Socket(link.host())
        listener = link.host().listener()
        self.addCleanup(listener.stop)
        listener.await_line("to search", lambda line: line["type"] == "estimate")
        for octets in self.record:
            sender.send(octets, ntp.PRECISE_GROUP, ntp.PRECISE_PORT, 255)
            listener.await_line("a second to pass", lambda line: line["type"] == "estimate",
                                after=len(listener.lines))
        states = {line["state"] for line in listener.lines}
        self.assertIn("tentative", states)
        self.assertNotIn("synchronised", states)
        self.assertFalse(listener.status()["lateness_bounded"])

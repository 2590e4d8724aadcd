# SPDX-License-Identifier: MIT
"""An announcer whose clock is set while it announces: it says so, and its listener follows."""

import time

import ntp
from lab import LabTest, Link
from udp import Socket

STEPS_AFTER_S = 9
STEP_S = 2.5
STEPPED = 1  # of the flags


class Step(LabTest):
    takes_s = 25

    def setUp(self):
        link = Link()
        self.sniffer = Socket(link.host(), ntp.PRECISE_PORT, groups=[ntp.PRECISE_GROUP])
        self.addCleanup(self.sniffer.close)
        self.listener = self.start(link.host().listener)
        host = link.host()
        self.stepped_at = time.time() + STEPS_AFTER_S
        shift = f"0,0,0,0,0,{int(self.stepped_at * 1e9)},{int(STEP_S * 1e9)}"
        announcer = host.announcer(program="timecast-shifted-announcer",
                                          environment={"TIMECAST_SHIFT": shift})
        self.addCleanup(announcer.stop)

    def test_the_first_packet_after_it_and_no_other_is_flagged_and_tells_nothing_of_the_one_before(self):
        packets = self.sniffer.collect(STEPS_AFTER_S + 6)
        parsed = [ntp.parse(packet.octets) for packet in packets]
        # By what they say: one that was written before it may arrive after it.
        halfway = self.stepped_at + STEP_S / 2
        after = [packet for packet in parsed if ntp.unix_time(packet.transmit) > halfway]
        before = [packet for packet in parsed if ntp.unix_time(packet.transmit) <= halfway]
        self.assertGreater(min(len(before), len(after)), 3)
        flags = [ntp.announcement_of(packet).flags & STEPPED for packet in before + after]
        self.assertEqual(flags, [0] * len(before) + [STEPPED] + [0] * (len(after) - 1))
        self.assertEqual(after[0].origin, 0)
        self.assertNotEqual(after[1].origin, 0)
        self.assertNotEqual(before[-1].origin, 0)
        apart = ntp.unix_time(after[0].transmit) - ntp.unix_time(before[-1].transmit)
        self.assertAlmostEqual(apart, 1 + STEP_S, delta=0.2)

    def test_its_listener_follows_at_once(self):
        self.listener.await_state("synchronised", within=STEPS_AFTER_S)
        time.sleep(max(self.stepped_at - time.time(), 0))
        seen = len(self.listener.lines)
        found = self.listener.await_line("the step", lambda line: line.get("offset_s", 0) > 1,
                                         within=5, after=seen)
        self.assertAlmostEqual(found["offset_s"], STEP_S, delta=0.02)
        self.listener.await_state("synchronised", within=10, after=seen)
        self.assertNotIn("timeline_break", self.listener.status()["refused"])

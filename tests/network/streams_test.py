# SPDX-License-Identifier: MIT
"""What an announcer sends, as a plain receiver on another machine sees it."""

import json
import socket
import struct
import subprocess
import time
import unittest

import kernel_clock
import ntp
from lab import JoinedHost, Link
from programs import Program
from udp import SO_TIMESTAMPNS, Socket

FOR_THREE_PLAIN_S = 21  # the first within a second, the others 9.0 to 9.54 s apart
SCHEDULING_S = 0.1      # a busy machine sends and stamps late
FOR_SOME_TICKS_S = 8    # IPv6 begins two seconds after its interface
TOGETHER_NS = 20_000_000


def gaps(packets):
    return [later.at - earlier.at for earlier, later in zip(packets, packets[1:])]


class BothStreams(unittest.TestCase):
    """One announcer as it starts without any option but --island."""

    measures = True

    @classmethod
    def setUpClass(cls):
        link = Link()
        receiver = link.host()
        precise = Socket(receiver, ntp.PRECISE_PORT, groups=[ntp.PRECISE_GROUP])
        precise6 = Socket(receiver, ntp.PRECISE_PORT, family=socket.AF_INET6,
                          groups=[ntp.PRECISE_GROUP_6])
        plain = Socket(receiver, ntp.PLAIN_PORT, groups=[ntp.PLAIN_GROUP])
        cls.announcer = link.host().announcer()
        cls.plain = plain.collect(FOR_THREE_PLAIN_S + 2, count=3)
        cls.precise = precise.collect(0)
        cls.precise6 = precise6.collect(0)

    def test_the_precise_stream_has_172_octets_to_its_group_and_crosses_no_router(self):
        for packet in self.precise:
            self.assertEqual((len(packet.octets), packet.source, packet.port, packet.to,
                              packet.hops),
                             (172, "192.0.2.2", 11123, "239.255.123.124", 255))

    def test_the_precise_stream_is_sent_by_ipv6_as_well(self):
        for packet in self.precise6:
            self.assertEqual((len(packet.octets), packet.port, packet.to, packet.hops),
                             (172, 11123, "ff02::101", 255))
            self.assertTrue(packet.source.startswith("fe80::"), packet.source)
        self.assertGreaterEqual(len(self.precise6), 12)

    def test_the_precise_stream_keeps_to_a_grid_of_one_second(self):
        self.assertGreaterEqual(len(self.precise), 16)
        _, origin, *others = self.precise  # the first comes as soon as it can
        for number, packet in enumerate(others, 1):
            self.assertAlmostEqual(packet.at - origin.at, number, delta=0.02 + SCHEDULING_S)

    def test_precise_packets_are_signed_and_numbered_without_a_gap(self):
        key = self.announcer.status()["key"]
        self.assertTrue(all(ntp.is_signed(packet.octets) for packet in self.precise[:3]))
        announcements = [ntp.announcement_of(ntp.parse(packet.octets)) for packet in self.precise]
        self.assertEqual({ntp.base64(announcement.key) for announcement in announcements}, {key})
        first = announcements[0].sequence
        self.assertEqual([announcement.sequence for announcement in announcements],
                         list(range(first, first + len(announcements))))

    def test_a_precise_packet_says_when_its_predecessor_left(self):
        for earlier, later in zip(self.precise, self.precise[1:]):
            left = ntp.unix_time(ntp.parse(later.octets).origin)
            self.assertLessEqual(left, earlier.at)
            self.assertAlmostEqual(left, earlier.at, delta=SCHEDULING_S)

    def test_a_plain_packet_is_exactly_a_broadcast_header_from_port_123(self):
        for packet in self.plain:
            self.assertEqual((len(packet.octets), packet.source, packet.port, packet.to,
                              packet.hops),
                             (48, "192.0.2.2", 123, "239.255.123.123", 1))
            header = ntp.parse(packet.octets)
            self.assertEqual((header.leap, header.version, header.mode, header.poll,
                              header.origin, header.receive),
                             (0, 4, ntp.BROADCAST, 3, 0, 0))
            self.assertAlmostEqual(ntp.unix_time(header.transmit), packet.at, delta=SCHEDULING_S)

    def test_plain_packets_are_9_to_9_6_seconds_apart(self):
        self.assertEqual(len(self.plain), 3)
        for gap in gaps(self.plain):
            self.assertGreaterEqual(gap, 9.0 - SCHEDULING_S)
            self.assertLessEqual(gap, 9.6 + SCHEDULING_S)


class LinesOfPackets(unittest.TestCase):
    """Who reads them is woken by them, and where there is one processor it takes that."""

    def lines_of(self, host):
        """Each with the time at which it was written, by the kernel."""
        reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        reader.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        reader.settimeout(1)
        words = ["timecast-announcer", "--island", "--no-plain", "--interval", "0.25", "--json",
                 "--state-dir", host.state, "--socket", host.state / "control"]
        with reader, subprocess.Popen(Program.command_in(host, words), stdout=writer,
                                      stderr=subprocess.DEVNULL,
                                      env=Program.environment_in(host)) as announcer:
            writer.close()
            until = time.monotonic() + FOR_SOME_TICKS_S
            while time.monotonic() < until:
                octets, notes, _, _ = reader.recvmsg(4096, 64)
                (_, _, written), = notes
                seconds, nanoseconds = struct.unpack("@qq", written)
                yield seconds * 1_000_000_000 + nanoseconds, json.loads(octets)
            announcer.terminate()

    def test_they_are_written_when_all_that_leaves_together_has_left(self):
        receiver, host = JoinedHost.pair()
        ears = [Socket(receiver, ntp.PRECISE_PORT, groups=[ntp.PRECISE_GROUP]),
                Socket(receiver, ntp.PRECISE_PORT, family=socket.AF_INET6,
                       groups=[ntp.PRECISE_GROUP_6])]
        written = {(line["to"].startswith("["), line["sequence"]): at
                   for at, line in self.lines_of(host) if line["type"] == "announcement"}
        packets = sorted((packet.at_ns, ":" in packet.source,
                          ntp.announcement_of(ntp.parse(packet.octets)).sequence)
                         for ear in ears for packet in ear.collect(0)[1:])  # the first leave alone
        together = [(first, second) for first, second in zip(packets, packets[1:])
                    if first[1] and not second[1] and second[0] - first[0] < TOGETHER_NS]
        self.assertGreaterEqual(len(together), 5)
        for (_, *ipv6), (left, *ipv4) in together:
            for each in (tuple(ipv6), tuple(ipv4)):
                if each in written:  # not the last, which was not read any more
                    self.assertGreater(written[each], left)


class PlainDestinations(unittest.TestCase):
    """Each announcer has a link of its own, and 123 of the receiver beside it is the test's."""

    def receiver_for(self, *options, groups=()):
        link = Link()
        receiver = Socket(link.host(), ntp.PLAIN_PORT, groups=[ntp.PLAIN_GROUP, *groups])
        self.addCleanup(receiver.close)
        announcer = link.host().announcer(*options)
        self.addCleanup(announcer.stop)
        return announcer, receiver

    def test_named_groups_and_broadcast_addresses_are_sent_to_as_well(self):
        named = ["224.0.1.1", "192.0.2.255", "255.255.255.255"]
        options = [word for address in (*named, "ff02::101") for word in ("--plain", address)]
        announcer, receiver = self.receiver_for(*options, groups=["224.0.1.1"])
        packets = receiver.collect(5, count=4)
        self.assertEqual({packet.to for packet in packets}, {ntp.PLAIN_GROUP, *named})
        for packet in packets:
            self.assertEqual((len(packet.octets), packet.source, packet.port, packet.hops),
                             (48, "192.0.2.2", 123, 1))
        announcer.await_line("to announce by IPv6", lambda line: line["type"] == "announcement" and
                             line["to"] == "[ff02::101%eth0]:123")

    def test_without_plain_port_123_is_left_alone(self):
        announcer, receiver = self.receiver_for("--no-plain")
        announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        self.assertEqual(receiver.collect(2), [])
        with Socket(announcer.host, ntp.PLAIN_PORT, "192.0.2.2"):
            pass  # free for another server
        self.assertEqual({each["stream"] for each in announcer.status()["sockets"]}, {"precise"})

    @unittest.skipIf(kernel_clock.is_synchronised(),
                     "this kernel says that its clock is synchronised, and there is but one kernel")
    def test_an_unsynchronised_clock_gives_a_sign_of_life_and_no_plain_packet(self):
        link = Link()
        receiver = link.host()
        precise = Socket(receiver, ntp.PRECISE_PORT, groups=[ntp.PRECISE_GROUP])
        plain = Socket(receiver, ntp.PLAIN_PORT, groups=[ntp.PLAIN_GROUP])
        host = link.host()
        announcer = host.announcer(is_island=False)
        self.addCleanup(announcer.stop)
        packet, = precise.collect(5, count=1)
        header = ntp.parse(packet.octets)
        self.assertEqual((header.leap, header.stratum), (3, 0))
        self.assertEqual(plain.collect(2), [])
        self.assertIn("--island", announcer.log)

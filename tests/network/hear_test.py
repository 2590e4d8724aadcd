# SPDX-License-Identifier: MIT
"""What a listener hears of senders that sign nothing, and only where it is told to: chronyd's
`broadcast`, our own plain stream, and packets made by hand."""

import hashlib
import socket
import time
import unittest

import judges
import ntp
from lab import Link
from programs import PATHS
from udp import Socket

LISTENER = PATHS["timecast-listener"]
NEAR_S = 0.005  # one clock for all: the true offset is 0
SUBNET_BROADCAST = "192.0.2.255"
WATCHED_S = 10


def hear(*destinations):
    return [word for destination in destinations for word in ("--hear", destination)]


def plain_packet(reference_id, stratum=2):
    """A broadcast of somebody who follows this reference."""
    now = ntp.stamp_of(time.time())
    return ntp.HEADER.pack(4 << 3 | ntp.BROADCAST, stratum, 3, -20, bytes(4), bytes(4),
                           reference_id, now - 2**32, 0, 0, now)


class Chrony(unittest.TestCase):
    """A chronyd announces to a group and to the subnet's broadcast address, once a second."""

    takes_s = 60
    measures = True

    @classmethod
    def setUpClass(cls):
        cls.link = Link()
        host = cls.link.host()
        host.ip("route add 239.0.0.0/8 dev eth0")
        cls.server = judges.ChronyServer(host, f"broadcast 1 {ntp.PLAIN_GROUP}",
                                    f"broadcast 1 {SUBNET_BROADCAST}")
        cls.addClassCleanup(cls.server.stop)

    def listener(self, *options, **keywords):
        listener = self.link.host().listener(*options, **keywords)
        self.addCleanup(listener.stop)
        return listener

    def check_hears(self, *options):
        """It follows chronyd, and its bound holds every second."""
        listener = self.listener(*options)
        listener.await_state("synchronised", within=20)
        start = len(listener.lines)
        time.sleep(WATCHED_S)
        estimates = [line for line in listener.lines[start:] if line["type"] == "estimate"]
        self.assertGreaterEqual(len(estimates), WATCHED_S - 2)
        for line in estimates:
            self.assertEqual((line["stream"], line["announcer"], line["stratum"]),
                             ("plain", "192.0.2.1:123", judges.CHRONYD_STRATUM))
            self.assertNotIn("key", line)
            self.assertLessEqual(abs(line["offset_s"]), min(line["bound_s"], NEAR_S))
            # Without signatures anybody can answer.
            self.assertEqual(line["lateness_bounded"], "off" not in options)
        self.assertAlmostEqual(estimates[-1]["interval_s"], 1, delta=0.2)
        return listener

    def test_it_is_heard_by_its_group(self):
        self.check_hears(*hear(ntp.PLAIN_GROUP))

    def test_it_is_heard_by_the_subnets_broadcast_address(self):
        self.check_hears(*hear(f"{SUBNET_BROADCAST}:123"))

    def test_both_are_two_streams_of_one_sender(self):
        listener = self.check_hears("--signatures", "off", *hear(ntp.PLAIN_GROUP, SUBNET_BROADCAST))
        self.assertEqual(listener.status()["streams"], 2)

    def test_who_is_told_nothing_hears_nothing(self):
        listener = self.listener()
        time.sleep(5)
        status = listener.status()
        self.assertEqual((status["state"], status["announcements"], status["refused"]),
                         ("searching", 0, {}))

    def test_who_only_listens_stays_tentative(self):
        listener = self.listener("--listen-only", *hear(ntp.PLAIN_GROUP))
        listener.await_line("an estimate", lambda line: line.get("stream") == "plain")
        time.sleep(3)
        status = listener.status()
        self.assertEqual((status["state"], status["lateness_bounded"], status["queries"]),
                         ("tentative", False, 0))
        self.assertLessEqual(abs(status["offset_s"]), status["bound_s"])

    def test_where_keys_count_it_stays_tentative(self):
        host = self.link.host()
        keys = host.state / "keys"
        keys.write_text(ntp.base64(bytes(range(32))) + "\n", encoding="utf-8")
        listener = host.listener("--keys", keys, *hear(ntp.PLAIN_GROUP))
        self.addCleanup(listener.stop)
        listener.await_line("not to be signed", lambda line: "not signed" in line.get("reason", ""))
        self.assertEqual(listener.status()["state"], "tentative")

    def test_without_privilege_it_says_the_way_out_and_hears_the_precise_stream(self):
        announcer = self.link.host().announcer("--no-plain")
        self.addCleanup(announcer.stop)
        listener = self.listener(*hear(ntp.PLAIN_GROUP), privileged=False)
        listener.await_log(f"cannot listen to {ntp.PLAIN_GROUP}:123 on eth0: port 123 needs a "
                           f"privilege; sudo setcap cap_net_bind_service+ep {LISTENER}, or")
        listener.await_state("synchronised", within=20)
        self.assertEqual(listener.status()["stream"], "precise")

    def test_a_signed_announcer_is_followed_rather(self):
        listener = self.listener(*hear(ntp.PLAIN_GROUP))
        listener.await_line("to follow chronyd", lambda line: line.get("stream") == "plain")
        announcer = self.link.host().announcer()
        self.addCleanup(announcer.stop)
        listener.await_line("to follow the announcer", lambda line: line.get("stream") == "precise"
                            and line["state"] == "synchronised", within=20)
        start = len(listener.lines)
        time.sleep(3)
        self.assertEqual({line.get("stream") for line in listener.lines[start:]}, {"precise"})

    def test_a_server_on_the_listeners_port_123_keeps_its_clients(self):
        host = self.link.host()
        server = judges.ChronyServer(host)
        self.addCleanup(server.stop)
        destinations = hear(ntp.PLAIN_GROUP, SUBNET_BROADCAST, "255.255.255.255", "ff02::101")
        listener = host.listener(*destinations)
        self.addCleanup(listener.stop)
        listener.await_state("synchronised", within=20)
        groups = listener.status()["groups"]
        self.assertGreater(len(groups), 1)
        self.assertTrue(all(group["open"] for group in groups))
        address = f"192.0.2.{host.name.rpartition('-')[2]}"
        self.assertEqual(judges.answers(self, self.link.host(), 100, address, ntp.PLAIN_PORT),
                         {(ntp.PLAIN_PORT, judges.CHRONYD_STRATUM): 100})


class OwnPlainStream(unittest.TestCase):
    def test_everybodys_broadcast_address_and_the_ipv6_group_are_heard(self):
        link = Link()
        announcer = link.host().announcer("--group", "239.255.123.99", "--port", "11199", "--plain",
                                          "255.255.255.255", "--plain", "ff02::101")
        self.addCleanup(announcer.stop)
        for destination, sender in (("255.255.255.255", "192.0.2.1:123"),
                                    ("ff02::101", "[fe80::")):
            listener = link.host().listener(*hear(destination))
            self.addCleanup(listener.stop)
            line = listener.await_line("an estimate", lambda line: line.get("stream") == "plain",
                                       within=15)
            self.assertTrue(line["announcer"].startswith(sender), line)
            self.assertLessEqual(abs(line["offset_s"]), line["bound_s"])


class Loops(unittest.TestCase):
    def test_who_follows_this_host_is_refused(self):
        link = Link()
        host = link.host()
        sender = Socket(link.host(), ntp.PLAIN_PORT)
        self.addCleanup(sender.close)
        listener = host.listener(*hear(SUBNET_BROADCAST))
        self.addCleanup(listener.stop)
        listener.await_log(f"listening to {SUBNET_BROADCAST}:123 on eth0")
        by_ipv6 = hashlib.md5(socket.inet_pton(socket.AF_INET6, "fd77::1")).digest()[:4]
        for reference_id in (socket.inet_aton("192.0.2.1"), by_ipv6):
            sender.send(plain_packet(reference_id), SUBNET_BROADCAST, ntp.PLAIN_PORT)
        listener.await_line("both", lambda line:
                            line.get("refused", {}).get("timing_loop") == 2)
        self.assertEqual(listener.status()["state"], "searching")
        sender.send(plain_packet(socket.inet_aton("192.0.2.9")), SUBNET_BROADCAST, ntp.PLAIN_PORT)
        listener.await_state("tentative")

    def test_a_broadcast_address_of_no_interface_is_said(self):
        listener = Link().host().listener(*hear("198.51.100.255"))
        self.addCleanup(listener.stop)
        listener.await_log("nothing is heard at 198.51.100.255:123: no interface has this broadcast "
                           "address, or this family")

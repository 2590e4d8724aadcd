# SPDX-License-Identifier: MIT
"""The plain stream to broadcast addresses, as a receiver on each of two links sees it."""

import time
import unittest

import ntp
from lab import Link, run
from udp import Socket

FIRST_S = 3     # the first plain packets come within a second
FOLLOWS_S = 2   # for a changed address
EVERYBODY = "255.255.255.255"


class Broadcast(unittest.TestCase):
    def setUp(self):
        self.links = Link(), Link()
        self.receivers = []

    def receive_at(self, link, address):
        """A receiver of all that comes to port 123 of one more host of this link."""
        host = self.links[link].host([address])
        receiver = Socket(host, ntp.PLAIN_PORT)
        self.addCleanup(receiver.close)
        return host, receiver

    def two_armed_host(self, *addresses):
        """A host of the first link that the second has as well."""
        host = self.links[0].host([addresses[0]])
        run("ip", "link", "add", "eth1", "netns", host.name, "type", "veth",
            "peer", "name", "port99", "netns", self.links[1].name)
        host.ip("link set eth1 addrgenmode none")
        self.links[1].ip("link set port99 master br0 up")
        host.ip("link set eth1 up")
        host.ip(f"addr add {addresses[1]} dev eth1")
        deadline = time.monotonic() + FIRST_S
        while "state forwarding" not in self.links[1].ip("-d link show port99"):
            self.assertLess(time.monotonic(), deadline, "the second cable does not come up")
            time.sleep(0.01)
        return host

    def announce(self, host, *destinations):
        options = [word for to in destinations for word in ("--plain", to)]
        announcer = host.announcer(*options)
        self.addCleanup(announcer.stop)
        return announcer

    def routes(self, packets):
        """From where to where, having checked that each is a plain packet for this link alone."""
        for packet in packets:
            self.assertEqual((len(packet.octets), packet.port, packet.hops), (48, 123, 1))
            header = ntp.parse(packet.octets)
            self.assertEqual((header.mode, header.origin, header.receive), (ntp.BROADCAST, 0, 0))
        return {(packet.source, packet.to) for packet in packets}


class TwoLinks(Broadcast):
    def start(self, *destinations):
        """What each receiver hears."""
        receivers = [self.receive_at(0, "192.0.2.9/24")[1], self.receive_at(1, "198.51.100.9/24")[1]]
        announcer = self.announce(self.two_armed_host("192.0.2.1/24", "198.51.100.1/24"),
                                  *destinations)
        announcer.await_line("to announce", lambda line: line.get("stream") == "plain")
        return [self.routes(receiver.collect(FIRST_S)) for receiver in receivers]

    def test_a_subnets_broadcast_leaves_by_the_interface_of_that_subnet_alone(self):
        self.assertEqual(self.start("192.0.2.255"), [{("192.0.2.1", "192.0.2.255")}, set()])

    def test_each_interfaces_own_broadcast_leaves_by_that_interface(self):
        self.assertEqual(self.start("broadcast"), [{("192.0.2.1", "192.0.2.255")},
                                                   {("198.51.100.1", "198.51.100.255")}])

    def test_everybody_is_reached_by_each_interface(self):
        self.assertEqual(self.start(EVERYBODY), [{("192.0.2.1", EVERYBODY)},
                                                 {("198.51.100.1", EVERYBODY)}])


class OneSubnetOnTwoLinks(Broadcast):
    def test_its_broadcast_leaves_by_both(self):
        receivers = [self.receive_at(link, f"192.0.2.{9 - link}/24")[1] for link in (0, 1)]
        self.announce(self.two_armed_host("192.0.2.1/24", "192.0.2.2/24"), "192.0.2.255")
        heard = [self.routes(receiver.collect(FIRST_S)) for receiver in receivers]
        self.assertEqual(heard, [{("192.0.2.1", "192.0.2.255")}, {("192.0.2.2", "192.0.2.255")}])


class SecondNetwork(Broadcast):
    def test_the_broadcast_of_an_interfaces_second_network_comes_from_the_address_there(self):
        _, receiver = self.receive_at(0, "10.9.0.9/24")
        host = self.links[0].host(["192.0.2.1/24"])
        host.add_address("10.9.0.1/24")
        self.announce(host, "broadcast")
        self.assertEqual(self.routes(receiver.collect(FIRST_S)), {("10.9.0.1", "10.9.0.255")})


class ChangedAddress(Broadcast):
    def test_the_new_addresss_broadcast_is_sent_to_within_two_seconds(self):
        host = self.links[0].host(["192.0.2.1/24"])
        receiving, receiver = self.receive_at(0, "192.0.2.9/24")
        receiving.add_address("10.9.0.9/24")
        announcer = self.announce(host, "broadcast")
        self.assertEqual(self.routes(receiver.collect(FIRST_S, count=1)),
                         {("192.0.2.1", "192.0.2.255")})
        host.ip("addr del 192.0.2.1/24 dev eth0")
        host.add_address("10.9.0.1/24")
        self.assertEqual(self.routes(receiver.collect(FOLLOWS_S, count=1)),
                         {("10.9.0.1", "10.9.0.255")})
        self.assertIn("no longer announcing from 192.0.2.1:123 on eth0", announcer.log)

    def test_a_changed_netmask_changes_the_broadcast_address(self):
        host = self.links[0].host(["192.0.2.1/24"])
        receiving, receiver = self.receive_at(0, "192.0.2.9/24")
        receiving.add_address("192.0.2.10/25")
        self.announce(host, "broadcast")
        self.assertEqual(self.routes(receiver.collect(FIRST_S, count=1)),
                         {("192.0.2.1", "192.0.2.255")})
        host.add_address("192.0.2.1/25")
        host.ip("addr del 192.0.2.1/24 dev eth0")
        self.assertIn(("192.0.2.1", "192.0.2.127"), self.routes(receiver.collect(FOLLOWS_S)))


class BesideAnotherServer(Broadcast):
    def test_broadcasts_are_sent_and_its_questions_stay_its_own(self):
        host = self.two_armed_host("192.0.2.1/24", "198.51.100.1/24")
        server = Socket(host, ntp.PLAIN_PORT, shared=True)
        self.addCleanup(server.close)
        receivers = [self.receive_at(0, "192.0.2.9/24")[1], self.receive_at(1, "198.51.100.9/24")[1]]
        self.announce(host, "broadcast", EVERYBODY)
        self.assertEqual([self.routes(receiver.collect(FIRST_S)) for receiver in receivers],
                         [{("192.0.2.1", "192.0.2.255"), ("192.0.2.1", EVERYBODY)},
                          {("198.51.100.1", "198.51.100.255"), ("198.51.100.1", EVERYBODY)}])
        receivers[0].send(ntp.request(), "192.0.2.1", ntp.PLAIN_PORT)
        self.assertIn(ntp.request(), [heard.octets for heard in server.collect(1)])
        self.assertNotIn(ntp.SERVER, [ntp.parse(heard.octets).mode
                                      for heard in receivers[0].collect(0.5)])


class NoBroadcastAddress(Broadcast):
    def test_that_nothing_is_sent_is_told_once(self):
        announcer = self.announce(self.links[0].host(["192.0.2.1/32"]), "broadcast")
        announcer.await_log("nothing is sent to broadcast:123: no interface has such a broadcast "
                            "address")

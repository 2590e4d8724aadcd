# SPDX-License-Identifier: MIT
"""Who is answered by an announcer, how, and who is not."""

import socket
import time
import unittest

import ntp
from lab import Link
from udp import Socket

ANSWER_S = 2     # for an answer to come
SILENCE_S = 0.7  # without an answer none will come


class Answers(unittest.TestCase):
    """An announcer with two addresses, and a client on its link. No test waits for its limits."""

    @classmethod
    def setUpClass(cls):
        link = Link()
        cls.client = link.host()
        server = link.host()
        server.add_address("192.0.2.200/24")
        cls.announcer = server.announcer("--rate-limit", "off")
        cls.announcer.await_log("announcing to 239.255.123.123")

    def setUp(self):
        self.socket = Socket(self.client)
        self.addCleanup(self.socket.close)

    def ask(self, octets, to="192.0.2.2", port=123):
        self.socket.send(octets, to, port)
        return self.socket.receive(ANSWER_S)

    def test_each_version_is_answered_in_that_version_by_48_octets_that_echo_the_request(self):
        for version in (1, 2, 3, 4):
            with self.subTest(version=version):
                transmit = 0xFEDCBA9876543210 + version
                answer = self.ask(ntp.request(version=version, transmit=transmit))
                self.assertEqual(len(answer.octets), 48)
                header = ntp.parse(answer.octets)
                self.assertEqual((header.version, header.mode, header.origin),
                                 (version, ntp.SERVER, transmit))
                self.assertLessEqual(header.receive, header.transmit)

    def test_the_answer_comes_from_the_address_and_port_that_were_asked(self):
        for address in ("192.0.2.2", "192.0.2.200"):
            for port in (ntp.PLAIN_PORT, ntp.PRECISE_PORT):
                with self.subTest(address=address, port=port):
                    answer = self.ask(ntp.request(), address, port)
                    self.assertEqual((answer.source, answer.port), (address, port))

    def test_who_asks_again_is_told_when_the_last_answer_really_left(self):
        first = self.ask(ntp.request())
        header = ntp.parse(first.octets)
        time.sleep(0.05)  # for the stamp to come back from the kernel
        again = ntp.parse(self.ask(ntp.request(origin=header.receive, receive=1)).octets)
        self.assertEqual(again.origin, 1)  # the mark of an interleaved answer: our receive stamp
        left = ntp.unix_time(again.transmit)
        self.assertGreater(left, ntp.unix_time(header.receive))
        self.assertLessEqual(left, first.at)
        self.assertAlmostEqual(left, first.at, delta=0.1)

    def test_ipv6_is_answered_as_well(self):
        with Socket(self.client, family=socket.AF_INET6) as client:
            for port in (ntp.PLAIN_PORT, ntp.PRECISE_PORT):
                client.send(ntp.request(), "fd77::2", port)
                answer = client.receive(ANSWER_S)
                self.assertEqual((len(answer.octets), answer.source, answer.port),
                                 (48, "fd77::2", port))

    def test_a_challenge_is_answered_at_equal_length_and_signed_over_its_nonce(self):
        for port in (ntp.PLAIN_PORT, ntp.PRECISE_PORT):
            with self.subTest(port=port):
                nonce = ntp.nonce()
                challenge = ntp.challenge(nonce)
                answer = self.ask(challenge, port=port)
                self.assertEqual(len(answer.octets), len(challenge))
                self.assertEqual(ntp.parse(answer.octets).mode, ntp.SERVER)
                self.assertTrue(ntp.is_signed(answer.octets, nonce))
                self.assertFalse(ntp.is_signed(answer.octets))
                key = ntp.announcement_of(ntp.parse(answer.octets)).key
                self.assertEqual(ntp.base64(key), self.announcer.status()["key"])

    def check_silence(self, requests):
        """None of the requests (octets, address, port) is answered; one asked after them is."""
        for octets, address, port in requests:
            self.socket.send(octets, address, port)
        answers = self.socket.collect(SILENCE_S)
        self.assertEqual([ntp.parse(answer.octets) for answer in answers], [])
        self.assertIsNotNone(self.ask(ntp.request()))

    def test_other_modes_are_not_answered(self):
        self.check_silence([(ntp.request(version=version, mode=mode), "192.0.2.2", port)
                            for version in (3, 4) for mode in (0, 1, 2, 4, 5, 6, 7)
                            for port in (ntp.PLAIN_PORT, ntp.PRECISE_PORT)])

    def test_other_versions_are_not_answered(self):
        self.check_silence([(ntp.request(version=version), "192.0.2.2", ntp.PLAIN_PORT)
                            for version in (0, 5, 6, 7)])

    def test_other_lengths_are_not_answered(self):
        self.check_silence([(ntp.request(length=length), "192.0.2.2", ntp.PLAIN_PORT)
                            for length in (0, 1, 47, 49, 60, 1500)])

    def test_what_comes_to_a_group_or_broadcast_address_is_not_answered(self):
        self.check_silence([(octets, address, port)
                            for octets in (ntp.request(), ntp.challenge(ntp.nonce()))
                            for address in (ntp.PRECISE_GROUP, ntp.PLAIN_GROUP, "192.0.2.255",
                                            "255.255.255.255", "224.0.0.1")
                            for port in (ntp.PLAIN_PORT, ntp.PRECISE_PORT)])

    def test_a_challenge_that_is_not_the_plainest_is_not_answered(self):
        good = ntp.challenge(ntp.nonce())
        key_is_set = good[:60] + b"\1" + good[61:]
        self.check_silence([(octets, "192.0.2.2", ntp.PRECISE_PORT)
                            for octets in (key_is_set, good + bytes(4), good[:-4])])

    def test_refusals_are_counted_by_their_reason(self):
        before = self.announcer.status()["refused"].get("bad_mode", 0)
        self.socket.send(ntp.request(mode=7), "192.0.2.2", ntp.PLAIN_PORT)
        self.assertIsNotNone(self.ask(ntp.request()))
        self.assertEqual(self.announcer.status()["refused"]["bad_mode"], before + 1)


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.link = Link()
        cls.server = cls.link.host()
        cls.server.ip("route add 198.51.100.0/24 dev eth0")

    def start(self, *options):
        announcer = self.server.announcer(*options)
        self.addCleanup(announcer.stop)
        announcer.await_log("announcing to 239.255.123.123")
        return announcer

    def client(self, addresses=None):
        host = self.link.host(addresses)
        client = Socket(host)
        self.addCleanup(client.close)
        return client

    def stranger(self):
        """A client that is not of this link's network, though a route leads to it."""
        client = self.client(["198.51.100.7/24"])
        client.host.ip("route add 192.0.2.0/24 dev eth0")
        return client

    def burst(self, client, count):
        """Asks as fast as it can; returns the number of answers."""
        for number in range(count):
            client.send(ntp.request(transmit=number + 1), "192.0.2.1", ntp.PLAIN_PORT)
        answers = client.collect(SILENCE_S)
        return len({ntp.parse(answer.octets).origin for answer in answers})

    def test_who_is_not_on_the_link_is_not_answered(self):
        announcer = self.start()
        self.assertEqual(self.burst(self.client(), 1), 1)
        self.assertEqual(self.burst(self.stranger(), 3), 0)
        self.assertEqual(announcer.status()["refused"]["not_allowed"], 3)

    def test_who_is_allowed_is_answered_from_anywhere(self):
        self.start("--allow", "198.51.100.0/24")
        self.assertEqual(self.burst(self.stranger(), 3), 3)

    def test_after_a_burst_of_64_one_in_four_still_gets_through(self):
        announcer = self.start()
        answered = self.burst(self.client(), 64 + 400)
        # 100 of 400 leak on average, and a second or two of the machine's time earn one each. By
        # the binomial law fewer than 50 or more than 170 do not happen in a lifetime.
        self.assertGreaterEqual(answered, 64 + 50)
        self.assertLessEqual(answered, 64 + 170)
        self.assertEqual(announcer.status()["refused"]["rate_limited"], 64 + 400 - answered)

    def test_the_limit_is_for_each_address(self):
        self.start()
        self.burst(self.client(), 300)
        self.assertEqual(self.burst(self.client(), 64), 64)

    def test_without_a_limit_all_are_answered(self):
        self.start("--rate-limit", "off")
        self.assertEqual(self.burst(self.client(), 300), 300)

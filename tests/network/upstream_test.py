# SPDX-License-Identifier: MIT
"""What an announcer says of its clock is what the NTP server on its host says: a real chronyd, and
one that a test plays. Nothing here sets a clock, and this kernel vouches for its own or does not."""

import socket
import time
import unittest

import judges
import kernel_clock
import ntp
from clock_word import ASKED_EVERY_S, NOTICED_S, await_source
from lab import LabTest, Link, lonely_host
from udp import Socket

FORGOTTEN_S = 3 * ASKED_EVERY_S + 4  # a server that answers no longer
WITHIN_S = 2
DRIFT_PPM = 2000  # by which chronyd is told to mistrust its clock


def distance(header):
    short = [int.from_bytes(field, "big") / 65536 for field in (header.root_delay,
                                                                header.root_dispersion)]
    return short[0] / 2 + short[1]


class Chrony(LabTest):
    takes_s = 60
    def setUp(self):
        self.link = Link()
        self.host = self.link.host()
        self.client = Socket(self.link.host())
        self.addCleanup(self.client.close)

    def ask(self, address="192.0.2.1", port=ntp.PLAIN_PORT):
        self.client.send(ntp.request(transmit=77), address, port)
        answer = self.client.receive(WITHIN_S)
        self.assertIsNotNone(answer)
        return ntp.parse(answer.octets)

    def test_a_local_reference_is_announced_as_chronyd_has_it_without_the_kernels_word(self):
        self.start(judges.ChronyServer, self.host)
        program = self.start(self.host.announcer, is_island=False)
        status = await_source(program, "server")
        self.assertEqual((status["state"], status["stratum"], status["reference_id"]),
                         ("synchronised", judges.CHRONYD_STRATUM, "127.127.1.1"))
        program.await_log("the NTP server at 127.0.0.1:123 says that this host's clock is "
                          "synchronised: stratum 8, reference 127.127.1.1: announcing its time")
        ours, theirs = self.ask(port=ntp.PRECISE_PORT), self.ask()
        self.assertEqual((ours.stratum, ours.reference_id, ours.leap),
                         (theirs.stratum, theirs.reference_id, theirs.leap))
        listener = self.start(self.link.host().listener)
        listener.await_state("synchronised", within=15)
        self.assertEqual(listener.status()["stratum"], judges.CHRONYD_STRATUM)

    def test_a_lost_upstream_is_announced_as_chronyd_announces_it(self):
        upstream = self.link.host()
        judge = self.start(judges.ChronyServer, upstream)
        self.start(judges.ServingChronyd, self.host, "server 192.0.2.3 iburst minpoll 0 maxpoll 0",
                   f"maxclockerror {DRIFT_PPM}")
        program = self.start(self.host.announcer, is_island=False)
        status = await_source(program, "server", within=40)
        self.assertEqual((status["stratum"], status["reference_id"]),
                         (judges.CHRONYD_STRATUM + 1, "192.0.2.3"))
        judge.stop()
        first = None
        for second in range(16):
            time.sleep(1)
            theirs = self.ask()
            ours = self.ask(port=ntp.PRECISE_PORT)
            first = first or theirs
            # What is announced is at most eight seconds old, but never less than that grown by 15 ppm.
            grown = DRIFT_PPM * 1e-6 * (ASKED_EVERY_S + 1)
            self.assertGreater(distance(ours), distance(theirs) - grown)
            self.assertLess(distance(ours), distance(theirs) + 2e-3)
            self.assertEqual((ours.stratum, ours.reference_id),
                             (theirs.stratum, theirs.reference_id))
            if second > ASKED_EVERY_S:
                self.assertAlmostEqual(ntp.unix_time(ours.reference),
                                       ntp.unix_time(theirs.reference), delta=1e-3)
        self.assertGreater(distance(ours), distance(first) + 5 * DRIFT_PPM * 1e-6)

    def test_chronyd_may_go_and_come_again(self):
        server = judges.ChronyServer(self.host)
        program = self.start(self.host.announcer, is_island=False)
        await_source(program, "server")
        server.stop()
        time.sleep(2)
        self.assertEqual(program.status()["clock_source"], "server")  # it was right, and still is
        status = await_source(program, "kernel", within=FORGOTTEN_S)
        self.assertEqual(status["state"],
                         "synchronised" if kernel_clock.is_synchronised() else "unsynchronised")
        if not kernel_clock.is_synchronised():
            program.await_log("this host's clock is not synchronised, so no listener takes time "
                              "from here; let chrony (with rtcsync or allow 127.0.0.1)")
        self.start(judges.ChronyServer, self.host)
        await_source(program, "server")


class Played(LabTest):
    """A server that a test plays, on a host of its own."""

    def setUp(self):
        self.host = Link().host()
        self.server = Socket(self.host, ntp.PLAIN_PORT, interface="lo")
        self.addCleanup(self.server.close)

    def question(self, within=NOTICED_S):
        question = self.server.receive(within)
        self.assertIsNotNone(question, "it does not ask")
        return question

    def answer(self, question, ahead_s=0, **fields):
        """As a server of stratum 1 does whose clock is this one, but for the fields given."""
        now = time.time() + ahead_s
        usual = dict(leap=0, version=4, mode=ntp.SERVER, stratum=1, reference_id=b"GPS\0",
                     root_delay=0.25, root_dispersion=0.125, reference=now - 5,
                     origin=ntp.parse(question.octets).transmit, receive=now, transmit=now)
        self.server.send(played_answer(**{**usual, **fields}), question.source, question.port)

    def started(self):
        """An announcer, its first question, and its status once it has had the answer."""
        program = self.start(self.host.announcer, is_island=False)
        return program, self.question()

    def test_the_word_of_an_ntpd_is_announced_field_by_field(self):
        program, question = self.started()
        request = ntp.parse(question.octets)
        self.assertEqual((len(question.octets), request.mode, request.version), (48, 3, 4))
        self.answer(question, leap=1)
        status = await_source(program, "server")
        self.assertEqual((status["stratum"], status["reference_id"], status["leap"]),
                         (1, "GPS", "insert"))
        self.assertAlmostEqual(status["root_delay_s"], 0.25, delta=0.001)
        self.assertAlmostEqual(status["root_dispersion_s"], 0.125, delta=0.02)

    def test_it_asks_every_eight_seconds_from_another_port_each_time(self):
        _, first = self.started()
        self.answer(first)
        second = self.question()
        self.assertNotEqual(first.port, second.port)
        self.assertNotEqual(ntp.parse(first.octets).transmit, ntp.parse(second.octets).transmit)

    def test_a_server_without_time_leaves_the_word_to_the_kernel(self):
        program, question = self.started()
        self.answer(question, leap=3, stratum=0, reference_id=bytes(4))
        program.await_line("the kernel's word", lambda line:
                           line["type"] == "state" and
                           line["reason"].endswith("the NTP server at 127.0.0.1:123 that it is not"))

    def test_what_does_not_count_is_said(self):
        for what, fields in (("it asks not to be asked", {"stratum": 0, "reference_id": b"RATE"}),
                             ("it serves another clock than this host's", {"ahead_s": 10}),
                             ("its answer contradicts itself", {"reference": time.time() + 99})):
            with self.subTest(what):
                program, question = self.started()
                self.answer(question, **fields)
                program.await_line(what, lambda line, what=what:
                                   line["type"] == "state" and line["reason"].endswith(
                                       f"the NTP server at 127.0.0.1:123 does not count: {what}"))
                program.stop()

    def test_an_answer_to_another_question_is_none_and_the_true_one_may_follow(self):
        program, question = self.started()
        self.answer(question, origin=12345)
        self.answer(question, mode=ntp.BROADCAST)
        self.server.send(b"x" * 47, question.source, question.port)
        self.answer(question, stratum=5, reference_id=b"\xc0\0\2\7")
        status = await_source(program, "server")
        self.assertEqual((status["stratum"], status["reference_id"]), (5, "192.0.2.7"))

    def test_a_clock_that_is_apart_by_what_it_has_yet_to_correct_is_announced_as_that_much_worse(self):
        program, question = self.started()
        self.answer(question, ahead_s=0.05)
        status = await_source(program, "server")
        self.assertAlmostEqual(status["root_dispersion_s"], 0.175, delta=0.02)

    def test_a_higher_stratum_of_the_operator_is_announced_a_lower_one_is_not(self):
        for said, announced in ((7, 7), (1, 4)):
            with self.subTest(said=said):
                program = self.host.announcer("--stratum", said, is_island=False)
                self.addCleanup(program.stop)
                self.answer(self.question(), stratum=4, reference_id=b"\xc0\0\2\7")
                self.assertEqual(await_source(program, "server")["stratum"], announced)
                program.stop()


class Nobody(LabTest):
    def test_an_announcer_that_answers_at_loopback_itself_does_not_believe_itself(self):
        program = self.start(lonely_host().announcer, "--interface", "127.0.0.1", is_island=False)
        program.await_line("a state", lambda line: line["type"] == "state")
        status = program.status()
        self.assertEqual(status["clock_source"], "kernel")
        self.assertEqual(status["replies"], 0)

    def test_an_island_asks_nobody(self):
        host = Link().host()
        server = Socket(host, ntp.PLAIN_PORT, interface="lo")
        self.addCleanup(server.close)
        program = self.start(host.announcer)
        program.await_line("to announce", lambda line: line["type"] == "announcement")
        self.assertIsNone(server.receive(WITHIN_S))
        self.assertEqual(program.status()["clock_source"], "island")


def played_answer(**fields):
    for name in ("reference", "receive", "transmit"):
        fields[name] = ntp.stamp_of(fields[name])
    for name in ("root_delay", "root_dispersion"):
        fields[name] = int(fields[name] * 65536).to_bytes(4, "big")
    return ntp.pack(ntp.Packet(poll=3, precision=-20, rest=b"", **fields))

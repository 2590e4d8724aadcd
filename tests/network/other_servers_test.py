# SPDX-License-Identifier: MIT
"""Another NTP server on the same host, bound to all addresses as chronyd is, keeps its clients."""

import socket
import unittest

import judges
import ntp
from lab import LabTest, Link
from udp import Socket

QUESTIONS = 100
WITHIN_S = 2


class OtherServer(LabTest):
    def setUp(self):
        self.link = Link()
        self.client = Socket(self.link.host())
        self.addCleanup(self.client.close)
        self.host = self.link.host()
        self.address = "192.0.2.2"

    def other_server(self, shared):
        """With `shared` as chronyd and ntpd do, by SO_REUSEADDR."""
        server = Socket(self.host, ntp.PLAIN_PORT, shared=shared)
        self.addCleanup(server.close)
        return server

    def check_serves_everybody(self, server):
        """Each question reaches the other server, and only that one answers."""
        for number in range(1, QUESTIONS + 1):
            request = ntp.request(transmit=number)
            self.client.send(request, self.address, ntp.PLAIN_PORT)
            question = server.receive(WITHIN_S)
            self.assertIsNotNone(question, f"question {number} did not reach the other server")
            self.assertEqual(question.octets, request)
            server.send(f"answer {number}".encode(), question.source, question.port)
            answer = self.client.receive(WITHIN_S)
            self.assertEqual(answer.octets, f"answer {number}".encode())
        self.assertIsNone(self.client.receive(0.1))

    def test_an_announcer_beside_it_takes_no_client_and_still_announces_from_port_123(self):
        server = self.other_server(shared=True)
        receiver = Socket(self.link.host(), ntp.PLAIN_PORT, groups=[ntp.PLAIN_GROUP])
        self.addCleanup(receiver.close)
        announcer = self.start(self.host.announcer)
        announcer.await_log(f"another server holds {self.address}:123 and keeps its clients")
        packet, = receiver.collect(3, count=1)
        self.assertEqual((len(packet.octets), packet.source, packet.port, packet.to),
                         (ntp.PLAIN_OCTETS, self.address, ntp.PLAIN_PORT, ntp.PLAIN_GROUP))
        self.check_serves_everybody(server)
        plain, = [each for each in announcer.status()["sockets"]
                  if each["stream"] == "plain" and each["local"].startswith(self.address)]
        self.assertEqual((plain["open"], plain["reason"]), (True, "another server answers there"))

    def test_an_announcer_beside_it_still_answers_on_the_precise_port(self):
        self.other_server(shared=True)
        announcer = self.start(self.host.announcer)
        announcer.await_log("announcing to 239.255.123.124")
        self.client.send(ntp.request(), self.address, ntp.PRECISE_PORT)
        self.assertEqual(self.client.receive(WITHIN_S).port, ntp.PRECISE_PORT)

    def test_beside_one_that_shares_nothing_the_announcer_sends_the_precise_stream_alone(self):
        server = self.other_server(shared=False)
        announcer = self.start(self.host.announcer)
        announcer.await_log(f"no plain stream at {self.address}:123: address already in use")
        announcer.await_line("to announce", lambda line: line.get("stream") == "precise")
        self.check_serves_everybody(server)

    def test_a_second_announcer_on_one_host_says_that_it_ends_for_want_of_the_precise_stream(self):
        options = ("--interface", self.address)
        self.start(self.host.announcer, *options).await_log("announcing to 239.255.123.124")
        second = self.host.start("timecast-announcer", "--island", "--state-dir",
                                 self.host.state / "second", *options)
        self.assertEqual(second.wait(), 1)
        self.assertIn(f"no precise stream at {self.address}:11123", second.log)
        self.assertIn("the precise stream cannot be announced, for the reasons above, and nothing "
                      "is without it\n", second.log)

    def test_a_listener_beside_it_takes_no_client(self):
        server = self.other_server(shared=True)
        self.start(self.link.host().announcer)
        listener = self.start(self.host.listener)
        listener.await_state("synchronised")
        self.check_serves_everybody(server)


class Chrony(unittest.TestCase):
    """A chronyd serves port 123 of the announcer's host, and another that of the listener's."""

    ADDRESSES = ("192.0.2.2", "192.0.2.3")

    @classmethod
    def setUpClass(cls):
        link = Link()
        cls.client, *hosts = (link.host() for _ in range(3))
        cls.servers = []
        for host in hosts:
            server = judges.ChronyServer(host)
            cls.addClassCleanup(server.stop)
            cls.servers.append(server)
        cls.announcer = hosts[0].announcer("--rate-limit", "off")
        cls.listener = hosts[1].listener()
        cls.listener.await_state("synchronised", within=20)

    def answers(self, questions, to, port, family=socket.AF_INET):
        return judges.answers(self, self.client, questions, to, port, family)

    def check_serve_everybody(self):
        by_chronyd = ntp.PLAIN_PORT, judges.CHRONYD_STRATUM
        for address in self.ADDRESSES:
            self.assertEqual(self.answers(QUESTIONS, address, ntp.PLAIN_PORT),
                             {by_chronyd: QUESTIONS})
        for address in ("fd77::2", "fd77::3"):
            self.assertEqual(self.answers(QUESTIONS, address, ntp.PLAIN_PORT, socket.AF_INET6),
                             {by_chronyd: QUESTIONS})
        for server in self.servers:
            self.assertTrue(server.runs(), server.log)

    def test_each_answers_all_its_clients_and_ours_answers_its_own(self):
        self.check_serve_everybody()
        self.assertEqual(self.answers(QUESTIONS, self.ADDRESSES[0], ntp.PRECISE_PORT),
                         {(ntp.PRECISE_PORT, 10): QUESTIONS})
        self.assertEqual(self.listener.status()["state"], "synchronised")

    def test_each_answers_while_ours_end_and_start_again(self):
        for program in (self.announcer, self.listener):
            program.terminate()
            self.assertEqual(program.wait(), 0)
        self.check_serve_everybody()
        type(self).announcer = self.announcer.host.announcer("--rate-limit", "off")
        type(self).listener = self.listener.host.listener()
        self.listener.await_state("synchronised", within=20)
        self.check_serve_everybody()


class LaterChrony(LabTest):
    """A chronyd that is started where one of ours runs already."""

    def setUp(self):
        self.link = Link()
        self.host = self.link.host()

    def chronyd(self):
        server = judges.ChronyServer(self.host)
        self.addCleanup(server.stop)
        return server

    def check_serves_everybody(self, server):
        for address, family in (("192.0.2.1", socket.AF_INET), ("fd77::1", socket.AF_INET6)):
            self.assertEqual(
                judges.answers(self, self.link.host(), QUESTIONS, address, ntp.PLAIN_PORT, family),
                {(ntp.PLAIN_PORT, judges.CHRONYD_STRATUM): QUESTIONS})
        self.assertTrue(server.runs(), server.log)

    def test_beside_a_listener_that_hears_port_123_it_serves_everybody(self):
        self.start(self.link.host().announcer, "--plain", "broadcast")
        heard = [f"{ntp.PLAIN_GROUP}:123", "192.0.2.255:123", "255.255.255.255:123",
                 "[ff02::101]:123"]
        listener = self.start(self.host.listener,
                              *(word for to in heard for word in ("--hear", to)))
        listener.await_state("synchronised", within=20)
        self.check_serves_everybody(self.chronyd())
        groups = {group["group"]: group["open"] for group in listener.status()["groups"]}
        self.assertTrue(all(groups.values()), groups)
        self.assertLessEqual(set(heard[:3]), set(groups))
        start = len(listener.lines)
        so_far = listener.status()["announcements"]
        listener.await_line("to hear more", lambda line: line["announcements"] > so_far + 2,
                            after=start)

    def test_beside_a_watch_of_port_123_it_serves_everybody(self):
        watch = self.start(self.host.start, "timecast-listener", "watch", "--port", "123",
                           "--group", ntp.PLAIN_GROUP, "--group", "192.0.2.255")
        watch.await_line("to hear", lambda line: line.get("group") == "192.0.2.255")
        self.check_serves_everybody(self.chronyd())

    def test_beside_an_announcer_of_the_precise_stream_alone_it_serves_everybody(self):
        announcer = self.start(self.host.announcer, "--no-plain")
        announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        self.check_serves_everybody(self.chronyd())

    def test_where_an_announcer_holds_port_123_it_ends_as_the_documents_say(self):
        announcer = self.start(self.host.announcer)
        announcer.await_line("to announce", lambda line: line.get("stream") == "plain")
        with self.assertRaisesRegex(RuntimeError, "Could not open NTP socket on 0.0.0.0:123"):
            judges.ChronyServer(self.host)

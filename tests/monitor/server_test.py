# SPDX-License-Identifier: MIT
"""The web server: known paths, GET alone, and no more of anything than it has room for."""

import socket
import time
import unittest

import made  # noqa: F401  finds the package
from timecast_monitor import feed, server

BODY = b"figures\n"
HOST = b"Host: 127.0.0.1\r\n"


def request(target=b"/", method=b"GET", fields=HOST):
    return method + b" " + target + b" HTTP/1.1\r\n" + fields + b"\r\n"


class Served(unittest.TestCase):
    def setUp(self):
        self.made = 0
        self.server = server.Server("127.0.0.1", 0, {"/": self.answer, "/big": self.big})
        self.addCleanup(self.server.close)
        self.port = int(self.server.place.rpartition(":")[2])

    def answer(self):
        self.made += 1
        return server.Answer(200, "text/plain", BODY)

    @staticmethod
    def big():
        return server.Answer(200, "text/plain", b"x" * (8 << 20))

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.port))
        self.addCleanup(client.close)
        client.setblocking(False)
        return client

    def receive(self, client):
        """All that the server says, until it closes."""
        octets, end = b"", time.monotonic() + 20
        while time.monotonic() < end:
            self.server.serve()
            try:
                more = client.recv(1 << 20)
            except BlockingIOError:
                continue
            except ConnectionResetError:
                return octets
            if not more:
                return octets
            octets += more
        self.fail("the server neither answers nor closes")

    def ask(self, octets):
        client = self.connect()
        client.sendall(octets)
        return self.receive(client)

    def status(self, octets):
        answer = self.ask(octets)
        self.assertTrue(answer.startswith(b"HTTP/1.1 "), answer[:80])
        return int(answer[9:12])


class Requests(Served):
    def test_a_known_path_is_answered(self):
        head, _, body = self.ask(request()).partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                        b"Content-Length: 8\r\nConnection: close\r\n"))
        self.assertEqual(body, BODY)

    def test_no_other_path_is(self):
        for target in (b"/etc/passwd", b"/../../etc/passwd", b"//", b"/page.html", b"", b"*",
                       b"/%2e%2e/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1/x"):
            with self.subTest(target):
                self.assertIn(self.status(request(target)), (400, 404))
        self.assertEqual(self.made, 0)

    def test_no_other_method_is(self):
        for method in (b"POST", b"PUT", b"DELETE", b"HEAD", b"CONNECT", b"get"):
            with self.subTest(method):
                answer = self.ask(request(method=method))
                self.assertIn(b"405 Method Not Allowed", answer)
                self.assertIn(b"\r\nAllow: GET\r\n", answer)
        self.assertEqual(self.made, 0)

    def test_what_is_no_http_is_refused(self):
        for octets in (b"rubbish\r\n\r\n", b"\r\n\r\n", b"GET /\r\n\r\n", bytes(range(256)) +
                       b"\r\n\r\n", b"GET / HTTP/1.1 x\r\n\r\n"):
            with self.subTest(octets):
                self.assertEqual(self.status(octets), 400)

    def test_a_request_without_end_is_refused(self):
        self.assertEqual(self.status(b"GET / HTTP/1.1\r\nA: " + b"x" * 5000), 431)

    def test_a_request_may_come_in_pieces(self):
        client = self.connect()
        for octet in request():
            client.send(bytes([octet]))
            self.server.serve()
        self.assertIn(b"200 OK", self.receive(client))

    def test_a_large_answer_arrives_whole(self):
        body = self.ask(request(b"/big")).partition(b"\r\n\r\n")[2]
        self.assertEqual(len(body), 8 << 20)

    def test_a_page_of_another_name_that_leads_here_gets_nothing(self):
        for host in (b"evil.example", b"evil.example:80", b"192.0.2.1", b"localhost.evil.example"):
            self.assertEqual(self.status(request(fields=b"Host: " + host + b"\r\n")), 403)
        for host in (b"localhost", b"LOCALHOST:99", b"127.0.0.1:99", b"[::1]:99", b"[::1]"):
            self.assertEqual(self.status(request(fields=b"Host: " + host + b"\r\n")), 200)


class Limits(Served):
    def test_when_there_are_many_connections_the_oldest_goes(self):
        clients = []
        for _ in range(server.MOST_CONNECTIONS * 3):
            clients.append(self.connect())
            self.server.serve()
            self.server.serve()
            self.assertLessEqual(len(self.server._connections), server.MOST_CONNECTIONS)
        self.assertEqual(self.receive(clients[0]), b"")
        clients[-1].sendall(request())
        self.assertIn(b"200 OK", self.receive(clients[-1]))

    def test_who_says_nothing_is_not_waited_for(self):
        client = self.connect()
        self.server.serve()
        for connection in self.server._connections.values():
            connection.ends_at = 0.0
        self.assertEqual(self.receive(client), b"")

    def test_who_goes_away_leaves_nothing(self):
        for octets in (b"", b"GET ", request(b"/big")):
            client = self.connect()
            client.sendall(octets)
            self.server.serve()
            client.close()
            end = time.monotonic() + 20
            while self.server._connections and time.monotonic() < end:
                self.server.serve()
            self.assertEqual(len(self.server._connections), 0)


class Places(unittest.TestCase):
    def test_a_port_alone_is_this_hosts_own(self):
        for text, place in (("11180", ("127.0.0.1", 11180)), (":11180", ("127.0.0.1", 11180)),
                            ("0.0.0.0:80", ("0.0.0.0", 80)), ("[::1]:9", ("::1", 9))):
            self.assertEqual(server.read_place(text), place)

    def test_what_is_none_is_said(self):
        for text in ("", "x", "1.2.3.4", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "host:80"):
            with self.subTest(text), self.assertRaises(ValueError):
                server.read_place(text)

    def test_a_port_that_is_taken_is_said_with_the_way_out(self):
        taken = server.Server("127.0.0.1", 0, {})
        self.addCleanup(taken.close)
        port = int(taken.place.rpartition(":")[2])
        with self.assertRaisesRegex(feed.Failure, f"^--serve: 127.0.0.1:{port}: address already "
                                    "in use; name another port$"):
            server.Server("127.0.0.1", port, {})

# SPDX-License-Identifier: MIT
"""`timecast-listener query`: one server asked by somebody without privilege."""

import concurrent.futures
import json
import re
import socket
import threading
import time
import unittest

import judges
import ntp
from lab import Link, lonely_host, run
from programs import PATHS, WITHOUT_PRIVILEGE, Program

SAME_CLOCK_S = 0.05  # all hosts here have one clock: more is no offset but an error
ATTEMPTS = 3         # of a second each


def query(host, *options):
    words = ("timecast-listener", "query", *options)
    return run(*Program.command_in(host, words, WITHOUT_PRIVILEGE), check=False,
               env=Program.environment_in(host, {"TZ": "UTC"}))


class Server:
    """Answers each request with the packets that `answers` makes of it."""

    def __init__(self, host, answers, family=socket.AF_INET, port=0):
        self.requests = []  # octets and port of whom sent them
        self._answers = answers
        with host.inside():
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self._socket.bind(("", port))
        self._socket.settimeout(0.1)
        self.port = self._socket.getsockname()[1]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._closing.is_set():
            try:
                octets, source = self._socket.recvfrom(2048)
            except TimeoutError:
                continue
            self.requests.append((octets, source[1]))
            for answer in self._answers(octets):
                self._socket.sendto(answer, source)

    def close(self):
        self._closing.set()
        self._thread.join()
        self._socket.close()


def answer_to(request, **changes):
    """A right answer but for the changes, which name fields of ntp.Packet."""
    now = ntp.stamp_of(time.time())
    right = ntp.Packet(leap=0, version=4, mode=ntp.SERVER, stratum=2, poll=6, precision=-20,
                       root_delay=bytes(4), root_dispersion=bytes(4), reference_id=b"\xc0\0\2\1",
                       reference=now - (9 << 32), origin=ntp.parse(request).transmit, receive=now,
                       transmit=now, rest=b"")
    return ntp.pack(right._replace(**changes))


class Query(unittest.TestCase):
    """A client, and the host of what it asks."""

    @classmethod
    def setUpClass(cls):
        cls.link = Link()
        cls.client = cls.link.host()
        cls.host = cls.link.host()
        cls.address, cls.address_6 = "192.0.2.2", "fd77::2"

    def server(self, answers, **options):
        server = Server(self.host, answers, **options)
        self.addCleanup(server.close)
        return server

    def ask(self, server, *options):
        return query(self.client, self.address, "--port", server.port, *options)

    def check_ok(self, done):
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def check_fails(self, done, *words):
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def lines(self, done):
        return [json.loads(line) for line in self.check_ok(done).splitlines()]


class AnAnnouncer(Query):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.announcer = cls.host.announcer()
        cls.announcer.await_log("announcing to 239.255.123.123")

    def test_both_packets_are_shown_with_offset_and_round_trip_from_both_ports(self):
        for port in (ntp.PLAIN_PORT, ntp.PRECISE_PORT):
            with self.subTest(port=port):
                text = self.check_ok(query(self.client, self.address, "--port", port))
                self.assertRegex(text, rf"(?m)^sent to 192\.0\.2\.2:{port}, 48 octets, at 2")
                self.assertRegex(text, rf"(?m)^received from 192\.0\.2\.2:{port}, 48 octets, at 2")
                self.assertIn("\n    0  23                       leap none, version 4, mode client\n",
                              text)
                self.assertIn("\n    0  24                       leap none, version 4, mode server\n",
                              text)
                self.assertRegex(text, r"(?m)^offset     [+-]\S+ [nu]s  \(server minus this host\)$")
                self.assertRegex(text, r"(?m)^round trip \S+ [num]s  ")

    def test_port_123_is_asked_if_none_is_named(self):
        text = self.check_ok(query(self.client, self.address))
        self.assertIn("received from 192.0.2.2:123, ", text)

    def test_on_its_own_port_the_signature_is_good_and_by_its_key(self):
        done = query(self.client, self.address, "--port", ntp.PRECISE_PORT)
        key = self.announcer.status()["key"]
        self.assertIn(f"\nsignature  good, by key {key}\n", self.check_ok(done))
        done = query(self.client, self.address, "--port", ntp.PRECISE_PORT, "--json")
        *packets, summary = self.lines(done)
        self.assertEqual([packet["octets"] for packet in packets], [48, 48, 172, 172])
        self.assertEqual((summary["signature"], summary["key"]), ("good", key))
        asked, answer = (bytes.fromhex(packet["hex"]) for packet in packets[2:])
        self.assertTrue(ntp.is_signed(answer, nonce=asked[-64:]))

    def test_json_has_both_packets_and_what_they_say(self):
        before = time.time()
        sent, received, summary = self.lines(query(self.client, self.address, "--json"))
        for line in (sent, received, summary):
            self.assertEqual(line["schema"], 1)
            self.assertGreaterEqual(line["time_s"], before - 1)
        self.assertEqual([line["type"] for line in (sent, received, summary)],
                         ["packet", "packet", "summary"])
        self.assertEqual((sent["direction"], received["direction"]), ("sent", "received"))
        self.assertTrue(sent["kernel_stamp"] and received["kernel_stamp"])
        request, answer = (ntp.parse(bytes.fromhex(line["hex"])) for line in (sent, received))
        self.assertEqual(answer.origin, request.transmit)
        self.assertEqual(summary["server"], "192.0.2.2:123")
        self.assertEqual((summary["stratum"], summary["leap"]), (answer.stratum, "none"))
        self.assertLess(abs(summary["offset_s"]), SAME_CLOCK_S)
        # A server writes its stamp ahead of time: of a quick answer it can be too late.
        self.assertLess(abs(summary["rtt_s"]), SAME_CLOCK_S)
        self.assertGreaterEqual(summary["bound_s"], abs(summary["rtt_s"]) / 2)
        self.assertAlmostEqual(summary["server_time_s"], time.time(), delta=5)

    def test_hex_adds_the_octets_in_lines_of_sixteen(self):
        text = self.check_ok(query(self.client, self.address, "--hex"))
        self.assertEqual(len(re.findall(r"(?m)^ +(0|16|32)  (\S\S ){16} \S.{15}$", text)), 6, text)

    def test_a_format_prints_the_servers_time_alone(self):
        text = self.check_ok(query(self.client, self.address, "--format", "at %s, %Z"))
        self.assertRegex(text, r"^at \d+, UTC\n$")
        self.assertAlmostEqual(int(re.findall(r"\d+", text)[0]), time.time(), delta=5)

    def test_ipv6_is_asked_by_global_and_by_link_local_address(self):
        text = self.check_ok(query(self.client, self.address_6))
        self.assertIn("received from [fd77::2]:123, ", text)
        local = re.search(r"fe80::[0-9a-f:]+", self.host.ip("-6 addr show eth0")).group()
        text = self.check_ok(query(self.client, f"{local}%eth0"))
        self.assertIn(f"received from [{local}%eth0]:123, ", text)
        self.check_fails(query(self.client, local), f"[{local}]:123", "fe80::1%eth0")


class AChronyd(Query):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chronyd = judges.ChronyServer(cls.host)
        cls.addClassCleanup(chronyd.stop)

    def test_it_is_asked_and_does_not_mind_a_request_that_tells_nothing(self):
        *_, summary = self.lines(query(self.client, self.address, "--json"))
        self.assertEqual((summary["stratum"], summary["version"], summary["leap"]),
                         (judges.CHRONYD_STRATUM, 4, "none"))
        self.assertLess(abs(summary["offset_s"]), SAME_CLOCK_S)
        self.assertNotIn("signature", summary)
        text = self.check_ok(query(self.client, self.address_6, "--format", "%s"))
        self.assertAlmostEqual(int(text), time.time(), delta=5)


class Requests(Query):
    def test_a_request_tells_nothing_and_no_two_have_a_field_or_a_port_in_common(self):
        server = self.server(lambda request: [])
        self.check_fails(self.ask(server), "no answer from 192.0.2.2:", "in 3 s", "asked 3 times")
        self.assertEqual(len(server.requests), ATTEMPTS)
        for octets, _ in server.requests:
            self.assertEqual(octets[:40], bytes.fromhex("23000020") + bytes(36))
            self.assertEqual(len(octets), 48)
        self.assertEqual(len({octets[40:] for octets, _ in server.requests}), ATTEMPTS)
        self.assertEqual(len({port for _, port in server.requests}), ATTEMPTS)

    def test_a_lost_request_is_sent_again(self):
        server = self.server(lambda request:
                             [answer_to(request)] if len(server.requests) > 1 else [])
        self.check_ok(self.ask(server))
        self.assertEqual(len(server.requests), 2)

    def test_what_is_shown_belongs_together_even_if_later_requests_stay_without_answer(self):
        server = self.server(lambda request:
                             [answer_to(request, mode=ntp.CLIENT)]
                             if len(server.requests) == 1 else [])
        done = self.ask(server, "--json")
        self.check_fails(done, "mode")
        sent, received = (bytes.fromhex(json.loads(line)["hex"])
                          for line in done.stdout.splitlines())
        self.assertEqual(len(server.requests), ATTEMPTS)
        self.assertEqual(sent, server.requests[0][0])
        self.assertEqual(ntp.parse(received).origin, ntp.parse(sent).transmit)

    def test_a_forged_answer_before_the_right_one_does_no_harm(self):
        server = self.server(lambda request: [answer_to(request, origin=1, transmit=1),
                                              answer_to(request)])
        sent, _, summary = self.lines(self.ask(server, "--json"))
        self.assertLess(abs(summary["offset_s"]), SAME_CLOCK_S)
        self.assertEqual(bytes.fromhex(sent["hex"]), server.requests[0][0])
        self.assertEqual(len(server.requests), 1)

    def test_the_offset_is_the_servers_clock_minus_ours(self):
        ahead = 3600 << 32
        def answers(request):
            now = ntp.stamp_of(time.time()) + ahead
            return [answer_to(request, receive=now, transmit=now)]
        server = self.server(answers)
        *_, summary = self.lines(self.ask(server, "--json"))
        self.assertAlmostEqual(summary["offset_s"], 3600, delta=SAME_CLOCK_S)
        text = self.check_ok(self.ask(server, "--format", "%s"))
        self.assertAlmostEqual(int(text), time.time() + 3600, delta=5)

    def test_another_server_on_the_precise_port_does_not_sign_and_yet_tells_its_time(self):
        for name, answers, words in (
                ("answers all", lambda request: [answer_to(request)], "its answer is not signed"),
                ("answers 48 octets",
                 lambda request: [answer_to(request)] if len(request) == 48 else [],
                 "none: no answer from 192.0.2.2:11123")):
            with self.subTest(name):
                server = Server(self.host, answers, port=ntp.PRECISE_PORT)
                text = self.check_ok(self.ask(server))
                server.close()
                self.assertRegex(text, rf"(?m)^signature  {words}")

    def test_a_name_is_asked_by_each_of_its_addresses(self):
        hosts = self.client.state / "hosts"
        hosts.write_text(f"{self.address} twofold\n{self.address_6} twofold\n", encoding="ascii")
        as_hosts = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
        for family, address in ((socket.AF_INET, self.address),
                                (socket.AF_INET6, f"[{self.address_6}]")):
            server = self.server(lambda request: [answer_to(request)], family=family)
            done = self.client.command("sh", "-c", as_hosts, "sh", hosts, "setpriv",
                                       *WITHOUT_PRIVILEGE, PATHS["timecast-listener"], "query",
                                       "twofold", "--port", server.port)
            self.assertIn(f"received from {address}:{server.port}, ", self.check_ok(done))


class WrongAnswers(Query):
    REFUSED = (
        ("another origin", "origin", {"origin": 1}),
        ("no origin", "origin", {"origin": 0}),
        ("an announcement", "mode", {"mode": ntp.BROADCAST}),
        ("an echo", "mode", {"mode": ntp.CLIENT}),
        ("version 0", "version", {"version": 0}),
        ("version 5", "version", {"version": 5}),
        ("a field too long", "bad field length", {"rest": b"\xf7\xe0\0\x80" + bytes(24)}),
    )
    WITHOUT_TIME = (
        ("leap 3", "not synchronised", {"leap": 3}),
        ("stratum 0", "not synchronised", {"stratum": 0, "reference_id": bytes(4)}),
        ("stratum 16", "not synchronised", {"stratum": 16}),
        ("too often", "kiss of death RATE", {"stratum": 0, "reference_id": b"RATE"}),
        ("forbidden", "kiss of death DENY", {"stratum": 0, "reference_id": b"DENY"}),
        ("no transmit stamp", "transmit stamp is zero", {"transmit": 0}),
        ("no receive stamp", "receive stamp is zero", {"receive": 0}),
    )

    def ask_all(self, rows, *options):
        """All at once, because each can take seconds."""
        servers = [self.server(lambda request, changes=changes: [answer_to(request, **changes)])
                   for _, _, changes in rows]
        with concurrent.futures.ThreadPoolExecutor(len(rows)) as pool:
            return servers, list(pool.map(lambda server: self.ask(server, *options), servers))

    def test_what_does_not_answer_is_refused_by_name_and_shown_and_asked_again(self):
        servers, results = self.ask_all(self.REFUSED)
        for (name, word, _), server, done in zip(self.REFUSED, servers, results):
            with self.subTest(name):
                self.check_fails(done, f"192.0.2.2:{server.port}: its packet ", word, "; ")
                self.assertEqual(len(server.requests), ATTEMPTS)
                self.assertIn(f"received from 192.0.2.2:{server.port}, ", done.stdout)
                self.assertNotIn("offset", done.stdout)

    def test_an_answer_without_time_is_shown_once_and_says_why(self):
        servers, results = self.ask_all(self.WITHOUT_TIME)
        for (name, word, _), server, done in zip(self.WITHOUT_TIME, servers, results):
            with self.subTest(name):
                self.check_fails(done, f"192.0.2.2:{server.port}: it", word)
                self.assertEqual(len(server.requests), 1)
                self.assertIn(f"received from 192.0.2.2:{server.port}, 48 octets", done.stdout)
                self.assertRegex(done.stdout, rf"(?m)^no time +it.*{word}")
                self.assertNotRegex(done.stdout, r"(?m)^(bound|time) ")

    def test_a_format_prints_nothing_of_them(self):
        rows = (self.REFUSED[0], self.WITHOUT_TIME[0])
        for done in self.ask_all(rows, "--format", "%s")[1]:
            self.assertEqual((done.returncode, done.stdout), (1, ""))

    def test_what_is_no_ntp_packet_is_shown_in_hex(self):
        server = self.server(lambda request: [b"Hello!\n"])
        done = self.ask(server)
        self.check_fails(done, "too short")
        self.assertIn("no NTP packet: too short\n    0  48 65 6c 6c 6f 21 0a  ", done.stdout)


class NoServer(Query):
    def check_ends(self, host, within, words, *options):
        begun = time.monotonic()
        done = query(host, *options)
        self.assertLess(time.monotonic() - begun, within)
        self.assertEqual(done.stdout, "")
        self.check_fails(done, *words)

    def test_a_port_where_nobody_listens_refuses(self):
        for address in (self.address, self.address_6):
            self.check_ends(self.client, 3, ("refuses", ":123", "--port"), address)

    def test_a_host_that_is_not_there_is_given_up(self):
        self.check_ends(self.client, 6, ("192.0.2.99:123",), "192.0.2.99")

    def test_without_a_route_there_is_a_hint(self):
        self.check_ends(lonely_host(), 2, ("cannot reach 192.0.2.2:123", "unreachable", "ip route"),
                        self.address)

    def test_a_name_that_nobody_knows_is_named(self):
        self.check_ends(lonely_host(), 10, ('cannot find "ntp.invalid"', "--port"), "ntp.invalid")
        self.check_ends(lonely_host(), 10, ('cannot find "192.0.2.2:123"', "--port"),
                        "192.0.2.2:123")

    def test_a_group_is_no_server(self):
        for address in ("239.255.123.124", "ff02::101", "0.0.0.0", "255.255.255.255"):
            self.check_ends(self.client, 2, (f'"{address}"', "one host"), address)

    def test_a_broadcast_address_is_no_server_either(self):
        self.check_ends(self.client, 2, ("cannot reach 192.0.2.255:123", "broadcast"),
                        "192.0.2.255")

    def test_a_packet_filter_of_this_host_is_thought_of(self):
        host = self.link.host()
        run("ip", "netns", "exec", host.name, "nft", "add table inet t; add chain inet t out "
            "{ type filter hook output priority 0; policy drop; }")
        self.check_ends(host, 2, ("cannot reach", "packet filter"), self.address)

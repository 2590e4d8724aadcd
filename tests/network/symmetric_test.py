# SPDX-License-Identifier: MIT
"""Symmetric keys: MACs of the plain stream and of answers, by the judgement of chronyd, ntpdig and
openssl; and what a listener makes of those of others."""

import json
import struct
import time
import unittest

import judges
import ntp
from lab import Link
from macs import (CMAC, FILE, MD5, NTP_FILE, OTHER, SECRETS, SHA1, broadcast_packet, digest_of, mac_of,
                  put_keys)
from udp import Socket

SERVER = judges.SERVER
BROADCAST = "192.0.2.255"
PACE_S = 11  # of the plain stream, at most


class Announcer(unittest.TestCase):
    """One announces to the subnet with key 30, to a group with key 25, to another with none."""

    takes_s = 35

    @classmethod
    def setUpClass(cls):
        cls.link = Link()
        host = cls.link.host()
        cls.keys = put_keys(host)
        cls.announcer = host.announcer(
            "--keys", cls.keys, "--plain", f"{BROADCAST},key={CMAC}", "--plain",
            f"239.1.2.3,key={SHA1}", "--plain", f"239.1.2.4,key={MD5},legacy")
        cls.addClassCleanup(cls.announcer.stop)

    def ask(self, octets):
        with Socket(self.link.host()) as client:
            client.send(octets, SERVER, ntp.PLAIN_PORT)
            answer = client.receive(1)
            return answer and answer.octets

    def refused(self, reason):
        return self.announcer.status()["refused"].get(reason, 0)

    def test_each_destination_has_its_mac_and_nothing_else(self):
        host = self.link.host()
        with Socket(host, ntp.PLAIN_PORT,
                    groups=("239.1.2.3", "239.1.2.4", ntp.PLAIN_GROUP)) as ears:
            heard = {}
            deadline = time.monotonic() + PACE_S
            while len(heard) < 4 and time.monotonic() < deadline:
                packet = ears.receive(1)
                if packet and ntp.parse(packet.octets).mode == ntp.BROADCAST:
                    heard[packet.to] = packet.octets
        self.assertEqual({to: octets[48:] for to, octets in heard.items()}, {
            BROADCAST: mac_of(CMAC, heard[BROADCAST][:48]),
            "239.1.2.3": mac_of(SHA1, heard["239.1.2.3"][:48]),
            "239.1.2.4": mac_of(MD5, heard["239.1.2.4"][:48]),
            ntp.PLAIN_GROUP: b""})

    def test_status_and_watch_name_the_key(self):
        sockets = self.announcer.status()["sockets"]
        keys = {each["to"]: each.get("key_id") for socket in sockets
                for each in socket["destinations"] if socket["stream"] == "plain"}
        self.assertEqual((keys[f"{BROADCAST}:123"], keys[f"{ntp.PLAIN_GROUP}:123"]), (CMAC, None))
        watch = self.link.host().start("timecast-listener", "watch", "--group", BROADCAST,
                                       "--port", "123")
        self.addCleanup(watch.stop)
        line = watch.await_line("its MAC", lambda line: line["type"] == "announcement",
                                within=PACE_S)
        self.assertEqual((line["stream"], line["key_id"], line["mac_octets"]), ("plain", CMAC, 20))

    def test_chronyd_is_answered_by_the_key_that_it_names(self):
        for key in (SHA1, CMAC, MD5):
            with self.subTest(key=key):
                before = self.announcer.status()["authenticated_replies"]
                client = self.link.host()
                keys = put_keys(client)
                done = judges.ask(client, [
                    "chronyd", "-Q", "-x", "-U", "-u", "root", "-t", "10",
                    f"server {SERVER} iburst maxsamples 4 key {key}", f"keyfile {keys}", "cmdport 0",
                    f"pidfile {client.state}/chronyd.pid"])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertGreater(self.announcer.status()["authenticated_replies"], before)

    def test_chronyd_with_another_secret_gets_no_time(self):
        client = self.link.host()
        keys = put_keys(client, f"{CMAC} AES128 HEX:{bytes(16).hex()}\n")
        before = self.refused("bad_mac")
        done = judges.ask(client, ["chronyd", "-Q", "-x", "-U", "-u", "root", "-t", "3",
                                   f"server {SERVER} iburst key {CMAC}", f"keyfile {keys}",
                                   "cmdport 0", f"pidfile {client.state}/chronyd.pid"])
        self.assertNotEqual(done.returncode, 0)
        self.assertGreater(self.refused("bad_mac"), before)

    def test_ntpdig_is_answered_by_the_key_that_it_names(self):
        for key in (SHA1, CMAC):
            with self.subTest(key=key):
                before = self.announcer.status()["authenticated_replies"]
                client = self.link.host()
                keys = put_keys(client, NTP_FILE)
                done = judges.ask(client, ["ntpdig", "-4", "-j", "-t", "2", "-a", str(key), "-k",
                                           str(keys), SERVER])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertLess(abs(json.loads(done.stdout)["offset"]), 0.01)
                self.assertGreater(self.announcer.status()["authenticated_replies"], before)

    def test_a_request_without_a_mac_is_answered_without_one(self):
        self.assertEqual(len(self.ask(ntp.request())), 48)

    def test_what_does_not_hold_is_refused_by_its_reason_and_not_answered(self):
        request = ntp.request()
        good = request + mac_of(CMAC, request)
        self.assertEqual(len(self.ask(good)), len(good))
        flipped = good[:-1] + bytes([good[-1] ^ 1])
        for reason, octets in (
                ("bad_mac", flipped),
                ("bad_mac", request + struct.pack("!I", SHA1) + digest_of(CMAC, request)),
                ("bad_mac", request + good[48:] + bytes(4)),
                ("unknown_mac", request + struct.pack("!I", 99) + digest_of(CMAC, request)),
                ("unknown_mac", request + bytes(4)),
                ("bad_mac_length", request + good[48:64])):
            with self.subTest(reason=reason):
                before = self.refused(reason)
                self.assertIsNone(self.ask(octets))
                self.assertEqual(self.refused(reason), before + 1)
        self.assertEqual(len(self.ask(good)), len(good))


class Reload(unittest.TestCase):
    def test_the_announcers_key_file_is_read_again_or_the_old_keys_stay(self):
        link = Link()
        host = link.host()
        keys = put_keys(host)
        announcer = host.announcer("--keys", keys, "--no-plain")
        self.addCleanup(announcer.stop)
        client = Socket(link.host())
        self.addCleanup(client.close)

        def answered(key, port=11123):
            request = ntp.request()
            client.send(request + mac_of(key, request), SERVER, port)
            return client.receive(0.5) is not None

        self.assertTrue(answered(CMAC))
        put_keys(host, f"{OTHER} AES128 HEX:{SECRETS[OTHER].hex()}\n", mode=0o644)
        announcer.hang_up()
        announcer.await_log(f"cannot trust {keys}: everybody can open it; chmod o= {keys}")
        self.assertTrue(answered(CMAC))
        keys.chmod(0o640)
        announcer.hang_up()
        deadline = time.monotonic() + 5
        while answered(CMAC) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(answered(CMAC))
        self.assertTrue(answered(OTHER))
        self.assertIn("settings read again: other keys", announcer.log)

    def test_the_listeners_key_file_is_read_again_or_the_old_keys_stay(self):
        link = Link()
        sender = Socket(link.host(), ntp.PLAIN_PORT)
        self.addCleanup(sender.close)
        host = link.host()
        keys = put_keys(host)
        listener = host.listener("--keys", keys, "--hear", f"{BROADCAST},key={CMAC}")
        self.addCleanup(listener.stop)
        listener.await_log(f"listening to {BROADCAST}:123 on eth0")

        def refused():
            packet = broadcast_packet()
            before = listener.status()
            sender.send(packet + mac_of(CMAC, packet), BROADCAST, ntp.PLAIN_PORT)
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                status = listener.status()
                if status["announcements"] > before["announcements"]:
                    return False
                if status["refused"] != before["refused"]:
                    return True
            self.fail(listener)

        self.assertFalse(refused())
        put_keys(host, f"{CMAC} AES128 HEX:{bytes(16).hex()}\n", mode=0o644)
        listener.hang_up()
        listener.await_log(f"cannot trust {keys}: everybody can open it; chmod o= {keys}")
        self.assertFalse(refused())
        keys.chmod(0o640)
        listener.hang_up()
        listener.await_log("other keys; what was measured is forgotten, the listener starts anew")
        self.assertEqual(listener.status()["state"], "searching")
        self.assertTrue(refused())
        self.assertEqual(listener.status()["refused"], {"bad_mac": 1})

    def test_a_key_of_other_servers_is_not_announced_with(self):
        host = Link().host()
        keys = put_keys(host, f"{CMAC} AES128 HEX:{SECRETS[CMAC].hex()} 192.0.2.200\n")
        announcer = host.announcer("--keys", keys, "--plain", f"{BROADCAST},key={CMAC}")
        self.addCleanup(announcer.stop)
        announcer.await_log(f"nothing is sent to {BROADCAST}:123 by eth0 from 192.0.2.1: the "
                            f"addresses behind key {CMAC} in its file are other servers'; add this "
                            "one to them")
        put_keys(host, f"{CMAC} AES128 HEX:{SECRETS[CMAC].hex()} 192.0.2.0/24\n")
        announcer.hang_up()
        announcer.await_log(f"{BROADCAST}:123 with key {CMAC}")


class Listener(unittest.TestCase):
    """A server of ours whose precise stream nobody hears announces with key 30."""

    takes_s = 65
    measures = True

    @classmethod
    def setUpClass(cls):
        cls.link = Link()
        host = cls.link.host()
        cls.announcer = host.announcer("--group", "239.255.123.99", "--port", "11199", "--keys",
                                       put_keys(host), "--plain", f"{BROADCAST},key={CMAC}")
        cls.addClassCleanup(cls.announcer.stop)
        cls.announcer.await_log(f"{BROADCAST}:123 with key {CMAC}")

    def listener(self, key, text=FILE, to=BROADCAST, *options):
        host = self.link.host()
        listener = host.listener("--keys", put_keys(host, text), "--hear", f"{to},key={key}",
                                 *options)
        self.addCleanup(listener.stop)
        return listener

    def test_it_is_followed_and_asked_by_the_key(self):
        before = self.announcer.status()["authenticated_replies"]
        listener = self.listener(CMAC)
        listener.await_state("synchronised", within=60)
        status = listener.status()
        self.assertEqual((status["announcer"], status["stream"], status["key_id"]),
                         (f"{SERVER}:123", "plain", CMAC))
        self.assertEqual(status["refused"], {})
        self.assertLessEqual(abs(status["offset_s"]), status["bound_s"])
        self.assertGreaterEqual(status["exchanges"], 1)
        self.assertGreaterEqual(self.announcer.status()["authenticated_replies"] - before,
                                status["exchanges"])

    def test_whose_mac_does_not_hold_is_not_heard(self):
        for name, key, text, to, reason in (
                ("another secret", CMAC, f"{CMAC} AES128 HEX:{bytes(16).hex()}\n", BROADCAST,
                 "bad_mac"),
                ("another algorithm", CMAC, f"{CMAC} SHA1 HEX:{SECRETS[CMAC].hex()}\n", BROADCAST,
                 "bad_mac"),
                ("another key", OTHER, FILE, BROADCAST, "unknown_mac"),
                ("another server's key", CMAC,
                 f"{CMAC} AES128 HEX:{SECRETS[CMAC].hex()} 192.0.2.200\n", BROADCAST, "not_allowed"),
                ("none", CMAC, FILE, ntp.PLAIN_GROUP, "missing_mac")):
            with self.subTest(name=name):
                listener = self.listener(key, text, to)
                listener.await_line("the refusal", lambda line, reason=reason:
                                    line.get("refused", {}).get(reason, 0) > 0, within=PACE_S + 4)
                self.assertEqual(listener.status()["state"], "searching")
                listener.stop()


class Chrony(unittest.TestCase):
    """chronyd answers what the listener asks with its key; the broadcasts, which it would send
    without a MAC, come from the same address and are made here."""

    measures = True

    def setUp(self):
        self.link = Link()
        host = self.link.host()
        self.server = judges.ChronyServer(host, f"keyfile {put_keys(host)}")
        self.addCleanup(self.server.stop)
        self.sender = Socket(host, ntp.PLAIN_PORT, address=BROADCAST, shared=True)
        self.addCleanup(self.sender.close)
        host = self.link.host()
        self.listener = host.listener("--keys", put_keys(host), "--hear", f"{BROADCAST},key={SHA1}")
        self.addCleanup(self.listener.stop)
        self.listener.await_log(f"listening to {BROADCAST}:123 on eth0")

    def announce(self, seconds, more=lambda packet: ()):
        """Once a second; `more` are packets of others behind it."""
        for _ in range(seconds):
            packet = broadcast_packet()
            packet += mac_of(SHA1, packet)
            self.sender.send(packet, BROADCAST, ntp.PLAIN_PORT)
            for other in more(packet):
                self.sender.send(other, BROADCAST, ntp.PLAIN_PORT)
            time.sleep(1)

    def test_it_answers_the_listeners_macs_and_forgeries_change_nothing(self):
        self.announce(6)
        self.listener.await_state("synchronised", within=10)
        status = self.listener.status()
        self.assertEqual((status["announcer"], status["key_id"], status["refused"]),
                         (f"{SERVER}:123", SHA1, {}))

        def forgeries(packet):
            new, later = broadcast_packet(), broadcast_packet(ahead_s=3600)
            mac = mac_of(SHA1, new)
            return (new, new + bytes(4), new + mac[:-1] + bytes([mac[-1] ^ 1]), later + mac,
                    later + mac_of(CMAC, later), packet)

        start = len(self.listener.lines)
        self.announce(8, forgeries)
        for line in self.listener.lines[start:]:
            if line["type"] in ("estimate", "state"):
                self.assertEqual(line["state"], "synchronised", line)
                self.assertLessEqual(abs(line["offset_s"]), line["bound_s"])
        status = self.listener.status()
        self.assertEqual(status["refused"], {"missing_mac": 8, "unknown_mac": 16, "bad_mac": 16,
                                             "duplicate": 8})
        self.assertGreaterEqual(status["announcements"], 13)

    def test_who_answers_without_the_key_gives_no_synchronised_time(self):
        self.server.stop()
        with Socket(self.server.host, ntp.PLAIN_PORT, address=SERVER) as forger:
            self.announce(1)
            answered = 0
            deadline = time.monotonic() + 8
            while time.monotonic() < deadline:
                packet = broadcast_packet()
                self.sender.send(packet + mac_of(SHA1, packet), BROADCAST, ntp.PLAIN_PORT)
                question = forger.receive(1)
                if not question:
                    continue
                asked = ntp.parse(question.octets)
                self.assertEqual(asked.rest, mac_of(SHA1, question.octets[:48]))
                now = ntp.stamp_of(time.time())
                forger.send(ntp.HEADER.pack(4 << 3 | ntp.SERVER, 2, 0, -20, bytes(4), bytes(4),
                                            bytes((192, 0, 2, 77)), now - 2**32, asked.transmit, now,
                                            now), question.source, question.port)
                answered += 1
        self.assertGreater(answered, 2)
        status = self.listener.status()
        self.assertEqual((status["state"], status["exchanges"]), ("tentative", 0))
        self.assertEqual(status["refused"], {"missing_mac": answered})


class Files(unittest.TestCase):
    def test_a_bad_file_is_refused_with_its_line_and_the_way_out(self):
        host = Link().host()
        for text, mode, complaint in (
                (f"{CMAC} AES128 HEX:zebra\n", 0o600,
                 ":1: what is behind HEX: is no even number of hexadecimal digits"),
                (FILE, 0o604, ": everybody can open it; chmod o= "),
                (f"{SHA1} SHA1 HEX:{SECRETS[SHA1].hex()}\n", 0o600,
                 f": there is no key {CMAC}; there are {SHA1}")):
            keys = put_keys(host, text, mode=mode)
            for command in (["timecast-announcer", "--state-dir", host.state, "--plain",
                             f"{BROADCAST},key={CMAC}"],
                            ["timecast-listener", "--hear", f"{BROADCAST},key={CMAC}"]):
                with self.subTest(complaint=complaint, program=command[0]):
                    done = host.command(*command, "--keys", keys)
                    self.assertEqual(done.returncode, 3, done.stderr)
                    self.assertIn(complaint, done.stderr)
                    self.assertIn(str(keys), done.stderr)
                    self.assertNotIn("zebra", done.stderr)

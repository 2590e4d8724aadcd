# SPDX-License-Identifier: MIT
"""`timecast-listener watch` beside real announcers, and beside who is none."""

import json
import re
import subprocess
import time
import unittest

import ntp
from lab import LabTest, Link, lonely_host
from programs import PATHS, WITHOUT_PRIVILEGE
from recording import Recorder
from udp import Socket

LISTENER = PATHS["timecast-listener"]
STREAMS = {("239.255.123.124", 11123), ("ff02::101", 11123), ("239.255.123.123", 123)}
ANY_GROUP, ANY_PORT = "224.0.0.100", 10001

# The contract with scripts/timecast-monitor: these keys and no others.
LINE = ["schema", "time_s", "type"]
WAY = ["interface", "from", "from_port", "group", "port"]
KEYS = {
    "announcement": LINE + WAY + [
        "stream", "key", "signature", "chain", "sequence", "lost", "version", "leap", "stratum",
        "reference_id", "poll", "interval_s", "precision_s", "root_delay_s", "root_dispersion_s",
        "transmit_s", "offset_s", "hop_limit", "stepped", "octets", "host_synchronised"],
    "alarm": LINE + ["alarm", "text", "interface", "from", "key"],
    "packet": LINE + WAY + ["octets", "hex", "reason"],
    "state": LINE + ["interface", "group", "port", "state", "reason"],
    "summary": LINE + ["announcements", "alarms", "packets", "announcers"],
}


def watch(host, *options, **keywords):
    program = host.start("timecast-listener", "watch", *options, **keywords)
    program.await_line("to hear something", lambda line: line.get("state") == "hearing")
    return program


def alarm(kind, **where):
    return lambda line: (line.get("alarm") == kind and
                         all(line[key] == value for key, value in where.items()))


def announcement(**where):
    return lambda line: (line["type"] == "announcement" and
                         all(line[key] == value for key, value in where.items()))


def shown(host, *options, seconds=3, end="INT", confinement=()):
    """What is printed for people until the signal comes."""
    return host.command(*confinement, "timeout", f"--signal={end}", seconds, LISTENER, "watch",
                        *options)


class OneAnnouncer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        link = Link()
        host = link.host()
        recorder = Recorder(host)
        cls.host = host
        cls.watch = watch(host)
        cls.announcer = link.host().announcer()
        for group, _ in STREAMS:
            cls.watch.await_line(f"to hear {group}", announcement(group=group))
        cls.key = cls.announcer.status()["key"]
        with cls.announcer.stopped():
            cls.silence = cls.watch.await_line("silence", alarm("silence"))
        cls.heard_again = cls.watch.await_line("its end", alarm("heard-again"))
        cls.announcer.stop()
        cls.watch.terminate()
        cls.status = cls.watch.wait()
        cls.watch.stop()
        cls.pcap = host.state / "pcap"
        recorder.write(cls.pcap)

    def heard(self, **where):
        return [line for line in self.watch.lines if announcement(**where)(line)]

    def test_every_line_has_the_keys_of_its_type_and_no_others(self):
        for line in self.watch.lines:
            with self.subTest(line=line):
                keys = [key for key in line if key != "seen"]
                self.assertEqual(keys, KEYS[line["type"]])
                self.assertEqual(line["schema"], 1)
                self.assertAlmostEqual(line["time_s"], time.time(), delta=300)

    def test_the_precise_stream_is_decoded_and_verified(self):
        for group, octets in (("239.255.123.124", 172), ("ff02::101", 172)):
            for line in self.heard(group=group):
                self.assertEqual(
                    (line["interface"], line["from_port"], line["port"], line["stream"],
                     line["key"], line["signature"], line["leap"], line["stratum"], line["poll"],
                     line["interval_s"], line["hop_limit"], line["octets"], line["stepped"]),
                    ("eth0", 11123, 11123, "precise", self.key, "good", "none", 10, 0, 1, 255,
                     octets, False))
                self.assertAlmostEqual(line["offset_s"], 0, delta=0.05)
                self.assertAlmostEqual(line["transmit_s"] - line["time_s"], line["offset_s"],
                                       delta=1e-5)

    def test_the_plain_stream_is_decoded(self):
        lines = self.heard(group="239.255.123.123")
        self.assertTrue(lines)
        for line in lines:
            self.assertEqual(
                (line["from"], line["from_port"], line["port"], line["stream"], line["key"],
                 line["signature"], line["chain"], line["sequence"], line["lost"], line["poll"],
                 line["interval_s"], line["hop_limit"], line["octets"]),
                ("192.0.2.2", 123, 123, "plain", None, "none", None, None, 0, 3, 8, 1, 48))

    def test_what_it_listens_to_is_said_once_each(self):
        states = [(line["interface"], line["group"], line["port"], line["state"])
                  for line in self.watch.of_type("state")]
        self.assertEqual(sorted(states), sorted(("eth0", *stream, "hearing")
                                                for stream in STREAMS))

    def test_silence_and_its_end_are_told_in_words(self):
        self.assertEqual((self.silence["interface"], self.silence["key"]), ("eth0", self.key))
        self.assertRegex(self.silence["text"], r"is silent: nothing for 3\.\d+ s")
        self.assertRegex(self.heard_again["text"], "is heard again after a silence of")
        self.assertGreater(self.heard_again["time_s"], self.silence["time_s"])

    def test_a_signal_ends_it_with_a_summary_that_adds_up(self):
        self.assertEqual(self.status, 0)
        *lines, last = self.watch.lines
        self.assertEqual(last["type"], "summary")
        for count, kind in (("announcements", "announcement"), ("alarms", "alarm"),
                            ("packets", "packet")):
            self.assertEqual(last[count], len([line for line in lines if line["type"] == kind]))
        self.assertEqual(sum(each["announcements"] for each in last["announcers"]),
                         last["announcements"])
        self.assertEqual({(each["from"], each["key"], each["interface"])
                          for each in last["announcers"]},
                         {(line["from"], line["key"], line["interface"])
                          for line in self.heard()})

    def test_a_recording_shows_what_was_seen(self):
        done = self.host.command("timecast-listener", "watch", "--json", "--replay", self.pcap)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        again = [line for line in lines if line["type"] == "announcement"]
        self.assertEqual(len(again), len(self.heard()))
        for live, replayed in zip(sorted(self.heard(), key=lambda line: line["time_s"]), again):
            self.assertEqual(list(replayed), KEYS["announcement"])
            for key in set(replayed) - {"interface", "host_synchronised"}:
                if isinstance(live[key], float):
                    self.assertAlmostEqual(replayed[key], live[key], delta=1e-3, msg=key)
                else:
                    self.assertEqual(replayed[key], live[key], key)
            self.assertEqual((replayed["interface"], replayed["host_synchronised"]), ("-", None))
        self.assertEqual([line["alarm"] for line in lines if line["type"] == "alarm"
                          and line["key"]],
                         [line["alarm"] for line in self.watch.of_type("alarm") if line["key"]])
        self.assertEqual(lines[-1]["type"], "summary")

    def test_a_recording_is_read_from_a_pipe_until_a_signal_comes(self):
        process = subprocess.Popen([LISTENER, "watch", "--replay", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(self.pcap.read_bytes() + b"begun")
        process.stdin.flush()
        first = process.stdout.readline()
        process.terminate()
        rest, complaints = process.communicate(timeout=10)
        self.assertRegex(first, rb"^\d{4}-\d\d-\d\dT\S+Z  \S+  -  (precise|plain)  stratum 10, ")
        self.assertRegex(rest, rb"(?m)^\d+ announcements? on \d streams?, \d+ alarms?")
        self.assertEqual((process.returncode, complaints), (0, b""))


class ForPeople(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        link = Link()
        cls.host = link.host()
        cls.announcer = link.host().announcer()
        cls.announcer.await_line("to announce", lambda line: line["type"] == "announcement")

    def test_an_announcement_is_a_line_and_the_end_a_summary(self):
        done = shown(self.host)
        self.assertRegex(done.stdout, re.compile(
            r"^\d{4}-\d\d-\d\dT[\d:.]+Z  192\.0\.2\.2  eth0  precise  stratum 10, reference "
            r"[\d.]+, leap none, interval 1 s, sequence \d+, offset [+-]\S+ [num]?s, signed by "
            r"\S{8}$", re.MULTILINE))
        self.assertRegex(done.stdout, r"\d+ announcements on \d streams?, 0 alarms, 0 other "
                                      r"packets\n")
        self.assertIn("hearing 239.255.123.123 port 123 on eth0", done.stderr)

    def test_hex_shows_every_octet_of_a_packet(self):
        done = shown(self.host, "--hex", "--group", "239.255.123.124", "--port", "11123",
                     end="TERM")
        packets = re.split(r"^2.*stratum.*$", done.stdout, flags=re.MULTILINE)[1:]
        self.assertTrue(packets)
        octets = bytes.fromhex("".join(row[7:30] for row in packets[0].splitlines()
                                       if re.match(r" +\d+  [0-9a-f]{2}", row)))
        self.assertEqual(len(octets), 172)
        self.assertTrue(ntp.is_signed(octets))
        self.assertIn("query spread 1 s", packets[0])

    def test_without_privilege_port_123_is_named_with_the_way_out_and_the_rest_is_heard(self):
        done = shown(self.host, confinement=("setpriv", *WITHOUT_PRIVILEGE))
        complaint, = [line for line in done.stderr.splitlines() if "deaf" in line]
        self.assertIn("deaf to 239.255.123.123 port 123 on eth0: port 123 needs a privilege; sudo "
                      f"setcap cap_net_bind_service+ep {LISTENER}, or", complaint)
        self.assertIn("net.ipv4.ip_unprivileged_port_start=123", complaint)
        self.assertIn("  precise  ", done.stdout)

    def test_a_reader_that_goes_away_ends_it(self):
        done = self.host.command("sh", "-c", f"{LISTENER} watch | head -1")
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertIn("nobody reads standard output any more", done.stderr)


class Deaf(LabTest):
    def test_without_privilege_the_state_of_each_group_is_told_and_the_rest_goes_on(self):
        link = Link()
        program = self.start(watch, link.host(), privileged=False)
        announcer = self.start(link.host().announcer)
        program.await_line("to hear the precise stream", announcement(stream="precise"))
        states = {(line["group"], line["port"]): line for line in program.of_type("state")}
        self.assertEqual(set(states), STREAMS)
        deaf = states.pop(("239.255.123.123", 123))
        self.assertEqual(deaf["state"], "deaf")
        self.assertIn("setcap", deaf["reason"])
        self.assertEqual({line["state"] for line in states.values()}, {"hearing"})

    def test_when_nothing_at_all_can_be_heard_it_fails(self):
        host = Link().host()
        program = host.start("timecast-listener", "watch", "--port", "123", privileged=False)
        self.assertEqual(program.wait(), 1)
        self.assertIn("nothing can be heard, for the reasons above", program.log)
        alone = lonely_host().start("timecast-listener", "watch")
        self.assertEqual(alone.wait(), 1)
        self.assertIn("no interface with an address is up", alone.log)
        self.assertNotIn("waiting", alone.log)

    def test_a_named_group_that_no_interface_can_hear_has_a_reason(self):
        host = Link().host()
        reason = "eth0 was named by an IPv6 address: name it eth0, or by an IPv4 address of it"
        program = host.start("timecast-listener", "watch", "--interface", "fd77::1",
                             "--group", "239.1.1.1", "--port", "1900")
        self.assertEqual(program.wait(), 1)
        self.assertIn(f"deaf to 239.1.1.1 port 1900 on eth0: {reason}\n", program.log)
        self.assertNotIn("waiting", program.log)
        program = watch(host, "--interface", "fd77::1", "--group", "ff02::101",
                        "--group", "239.1.1.1", "--port", "1900")
        self.addCleanup(program.stop)
        deaf = program.await_line("to be deaf", lambda line: line.get("state") == "deaf")
        self.assertEqual((deaf["interface"], deaf["group"], deaf["port"], deaf["reason"]),
                         ("eth0", "239.1.1.1", 1900, reason))
        program.await_line("to hear the other", lambda line: line.get("state") == "hearing"
                           and line["group"] == "ff02::101")

    def test_an_interface_that_comes_back_is_heard_again(self):
        link = Link()
        host = link.host()
        program = self.start(watch, host)
        announcer = self.start(link.host().announcer)
        program.await_line("to hear", announcement(stream="precise"))
        host.unplug()
        program.await_line("to be deaf", lambda line: line.get("state") == "deaf")
        before = len(program.lines)
        host.plug(("192.0.2.1/24",))
        program.await_line("to hear again", announcement(stream="precise"), after=before)

    def test_one_machine_alone_is_heard_at_its_loopback_address(self):
        host = lonely_host()
        announcer = self.start(host.announcer, "--interface", "127.0.0.1")
        program = self.start(watch, host, "--interface", "127.0.0.1")
        line = program.await_line("to hear", announcement(stream="precise"))
        self.assertEqual((line["interface"], line["from"]), ("lo", "127.0.0.1"))


class Others(LabTest):
    def test_a_second_announcer_is_told(self):
        link = Link()
        program = self.start(watch, link.host())
        first = self.start(link.host().announcer)
        program.await_line("the first", announcement(stream="precise", **{"from": "192.0.2.2"}))
        second = self.start(link.host().announcer)
        second.await_line("to announce", lambda line: line["type"] == "announcement")
        line = program.await_line("a second", alarm("second-announcer", **{
            "from": "192.0.2.3", "key": second.status()["key"]}))
        self.assertIn("is a second announcer, beside 192.0.2.2", line["text"])

    def test_any_group_and_port_can_be_heard(self):
        link = Link()
        host = link.host()
        program = self.start(watch, host, "--group", ANY_GROUP, "--port", str(ANY_PORT),
                             privileged=False)
        self.assertEqual([(line["group"], line["port"]) for line in program.of_type("state")],
                         [(ANY_GROUP, ANY_PORT)])
        with Socket(link.host()) as sender:
            sender.send(b"Hello, this is no NTP", ANY_GROUP, ANY_PORT)
            line = program.await_line("a packet", lambda line: line["type"] == "packet")
            self.assertEqual([key for key in line if key != "seen"], KEYS["packet"])
            self.assertEqual(
                (line["from"], line["from_port"], line["group"], line["port"], line["octets"],
                 bytes.fromhex(line["hex"]), line["reason"]),
                ("192.0.2.2", sender.port, ANY_GROUP, ANY_PORT, 21, b"Hello, this is no NTP",
                 "no NTP packet: too short"))

    def test_broadcast_addresses_can_be_heard(self):
        link = Link()
        host = link.host()
        program = self.start(watch, host, "--group", "192.0.2.255", "--group", "255.255.255.255",
                             "--port", "123", "--port", str(ANY_PORT))
        program.await_line("to hear the last", lambda line: line.get("state") == "hearing" and
                           (line["group"], line["port"]) == ("255.255.255.255", ANY_PORT))
        self.assertEqual({(line["group"], line["port"], line["state"], line["reason"])
                          for line in program.of_type("state")},
                         {(group, port, "hearing", "a broadcast address")
                          for group in ("192.0.2.255", "255.255.255.255")
                          for port in (123, ANY_PORT)})
        self.start(link.host().announcer, "--plain", "broadcast", "--plain", "255.255.255.255")
        for group in "192.0.2.255", "255.255.255.255":
            line = program.await_line(f"to hear {group}", announcement(group=group))
            self.assertEqual((line["from"], line["stream"], line["octets"]),
                             ("192.0.2.2", "plain", 48))
        with Socket(link.host()) as sender:
            sender.send(b"no NTP", "192.0.2.255", ANY_PORT)
            line = program.await_line("a packet", lambda line: line["type"] == "packet")
            self.assertEqual((line["from"], line["group"], bytes.fromhex(line["hex"])),
                             ("192.0.2.3", "192.0.2.255", b"no NTP"))
        self.assertNotIn(ntp.PLAIN_GROUP, {line.get("group") for line in program.lines})

    def test_a_broadcast_address_of_another_network_has_a_reason(self):
        program = Link().host().start("timecast-listener", "watch", "--group", "198.51.100.255")
        self.assertEqual(program.wait(), 1)
        self.assertIn("deaf to 198.51.100.255 port 123 on eth0: eth0 has no such broadcast address; "
                      "see ip -4 address show eth0\n", program.log)

    def test_a_forged_announcement_is_shown_and_told(self):
        link = Link()
        host = link.host()
        program = self.start(watch, host)
        announcer = self.start(link.host().announcer)
        with Socket(host, ntp.PRECISE_PORT, groups=[ntp.PRECISE_GROUP], shared=True) as receiver:
            packet, = receiver.collect(5, count=1)
        with Socket(link.host(), ntp.PRECISE_PORT) as forger:
            forger.send(packet.octets[:-1] + b"!", ntp.PRECISE_GROUP, ntp.PRECISE_PORT, hops=255)
        line = program.await_line("bad", announcement(signature="bad"))
        self.assertEqual(line["from"], "192.0.2.3")
        line = program.await_line("an alarm", alarm("bad-signature"))
        self.assertEqual(line["from"], "192.0.2.3")
        program.terminate()
        program.wait()
        program.stop()
        self.assertNotIn("192.0.2.3",
                         {each["from"] for each in program.lines[-1]["announcers"]})

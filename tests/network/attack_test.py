# SPDX-License-Identifier: MIT
"""Attacks of whoever owns the switch, on the programs as they run.

Each class is a row of the table in docs/security.md, which scripts/attack-table prints. What is
attacked shall look the same before and afterwards, but for counters and what is measured anyway.
TIMECAST_FLOOD_S: how long floods last.
"""

import base64
import os
import struct
import time

import ntp
from bad_packets_test import lasting
from cpu_time import cpu_seconds
from flood import TRANSMIT_AT, makers, pour
from lab import LabTest, Link
from storm import Tap, every
from udp import Socket

FLOOD_S = float(os.environ.get("TIMECAST_FLOOD_S", "5"))
CALM_S = 2


def seen(what):
    if os.environ.get("TIMECAST_ATTACKS"):
        print(f"seen: {what}")


class Attack(LabTest):
    """An announcer, a listener, and the switch between them."""

    def setUp(self):
        self.link = Link()
        self.announcer = self.start(self.link.host().announcer)
        self.listening = self.link.host()
        self.listener = None

    def listen(self, *options):
        self.listener = self.start(self.listening.listener, *options)
        return self.listener

    def tap(self, host):
        tap = Tap(host)
        self.addCleanup(tap.close)
        return tap

    def announcement(self, tap, within=5):
        """A frame of the precise stream, as it passed."""
        for _ in every(0.05, time.monotonic() + within):
            tap.look()
            for (mode, port, family), frame in tap.seen.items():
                if (mode, port, family) == (ntp.BROADCAST, ntp.PRECISE_PORT, 20):
                    return frame
        raise AssertionError("no announcement passes")

    def assert_as_before(self, before, after):
        self.assertEqual(lasting(after), lasting(before))
        self.assertLessEqual(abs(after["offset_s"]), after["bound_s"])


class Flood(Attack):
    """20 000 packets a second: forged, replayed and garbled, outside and inside the window."""

    loads = True

    def measured(self, work, seconds):
        """What the listener took meanwhile, of one processor."""
        before, started = cpu_seconds(self.listener.pid), time.monotonic()
        done = work(seconds)
        return (cpu_seconds(self.listener.pid) - before) / (time.monotonic() - started), done

    def test_a_flood_moves_no_time_and_costs_little(self):
        self.listen()
        self.listener.await_state("synchronised", within=20)
        frame = self.announcement(self.tap(self.announcer.host))
        calm, _ = self.measured(time.sleep, CALM_S)
        before = self.listener.status()
        tap = self.tap(self.listening)
        for name, make in makers(frame).items():
            with self.subTest(flood=name):
                lines = len(self.listener.lines)
                share, sent = self.measured(lambda s, make=make: pour(tap, frame, make, s), FLOOD_S)
                during = [line for line in self.listener.lines[lines:]
                          if line["type"] == "estimate"]
                self.assertEqual({line["key"] for line in during}, {before["key"]})
                for line in during:
                    self.assertLessEqual(abs(line["offset_s"]), line["bound_s"])
                    self.assertIn(line["state"], ("synchronised", "holdover"))
                after = self.listener.status()
                self.assertGreater(after["unchecked_signatures"], before["unchecked_signatures"])
                worst = max(abs(line["offset_s"]) for line in during)
                self.assertLess(worst, 0.001)
                self.assertLess(share, 0.7)
                states = "/".join(sorted({line["state"] for line in during}))
                seen(f"{name}: {sent / FLOOD_S:.0f} packets/s for {FLOOD_S:.0f} s; CPU "
                     f"{share:.0%} (calm {calm:.0%}); offset at most {worst * 1e6:.0f} us, bound "
                     f"{max(line['bound_s'] for line in during) * 1e3:.1f} ms; {states}")
        self.listener.await_line("to hear all again", lambda line: line["state"] == "synchronised"
                                 and line["streams"] == before["streams"],
                                 after=len(self.listener.lines))
        # Within the window it may win over one family's packets; those of the other carry on.
        after = self.listener.status()
        self.assert_as_before(before, {**after, "announcer": before["announcer"]})


class Cve2016Dash1551(Attack):
    """Source addresses that only this host has: loopback, a reference clock's, its own."""

    def test_packets_from_addresses_of_the_host_itself_are_not_taken(self):
        self.listen()
        self.listener.await_state("synchronised", within=20)
        frame = self.announcement(self.tap(self.announcer.host))
        tap = self.tap(self.listening)
        before = self.listener.status()
        octets = bytearray(frame.octets)
        struct.pack_into("!Q", octets, ntp.SEQUENCE_AT, 1 << 60)
        sent = 0
        for source in ("127.127.1.1", "127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
                       "192.0.2.2"):
            network = bytearray(frame.network)
            network[12:16] = bytes(int(octet) for octet in source.split("."))
            for _ in range(3):
                tap.inject(frame._replace(network=bytes(network)).with_octets(bytes(octets)))
                sent += 1
        time.sleep(1)
        after = self.listener.status()
        self.assert_as_before(before, after)
        reached = after["refused"].get("bad_signature", 0) - before["refused"].get(
            "bad_signature", 0)
        seen(f"{sent} packets; {reached} passed the kernel and were refused as bad_signature")


class Cve2019Dash11331(Attack):
    """Queries of a fixed port are guessed easily."""

    def test_each_query_leaves_by_a_port_of_its_own(self):
        tap = self.tap(self.listening)
        self.listen()
        self.listener.await_state("synchronised", within=20)
        queries = []
        for _ in every(0.1, time.monotonic() + 6):
            queries += [packet for packet in tap.look() if packet.octets[0] & 7 == ntp.CLIENT]
        ports = {packet.source for packet in queries}
        self.assertGreater(len(queries), 5)
        self.assertGreaterEqual(len(ports), len(queries) - 1)  # two may meet by chance
        self.assertFalse(ports & {ntp.PLAIN_PORT, ntp.PRECISE_PORT})
        seen(f"{len(queries)} queries, {len(ports)} ports")


class Cve2018Dash8956(Attack):
    """Forged announcements and queries from the very start."""

    def test_a_listener_that_is_disturbed_from_its_start_synchronises(self):
        frame = self.announcement(self.tap(self.announcer.host))
        to_listener, to_announcer = self.tap(self.listening), self.tap(self.announcer.host)
        query = Socket(self.link.host())
        self.addCleanup(query.close)
        forged = bytearray(frame.octets)
        self.listen()
        deadline, ticks = time.monotonic() + 20, 0
        victim = None
        for _ in every(0.1, deadline):
            ticks += 1
            if ticks % 10 == 0:
                struct.pack_into("!Q", forged, TRANSMIT_AT, ntp.stamp_of(time.time()))
                struct.pack_into("!Q", forged, ntp.SEQUENCE_AT, 1 << 60 | ticks)
                to_listener.inject(frame.with_octets(bytes(forged)))
            for packet in to_listener.look():
                if packet.octets[0] & 7 == ntp.CLIENT:
                    victim = packet  # from now on asked for in its name
            if victim:
                to_announcer.inject(victim.with_octets(ntp.request()))
            if any(line.get("state") == "synchronised" for line in self.listener.lines):
                break
        took = self.listener.await_state("synchronised", within=1)["seen"]
        seen(f"synchronised {took - self.listener.started_at:.1f} s after its start")


class Cve2015Dash8139(Attack):
    """What a reply must repeat is told to nobody."""

    def test_no_status_shows_a_number_or_nonce_of_a_query(self):
        tap = self.tap(self.listening)
        self.listen()
        self.listener.await_state("synchronised", within=20)
        secrets = []
        for _ in every(0.1, time.monotonic() + 20):
            for packet in tap.look():
                if packet.octets[0] & 7 == ntp.CLIENT:
                    secrets += [packet.octets[40:48], packet.octets[-64:]]
            if len(secrets) > 5:
                break
        self.assertGreater(len(secrets), 5)
        shown = "".join(program.ask("status", *options).stdout
                        for program in (self.listener, self.announcer)
                        for options in ((), ("--json",))) + self.listener.log
        for secret in secrets:
            for text in (secret.hex(), base64.b64encode(secret).decode()[:-2],
                         str(int.from_bytes(secret, "big"))):
                self.assertNotIn(text, shown)
        seen(f"{len(secrets)} secrets, none shown")


class Cve2013Dash5211(Attack):
    """Monlist, and all else that would be amplified or answered without end (CVE-2009-3563)."""

    def test_control_and_private_packets_are_met_by_silence(self):
        monlist = bytes((0x17, 0, 3, 0x2A)) + bytes(4)
        readstat = bytes((0x16, 1, 0, 1)) + bytes(8)
        error = bytes((0x97, 0, 3, 0x2A, 0x40)) + bytes(3)
        packets = [packet.ljust(length, b"\0") for packet in (monlist, readstat, error)
                   for length in (8, 12, 48, 192)]
        packets.append(ntp.request(mode=1) + bytes(4))
        with Socket(self.link.host()) as client:
            for packet in packets:
                for port in (ntp.PLAIN_PORT, ntp.PRECISE_PORT):
                    client.send(packet, "192.0.2.1", port)
            answers = client.collect(1)
            self.assertEqual(answers, [])
            client.send(ntp.request(), "192.0.2.1", ntp.PLAIN_PORT)
            self.assertIsNotNone(client.receive(2))  # it is there
        seen(f"{2 * len(packets)} packets, 0 octets back")


class Restart(Attack):
    """A listener is restarted, and hears a record of what was announced before (CVE-2015-7973)."""

    takes_s = 35

    def record(self, seconds):
        """Frames of the precise stream."""
        tap = self.tap(self.announcer.host)
        frames = []
        for _ in every(0.1, time.monotonic() + seconds):
            tap.look()
            frames += [frame for (_, port, family), frame in tap.seen.items()
                       if port == ntp.PRECISE_PORT and family == 20 and frame not in frames]
        return frames

    def play(self, frames):
        tap = self.tap(self.listening)
        for frame, _ in zip(frames, every(1, time.monotonic() + len(frames))):
            tap.inject(frame.with_octets(frame.octets))

    def shifted(self, by_s):
        """The same announcer, with its clock set."""
        host = self.announcer.host
        return self.start(host.start, "timecast-shifted-announcer", "--island", "--state-dir",
                          host.state, environment={"TIMECAST_SHIFT": f"{by_s * 10**9},0,0"})

    def restarted(self, *options):
        self.listener.stop()
        return self.listen(*options)

    def test_a_record_is_not_heard_by_the_next_listener(self):
        for options in ((), ("--listen-only",)):
            with self.subTest(options=options):
                self.listen(*options)
                state = "tentative" if options else "synchronised"
                self.listener.await_state(state, within=20)
                frames = self.record(5)
                self.listener.await_line("to have heard more", lambda line:
                                         line["announcements"] > 2 * len(frames) + 4)
                with self.announcer.stopped():
                    self.restarted(*options)
                    self.listener.await_log("listening to")
                    self.play(frames)
                    status = self.listener.status()
                self.assertEqual((status["state"], status["announcements"], status["kept_out"]),
                                 ("searching", 0, len(frames)))
                seen(f"{len(frames)} of {len(frames)} kept out {' '.join(options)}")
                self.listener.await_state(state, within=20)  # the announcer itself is heard
                self.listener.stop()

    def test_an_announcer_whose_clock_was_set_back_meanwhile_is_heard_again(self):
        self.announcer.stop()
        ahead = self.shifted(3600)
        self.listen()
        self.listener.await_state("synchronised", within=20)
        key = self.listener.status()["key"]
        heard = self.listener.status()["announcements"]
        self.listener.await_line("to have heard more", lambda line:
                                 line["announcements"] > heard + 4)  # with an answer before
        self.listener.stop()
        ahead.stop()
        self.shifted(0)
        self.listen()
        self.listener.await_log(f"the clock of the key {key} was set back", within=20)
        self.listener.await_state("synchronised", within=20)
        status = self.listener.status()
        self.assertLess(abs(status["offset_s"]), 1)
        seen("heard again by its answer to a challenge, an hour earlier")

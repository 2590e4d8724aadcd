# SPDX-License-Identifier: MIT
"""Ten seconds of random and spoiled packets at every socket change nothing but counters.

TIMECAST_STORM_S and TIMECAST_SEED ask for another length and another seed.
"""

import contextlib
import os
import pathlib
import time
import unittest

import ntp
from lab import Link, run
from storm import HOPS, ControlNoise, Inbox, Spoiler, Tap, every
from udp import Socket

STORM_S = float(os.environ.get("TIMECAST_STORM_S", "10"))
WARM_UP_S = 2    # until buffers have their size
TICK_S = 0.01
A_TICK = 10      # packets to each daemon
FORGED_REPLIES = 20
ANSWER_S = 2
# A flood may displace what is true, and is another matter: the storm waits for whoever is slow.
MOST_UNREAD = 32 << 10
MORE_DESCRIPTORS = 10  # sockets of queries come and go
SEED = int(os.environ.get("TIMECAST_SEED", "20361"))
# A sanitizer keeps what was freed; it reports leaks itself.
MORE_OCTETS = 16 << 20 if "ASAN_OPTIONS" in os.environ else 256 << 10
PARTS = 10       # of the storm, between which memory is looked at
LEAST_SENT = 500 * STORM_S / PARTS  # in each: a quarter of what is usual
PATIENCE_S = 10   # with slow readers, in each

# What a status may say otherwise afterwards: counters, and what is measured all the time.
COUNTERS = {"time_s", "uptime_s", "sequence", "announcements", "plain_announcements",
            "stamps", "replies", "signed_replies", "interleaved_replies", "authenticated_replies",
            "refused", "queries", "exchanges", "unchecked_signatures", "kept_out", "unanswered",
            "askers", "query_spread_s"}
# Which stream of the followed announcer, by IPv4 or IPv6, is the quicker one is measured too: its key
# must stay.
MEASURED = {"lateness_s", "root_dispersion_s", "offset_s", "error_s", "bound_s", "frequency_ppb",
            "delay_s", "rtt_s", "valid_for_s", "interleaved", "announcer"}

# Why packets must have been refused, or the storm has missed.
BY_BOTH = {"too_short", "too_long", "length_not_multiple_of_four", "bad_version",
           "bad_field_length", "bad_mac_length", "bad_mode", "bad_source", "bad_announcement"}
BY_ANNOUNCER = BY_BOTH | {"rate_limited", "unknown_mac"}
BY_LISTENER = BY_BOTH | {"bad_destination", "bad_hop_limit", "no_announcement", "bad_signature",
                         "unknown_key", "duplicate", "unsolicited", "origin_mismatch"}


class Storm:
    """Whoever owns the switch, against an announcer, a listener, and one that hears the plain
    stream as well."""

    def __init__(self, link, announcer, listener, hearing):
        self.spoiler = Spoiler(SEED)
        self.random = self.spoiler.random
        self.at_announcer, self.at_listener = Tap(announcer.host), Tap(listener.host)
        self.at_hearing = Tap(hearing.host)
        self.stranger = Socket(link.host())
        programs = (announcer, listener, hearing)
        self.controls = [ControlNoise(program.control) for program in programs]
        self.inboxes = [Inbox(program) for program in programs]
        self.queries = []
        self.sent = 0

    def close(self):
        for each in (self.at_announcer, self.at_listener, self.at_hearing, self.stranger,
                     *self.controls):
            each.close()

    def blow(self, seconds):
        """So long, and what it waits for readers besides."""
        left = seconds / TICK_S
        for _ in every(TICK_S, time.monotonic() + 5 * seconds + PATIENCE_S):
            if any(inbox.unread() > MOST_UNREAD for inbox in self.inboxes):
                continue
            left -= 1
            if left < 0:
                break
            self.at_announcer.look()
            fresh = [packet for packet in self.at_listener.look()
                     if packet.octets[0] & 7 == ntp.CLIENT]
            self.queries = (self.queries + fresh)[-4:]
            for query in fresh:
                for _ in range(FORGED_REPLIES):
                    self.forge_reply(query)
            for _ in range(A_TICK):
                self.disturb_listener()
                self.disturb_announcer()
            self.disturb_hearing()
            self.send_large()
            for control in self.controls:
                control.send(self.spoiler.line())

    def lost(self):
        return sum(inbox.lost() for inbox in self.inboxes)

    def models(self, *modes):
        """What was seen of these modes, on either cable."""
        return [(kind, frame) for tap in (self.at_announcer, self.at_listener)
                for kind, frame in tap.seen.items() if kind[0] in modes]

    def spoiled(self, *models):
        return self.spoiler.packet([*models])

    def send(self, tap, frame, octets):
        tap.inject(frame.with_octets(octets, self.random.choice(HOPS)))
        self.sent += 1

    def forge_reply(self, query):
        """To the port of a query that waits, and with the number that it waits for."""
        replies = [frame.octets for _, frame in self.models(ntp.SERVER, ntp.BROADCAST)]
        known = [octets[:24] + query.octets[40:48] + octets[32:] for octets in replies]
        self.send(self.at_listener, query.reversed(), self.spoiled(*known, query.octets))

    def disturb_listener(self):
        groups = [frame for kind, frame in self.models(ntp.BROADCAST) if kind[1] == ntp.PRECISE_PORT]
        everything = [frame.octets for _, frame in self.models(*range(8))]
        if self.queries and self.random.random() < 0.3:
            self.forge_reply(self.random.choice(self.queries))
        elif groups:
            frame = self.random.choice(groups)
            frame = frame._replace(source=self.random.choice((frame.source, 0, 123, 40000)))
            self.send(self.at_listener, frame, self.spoiled(frame.octets, *everything))

    def disturb_announcer(self):
        requests = [frame for _, frame in self.models(ntp.CLIENT)]
        everything = [frame.octets for _, frame in self.models(*range(8))]
        if requests:
            frame = self.random.choice(requests)
            frame = frame._replace(source=self.random.choice((frame.source, 0, 53, 123, 40000)),
                                   to=self.random.choice((ntp.PLAIN_PORT, ntp.PRECISE_PORT)))
            self.send(self.at_announcer, frame,
                      self.spoiled(frame.octets, ntp.challenge(ntp.nonce()), *everything))

    def disturb_hearing(self):
        self.at_hearing.look()
        plain = [frame for kind, frame in self.models(ntp.BROADCAST) if kind[1] == ntp.PLAIN_PORT]
        if plain:
            frame = self.random.choice(plain)
            self.send(self.at_hearing, frame, self.spoiled(frame.octets))

    def send_large(self):
        """What no frame holds, and what is sent to everybody."""
        octets = self.random.randbytes(self.random.choice((1473, 2000, 9000, 40000)))
        address = self.random.choice(("192.0.2.1", "192.0.2.255", "255.255.255.255",
                                      ntp.PRECISE_GROUP, ntp.PLAIN_GROUP))
        self.stranger.send(octets, address,
                           self.random.choice((ntp.PLAIN_PORT, ntp.PRECISE_PORT)), hops=255)
        self.sent += 1


def memory_of(program):
    text = pathlib.Path(f"/proc/{program.pid}/status").read_text(encoding="ascii")
    return int(text.split("RssAnon:")[1].split()[0]) << 10


def steady_growth(memory):
    """Without the two parts that grew most: more clients at once than ever before, on a busy machine,
    are a step and no leak; what leaks does so again and again."""
    parts = sorted(later - earlier for earlier, later in zip(memory, memory[1:]))
    return sum(parts[:-2])


def lasting(status):
    """What a storm must not change."""
    return {name: value for name, value in status.items() if name not in COUNTERS | MEASURED}


@contextlib.contextmanager
def every_other_reply_is_lost(announcer):
    """So that forged ones come first. On the switch: it has left the announcer."""
    link = announcer.host.link.name
    for rule in ("add table netdev storm",
                 "add chain netdev storm lost { type filter hook ingress device "
                 f"{announcer.host.port} priority 0; }}",
                 f"add rule netdev storm lost udp sport {ntp.PRECISE_PORT} udp dport != "
                 f"{ntp.PRECISE_PORT} numgen inc mod 2 0 drop"):
        run("ip", "netns", "exec", link, "nft", rule)
    try:
        yield
    finally:
        run("ip", "netns", "exec", link, "nft", "delete table netdev storm")


class SteadyGrowth(unittest.TestCase):
    def test_two_steps_of_a_heap_are_none(self):
        self.assertEqual(steady_growth([0, 0, 200, 200, 200, 380, 380]), 0)

    def test_what_leaks_in_every_part_or_in_every_other_one_is(self):
        self.assertEqual(steady_growth([0, 64, 128, 192, 256]), 128)
        self.assertEqual(steady_growth([0, 200, 200, 400, 400, 600, 600, 800]), 400)


class BadPackets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.link = Link()
        cls.announcer = cls.link.host().announcer()
        cls.listener = cls.link.host().listener()
        cls.hearing = cls.link.host().listener("--hear", ntp.PLAIN_GROUP)
        cls.programs = (cls.announcer, cls.listener, cls.hearing)
        for listener in (cls.listener, cls.hearing):
            listener.await_state("synchronised", within=20)
        with contextlib.closing(Storm(cls.link, *cls.programs)) as storm, \
                every_other_reply_is_lost(cls.announcer):
            storm.blow(WARM_UP_S)
            cls.before = cls.look()
            memory, sent = [cls.memory()], [storm.sent]
            for _ in range(PARTS):
                storm.blow(STORM_S / PARTS)
                memory.append(cls.memory())
                sent.append(storm.sent)
            cls.after = cls.look()
            cls.lost = storm.lost()
        cls.memories = list(zip(*memory))
        cls.least_sent = min(later - earlier for earlier, later in zip(sent, sent[1:]))

    @classmethod
    def memory(cls):
        return [memory_of(program) for program in cls.programs]

    @classmethod
    def look(cls):
        return [{"status": program.status(), "log": program.log,
                 "states": program.of_type("state"),
                 "descriptors": len(os.listdir(f"/proc/{program.pid}/fd"))}
                for program in cls.programs]

    def check_each(self, check):
        """Of each program, what it was before and after. What is not signed is believed where it
        is asked for, so the last one is another matter."""
        for program, before, after in zip(self.programs[:2], self.before, self.after):
            with self.subTest(program=program.name, seed=SEED):
                check(before, after)

    def test_both_run_on_and_have_changed_no_state(self):
        for program in self.programs:
            self.assertTrue(program.runs(), program)
        for what in ("states", "log"):
            self.check_each(lambda before, after, what=what:
                            self.assertEqual(after[what], before[what]))

    def test_nothing_but_counters_has_changed(self):
        self.check_each(lambda before, after: self.assertEqual(lasting(after["status"]),
                                                               lasting(before["status"])))

    def test_neither_memory_nor_open_files_have_grown(self):
        self.assertGreater(self.least_sent, LEAST_SENT, "in a part of the storm")
        for program, memory in zip(self.programs, self.memories):
            with self.subTest(program=program.name, seed=SEED, memory=memory):
                self.assertLess(steady_growth(memory), MORE_OCTETS)
        self.check_each(lambda before, after: self.assertLess(
            after["descriptors"] - before["descriptors"], MORE_DESCRIPTORS))

    def test_who_hears_others_too_runs_on_by_what_is_signed(self):
        before, after = (looks[2] for looks in (self.before, self.after))
        self.assertTrue(self.hearing.runs(), self.hearing)
        self.assertEqual((after["status"]["state"], after["status"]["key"]),
                         ("synchronised", self.announcer.status()["key"]))
        self.assertLess(after["descriptors"] - before["descriptors"], MORE_DESCRIPTORS)

    def test_everything_was_read(self):
        self.assertEqual(self.lost, 0)

    def test_every_kind_of_fault_was_noticed(self):
        for expected, before, after in zip((BY_ANNOUNCER, BY_LISTENER), self.before, self.after):
            earlier, now = (each["status"]["refused"] for each in (before, after))
            missing = {reason for reason in expected if now.get(reason, 0) <= earlier.get(reason, 0)}
            self.assertEqual(missing, set())

    def test_afterwards_every_address_answers_and_the_listener_hears(self):
        with Socket(self.link.host()) as client:
            for port in (ntp.PLAIN_PORT, ntp.PRECISE_PORT):
                nonce = ntp.nonce()
                client.send(ntp.challenge(nonce), "192.0.2.1", port)
                self.assertTrue(ntp.is_signed(client.receive(ANSWER_S).octets, nonce))
        heard = self.after[1]["status"]["announcements"]
        line = self.listener.await_line("to hear more", lambda line: line["type"] == "estimate" and
                                        line["announcements"] >= heard + 2)
        self.assertEqual(line["state"], "synchronised")
        self.assertLess(abs(line["offset_s"]), line["bound_s"])

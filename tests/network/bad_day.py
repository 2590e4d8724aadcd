# SPDX-License-Identifier: MIT
"""Bad days: what goes wrong in a network, and what a listener makes of it.

Every host here has this machine's one clock, but the announcers announce another, ahead by a secret
offset at a secret rate: so it is known how far off each estimate was. A day is a function that
returns its Outcome; DAYS are all of them.
"""

import collections
import contextlib
import dataclasses
import struct
import time

import igmp
from keeper import Keeper
from lab import STATE, Link, run
from programs import BIN
from secret import Secret

RULER = "timecast-shifted-announcer"
BEFORE_S, AFTER_S = -2.5, 7  # of a timeline
WITHIN_S = 20  # for a first synchronisation
PAUSE_S = 5  # how long what is away is away: longer than three intervals
FORGETS_S = 5  # of the switch that forgets
SLEEPS_S = 20
SHORTLY_S = 3  # in which nothing is announced twice
WATCHED_S = 12  # how long it is watched afterwards that all stays well
LIE_NS = 2_000_000_000


OUTCOME_KEYS = ("day", "recovered_s", "worst_s", "bound_held", "fault")


@dataclasses.dataclass
class Outcome:
    day: str
    recovered_s: float  # from when it could recover until it had
    limit_s: float
    worst_s: float  # the largest error of all time that was given since it was synchronised first
    bound_held: bool  # in every line that has an offset
    said: str  # the state and reason meanwhile
    # What the listener said around the first recovery: seconds from when it could on, state, whom it
    # follows, and |offset - truth|, error and bound in seconds.
    timeline: list

    def as_dict(self):
        return dataclasses.asdict(self) | {"fault": self.fault}

    @property
    def fault(self):
        """What should have been otherwise, or nothing."""
        if self.recovered_s > self.limit_s:
            return f"recovered after {self.recovered_s:.1f} s, not within {self.limit_s:g} s"
        return "" if self.bound_held else "the bound was broken"


def hears(line):
    return line.get("state") == "synchronised" and line["reason"].startswith("announcements agree")


def both(line):
    """Two announcers count, and agree."""
    return (line.get("announcers"), line.get("disagreeing")) == (2, 0)


def only_asks(line):
    return line.get("state") == "synchronised" and "asked" in line["reason"]


class Day:
    """A link, an announcer with the secret clock, and a listener that is synchronised by it."""

    def __init__(self, addresses=("192.0.2.{}/24", "fd77::{}/64")):
        self.link = Link()
        self.addresses = addresses
        self.secret = Secret.draw()
        self.hosts = 0
        self.took = []
        self.could = None  # recover, for the first time

    def host(self, link=None):
        self.hosts += 1
        return (link or self.link).host([each.format(self.hosts) for each in self.addresses])

    def announce(self, host, ahead_ns=0, vouched=False):
        """An island; or, if somebody vouches for its clock, none."""
        secret = dataclasses.replace(self.secret, offset_ns=self.secret.offset_ns + ahead_ns)
        if not vouched:
            return host.announcer(program=RULER, environment=secret.environment)
        place = host.state / "clock"
        Keeper(place)
        return host.start(RULER, "--state-dir", host.state, environment={
            **secret.environment, "TIMECAST_CLOCK_SOCKET": str(place)})

    def begin(self, vouched=False, **keywords):
        self.announcing, self.listening = self.host(), self.host()
        self.announcer = self.announce(self.announcing, vouched=vouched)
        self.listen(self.listening, **keywords)
        return self

    def listen(self, host, **keywords):
        self.listener = host.listener(**keywords)
        self.listener.await_state("synchronised", within=WITHIN_S)
        self.settle()

    def settle(self):
        """Until it knows its delay and rate as on a day like any other."""
        time.sleep(PAUSE_S)

    # ---- What is measured ----

    @contextlib.contextmanager
    def recovers(self, accept=None, within=60):
        """From the end of what happens within until the listener is well again."""
        accept = accept or hears
        seen = len(self.listener.lines)
        yield
        since = time.monotonic()
        self.could = self.could or since
        line = self.listener.await_line(
            "to recover", lambda line: line["seen"] > since and accept(line), within, after=seen)
        self.took.append(line["seen"] - since)

    def await_silence(self, within=30):
        self.listener.await_line("to miss the announcements",
                                 lambda line: not hears(line), within,
                                 after=len(self.listener.lines))

    def off_by(self, line):
        return abs(line["offset_s"] - self.secret.truth(line["time_s"]))

    def timeline(self, lines):
        return [(line["seen"] - self.could, line["state"], line.get("announcer"),
                 self.off_by(line), line["error_s"], line["bound_s"])
                for line in lines if BEFORE_S < line["seen"] - self.could < AFTER_S]

    def repeated(self):
        """Where the announcer now sends more than it should."""
        since = time.time() - SHORTLY_S
        ways = collections.Counter((line["interface"], line["to"])
                                   for line in self.announcer.of_type("announcement")
                                   if line["time_s"] > since)
        return [way for way, count in ways.items() if count > SHORTLY_S + 1]

    def end(self, day, limit_s, said=""):
        time.sleep(SHORTLY_S)
        if self.repeated():
            raise AssertionError(f"{day}: announced too often: {self.repeated()}")
        lines = [line for line in self.listener.lines if "offset_s" in line]
        first = next(i for i, line in enumerate(lines) if line["state"] == "synchronised")
        # Who says that time is lost names none to be used.
        errors = [self.off_by(line) for line in lines[first:] if line["state"] != "lost"]
        broken = [line for line in lines if self.off_by(line) > line["bound_s"]]
        return Outcome(day, max(self.took), limit_s, max(errors), not broken, said,
                       self.timeline(lines))


# ---- Interfaces ----


def flap():
    """The cable is pulled, or the interface set down, on either side."""
    day = Day().begin()
    for host in (day.listening, day.announcing):
        with day.recovers():
            host.ip("link set eth0 down")
            day.await_silence()
            host.ip("link set eth0 up")
        day.settle()
    with day.recovers():
        day.link.ip(f"link set {day.announcing.port} down")
        day.await_silence()
        day.link.ip(f"link set {day.announcing.port} up")
    return day.end("flap", 6)


def renumber():
    """Both hosts get other addresses, the announcer first."""
    day = Day(("192.0.2.{}/24",)).begin()
    with day.recovers(lambda line: hears(line) and line["announcer"] == "192.0.2.101:11123"):
        day.announcing.ip("addr del 192.0.2.1/24 dev eth0")
        day.announcing.add_address("192.0.2.101/24")
    with day.recovers():
        day.listening.ip("addr del 192.0.2.2/24 dev eth0")
        time.sleep(PAUSE_S)  # DHCP is late
        day.listening.add_address("192.0.2.102/24")
    return day.end("renumber", 6)


def recreate():
    """The interface is destroyed and made again, with another index, on either side."""
    day = Day().begin()
    for number, host in enumerate((day.announcing, day.listening), 1):
        with day.recovers():
            host.unplug()
            day.await_silence()
            host.plug([each.format(number) for each in day.addresses])
        day.settle()
    return day.end("re-create", 6)


def suspended():
    """The listener's host sleeps, and its network is gone meanwhile."""
    day = Day()
    preload = BIN / "timecast-slept.so"
    if not preload.exists():  # the loader would only murmur, and nothing would sleep
        raise FileNotFoundError(preload)
    slept = STATE / "slept"
    STATE.mkdir(parents=True, exist_ok=True)
    slept.write_bytes(bytes(8))
    day.begin(environment={"LD_PRELOAD": str(preload),
                           "TIMECAST_SLEPT": str(slept)})
    port = day.listening.port
    with day.recovers():
        day.link.ip(f"link set {port} down")
        with day.listener.stopped():
            asleep = time.monotonic_ns()
            time.sleep(SLEEPS_S)
            with open(slept, "r+b") as file:  # in place: it is mapped
                file.write(struct.pack("=q", time.monotonic_ns() - asleep))
        day.link.ip(f"link set {port} up")
    return day.end("suspend and resume", 6)


# ---- Silence ----


def forgets():
    """A switch snoops, nobody queries, and the host has two members."""
    return forgets_in(Day(("192.0.2.{}/24",)), igmp.send_query, "switch forgets")


def forgets_ipv6():
    return forgets_in(Day(("fd77::{}/64",)), igmp.send_mld_query, "switch forgets, IPv6")


def forgets_in(day, send_query, name):
    day.begin()
    other = day.listening.start("timecast-listener", "watch")
    other.await_line("to hear", lambda line: line["type"] == "announcement")
    day.link.ip("link set br0 type bridge mcast_snooping 1 "
                f"mcast_membership_interval {FORGETS_S * 100}")
    time.sleep(0.5)  # at first the bridge would be the querier itself, and takes nobody else for one
    send_query(day.announcing)
    for _ in range(2):
        with day.recovers():
            day.await_silence()
        other.await_line("to hear again", lambda line: line["type"] == "announcement",
                         after=len(other.lines))
    day.listener.await_log("snoops memberships", within=120)
    return day.end(name, 20)


def filtered():
    """Multicast no longer comes through, unicast does: AP isolation, a filter."""
    day = Day(("192.0.2.{}/24",)).begin()
    with day.recovers(only_asks):
        day.link.ip(f"link set {day.listening.port} type bridge_slave mcast_flood off")
    said = day.listener.lines[-1]["reason"]
    time.sleep(100)  # two of its rare questions
    after = day.listener.lines[-1]
    if not only_asks(after):
        raise AssertionError(f"100 s after multicast was lost: {after['state']}, {after['reason']}")
    with day.recovers():
        day.link.ip(f"link set {day.listening.port} type bridge_slave mcast_flood on")
    return day.end("multicast filtered", 20, said)


# ---- Announcers ----


def replaced():
    """The announcer is killed. Another one, with a key of its own, takes its place."""
    day = Day().begin()
    with day.recovers():
        day.announcer.kill()
        day.await_silence()
        spare = day.announce(day.host())
        spare.await_line("to announce", lambda line: line["type"] == "announcement")
    return day.end("announcer replaced", 6)


def spare():
    """The announcer is killed. Another one has announced beside it all the time."""
    day = Day().begin()
    other = day.announce(day.host())
    day.listener.await_line("to hear both", both, WITHIN_S, after=len(day.listener.lines))
    day.settle()
    here = day.announcer if day.listener.status()["key"] == day.announcer.status()["key"] else other
    day.announcer = other if here is day.announcer else day.announcer
    with day.recovers(lambda line: hears(line) and line["key"] == day.announcer.status()["key"]):
        here.kill()
    return day.end("killed beside a spare", 4)


def liar():
    """A second announcer is two seconds ahead. Nobody can tell which lies; the first is kept.

    Its word counts as soon as it was asked: it is as well measured then.
    """
    day = Day().begin(vouched=True)
    first = day.listener.status()["key"]
    with day.recovers(lambda line: line.get("state") == "synchronised" and
                      line["key"] == first and "contradict" in line["reason"]):
        day.announce(day.host(), LIE_NS, vouched=True).await_line(
            "to announce", lambda line: line["type"] == "announcement")
    time.sleep(WATCHED_S)
    return day.end("second announcer lies by 2 s", 6)


def outvoted():
    """Of three announcers one is two seconds ahead: it is outvoted, and named."""
    day = Day().begin(vouched=True)
    day.announce(day.host(), vouched=True)
    with day.recovers(lambda line: line.get("state") == "synchronised" and
                      (line["announcers"], line["disagreeing"]) == (3, 1) and
                      "contradict" not in line["reason"]):
        day.announce(day.host(), LIE_NS, vouched=True).await_line(
            "to announce", lambda line: line["type"] == "announcement")
    time.sleep(WATCHED_S)
    return day.end("one of three lies by 2 s", 10)


def partition():
    """A cable between two switches is cut. There is an announcer on either side.

    Both are as good. The listener follows the one at the other end, since it has met that first.
    """
    day = Day()
    far = Link()
    run("ip", "link", "add", "across", "netns", day.link.name, "type", "veth", "peer", "name",
        "across", "netns", far.name)
    for link in (day.link, far):
        link.ip("link set across master br0 up")
    day.announcing, near = day.host(), day.host(far)
    day.announcer = day.announce(day.announcing, vouched=True)
    day.listen(day.host(far))
    across = day.listener.status()["key"]
    day.announce(near, vouched=True)
    day.listener.await_line("to hear both", both, WITHIN_S, after=len(day.listener.lines))
    with day.recovers(lambda line: hears(line) and line["key"] != across):
        day.link.ip("link set across down")
    time.sleep(WATCHED_S)
    with day.recovers(lambda line: hears(line) and both(line)):
        day.link.ip("link set across up")
    time.sleep(WATCHED_S)
    return day.end("partition and heal", 6)


def ipv6_only():
    """No IPv4 anywhere; the listener's interface flaps, too."""
    day = Day(("fd77::{}/64",)).begin()
    with day.recovers():
        day.listening.ip("link set eth0 down")
        day.await_silence()
        day.listening.ip("link set eth0 up")
    return day.end("IPv6 only", 6)


DAYS = {
    "flap": flap,
    "renumber": renumber,
    "re-create": recreate,
    "suspend": suspended,
    "forgets": forgets,
    "forgets-ipv6": forgets_ipv6,
    "filtered": filtered,
    "replaced": replaced,
    "spare": spare,
    "liar": liar,
    "outvoted": outvoted,
    "partition": partition,
    "ipv6-only": ipv6_only,
}

# SPDX-License-Identifier: MIT
"""Who announces, and how well: the state that lines leave behind.

A *source* is one stream from one address. An *announcer* is a key, heard from however many
addresses, or an address that signs nothing. What somebody signed badly is a source of its own: its
key is a claim.

Times (`at`, `now`) are seconds of any one clock of the caller's.
"""

import collections
import ipaddress
import itertools
import statistics
from typing import NamedTuple

from timecast_monitor import lines

MOST_SOURCES = 256  # strangers can invent addresses; they cannot fill our memory
MOST_ALARMS = 200
MOST_GROUPS = 256
MOST_ANNOUNCEMENTS = 4096  # of a source, that are remembered
RECENT = 60  # announcements of a source from which loss is known
SMOOTHED = 5  # announcements whose median is the offset shown: one late packet is no news
LEAST_SILENCE_S = 3.0
SILENT_INTERVALS = 3
MARGIN_S = 0.5  # for their jitter and our own delay
PAST_S = 3600.0  # silent for so long it is no announcer any more: an old key or address
ALARM_LASTS_S = 60.0
ESTIMATE_LASTS_S = 10.0  # without another the listener is gone: two askings have failed
NOWHERE = "-"  # the listener's interface while it waits for one
JITTER_OF = 60  # offsets
LEAST_FOR_JITTER = 3
GOOD_NEWS = ("heard-again", "synchronised")
ALARMS = ("second-announcer", "step", "backwards", "stratum", "leap", "key", "silence",
          "bad-signature", "unsynchronised", *GOOD_NEWS)
# Alarms that leave no mark at a source: its conditions tell them, for as long as they last.
CONDITIONS = {"unsynchronised", "bad-signature", "second-announcer", *GOOD_NEWS}


class Source:
    def __init__(self, announcement):
        self.address = announcement.address
        self.interface = announcement.interface
        self.stream = announcement.stream
        self.key = announcement.key
        self.is_forged = announcement.signature == "bad"
        self.heard = 0
        self.last = announcement
        self.heard_at = 0.0
        self.offsets = collections.deque(maxlen=MOST_ANNOUNCEMENTS)
        self.losses = collections.deque(maxlen=RECENT)
        self.alarms = {}  # name: when
        self.is_missed = False  # by the listener, which may be less patient than we

    def observe(self, announcement, at):
        self.heard += 1
        self.last = announcement
        self.heard_at = at
        self.is_missed = False
        self.losses.append(announcement.lost)
        if announcement.offset_s is not None and self.is_synchronised:
            self.offsets.append(announcement.offset_s)

    def recent_offsets(self, depth):
        return list(itertools.islice(reversed(self.offsets), depth))

    @property
    def jitter_s(self):
        """How far an offset is from the others, by the median; None if there are too few."""
        recent = self.recent_offsets(JITTER_OF)
        if len(recent) < LEAST_FOR_JITTER:
            return None
        middle = statistics.median(recent)
        return statistics.median(abs(offset - middle) for offset in recent)

    @property
    def identity(self):
        return self.address, self.interface, self.stream, self.key, self.is_forged

    @property
    def is_signed(self):
        return self.last.signature == "good" and self.key is not None

    @property
    def is_synchronised(self):
        return self.last.leap != "unsynchronised" and 0 < self.last.stratum < 16

    @property
    def announcer(self):
        """Whose source this is."""
        return (self.key,) if self.is_signed else (self.address, self.interface)

    @property
    def loss(self):
        """Of its recent announcements, the part that did not arrive; None if nobody can know."""
        if self.stream != "precise":
            return None
        lost = sum(self.losses)
        return lost / (lost + len(self.losses))

    @property
    def patience_s(self):
        """After this time without a packet it counts as silent."""
        intervals_s = SILENT_INTERVALS * (self.last.interval_s or 0)
        return max(LEAST_SILENCE_S, intervals_s) + MARGIN_S

    def on_alarm(self, name, at):
        if name == "silence":
            self.is_missed = True
        elif name not in CONDITIONS:
            self.alarms[name] = at

    def is_silent(self, now):
        return self.is_missed or now - self.heard_at > self.patience_s

    def is_past(self, now):
        return now - self.heard_at > max(PAST_S, self.patience_s)

    def counts(self, now):
        """Whether its offset says something about an announcer's clock now."""
        return (self.is_synchronised and not self.is_forged and bool(self.offsets)
                and not self.is_silent(now))

    def conditions(self, now):
        """What is wrong with it now, in words, the worst first."""
        found = []
        if self.is_forged:
            found.append("bad signature")
        if self.is_silent(now):
            found.append("silent")
        if not self.is_synchronised:
            found.append("unsynchronised")
        found += [name for name, at in self.alarms.items() if now - at < ALARM_LASTS_S]
        return tuple(found)

    def order(self):
        try:
            address = ipaddress.ip_address(self.address.partition("%")[0])
            place = (address.version, int(address))
        except ValueError:
            place = (0, 0)
        return (*place, self.address, self.interface, self.stream, self.key or "", self.is_forged)


class Row(NamedTuple):
    """A source at one moment."""

    address: str
    interface: str
    key: str | None
    stream: str
    stratum: int
    reference: str
    leap: str
    interval_s: float | None
    loss: float | None
    offset_s: float | None  # to this host
    to_median_s: float | None  # to the median of all announcers
    age_s: float
    conditions: tuple
    heard: int
    identity: tuple  # of the source
    announcer: tuple  # whose it is
    last_s: float  # Unix time of its last announcement
    jitter_s: float | None
    recent: tuple  # offsets, the latest last


class View(NamedTuple):
    """Everything at one moment."""

    time_s: float  # Unix time by the lines; 0 before the first
    span_s: float  # since the first
    rows: tuple
    rows_ever: tuple  # with those of sources that were silent for an hour
    announcers: int
    announcers_ever: int
    announcements: int
    alarms: tuple  # latest last
    alarm_count: int
    hearing: tuple
    deaf: tuple
    packets: int
    last_packet: lines.Packet | None
    broken: int
    last_broken: str
    host_synchronised: bool | None
    alarm_counts: dict  # by name
    estimate: lines.Estimate | None  # of the listener that runs here
    unanswered_s: float | None = None  # of one that ran here and says no more: for how long
    served: str = ""  # where the page is

    def whole(self):
        """For what tells of all that was heard, however long ago."""
        return self._replace(rows=self.rows_ever, announcers=self.announcers_ever)

    @property
    def past(self):
        """The rows that are left out."""
        shown = {row.identity for row in self.rows}
        return tuple(row for row in self.rows_ever if row.identity not in shown)


class Network:
    def __init__(self):
        self.sources = {}
        self.alarms = collections.deque(maxlen=MOST_ALARMS)
        self.alarm_count = 0
        self.alarm_counts = collections.Counter()
        self.estimate = None
        self.estimate_at = None
        self.announcements = 0
        self.groups = {}  # (interface, group, port): whether it is heard
        self.packets = 0
        self.last_packet = None
        self.broken = 0
        self.last_broken = ""
        self.good = 0
        self.host_synchronised = None
        self.time_s = 0.0
        self.first_at = None
        self.last_at = None

    # ---- What happened ----

    def on_broken_line(self, why):
        self.broken += 1
        self.last_broken = why

    def observe(self, record, at):
        self.good += 1
        self.time_s = record.time_s
        self.last_at = at
        if self.first_at is None:
            self.first_at = at
        if isinstance(record, lines.Announcement):
            self._on_announcement(record, at)
        elif isinstance(record, lines.Alarm):
            self._on_alarm(record, at)
        elif isinstance(record, lines.Packet):
            self.packets += 1
            self.last_packet = record
        elif isinstance(record, lines.Hearing):
            self._on_hearing(record)
        elif isinstance(record, lines.Estimate):
            self.estimate, self.estimate_at = record, at

    def _on_announcement(self, announcement, at):
        self.announcements += 1
        if announcement.host_synchronised is not None:
            self.host_synchronised = announcement.host_synchronised
        identity = (announcement.address, announcement.interface, announcement.stream,
                    announcement.key, announcement.signature == "bad")
        if identity not in self.sources:
            self._make_room()
            self.sources[identity] = Source(announcement)
        self.sources[identity].observe(announcement, at)

    def _make_room(self):
        if len(self.sources) >= MOST_SOURCES:
            # Whoever is heard once and never again goes before those that are heard often.
            del self.sources[min(self.sources, key=lambda each: (self.sources[each].heard > 1,
                                                                 self.sources[each].heard_at))]

    def _on_alarm(self, alarm, at):
        self.alarms.append(alarm)
        self.alarm_count += 1
        self.alarm_counts[alarm.alarm if alarm.alarm in ALARMS else "other"] += 1
        for source in self.sources.values():
            if not source.is_forged and (source.address, source.interface, source.key) == (
                    alarm.address, alarm.interface, alarm.key):
                source.on_alarm(alarm.alarm, at)

    def _on_hearing(self, hearing):
        if hearing.interface != NOWHERE:
            self.groups = {group: state for group, state in self.groups.items()
                           if state.interface != NOWHERE}
        group = (hearing.interface, hearing.group, hearing.port)
        if group in self.groups or len(self.groups) < MOST_GROUPS:
            self.groups[group] = hearing

    # ---- What is so ----

    def why_unreadable(self):
        """If nothing that came could be read; else None."""
        if self.good or not self.broken:
            return None
        lines_read = "1 line" if self.broken == 1 else f"{self.broken} lines"
        return (f"none of {lines_read} could be read, the last: {self.last_broken}; is this "
                "`timecast-listener watch --json`?")

    def offsets(self, now, depth):
        """Of each announcer that counts now: the median of its last `depth` offsets of each source.

        Returns {announcer: (offset in seconds, a source of it)}.
        """
        pools = {}
        for source in self.ordered():
            if source.counts(now):
                pool, _ = pools.setdefault(source.announcer, ([], source))
                pool.extend(source.recent_offsets(depth))
        return {who: (statistics.median(pool), source) for who, (pool, source) in pools.items()}

    @staticmethod
    def announcers(sources):
        """All that are announcers by their own word; an address that also signs is none twice."""
        honest = [source for source in sources if not source.is_forged]
        signed = {(source.address, source.interface) for source in honest if source.is_signed}
        return {source.announcer for source in honest
                if source.is_signed or source.announcer not in signed}

    def _unanswered_s(self, now):
        """For how long the listener has said nothing, if that is so long that it is gone."""
        if self.estimate is None or now - self.estimate_at <= ESTIMATE_LASTS_S:
            return None
        return now - self.estimate_at

    def ordered(self):
        return sorted(self.sources.values(), key=Source.order)

    def view(self, now):
        median = median_of(self.offsets(now, SMOOTHED))
        groups = [self.groups[group] for group in sorted(self.groups)]
        passed_s = now - self.last_at if self.good else 0.0
        unanswered_s = self._unanswered_s(now)
        rows = {source: _row(source, median, now) for source in self.ordered()}
        present = {source: row for source, row in rows.items() if not source.is_past(now)}
        return View(
            self.time_s + passed_s, now - self.first_at if self.good else 0.0,
            tuple(present.values()), tuple(rows.values()), len(self.announcers(present)),
            len(self.announcers(rows)), self.announcements, tuple(self.alarms), self.alarm_count,
            tuple(group for group in groups if group.state != "deaf"),
            tuple(group for group in groups if group.state == "deaf"),
            self.packets, self.last_packet, self.broken, self.last_broken, self.host_synchronised,
            dict(self.alarm_counts), self.estimate if unanswered_s is None else None, unanswered_s)


def are_alone(offsets):
    """One announcer may have more than one stream; it is no witness of itself."""
    return len({source.address for _, source in offsets.values()}) < 2


def median_of(offsets):
    """The median of all announcers, of those that sign if any does; None if there are no two."""
    if are_alone(offsets):
        return None
    signed = [offset for offset, source in offsets.values() if source.is_signed]
    return statistics.median(signed or [offset for offset, _ in offsets.values()])


def _row(source, median, now):
    last = source.last
    offset = statistics.median(source.recent_offsets(SMOOTHED)) if source.counts(now) else None
    return Row(source.address, source.interface, source.key, source.stream, last.stratum,
               last.reference, last.leap, last.interval_s, source.loss, offset,
               offset - median if None not in (offset, median) else None,
               max(now - source.heard_at, 0.0), source.conditions(now), source.heard,
               source.identity, source.announcer, last.time_s,
               None if offset is None else source.jitter_s,
               () if source.is_forged else tuple(reversed(source.recent_offsets(JITTER_OF))))

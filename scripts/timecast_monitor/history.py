# SPDX-License-Identifier: MIT
"""How offsets went over time: what plots are made of. However long it lasts, it stays small."""

import collections
from typing import NamedTuple

from timecast_monitor import lines

MOST_POINTS = 720  # of a trace
MOST_SOURCES = 8  # that are told apart in a plot
FORGOTTEN_S = 60.0  # a source that was silent for so long gives its place to another


class Point(NamedTuple):
    """What a value was for a while; `weight` observations became one."""

    time_s: float
    value: float
    low: float
    high: float
    weight: int = 1


def _merged(first, second):
    weight = first.weight + second.weight
    value = (first.value * first.weight + second.value * second.weight) / weight
    return Point(first.time_s, value, min(first.low, second.low), max(first.high, second.high),
                 weight)


class Trace:
    """One value. With a window it knows that much of the past, without it all, ever coarser."""

    def __init__(self, window_s=None):
        self._window_s = window_s
        self._coarse = 1  # observations in a point
        self.points = collections.deque()

    def add(self, time_s, value):
        new = Point(time_s, value, value, value)
        if self.points and self.points[-1].weight < self._coarse:
            self.points[-1] = _merged(self.points[-1], new)
        else:
            self.points.append(new)
        if self._window_s is not None:
            while abs(time_s - self.points[0].time_s) > self._window_s:
                self.points.popleft()
        if len(self.points) > MOST_POINTS:
            self._thin()

    def _thin(self):
        if self._window_s is not None:
            self.points.popleft()
            return
        self._coarse *= 2
        pairs = list(self.points)
        thin = [_merged(*pair) for pair in zip(pairs[::2], pairs[1::2])]
        self.points = collections.deque(thin + pairs[len(thin) * 2:])


class History:
    def __init__(self, window_s=None):
        self._window_s = window_s
        self.sources = {}  # identity: (number in the plot, trace of its offset)
        self.offset = Trace(window_s)  # of the listener's own estimate
        self.error = Trace(window_s)
        self.bound = Trace(window_s)

    def observe(self, record):
        if isinstance(record, lines.Announcement):
            self._on_announcement(record)
        elif isinstance(record, lines.Estimate) and record.bound_s is not None:
            for trace, value in ((self.offset, record.offset_s), (self.error, record.error_s),
                                 (self.bound, record.bound_s)):
                if value is not None:
                    trace.add(record.time_s, value)

    def _on_announcement(self, record):
        if record.signature == "bad" or record.offset_s is None:
            return
        if record.leap == "unsynchronised" or not 0 < record.stratum < 16:
            return
        identity = (record.address, record.interface, record.stream, record.key, False)
        if identity not in self.sources and not self._make_room(identity, record.time_s):
            return
        self.sources[identity][1].add(record.time_s, record.offset_s)

    def _make_room(self, identity, now_s):
        taken = {number for number, _ in self.sources.values()}
        free = next((number for number in range(MOST_SOURCES) if number not in taken), None)
        if free is None:
            oldest = min(self.sources, key=lambda each: self.sources[each][1].points[-1].time_s)
            number, trace = self.sources[oldest]
            if abs(now_s - trace.points[-1].time_s) < FORGOTTEN_S or self._window_s is None:
                return False
            del self.sources[oldest]
            free = number
        self.sources[identity] = (free, Trace(self._window_s))
        return True

    def number_of(self, identity):
        """Its number in the plot, or None."""
        return self.sources[identity][0] if identity in self.sources else None

# SPDX-License-Identifier: MIT
"""Plots as HTML: a drawing that stretches, and its axes as text that does not.

Nothing in it comes from a packet. Colours and dashes are the page's, by class.
"""

import math
import time
from typing import NamedTuple

from timecast_monitor import spans

WIDTH, HEIGHT = 1000, 300  # of the drawing's own units
MOST_STEPS = 5
GAP_S = 20.0  # after this time, or ten of its usual intervals, a line is broken
OUTLIERS = 0.05  # of the points at either end, which need not all be in a plot
FAR = 3  # times the range of the others, from there on they are not
WHEN = "%H:%M:%S"


class Line(NamedTuple):
    style: str  # a class
    points: tuple  # of history.Point


class Band(NamedTuple):
    style: str
    points: tuple  # (time_s, low, high)


class Axis(NamedTuple):
    """From `low` in `steps` equal steps; of a logarithm these are decades."""

    low: float
    step: float
    steps: int
    is_log: bool = False

    def place(self, value):
        """0 at the bottom, 1 at the top, and nothing beyond."""
        if self.is_log:
            value = math.log10(max(value, 1e-12))
        return min(max((value - self.low) / (self.step * self.steps), -0.02), 1.02)

    def labels(self):
        values = [self.low + self.step * number for number in range(self.steps + 1)]
        if self.is_log:
            return [spans.show(10 ** value) for value in values]
        return [self._label(value) for value in values]

    def _label(self, value):
        """All of an axis have one unit, and as many digits as its steps need."""
        if abs(value) < self.step / 2:
            return "0"
        farthest = max(abs(self.low), abs(self.low + self.step * self.steps))
        unit, name = spans.unit_of(farthest)
        digits = max(-math.floor(math.log10(self.step / unit) + 1e-9), 0)
        return f"{value / unit:+.{digits}f} {name}"


def _nice(step):
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * factor for factor in (1, 2, 5, 10) if step <= power * factor * 1.0001)


def _most_of(values):
    """The range of all, but for a few that are far from the others."""
    ordered = sorted(values)
    outside = int(len(ordered) * OUTLIERS)
    low, high = ordered[outside], ordered[-1 - outside]
    room = FAR * (high - low)
    return max(ordered[0], low - room), min(ordered[-1], high + room)


def linear_axis(values):
    low, high = _most_of(values)
    room = max((high - low) * 0.1, 1e-7)
    low, high = low - room, high + room
    step = _nice((high - low) / MOST_STEPS)
    first = math.floor(low / step)
    return Axis(first * step, step, max(math.ceil(high / step) - first, 1))


def log_axis(values):
    low, high = _most_of([max(value, 1e-9) for value in values])
    first = math.floor(math.log10(low))
    return Axis(first, 1, max(math.ceil(math.log10(high)) - first, 1), True)


# ---- The drawing ----


def _pieces(points):
    """Runs of points without a gap between them."""
    gaps = sorted(after[0] - before[0] for before, after in zip(points, points[1:]))
    longest = max(GAP_S, 10 * gaps[len(gaps) // 2]) if gaps else GAP_S
    pieces = []
    for point in points:
        if not pieces or not 0 <= point[0] - pieces[-1][-1][0] <= longest:
            pieces.append([])
        pieces[-1].append(point)
    return pieces


class _Drawing:
    def __init__(self, axis, first_s, last_s):
        self._axis = axis
        self._first_s = first_s
        self._span_s = max(last_s - first_s, 1e-3)

    def at(self, time_s, value):
        x = WIDTH * (time_s - self._first_s) / self._span_s
        return f"{x:.0f} {HEIGHT * (1 - self._axis.place(value)):.0f}"

    def line(self, line):
        path = ""
        for piece in _pieces(line.points):
            spots = [self.at(point.time_s, point.value) for point in piece]
            path += "M" + "L".join(spots if len(spots) > 1 else spots * 2)
        return f'<path class="line {line.style}" d="{path}"/>'

    def band(self, band):
        path = ""
        for piece in _pieces(band.points):
            upper = [self.at(time_s, high) for time_s, _, high in piece]
            lower = [self.at(time_s, low) for time_s, low, _ in reversed(piece)]
            path += "M" + "L".join(upper + lower) + "Z"
        return f'<path class="band {band.style}" d="{path}"/>'

    def grid(self):
        path = "".join(f"M0 {HEIGHT * number / self._axis.steps:.0f}h{WIDTH}"
                       for number in range(self._axis.steps + 1))
        return f'<path class="grid" d="{path}"/>'

    def zero(self):
        if self._axis.is_log:
            return ""
        return f'<path class="zero" d="M{self.at(self._first_s, 0.0)}h{WIDTH}"/>'


def spread(line):
    """Where points are of many observations, from the least to the greatest."""
    points = tuple((each.time_s, each.low, each.high) for each in line.points if each.weight > 1)
    return [Band(f"{line.style} faint", points)] if points else []


def _clock(time_s, span_s):
    if not 0 <= time_s < 1e11:
        return "?"
    return time.strftime(WHEN if span_s < 86400 else "%d %b %H:%M", time.localtime(time_s))


def chart(name, axis, lines, bands=()):
    """`name` is what it shows, for who cannot see it."""
    bands = [*[band for line in lines for band in spread(line)], *bands]
    times = [point[0] for each in (*lines, *bands) for point in each.points]
    first_s, last_s = min(times), max(times)
    drawing = _Drawing(axis, first_s, last_s)
    shapes = [drawing.grid(), drawing.zero(), *map(drawing.band, bands), *map(drawing.line, lines)]
    labels = "".join(f"<span>{label}</span>" for label in reversed(axis.labels()))
    span_s = last_s - first_s
    moments = "".join(f"<span>{_clock(first_s + span_s * part, span_s)}</span>"
                      for part in (0, 0.5, 1))
    return (f'<div class="plot"><div class="ylabels" aria-hidden="true">{labels}</div>'
            f'<svg role="img" aria-label="{name}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'preserveAspectRatio="none">{"".join(shapes)}</svg>'
            f'<div class="xlabels" aria-hidden="true">{moments}</div></div>')

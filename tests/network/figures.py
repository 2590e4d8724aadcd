# SPDX-License-Identifier: MIT
"""Numbers for people."""

import math


def percentile(values, percent):
    """The smallest value that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]


def one_percent(values):
    """So many of them, one at least, may lie beyond what holds for 99 %."""
    return math.ceil(len(values) / 100)


def microseconds(seconds):
    return f"{seconds * 1e6:.1f} us"


def line_of(estimate):
    """One of them, to see what became of it."""
    return (f"{estimate['seen']:.1f}  offset {microseconds(estimate['offset_s'])}  "
            f"error {microseconds(estimate['error_s'])}  by {estimate['announcer']}  "
            f"announcements {estimate['announcements']}  exchanges {estimate['exchanges']}")


def summary(estimates, truth=lambda line: 0):
    """How far some estimates were from the truth, and what they promised."""
    off = [abs(line["offset_s"] - truth(line)) for line in estimates]
    errors = [line["error_s"] for line in estimates]
    bounds = [line["bound_s"] for line in estimates]
    return (f"{len(estimates)} estimates; off by p50 {microseconds(percentile(off, 50))}, "
            f"p99 {microseconds(percentile(off, 99))}, worst {microseconds(max(off))}; "
            f"error p50 {microseconds(percentile(errors, 50))}, worst {microseconds(max(errors))}; "
            f"bound p50 {microseconds(percentile(bounds, 50))}, worst {microseconds(max(bounds))}")

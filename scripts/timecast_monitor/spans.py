# SPDX-License-Identifier: MIT
"""Spans of time as people write and read them: 500us, +12.3 us."""

import re
from decimal import Decimal

EXPONENTS = {"s": 0, "ms": -3, "us": -6, "\u00b5s": -6, "ns": -9, "": 0}
LONGEST_S = 1e6
# (from here on the next unit is used, the unit, its name)
_SCALE = ((999.5e-9, 1e-9, "ns"), (999.5e-6, 1e-6, "us"), (999.5e-3, 1e-3, "ms"),
          (9999.5, 1.0, "s"), (999.5 * 3600, 3600.0, "h"), (999.5 * 86400, 86400.0, "d"))
_YEAR = (31_557_600.0, "y")
_WRITTEN = re.compile(r"(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(e[+-]?[0-9]{1,3})? ?([a-z\u00b5]*)",
                      re.ASCII)


def unit_of(seconds):
    """A unit that fits: (its seconds, its name)."""
    return next(((unit, name) for limit, unit, name in _SCALE if abs(seconds) < limit), _YEAR)


def show(seconds, sign=""):
    """With three digits and a unit that fits: 12.3 us, 1.05 ms, 4 h."""
    unit, name = unit_of(seconds)
    value = round(seconds / unit, 3) + 0.0  # no -0
    if abs(value) >= 999.5:
        return f"{value:{sign}.0f} {name}"
    return f"{value:{sign}.3g} {name}"


def read(text):
    """The seconds of a span above 0. Raises ValueError, whose text says what was expected."""
    written = _WRITTEN.fullmatch(text)
    exponent = EXPONENTS.get(written[3]) if written else None
    if exponent is None:
        raise ValueError(f'"{text}" is no span of time; write it like 1ms, 500us or 0.001')
    seconds = float(Decimal(written[1] + (written[2] or "")).scaleb(exponent))
    if not 0 < seconds <= LONGEST_S:
        raise ValueError(f'"{text}" is out of range (above 0, at most {LONGEST_S:.0f} s)')
    return seconds


def decimal(seconds):
    """Seconds without an exponent, to the nanosecond: what machines read everywhere."""
    return f"{round(seconds, 9) + 0.0:.9f}".rstrip("0").rstrip(".")

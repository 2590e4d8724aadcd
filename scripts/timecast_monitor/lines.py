# SPDX-License-Identifier: MIT
"""The lines of `timecast-listener watch --json` and `run --json`: text in, records out.

Types of lines and keys that are not known here are passed over: a newer listener may say more. A
line that is not what it claims to be raises BrokenLine, whose text says why.
"""

import json
import math
from typing import NamedTuple

SCHEMA = 1
LONGEST_TEXT = 500
MOST_REFUSALS = 64
LONGEST_SPAN_S = 1e12  # no clock is further off; differences of such stay finite
LEAPS = ("none", "insert", "delete", "unsynchronised")


class BrokenLine(ValueError):
    pass


class Announcement(NamedTuple):
    """One packet that announces the time. What may be None is unknown."""

    time_s: float
    interface: str
    address: str
    leap: str
    stratum: int
    offset_s: float | None  # announcer minus this host
    interval_s: float | None
    stream: str = "plain"
    key: str | None = None
    signature: str = "none"
    lost: int = 0  # announcements missing right before this one
    reference: str = ""
    host_synchronised: bool | None = None


class Alarm(NamedTuple):
    time_s: float
    alarm: str
    text: str
    interface: str = ""
    address: str = ""
    key: str | None = None


class Packet(NamedTuple):
    """Something else that came to the same place."""

    time_s: float
    interface: str
    address: str
    reason: str = ""


class Hearing(NamedTuple):
    """Whether a group can be heard at all."""

    time_s: float
    state: str
    interface: str = ""
    group: str = ""
    port: int = 0
    reason: str = ""


class Estimate(NamedTuple):
    """What a running listener says of the time it has; None is what it does not know."""

    time_s: float
    state: str
    reason: str = ""
    offset_s: float | None = None  # announcer minus this host
    error_s: float | None = None
    bound_s: float | None = None
    frequency_ppb: float | None = None
    announcer: str = ""
    announcements: int = 0
    refused: dict = {}  # by verdict, since it started
    announcers: int = 0  # that it hears
    disagreeing: int = 0  # of these, with the one that it follows
    dissenter: str = ""  # the one that is furthest off, and by how much
    dissent_s: float | None = None


class Other(NamedTuple):
    """A line that is well formed and says nothing to this program."""

    time_s: float
    type: str


# ---- One value ----


def printable(text):
    """What strangers put into packets must neither move a cursor nor shift a column."""
    return "".join(c if " " <= c <= "~" else "?" for c in text[:LONGEST_TEXT])


def _text(value):
    if not isinstance(value, str):
        raise BrokenLine("no text")
    return printable(value)


def _number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BrokenLine("no number")
    if not math.isfinite(value):
        raise BrokenLine("no finite number")
    return float(value)


def _count(value):
    number = _number(value)
    if number < 0 or number != int(number):
        raise BrokenLine("no count")
    return int(number)


def _flag(value):
    if not isinstance(value, bool):
        raise BrokenLine("neither true nor false")
    return value


def _leap(value):
    if value not in LEAPS:
        raise BrokenLine(f"none of {', '.join(LEAPS)}")
    return value


def _span(value):
    number = _number(value)
    if abs(number) > LONGEST_SPAN_S:
        raise BrokenLine("out of range")
    return number


def _interval(value):
    number = _number(value)
    return number if number > 0 else None


def _counts(value):
    if not isinstance(value, dict) or len(value) > MOST_REFUSALS:
        raise BrokenLine("no counts by name")
    return {printable(name): _count(count) for name, count in value.items()}


# ---- One line: of each type, its record, and the keys with the members they fill ----

_FROM = (("interface", "interface", _text), ("from", "address", _text))
_TYPES = {
    "announcement": (Announcement, (
        *_FROM, ("leap", "leap", _leap), ("stratum", "stratum", _count),
        ("offset_s", "offset_s", _span), ("interval_s", "interval_s", _interval),
        ("stream", "stream", _text), ("key", "key", _text), ("signature", "signature", _text),
        ("lost", "lost", _count), ("reference_id", "reference", _text),
        ("host_synchronised", "host_synchronised", _flag))),
    "alarm": (Alarm, (
        ("alarm", "alarm", _text), ("text", "text", _text), *_FROM, ("key", "key", _text))),
    "packet": (Packet, (*_FROM, ("reason", "reason", _text))),
    "state": (Hearing, (
        ("state", "state", _text), ("interface", "interface", _text), ("group", "group", _text),
        ("port", "port", _count), ("reason", "reason", _text))),
    "estimate": (Estimate, (
        ("state", "state", _text), ("reason", "reason", _text), ("offset_s", "offset_s", _span),
        ("error_s", "error_s", _span), ("bound_s", "bound_s", _span),
        ("frequency_ppb", "frequency_ppb", _number), ("announcer", "announcer", _text),
        ("announcements", "announcements", _count), ("refused", "refused", _counts),
        ("announcers", "announcers", _count), ("disagreeing", "disagreeing", _count),
        ("dissenter", "dissenter", _text), ("dissent_s", "dissent_s", _span))),
}
_NEED_NOT_BE_KNOWN = ("offset_s", "interval_s")  # null is an answer, no key is none


def _value(content, key, convert):
    try:
        return convert(content[key])
    except BrokenLine as broken:
        raise BrokenLine(f"{key}: {broken}") from None


def _members(content, kind, fields, defaults):
    found = {}
    for key, member, convert in fields:
        if content.get(key) is not None:
            found[member] = _value(content, key, convert)
        elif key in content and key in _NEED_NOT_BE_KNOWN:
            found[member] = None
        elif member not in defaults:
            raise BrokenLine(f"{kind} without {key}")
    return found


def _decode(text):
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenLine("no JSON") from None
    if not isinstance(content, dict):
        raise BrokenLine("no object of JSON")
    return content


def _kind_of(content):
    """A listener's states and its answer to `status json` are estimates with more to them."""
    kind = _text(content["type"])
    is_state = kind == "state" and "group" not in content
    is_status = kind == "summary" and content.get("program") == "timecast-listener"
    return "estimate" if is_state or is_status else kind


def parse(text):
    """The record of one line. Raises BrokenLine."""
    content = _decode(text)
    schema = content.get("schema")
    if schema != SCHEMA:
        raise BrokenLine(f"schema {_short(schema)}; this program knows schema {SCHEMA}")
    if not isinstance(content.get("type"), str):
        raise BrokenLine("without a type")
    try:
        time_s = _value({"time_s": None, **content}, "time_s", _number)
        kind = _kind_of(content)
        if kind not in _TYPES:
            return Other(time_s, kind)
        record, fields = _TYPES[kind]
        return record(time_s, **_members(content, kind, fields, record._field_defaults))
    except OverflowError:
        raise BrokenLine("a number that is too large") from None


def _short(value):
    return printable(str(value))[:20] if isinstance(value, (int, float, str)) else "unknown"

# SPDX-License-Identifier: MIT
"""What a terminal shows: a view of the announcers as lines of text that fit.

A terminal that is too narrow loses columns, the least important first; one that is too low loses
old alarms, then rows, and says so.
"""

import textwrap
import time
from typing import Callable, NamedTuple

from timecast_monitor import announcers, spans

KEY_CHARACTERS = 6
SPARKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
AS_ASCII = str.maketrans(SPARKS, "_.,-=+*#")  # for a terminal that has no others
SPARKLINE_OF = 10  # offsets
LEAP_CHARACTERS = 6  # none, insert, delete, unsync
SHORTEST_ADDRESS = 4
NARROWEST = 20  # for sentences: what does not fit then is cut off
RED, YELLOW, BOLD = "31", "33", "1"
GRAVE = ("bad signature", "silent", "backwards")
ANY_HEIGHT = 10_000
MOST_NAMED = 3  # of those that are left out
QUIET_S = 3  # after this time without an announcement there is something to explain


class Column(NamedTuple):
    title: str
    rank: int  # columns of the highest rank go first; those of rank 0 stay
    is_number: bool  # to the right
    show: Callable


def _unless_none(value, show):
    return "-" if value is None else show(value)


def loss(part):
    return f"{100 * part:.1f}%" if part < 0.1 else f"{100 * part:.0f}%"


def offset(seconds):
    return spans.show(seconds, "+")


def age(seconds):
    return f"{seconds:.1f} s" if seconds < 100 else spans.show(seconds)


def sparkline(offsets):
    """The last few of them, each between the least and the greatest of all."""
    shown = offsets[-SPARKLINE_OF:]
    least, greatest = min(offsets, default=0.0), max(offsets, default=0.0)
    if greatest <= least:
        return SPARKS[0] * len(shown) or "-"
    range_s = greatest - least
    return "".join(SPARKS[round((offset - least) / range_s * (len(SPARKS) - 1))]
                   for offset in shown)


COLUMNS = (
    Column(" announcer", 0, False, lambda row: ("!" if row.conditions else " ") + row.address),
    Column("on", 3, False, lambda row: row.interface),
    Column("key", 5, False, lambda row: row.key[:KEY_CHARACTERS] if row.key else row.stream),
    Column("str", 4, True, lambda row: str(row.stratum)),
    Column("reference", 8, False, lambda row: row.reference or "-"),
    Column("leap", 7, False, lambda row: row.leap[:LEAP_CHARACTERS]),
    Column("every", 6, True, lambda row: _unless_none(row.interval_s, spans.show)),
    Column("loss", 2, True, lambda row: _unless_none(row.loss, loss)),
    Column("offset", 0, True, lambda row: _unless_none(row.offset_s, offset)),
    Column("to median", 1, True, lambda row: _unless_none(row.to_median_s, offset)),
    Column("jitter", 9, True, lambda row: _unless_none(row.jitter_s, spans.show)),
    Column("of late", 10, False, lambda row: sparkline(row.recent)),
    Column("age", 2, True, lambda row: age(row.age_s)),
)


# ---- Rows ----


def _line_width(widths, gap):
    return sum(widths) + gap * (len(widths) - 1)


def _is_empty(column):
    return all(text == "-" for text in column[1:])


def _choose(columns, widths, room):
    """The columns that fit, by giving up the least important of them; and the gap between them."""
    chosen = list(range(len(COLUMNS)))
    if _line_width(widths, 2) <= room:
        return chosen, 2
    while _line_width([widths[number] for number in chosen], 1) > room:
        least = max(chosen, key=lambda number: (
            _is_empty(columns[number]) and COLUMNS[number].rank > 0, COLUMNS[number].rank))
        if COLUMNS[least].rank == 0:
            break
        chosen.remove(least)
    return chosen, 1


def _cut(text, width):
    return text if len(text) <= width else text[:max(width - 1, 0)] + "~"


def _format(cells, room):
    """Pads all lines of cells alike. What is still too wide in the end is an address: it is cut."""
    columns = list(zip(*cells))
    widths = [max(map(len, column)) for column in columns]
    chosen, gap = _choose(columns, widths, room)
    over = _line_width([widths[number] for number in chosen], gap) - room
    widths[0] = max(widths[0] - max(over, 0), SHORTEST_ADDRESS)
    found = []
    for line in cells:
        padded = [_cut(line[number], widths[number]).rjust(widths[number])
                  if COLUMNS[number].is_number else
                  _cut(line[number], widths[number]).ljust(widths[number]) for number in chosen]
        found.append((" " * gap).join(padded)[:room].rstrip())
    return found


def rows(view, width):
    """The title and a line for each row."""
    cells = [[column.title for column in COLUMNS]]
    cells += [[column.show(row) for column in COLUMNS] for row in view.rows]
    return _format(cells, width)


# ---- Words ----


def clock(time_s):
    return time.strftime("%H:%M:%S", time.localtime(time_s)) if 0 <= time_s < 1e11 else "--:--:--"


def plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def headline(view):
    if not view.time_s:
        return "no line from the listener yet"
    words = [plural(view.announcers, "announcer"), plural(view.announcements, "announcement")]
    if view.alarm_count:
        words.append(plural(view.alarm_count, "alarm"))
    return f"{', '.join(words)} in {age(view.span_s)}"


def group_name(group):
    address = f"[{group.group}]" if ":" in group.group else group.group
    place = f"{address}:{group.port}"
    return place if group.interface == announcers.NOWHERE else f"{place} on {group.interface}"


def key_of(row):
    return f"key {row.key[:KEY_CHARACTERS]}" if row.key else "no key"


def condition(row):
    words = [f"silent for {age(row.age_s)}" if word == "silent" else word.replace("-", " ")
             for word in row.conditions]
    return f"{row.address} on {row.interface}: {', '.join(words)}"


def unanswered(view):
    return f"the timecast-listener of this host has not answered for {age(view.unanswered_s)}"


def _left_out(rows):
    """Who was silent for so long that it has no row."""
    named = [f"{row.address} on {row.interface} ({key_of(row)})" for row in rows[:MOST_NAMED]]
    if len(rows) > MOST_NAMED:
        named.append(f"and {len(rows) - MOST_NAMED} more")
    was = "was silent for over an hour and is" if len(rows) == 1 else (
        "were silent for over an hour and are")
    return f"{plural(len(rows), 'source')} {was} left out: {', '.join(named)}"


class Note(NamedTuple):
    kind: str
    count: int  # grows when there is more to say of the kind
    text: str


def notes(view):
    """What has to be said about the whole, as sentences."""
    found = []
    if view.served:
        found.append(Note("served", 0, f"served at http://{view.served}/ and /metrics"))
    if view.host_synchronised is False:
        found.append(Note("host", 0, "this host's clock is unsynchronised: offsets to it say "
                          "nothing of the announcers, only the differences between them do"))
    past = view.past
    quiet_s = min((row.age_s for row in past), default=view.span_s)
    if not view.rows and quiet_s >= QUIET_S:
        found.append(Note("quiet", 0, f"nothing is announced here, for {age(quiet_s)} already"))
    if past:
        found.append(Note("past", len(past), _left_out(past)))
    if view.unanswered_s is not None:
        found.append(Note("listener", 0, f"{unanswered(view)}: its state, error and bound are not "
                          "known now"))
    found += [Note("deaf", 0, f"cannot hear {group_name(group)}: {group.reason}")
              for group in view.deaf]
    if view.packets:
        last = view.last_packet
        found.append(Note("packets", view.packets, f"{plural(view.packets, 'packet')} that "
                          f"announced nothing, the last from {last.address} on {last.interface}: "
                          f"{last.reason}"))
    if view.broken:
        found.append(Note("broken", view.broken, f"{plural(view.broken, 'line')} could not be "
                          f"read, the last: {view.last_broken}"))
    return found


def alarm(each):
    return f"{clock(each.time_s)} {each.alarm}: {each.text}"


# ---- The whole ----


def _wrap(text, width, mark="  "):
    wrapped = textwrap.wrap(text, max(width, NARROWEST), initial_indent=mark,
                            subsequent_indent="  ", break_on_hyphens=False)
    return [_cut(line, width) for line in wrapped]


def _paint(text, colour, colours):
    return f"\033[{colour}m{text}\033[0m" if colour and colours and text else text


def _colour_of(row):
    if any(word in GRAVE for word in row.conditions):
        return RED
    return YELLOW if row.conditions else ""


def _top(view, width, colours):
    title = "timecast-monitor"
    right = clock(view.time_s) if view.time_s else ""
    gap = width - len(title) - len(right)
    return [(_paint(title, BOLD, colours) + " " * gap + right).rstrip() if gap > 0
            else _cut(title, width),
            *_wrap(headline(view), width, "")]


def _rows(view, width, room, colours):
    title, *found = rows(view, width)
    shown = len(found) if len(found) <= room - 1 else max(room - 2, 1)
    lines = [_paint(title, BOLD, colours)]
    lines += [_paint(text, _colour_of(row), colours) for text, row in
              zip(found[:shown], view.rows)]
    if shown < len(found):
        lines.append(_cut(f"  ... and {len(found) - shown} more; make the terminal higher", width))
    return lines


def _words(view, width, colours):
    found = []
    for row in view.rows:
        if row.conditions:
            found += [_paint(line, _colour_of(row), colours)
                      for line in _wrap(condition(row), width, "! ")]
    for note in notes(view):
        found += _wrap(note.text, width, "* ")
    return ["", *found] if found else []


def _alarms(view, width, room, colours):
    """The latest first, as many as there is room for."""
    found = []
    for each in reversed(view.alarms):
        wrapped = _wrap(alarm(each), width)
        if len(found) + len(wrapped) > room - 2:
            break
        found += wrapped
    title = _paint(_cut("alarms, the latest first", width), BOLD, colours)
    return ["", title, *found] if found else []


def render(view, width, height=ANY_HEIGHT, colours=False):
    """Lines no longer than `width` and no more than `height`."""
    found = _top(view, width, colours)
    if view.rows:
        found += ["", *_rows(view, width, height - len(found) - 1, colours)]
    found += _words(view, width, colours)
    found += _alarms(view, width, height - len(found), colours)
    return found[:height]

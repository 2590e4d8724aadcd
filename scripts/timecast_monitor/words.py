# SPDX-License-Identifier: MIT
"""The view as lines for a log or a pipe: one a source, one an event, none twice."""

import time

from timecast_monitor import lines, spans, table


def stamp(time_s):
    if not 0 <= time_s < 1e11:
        return "?"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_s))


def row(each):
    """All columns of the table, with their names."""
    words = [table.key_of(each),
             f"stratum {each.stratum} ({each.reference})" if each.reference
             else f"stratum {each.stratum}",
             f"leap {each.leap}"]
    if each.interval_s is not None:
        words.append(f"every {spans.show(each.interval_s)}")
    if each.loss is not None:
        words.append(f"loss {table.loss(each.loss)}")
    if each.offset_s is not None:
        words.append(f"offset {table.offset(each.offset_s)}")
    if each.to_median_s is not None:
        words.append(f"to median {table.offset(each.to_median_s)}")
    words.append(f"age {table.age(each.age_s)}")
    words += [word.upper() for word in each.conditions]
    return f"{each.address} on {each.interface}: {', '.join(words)}"


def event(record):
    """The line of what happened, or None for what needs none of its own."""
    if isinstance(record, lines.Alarm):
        return f"{stamp(record.time_s)} alarm {record.alarm}: {record.text}"
    if isinstance(record, lines.Hearing):
        what = "cannot hear" if record.state == "deaf" else "hearing"
        reason = f": {record.reason}" if record.reason else ""
        return f"{stamp(record.time_s)} {what} {table.group_name(record)}{reason}"
    return None


class Log:
    """What is new since the last time it was asked."""

    def __init__(self):
        self._rows = {}
        self._notes = {}

    def tick(self, view, is_brief=False):
        """Lines for the sources that were heard or fell silent, and for what else must be said."""
        found = []
        rows, notes = {}, {}
        for each in view.rows:
            source = (each.address, each.interface, each.stream, each.key,
                      "bad signature" in each.conditions)
            rows[source] = (each.heard, "silent" in each.conditions)
            if self._rows.get(source) != rows[source] and not is_brief:
                found.append(f"{stamp(view.time_s)} {row(each)}")
        for note in table.notes(view):
            if note.kind != "deaf":  # it was an event
                notes[note.kind] = note.count
                if self._notes.get(note.kind) != note.count:
                    found.append(f"{stamp(view.time_s)} {note.text}")
        self._rows, self._notes = rows, notes
        return found

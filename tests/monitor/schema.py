# SPDX-License-Identifier: MIT
"""docs/json.md as something that lines can be held against.

    schema.read() -> {"timecast-listener watch --json": {"alarm": Table, ...}, ...}

Below a heading of the second level are a program's types, of the third; tables of the fourth are of
objects in these.
"""

import json
import pathlib
import re

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/json.md"
EACH = ("schema", "time_s", "type")
ROW = re.compile(r"\| `(\w+)` \| ([^|]+) \| (.*) \|")


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value):
    return _is_whole(value) and value >= 0


KINDS = {
    "text": lambda value: isinstance(value, str) and value != "",
    "number": _is_number,
    "whole": _is_whole,
    "count": _is_count,
    "yes/no": lambda value: isinstance(value, bool),
    "key": lambda value: isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9+/]{43}=", value),
    "hex": lambda value: isinstance(value, str) and re.fullmatch(r"([0-9a-f]{2} ?)+", value),
    "counts": lambda value: isinstance(value, dict) and all(map(_is_count, value.values())),
}


class Table:
    """The keys of one type, or of the objects in a list."""

    def __init__(self):
        self.keys = {}  # name: kind
        self.examples = []
        self.inner = {}  # tables of lists, by their name

    def complaints(self, content, inner, where=""):
        """What is wrong with an object."""
        found = [f"{where}{key}: not in the document" for key in content if key not in self.keys]
        for key, kind in self.keys.items():
            if key not in content:
                found += [] if kind.startswith("optional ") else [f"{where}{key}: missing"]
            else:
                found += self._complaints_of(content[key], kind, inner, where + key)
        return found

    @staticmethod
    def _complaints_of(value, kind, inner, where):
        kind = kind.removeprefix("optional ")
        if value is None and kind.endswith(" or null"):
            return []
        kind = kind.removesuffix(" or null")
        if kind.startswith("list of "):
            table = inner[kind.removeprefix("list of ")]
            return [complaint for number, each in enumerate(value)
                    for complaint in table.complaints(each, inner, f"{where}[{number}].")]
        return [] if KINDS[kind](value) else [f"{where}: {value!r} is no {kind}"]


def read():
    programs, program, table = {}, None, None
    common = Table()
    in_example = False
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            program, table = programs.setdefault(line[3:], {}), None
        elif line.startswith("### "):
            kind = table = program[line[4:]] = Table()
            table.keys.update(common.keys)
        elif line.startswith("#### "):
            table = kind.inner[line[5:]] = Table()
        elif line.startswith("```"):
            in_example = line == "```json"
        elif in_example:
            kind.examples.append(json.loads(line))
        elif row := ROW.fullmatch(line):
            (common if program is None else table).keys[row[1]] = row[2]
    return programs


def complaints(programs, program, line):
    """What is wrong with a line of a program."""
    table = programs[program].get(line["type"])
    if table is None:
        return [f"type {line['type']}: not in the document"]
    return table.complaints(line, table.inner)

# SPDX-License-Identifier: MIT
"""docs/json.md: it can be read, its examples are what it says, and the monitor understands them."""

import json
import unittest

import made  # noqa: F401  finds the package
import schema
from timecast_monitor import announcers, lines

WATCH = "timecast-listener watch --json"
PROGRAMS = schema.read()


class Document(unittest.TestCase):
    def test_every_type_has_its_keys_and_an_example_of_itself(self):
        self.assertEqual(len(PROGRAMS), 11)
        for program, types in PROGRAMS.items():
            for name, table in types.items():
                with self.subTest(program=program, type=name):
                    self.assertEqual(tuple(table.keys)[:3], schema.EACH)
                    self.assertEqual([example["type"] for example in table.examples], [name])

    def test_every_kind_is_one_that_is_explained(self):
        for types in PROGRAMS.values():
            for table in types.values():
                for each in (table, *table.inner.values()):
                    for key, kind in each.keys.items():
                        plain = kind.removeprefix("optional ").removesuffix(" or null")
                        known = (plain in schema.KINDS or
                                 plain.removeprefix("list of ") in table.inner)
                        self.assertTrue(known, f"{key}: {kind}")

    def test_the_examples_are_what_the_tables_say(self):
        for program, types in PROGRAMS.items():
            for table in types.values():
                for example in table.examples:
                    with self.subTest(program=program, type=example["type"]):
                        self.assertEqual(schema.complaints(PROGRAMS, program, example), [])

    def test_what_is_not_what_a_table_says_is_found(self):
        alarm = PROGRAMS[WATCH]["alarm"].examples[0]
        for change, complaint in (({"text": None}, "text: None is no text"),
                                  ({"more": 1}, "more: not in the document"),
                                  ({"key": "short"}, "key: 'short' is no key"),
                                  ({"type": "other"}, "type other: not in the document")):
            self.assertEqual(schema.complaints(PROGRAMS, WATCH, {**alarm, **change}), [complaint])
        del alarm["from"]
        self.assertEqual(schema.complaints(PROGRAMS, WATCH, alarm), ["from: missing"])

    def test_the_monitor_reads_the_examples(self):
        for program in (WATCH, "timecast-listener --json", "timecast-listener status --json"):
            for name, table in PROGRAMS[program].items():
                record = lines.parse(json.dumps(table.examples[0]))
                is_passed_over = (program, name) == (WATCH, "summary")
                self.assertEqual(isinstance(record, lines.Other), is_passed_over, (program, name))

    def test_the_monitor_knows_every_alarm(self):
        text = schema.DOCUMENT.read_text(encoding="utf-8")
        row = next(line for line in text.splitlines() if line.startswith("| `alarm` |"))
        for name in announcers.ALARMS:
            self.assertIn(f"`{name}`", row)
        self.assertEqual(row.count("`") // 2 - 1, len(announcers.ALARMS))

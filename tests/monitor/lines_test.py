# SPDX-License-Identifier: MIT
"""What a line of the listener says, and what is no line of it."""

import json
import unittest

import made
from timecast_monitor import lines

# (what is wrong, the line, what is said of it)
BROKEN = (
    ("nothing", "", "no JSON"),
    ("half a line", made.announcement()[:100], "no JSON"),
    ("another language", "timecast-listener: hello", "no JSON"),
    ("a list", "[1]", "no object of JSON"),
    ("nested without end", "[" * 100_000, "no JSON"),
    ("no schema", '{"time_s": 1, "type": "alarm"}', "schema unknown; this program knows schema 1"),
    ("a later schema", '{"schema": 2, "time_s": 1, "type": "alarm"}',
     "schema 2; this program knows schema 1"),
    ("no type", '{"schema": 1, "time_s": 1}', "without a type"),
    ("no time", '{"schema": 1, "type": "summary"}', "time_s: no number"),
    ("a time without end", '{"schema": 1, "type": "summary", "time_s": Infinity}',
     "time_s: no finite number"),
    ("a time that is text", '{"schema": 1, "type": "summary", "time_s": "now"}',
     "time_s: no number"),
    ("a time beyond numbers", '{"schema": 1, "type": "summary", "time_s": 1' + "0" * 400 + "}",
     "a number that is too large"),
    ("no address", made.line("announcement", interface="eth0"), "announcement without from"),
    ("address of another kind", made.announcement(address=7), "from: no text"),
    ("a leap of its own", made.announcement(leap="maybe"),
     "leap: none of none, insert, delete, unsynchronised"),
    ("a stratum below 0", made.announcement(stratum=-1), "stratum: no count"),
    ("half a stratum", made.announcement(stratum=1.5), "stratum: no count"),
    ("no offset", made.line("announcement", interface="eth0", address="a", leap="none", stratum=1),
     "announcement without offset_s"),
    ("an offset that is none", made.announcement(offset_s=float("nan")),
     "offset_s: no finite number"),
    ("an offset beyond all clocks", made.announcement(offset_s=1e13), "offset_s: out of range"),
    ("a bound beyond all clocks", made.estimate(bound_s=-1e300), "bound_s: out of range"),
    ("a flag that is a number", made.announcement(host_synchronised=1),
     "host_synchronised: neither true nor false"),
    ("an alarm without words", made.line("alarm", alarm="step"), "alarm without text"),
)


class Lines(unittest.TestCase):
    def test_a_broken_line_is_refused_with_its_reason(self):
        for name, text, reason in BROKEN:
            with self.subTest(name):
                with self.assertRaises(lines.BrokenLine) as caught:
                    lines.parse(text)
                self.assertEqual(str(caught.exception), reason)

    def test_an_announcement_says_all_that_is_in_it(self):
        text = made.announcement(lost=2, interval_s=0.5, leap="insert")
        self.assertEqual(lines.parse(text), lines.Announcement(
            made.NOON, "eth0", "192.0.2.1", "insert", 3, 10e-6, 0.5, "precise", made.KEYS["A"],
            "good", 2, "GPS", True))

    def test_what_is_null_is_unknown(self):
        text = made.plain(offset_s=None, interval_s=None, lost=None, reference_id=None,
                          host_synchronised=None)
        self.assertEqual(lines.parse(text), lines.Announcement(
            made.NOON, "eth0", "192.0.2.1", "none", 3, None, None))

    def test_an_interval_of_nothing_is_unknown(self):
        for interval in (0, -1):
            self.assertIsNone(lines.parse(made.announcement(interval_s=interval)).interval_s)

    def test_the_other_types_of_lines_are_read(self):
        key = made.KEYS["A"]
        cases = (
            (made.alarm("step", text="it stepped"),
             lines.Alarm(made.NOON, "step", "it stepped", "eth0", "192.0.2.1", key)),
            (made.packet(), lines.Packet(made.NOON, "eth0", "192.0.2.9", "3 octets are too short")),
            (made.hearing("deaf", 123, reason="not permitted"),
             lines.Hearing(made.NOON, "deaf", "eth0", "239.255.123.124", 123, "not permitted")),
        )
        for text, record in cases:
            with self.subTest(record):
                self.assertEqual(lines.parse(text), record)

    def test_what_a_listener_says_of_its_time_is_an_estimate_by_whatever_type(self):
        said = json.loads(made.estimate(state="holdover", refused={"replay": 2}))
        status = {**said, "type": "summary", "program": "timecast-listener", "groups": []}
        for content in (said, {**said, "type": "state"}, status):
            found = lines.parse(json.dumps(content))
            self.assertEqual((type(found), found.state, found.bound_s, found.refused),
                             (lines.Estimate, "holdover", 1e-3, {"replay": 2}))
        for refused in ([], {"replay": -1}, {str(n): 1 for n in range(1000)}):
            with self.assertRaises(lines.BrokenLine):
                lines.parse(made.estimate(refused=refused))

    def test_unknown_types_and_keys_are_passed_over(self):
        self.assertEqual(lines.parse(made.line("weather", rain=True)),
                         lines.Other(made.NOON, "weather"))
        self.assertEqual(lines.parse(made.announcement(colour={"deep": ["red"]})),
                         lines.parse(made.announcement()))

    def test_no_text_can_move_a_cursor(self):
        record = lines.parse(made.announcement(reference_id="\033[2J\nX\u0301\u202e\x7f"))
        self.assertEqual(record.reference, "?[2J?X???")

    def test_no_text_is_longer_than_a_limit(self):
        record = lines.parse(made.alarm("step", text="x" * 10_000))
        self.assertEqual(len(record.text), lines.LONGEST_TEXT)

    def test_a_key_that_is_missing_or_of_another_kind_is_a_known_case(self):
        """It gives a record or BrokenLine, nothing else."""
        for text in (made.announcement(), made.alarm("step"), made.packet(), made.hearing()):
            content = json.loads(text)
            for key in content:
                without = {name: value for name, value in content.items() if name != key}
                for more in ({}, *({key: value} for value in (None, [], {}, "", 1e308, -5, True))):
                    changed = json.dumps({**without, **more})
                    try:
                        record = lines.parse(changed)
                    except lines.BrokenLine:
                        continue
                    self.assertIsInstance(record.time_s, float, changed)

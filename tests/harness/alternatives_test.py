# SPDX-License-Identifier: MIT
"""What scripts/bench alternatives changes still stands in the sources."""

import pathlib
import unittest

from scripts_loader import load

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Alternatives(unittest.TestCase):
    bench = load(ROOT / "scripts/bench.d/alternatives")

    def test_each_change_has_one_place_in_the_sources(self):
        for name, *changes in self.bench.ALTERNATIVES:
            for file, old, new in changes:
                with self.subTest(name, old=old):
                    text = (ROOT / file).read_text(encoding="utf-8")
                    self.assertEqual(text.count(old), 1)
                    self.assertNotEqual(self.bench.changed(text, old, new), text)

    def test_a_change_without_its_place_stops_it(self):
        for text in ("", "old old"):
            with self.subTest(text), self.assertRaisesRegex(SystemExit, "not once"):
                self.bench.changed(text, "old", "new")

# SPDX-License-Identifier: MIT
"""docs/security.md claims what a test shows, and every attack that is a test is claimed there."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
from scripts_loader import load  # noqa: E402

# Adjacent string literals are one name.
CASE = re.compile(r'TEST_CASE\(\s*((?:"[^"]*"\s*)+)\)')


class AttackRows(unittest.TestCase):
    def setUp(self):
        self.table = load(ROOT / "scripts/attack-table")
        text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
        self.rows = self.table.rows_of(text)
        self.text = text

    def cases(self):
        for source in ROOT.glob("tests/*/*_test.cpp"):
            for literals in CASE.findall(source.read_text(encoding="utf-8")):
                yield "".join(re.findall(r'"([^"]*)"', literals))

    def test_each_attack_is_in_the_table_and_each_row_has_its_test(self):
        attacks = {name for name in self.cases() if name.startswith(self.table.PREFIX)}
        named = {test for row in self.rows for test in row.tests}
        self.assertEqual(named, attacks | self.table.network_classes())
        self.assertEqual([row.attack for row in self.rows if not row.tests], [])

    def test_every_test_that_the_text_names_is_there(self):
        there = set(self.cases()) | self.table.network_classes()
        spans = [span for line in self.text.splitlines() for span in re.findall(r"`([^`]*)`", line)]
        named = {span for span in spans if re.match(r"[a-z][a-z' ]*: ", span)}
        self.assertEqual(named - there, set())

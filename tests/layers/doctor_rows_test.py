# SPDX-License-Identifier: MIT
"""docs/operations.md explains every finding of doctor and every verdict, and no others."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMON = ("common/host/host_findings.cpp",)
LISTENER = tuple(str(file.relative_to(ROOT)) for file in ROOT.glob("listener/daemon/doctor_*.cpp"))
ANNOUNCER = tuple(str(file.relative_to(ROOT)) for file in ROOT.glob("announcer/daemon/doctor_*.cpp"))
# A finding is made in one of two ways: its name is the first word of it, or of what it is made of.
MADE = re.compile(r"findings\.push_back\(\s*(?:\{|finding_from\()([^,]*),")
NAMED_BEFORE = re.compile(r"constexpr Protocol \w+\{\s*\"([^\"]*)\"")
NAME = re.compile(r"^[a-z]+(-[a-z0-9]+)*$")


def text_of(file):
    return (ROOT / file).read_text(encoding="utf-8")


def findings_in(files):
    """The names that doctor can print."""
    names = set()
    for text in map(text_of, files):
        for made in MADE.findall(text):
            names |= set(re.findall(r'"([^"]*)"', made))
        names |= set(NAMED_BEFORE.findall(text))
    return names


def rows_below(heading, text, title):
    """The first cells of the table with this title, of the section with this heading."""
    section = re.split(r"^#+ ", text.partition(f"\n{heading}\n")[2], flags=re.M)[0]
    tables = re.findall(rf"^\| {title} \|.*\n\|-.*\n((?:\|.*\n)+)", section, flags=re.M)
    return [[name for line in table.splitlines()
             for name in re.findall(r"`([^`]*)`", line.split("|")[1])] for table in tables]


class Rows(unittest.TestCase):
    def setUp(self):
        self.text = text_of("docs/operations.md")

    def assert_same(self, documented, printed):
        self.assertEqual(sorted(documented), sorted(set(documented)), "a row stands there twice")
        self.assertEqual(sorted(printed - set(documented)), [], "nothing explains it")
        self.assertEqual(sorted(set(documented) - printed), [], "no program says it")

    def test_the_names_of_findings_are_found(self):
        for files in COMMON, LISTENER, ANNOUNCER:
            names = findings_in(files)
            self.assertGreater(len(names), 5)
            self.assertEqual([name for name in names if not NAME.match(name)], [])
        unnamed = [made for file in (*COMMON, *LISTENER, *ANNOUNCER)
                   for made in MADE.findall(text_of(file))
                   if '"' not in made and made != "protocol.finding"]
        self.assertEqual(unnamed, [])

    def test_every_finding_has_its_row_and_every_row_its_finding(self):
        both, listener, announcer = rows_below("### What doctor finds", self.text, "finding")
        # Either program finds these by a rule of its own.
        own = findings_in(LISTENER) | findings_in(ANNOUNCER)
        shared = {"port-held", "clock-rivals"}
        self.assert_same(both, findings_in(COMMON) | shared)
        self.assert_same(listener, findings_in(LISTENER) - shared)
        self.assert_same(announcer, findings_in(ANNOUNCER) - shared)
        self.assertLessEqual(shared, own)

    def test_every_finding_is_made_in_a_namespace(self):
        tests = sorted(ROOT.glob("tests/network/*doctor*_test.py"))
        announcers = [file for file in tests if file.stem.startswith("announcer")]
        listeners = [file for file in tests if file not in announcers]
        for files, those in ((COMMON, tests), (LISTENER, listeners), (ANNOUNCER, announcers)):
            text = "".join(map(text_of, those))
            self.assertEqual([name for name in sorted(findings_in(files))
                              if f'"{name}"' not in text], [])

    def test_every_finding_is_shown(self):
        shown = re.findall(r"^`([a-z-]+)`: ", text_of("docs/findings.md"), flags=re.M)
        documented = [name for table in rows_below("### What doctor finds", self.text, "finding")
                      for name in table]
        self.assertEqual(shown, documented)
        self.assertNotIn("/build/", text_of("docs/findings.md"))

    def test_every_verdict_has_its_row_and_every_row_its_verdict(self):
        verdicts = set(re.findall(r'case Reject::\w+: return "(\w+)";',
                                  text_of("common/wire/reject.cpp")))
        self.assertGreater(len(verdicts), 30)
        table, = rows_below("### What is refused", self.text, "verdict")
        self.assert_same(table, verdicts)

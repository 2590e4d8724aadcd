# SPDX-License-Identifier: MIT
"""docs/operations.md explains whatever a program can find, refuse, alarm of or count."""

import re
import unittest

import made
from timecast_monitor import announcers, metrics

TEXT = (made.ROOT / "docs/operations.md").read_text(encoding="utf-8")
RULES = ("common/host/host_findings.cpp", "listener/daemon/doctor_rules.cpp",
         "announcer/daemon/doctor_rules.cpp")


def findings():
    text = "".join((made.ROOT / file).read_text(encoding="utf-8") for file in RULES)
    return set(re.findall(r'\{(?:is_held \? )?"([a-z]+(?:-[a-z]+)*)"(?: : "not-announced")?,\s', text))


def is_explained(name):
    return re.search(rf"^\|[^|]*`{name}`", TEXT, re.M) is not None


class Operations(unittest.TestCase):
    def test_every_finding_is_explained(self):
        found = findings() | {"not-announced"}
        self.assertGreater(len(found), 25)
        self.assertEqual([name for name in sorted(found) if not is_explained(name)], [])

    def test_every_alarm_is_explained(self):
        self.assertEqual([name for name in announcers.ALARMS if not is_explained(name)], [])

    def test_every_metric_is_named(self):
        view = made.network(made.announcement("A", lost=1), made.announcement("B"),
                            made.estimate()).view(made.NOON)
        for family in metrics.families(view):
            ending = family.name.removeprefix("timecast")
            parts = [ending[at:] for at in range(len(ending)) if ending[at] == "_"]
            self.assertTrue(any(f"`timecast{ending}" in TEXT or f"`{part}" in TEXT
                                for part in parts), family.name)

# SPDX-License-Identifier: MIT
"""docs/operations.md explains whatever a program can alarm of or count.

What it can find and refuse: tests/layers/doctor_rows_test.py.
"""

import re
import unittest

import made
from timecast_monitor import announcers, metrics

TEXT = (made.ROOT / "docs/operations.md").read_text(encoding="utf-8")


def is_explained(name):
    return re.search(rf"^\|[^|]*`{name}`", TEXT, re.M) is not None


class Operations(unittest.TestCase):
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

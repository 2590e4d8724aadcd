# SPDX-License-Identifier: MIT
"""The check of what calls cost fails when it must."""

import unittest

import check_cost

GOOD = """check instructions 1000
check announcements 450
check exchanges 250
check sensor_announcements 1800
status() calls 500
status() mean 90
status() worst 100
status() stack 50
sizeof Source 1000
"""
LIMITS = {"status()": {"mean": 90, "worst": 100, "stack": 50}}

# (what is wrong, by what it stands in the place of, part of the complaint)
OFFENDING = (
    ("status() mean 91", "status() mean 90", "status(): mean 91, 90 is allowed"),
    ("status() worst 101", "status() worst 100", "status(): worst 101, 100 is allowed"),
    ("status() stack 51", "status() stack 50", "status(): stack 51, 50 is allowed"),
    ("status() calls 3", "status() calls 500", "status() was called 3 times"),
    ("at() calls 500\nstatus() calls", "status() calls", "at() has no limits"),
    ("check instructions 640", "check instructions 1000", "640 instructions were measured"),
    ("check exchanges 0", "check exchanges 250", "0 exchanges were measured"),
    ("", GOOD, "status() was called 0 times"),
)


class Cost(unittest.TestCase):
    def complaints(self, output):
        return "\n".join(check_cost.complaints(check_cost.figures_of(output), LIMITS))

    def test_accepts_what_is_within_the_limits(self):
        self.assertEqual(self.complaints(GOOD), "")

    def test_complains_about_what_costs_too_much_and_what_was_not_measured(self):
        for wrong, right, complaint in OFFENDING:
            with self.subTest(wrong):
                self.assertIn(complaint, self.complaints(GOOD.replace(right, wrong)))

    def test_every_call_has_limits(self):
        limits = check_cost.limits_of(check_cost.HERE / "cost_limits.txt")
        self.assertIn("add_announcement()", limits)
        for row in limits.values():
            self.assertEqual(set(row), set(check_cost.LIMITED))

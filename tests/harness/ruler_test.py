# SPDX-License-Identifier: MIT
"""scripts/bench ruler scores what it measured, and hides nothing that is missing."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
before = list(sys.path)
sys.path[:0] = [str(ROOT / "tests/network"), str(ROOT / "scripts/bench.d")]
from ruler_report import UNSETTLED_S, Report  # noqa: E402
from ruler_scene import OURS, Measured, Sample  # noqa: E402
from secret import Secret  # noqa: E402
sys.path[:] = before

CHANGED_S = 1_150
SECRET = Secret(20_000_000, 30_000, 1_000 * 10**9, CHANGED_S * 10**9, -10_000)
SPANS = {"idle": (1_100, 1_300), "busy": (1_300, 1_400)}
ROWS = (OURS, f"{OURS}, basic", f"{OURS}, each announcement alone", "chronyd, its clock",
        "ptp4l -S")


def samples(wrong_s, error_s=1e-3, bound_s=1e-2):
    return [Sample(at + 0.5, wrong_s, error_s, bound_s) for at in range(1_100, 1_400)]


def report_of(kinds=None, **rows):
    """All rows are 100 ns off, but for those that are given."""
    everything = {name: samples(100e-9) for name in ROWS}
    everything.update({{"ours": OURS, "chronyd": "chronyd, its clock"}[name]: row
                       for name, row in rows.items()})
    return Report(Measured(SECRET, SPANS, everything, 1.8, kinds or {"4I": 99, "4B": 1}))


def missed(report):
    return [goal.text for goal in report.goals if not goal.met]


class Truth(unittest.TestCase):
    def test_the_secret_grows_by_its_rate_and_after_the_change_by_the_other(self):
        self.assertAlmostEqual(SECRET.truth(1_000), 0.020, delta=1e-12)
        self.assertAlmostEqual(SECRET.truth(1_100), 0.023, delta=1e-12)
        self.assertAlmostEqual(SECRET.truth(CHANGED_S), 0.0245, delta=1e-12)
        self.assertAlmostEqual(SECRET.truth(CHANGED_S + 100), 0.0235, delta=1e-12)

    def test_a_drawn_secret_is_never_small(self):
        for _ in range(100):
            secret = Secret.draw(changes_after_s=10)
            self.assertGreaterEqual(abs(secret.offset_ns), 10_000_000)
            self.assertGreaterEqual(min(abs(secret.rate_ppb), abs(secret.changed_rate_ppb)), 10_000)


class Score(unittest.TestCase):
    def test_good_samples_meet_every_goal(self):
        report = report_of()
        self.assertEqual(missed(report), [])
        self.assertTrue(report.goals_are_met())

    def test_who_finds_nothing_misses(self):
        found_nothing = [Sample(each.at, -SECRET.truth(each.at), 1e-3, 1e-2)
                         for each in samples(0)]
        report = report_of(ours=found_nothing)
        self.assertFalse(report.goals_are_met())
        self.assertIn("bias, interleaved", missed(report))
        self.assertIn("bounds broken, the change of rate included", missed(report))

    def test_the_rest_is_compared_with_chronyds_true_error(self):
        self.assertEqual(missed(report_of(chronyd=samples(99e-9))),
                         ["p99 of our estimate, at most chronyd's clock's"])

    def test_after_the_change_only_the_bound_must_hold(self):
        def late(bound_s):
            return [Sample(each.at, 1e-3, 1e-4, bound_s)
                    if CHANGED_S <= each.at < CHANGED_S + UNSETTLED_S else each
                    for each in samples(100e-9)]
        self.assertEqual(missed(report_of(ours=late(2e-3))), [])
        self.assertEqual(missed(report_of(ours=late(5e-4))),
                         ["bounds broken, the change of rate included"])
        self.assertAlmostEqual(report_of(ours=late(2e-3)).settled_after_s(), UNSETTLED_S, delta=1)

    def test_errors_and_bounds_that_are_broken_are_counted(self):
        row = report_of(ours=samples(100e-9, error_s=50e-9, bound_s=200e-9)).rows[OURS, "idle"]
        self.assertEqual((row.samples, row.errors_broken, row.bounds_broken),
                         (200 - UNSETTLED_S, 200 - UNSETTLED_S, 0))

    def test_a_busy_processor_may_cost_three_times_as_much(self):
        slow = [Sample(each.at, 400e-9 if each.at > 1_300 else 100e-9, 1e-3, 1e-2)
                for each in samples(0)]
        self.assertEqual(missed(report_of(ours=slow)),
                         ["p99 of our estimate with one processor busy, at most 3 x idle"])

    def test_an_answer_in_ten_that_is_not_interleaved_is_too_many(self):
        self.assertEqual(missed(report_of(kinds={"4I": 90, "4B": 10})),
                         ["chronyd's answers from us that are not interleaved"])

    def test_a_row_without_samples_is_no_row_that_may_be_left_out(self):
        with self.assertRaisesRegex(SystemExit, "chronyd, its clock: not one sample while idle"):
            report_of(chronyd=[])

    def test_the_table_names_every_row_and_goal(self):
        text = report_of().text()
        for name in ROWS:
            self.assertIn(name, text)
        self.assertEqual(text.count(" met"), len(report_of().goals))


if __name__ == "__main__":
    unittest.main()

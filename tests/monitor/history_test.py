# SPDX-License-Identifier: MIT
"""What plots are made of stays small, and loses neither what was least nor what was greatest."""

import unittest

import made
from made import NOON
from timecast_monitor import history, lines


def filled(values, window_s=None):
    trace = history.Trace(window_s)
    for number, value in enumerate(values):
        trace.add(float(number), value)
    return trace


def observed(*texts, window_s=None):
    found = history.History(window_s)
    for text in texts:
        found.observe(lines.parse(text))
    return found


class Traces(unittest.TestCase):
    def test_a_short_one_has_every_value(self):
        points = filled([1.0, 2.0, 3.0]).points
        self.assertEqual([(each.time_s, each.value) for each in points],
                         [(0, 1.0), (1, 2.0), (2, 3.0)])

    def test_a_long_one_gets_coarser_and_keeps_its_extremes_and_its_mean(self):
        values = [0.0] * 100_000
        values[777], values[99_000] = -5.0, 9.0
        points = filled(values).points
        self.assertLessEqual(len(points), history.MOST_POINTS)
        self.assertGreater(len(points), history.MOST_POINTS / 3)
        self.assertEqual(min(each.low for each in points), -5.0)
        self.assertEqual(max(each.high for each in points), 9.0)
        self.assertEqual(sum(each.weight for each in points), 100_000)
        self.assertAlmostEqual(sum(each.value * each.weight for each in points), 4.0)

    def test_one_with_a_window_forgets_what_is_older(self):
        points = filled([0.0] * 1000, window_s=60).points
        self.assertEqual((points[0].time_s, points[-1].time_s), (939, 999))

    def test_however_often_there_is_something_a_window_stays_small(self):
        trace = history.Trace(60.0)
        for number in range(10_000):
            trace.add(number / 1000, 0.0)
        self.assertLessEqual(len(trace.points), history.MOST_POINTS)


class Sources(unittest.TestCase):
    def test_each_source_has_a_number_that_stays(self):
        found = observed(made.announcement("A"), made.announcement("B"), made.announcement("A"))
        self.assertEqual([number for number, _ in found.sources.values()], [0, 1])

    def test_there_are_few_and_the_first_ones_stay(self):
        texts = [made.announcement(address=f"10.0.0.{n}") for n in range(100)]
        found = observed(*texts)
        self.assertEqual(len(found.sources), history.MOST_SOURCES)
        self.assertIn("10.0.0.0", [identity[0] for identity in found.sources])

    def test_with_a_window_who_is_silent_gives_its_place_to_another(self):
        texts = [made.announcement(address=f"10.0.0.{n}") for n in range(history.MOST_SOURCES)]
        found = observed(*texts, made.announcement("A", NOON + 61), window_s=600)
        self.assertIn(made.ADDRESSES["A"], [identity[0] for identity in found.sources])
        self.assertEqual(sorted(number for number, _ in found.sources.values()),
                         list(range(history.MOST_SOURCES)))

    def test_who_signs_badly_or_has_no_time_is_in_no_plot(self):
        found = observed(made.forged(), made.announcement(leap="unsynchronised", stratum=0))
        self.assertEqual(found.sources, {})

    def test_an_estimate_is_three_traces(self):
        found = observed(made.estimate(offset_s=1e-6, error_s=2e-6, bound_s=3e-6),
                         made.line("estimate", state="searching"))
        self.assertEqual([[point.value for point in trace.points] for trace in
                          (found.offset, found.error, found.bound)], [[1e-6], [2e-6], [3e-6]])

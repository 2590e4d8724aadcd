# SPDX-License-Identifier: MIT
"""Two hundred real listeners and one announcer that starts; scripts/bench scale has more of both."""

import unittest

import crowd
from lab import Link

LISTENERS = 200
WITHIN_S = 60


class Scale(unittest.TestCase):
    takes_s = 30

    @classmethod
    def setUpClass(cls):
        announcing, listening = crowd.hosts(Link(), LISTENERS)
        listeners = crowd.Crowd(listening, LISTENERS)
        cls.addClassCleanup(listeners.stop)
        listeners.await_all_started()
        cls.announcer = announcing.announcer("--no-plain")
        cls.announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        cls.seen = crowd.Outcome(cls.announcer, listeners, WITHIN_S)
        print(f"\n{LISTENERS} listeners: half synchronised after {cls.seen.half_s or 0:.1f} s, all "
              f"after {cls.seen.all_s or 0:.1f} s; {cls.seen.queries} queries, at most "
              f"{cls.seen.most_queries} in a second; spread {cls.seen.spread_s:.1f} s", flush=True)

    def test_all_are_synchronised_within_a_minute(self):
        self.assertIsNotNone(self.seen.all_s)

    def test_no_query_is_refused(self):
        self.assertEqual(self.seen.refused, {})

    def test_queries_are_spread_as_the_announcer_says_and_not_asked_all_at_once(self):
        self.assertGreater(self.seen.spread_s, 15)
        self.assertGreater(self.seen.all_s, 8)
        self.assertLess(self.seen.most_queries, 100)

    def test_the_announcer_knows_how_many_ask(self):
        self.assertAlmostEqual(self.seen.askers, LISTENERS, delta=LISTENERS * 0.1)

    def test_it_announces_once_a_second_as_for_one(self):
        self.assertAlmostEqual(self.seen.announcements, self.seen.seconds, delta=2)

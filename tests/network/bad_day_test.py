# SPDX-License-Identifier: MIT
"""The rows of tests/network/bad-day, each in namespaces of its own, and what is said meanwhile."""

import itertools
import unittest

import bad_day


class BadDay(unittest.TestCase):
    def check(self, day):
        outcome = day()
        print(f"\n{outcome}", flush=True)
        self.assertEqual(outcome.fault, "")


def test_of(name, day):
    """A class of its own for each day, so that they run beside each other."""
    def test_it_recovers_in_time_and_the_bound_holds(self):
        self.check(day)
    return type(f"Day_{name.replace('-', '_')}", (BadDay,),
                {"takes_s": 120 if name == "filtered" else 50,
                 "test_it_recovers_in_time_and_the_bound_holds":
                     test_it_recovers_in_time_and_the_bound_holds})


globals().update({test.__name__: test for test in itertools.starmap(test_of, bad_day.DAYS.items())})
del BadDay

# SPDX-License-Identifier: MIT
"""scripts/bench serving judges only loads that were offered."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
before = list(sys.path)
sys.path[:0] = [str(ROOT / "tests/network"), str(ROOT / "scripts/bench.d")]
from serving_report import OVERLOADS, Report  # noqa: E402
from serving_scene import LOADS, OURS, Announced, Measured, starts  # noqa: E402
sys.path[:] = before


def run_of(load, asked=1):
    """One second of it, `asked` of what it should be, all of it answered."""
    rate = asked * (LOADS[load].amount if LOADS[load].kind == "open" else 100_000)
    return {"asked": rate, "answered": rate, "wrong": 0, "unsynchronised": 0, "cpu_ns": 1_000,
            "asked_a_second": rate, "replies_a_second": min(rate, 500_000),
            "wait_ns": {"p50": 10_000, "p99": 20_000}, "offset_ns": {"p50": 100},
            "cpu_share": 0.01}


def report(**asked):
    """asked["300 000/s"]: how much of that load our server got."""
    loads = {(server, load): [run_of(load, asked.get(load, 1) if server == OURS else 1)] * 3
             for server in starts() for load in LOADS}
    measured = Measured("a machine", "a buffer", loads, Announced([1e-4] * 9, 9, 9), 0.001,
                        1_000, 1_010, "", [])
    return Report(measured)


def missed(**asked):
    """Of our server."""
    return [goal.text for goal in report(**asked).goals if not goal.met]


class Tables(unittest.TestCase):
    def test_all_servers_and_all_loads_are_in_them(self):
        text = report().markdown()
        for server in starts():
            self.assertIn(f"| asked: {server} | 2000 | 1.00 % |", text)
        for load in OVERLOADS:
            self.assertIn(f"at {load}: asked, answered, lost", text)


class Offered(unittest.TestCase):
    def test_loads_that_were_offered_are_judged_by_their_replies(self):
        self.assertEqual([text for text in missed() if "/s" in text], [])

    def test_a_load_that_was_not_offered_is_no_goal_that_was_met(self):
        for load in ("300 000/s", "600 000/s", "900 000/s"):
            self.assertIn(f"asked of ours at {load}, of that", missed(**{load: 0.7}))

    def test_a_twentieth_less_is_the_same_load(self):
        self.assertEqual(missed(**{"900 000/s": 0.96}), missed())


if __name__ == "__main__":
    unittest.main()

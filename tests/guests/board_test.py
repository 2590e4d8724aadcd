# SPDX-License-Identifier: MIT
"""An emulated Cortex-M3 with a drifting oscillator hears a real announcer by Ethernet and knows the
time within its bound; beside it a listener on a host that hears the same announcements."""

import unittest

import board
from lab import Link

ANNOUNCEMENTS = 20
LISTEN_ONLY_BOUND_S = 0.05


class BoardTest(unittest.TestCase):
    alone = True  # beside booting machines its frames wait for tens of milliseconds

    @classmethod
    def setUpClass(cls):
        reason = board.why_not()
        if reason:
            raise unittest.SkipTest(reason)
        link = Link()
        host, beside = link.host(), link.host()
        cls.board = board.Board(link)
        cls.addClassCleanup(cls.board.stop)
        host.announcer("--no-plain")
        cls.listener = beside.listener("--listen-only", "--signatures", "off")
        cls.lines = [cls.board.next() for _ in range(ANNOUNCEMENTS)]
        cls.listener.await_line("an estimate", lambda line: line["type"] == "estimate")
        cls.estimate = cls.listener.of_type("estimate")[-1]
        for line in cls.lines:
            print(f"board: {line.text}, read at {line.read_s:.6f}")
        print(f"host: offset {cls.estimate['offset_s']:.6f} s, bound {cls.estimate['bound_s']:.6f} s")

    def test_the_truth_lies_within_what_it_says(self):
        # Announced is this machine's clock. What is read was said a little earlier.
        for line in self.lines:
            self.assertLessEqual(line.earliest_s, line.read_s, line.text)
        least = min(line.read_s - line.latest_s for line in self.lines)
        self.assertLessEqual(least, board.LATE_S)

    def test_its_bound_is_worth_something_and_is_what_a_host_s_is(self):
        last = self.lines[-1]
        bound_s = last.latest_s - last.time_s
        self.assertLess(bound_s, LISTEN_ONLY_BOUND_S)
        self.assertGreater(bound_s, self.estimate["bound_s"] / 4)
        self.assertLess(abs(self.estimate["offset_s"]), self.estimate["bound_s"])

    def test_it_finds_how_its_oscillator_is_off(self):
        # 60 ppm fast: the announcer's clock runs slower than its counter.
        self.assertLess(abs(self.lines[-1].frequency_ppb + 60_000), 50_000)

    def test_it_says_that_nobody_has_measured_the_delay(self):
        self.assertEqual({line.state for line in self.lines}, {1})

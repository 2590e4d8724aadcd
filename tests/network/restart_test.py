# SPDX-License-Identifier: MIT
"""An announcer that dies and comes back, and one that must not start."""

import unittest

from lab import Link

QUICK = ("--interval", "0.25")  # holdover begins after three intervals of silence
HOLD_S = 4


class Restart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Kills an announcer without a word, waits, and starts it again on the same host."""
        link = Link()
        cls.host = link.host()
        cls.first = cls.host.announcer(*QUICK)
        cls.listener = link.host().listener()
        cls.listener.await_state("synchronised", within=15)
        cls.before = cls.first.status()
        cls.killed_after = len(cls.listener.lines)
        cls.first.kill()
        cls.listener.await_state("holdover", after=cls.killed_after)
        cls.held_after = len(cls.listener.lines)
        cls.listener.await_line(f"to hold over for {HOLD_S} s", cls.is_nth_estimate(HOLD_S),
                                after=cls.held_after)
        cls.second = cls.host.announcer(*QUICK)
        cls.listener.await_state("synchronised", within=15, after=cls.held_after)
        cls.after = cls.second.status()

    @staticmethod
    def is_nth_estimate(count):
        seen = []

        def accept(line):
            if line["type"] == "estimate":
                seen.append(line)
            return len(seen) == count
        return accept

    def test_without_the_announcer_the_listener_holds_over_and_its_bound_grows(self):
        held = self.listener.lines[self.held_after:][:HOLD_S]
        self.assertEqual({line["state"] for line in held}, {"holdover"})
        bounds = [line["bound_s"] for line in held]
        self.assertEqual(bounds, sorted(bounds))
        self.assertLess(bounds[0], bounds[-1])
        for line in held:
            self.assertLessEqual(abs(line["offset_s"]), line["bound_s"])

    def test_with_the_announcer_the_listener_is_synchronised_again(self):
        self.assertEqual(self.listener.status()["state"], "synchronised")

    def test_the_announcer_has_kept_its_key(self):
        self.assertEqual(self.after["key"], self.before["key"])
        self.assertEqual(self.listener.status()["key"], self.before["key"])

    def test_the_sequence_goes_on_upwards(self):
        before, after = (
            [line["sequence"] for line in program.of_type("announcement")
             if line["stream"] == "precise"] for program in (self.first, self.second))
        self.assertGreater(min(after), max(before))

    def test_a_second_announcer_on_the_same_state_is_refused(self):
        refused = self.host.announcer("--interface", "192.0.2.1")
        self.assertEqual(refused.wait(), 1)
        self.assertIn(f"another announcer uses {self.host.state}", refused.log)
        self.assertIn("--state-dir", refused.log)
        self.assertEqual(len(refused.log.splitlines()), 1)


class TwoAnnouncers(unittest.TestCase):
    def test_when_one_dies_the_other_is_followed(self):
        link = Link()
        announcers = {f"192.0.2.{number}:11123": link.host([f"192.0.2.{number}/24"]).announcer()
                      for number in (1, 2)}
        listener = link.host(["192.0.2.3/24"]).listener()
        line = listener.await_line("to know both", lambda line: line["streams"] == 2 and
                                   line["state"] == "synchronised" and
                                   line["announcements"] > 2 * 3, within=20)
        announcers.pop(line["announcer"]).kill()
        seen = len(listener.lines)
        (other,) = announcers
        listener.await_line("to follow the other", lambda line: line["announcer"] == other and
                            line["state"] == "synchronised", within=20, after=seen)
        states = [line["state"] for line in listener.lines[seen:]]
        self.assertLessEqual(set(states), {"synchronised", "holdover"})

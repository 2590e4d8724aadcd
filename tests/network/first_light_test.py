# SPDX-License-Identifier: MIT
"""Two machines, nothing configured: how soon there is time, and how good it is.

The namespaces share one kernel and so one clock: the true offset is zero.
"""

import os
import time
import unittest

import figures
from lab import Link

SECONDS = int(os.environ.get("TIMECAST_SECONDS", "20"))
SETTLED_S = 5  # what is known after a handful of packets is known less well, and says so


class TwoHosts(unittest.TestCase):
    alone = True

    @classmethod
    def setUpClass(cls):
        link = Link()
        link.host().announcer()
        listener = link.host().listener()
        first = listener.await_line("an estimate", lambda line: "offset_s" in line)
        synchronised = listener.await_state("synchronised")
        seen = len(listener.lines)
        time.sleep(SECONDS)
        cls.estimates = [line for line in listener.lines[seen:] if line["type"] == "estimate"]
        cls.settled = [line for line in cls.estimates
                       if line["seen"] - synchronised["seen"] > SETTLED_S]
        cls.first_s = first["seen"] - listener.started_at
        cls.synchronised_s = synchronised["seen"] - listener.started_at
        print(f"\nfirst estimate after {cls.first_s:.2f} s, synchronised after "
              f"{cls.synchronised_s:.2f} s\nfrom then on: {figures.summary(cls.estimates)}\n"
              f"settled: {figures.summary(cls.settled)}", flush=True)

    def test_the_first_estimate_comes_within_three_seconds(self):
        self.assertLess(self.first_s, 3)

    def test_it_is_synchronised_soon_after(self):
        self.assertLess(self.synchronised_s, 6)

    def test_an_estimate_is_printed_every_second(self):
        self.assertAlmostEqual(len(self.estimates), SECONDS, delta=1)

    def test_it_stays_synchronised(self):
        self.assertEqual({line["state"] for line in self.estimates}, {"synchronised"})

    def test_the_offset_is_always_within_the_bound(self):
        self.assertEqual([line for line in self.estimates
                          if abs(line["offset_s"]) > line["bound_s"]], [])

    def test_the_offset_is_within_the_error_in_all_but_one_percent(self):
        beyond = [line for line in self.estimates if abs(line["offset_s"]) > line["error_s"]]
        self.assertLessEqual(len(beyond), figures.one_percent(self.estimates),
                             "\n" + "\n".join(map(figures.line_of, self.estimates)))

    def test_once_settled_the_99th_percentile_of_the_offset_is_below_200_us(self):
        offsets = [abs(line["offset_s"]) for line in self.settled]
        self.assertLess(figures.percentile(offsets, 99), 200e-6)

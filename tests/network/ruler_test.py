# SPDX-License-Identifier: MIT
"""The ruler: an announcer whose clock is ahead of this machine's by a secret offset and runs at a
secret rate, both known to the nanosecond. A listener on the same machine must find them.

TIMECAST_RULER=OFFSET_NS,RATE_PPB repeats a run.
"""

import time
import unittest

import figures
from lab import Link
from secret import Secret

SECONDS = 40
SETTLED_S = 10
CLOSE_S = 100e-6
RATE_CLOSE_PPB = 3000
RATE_KNOWN_S = 30


class Ruler(unittest.TestCase):
    alone = True

    @classmethod
    def setUpClass(cls):
        cls.secret = Secret.draw()
        link = Link()
        link.host().announcer(program="timecast-shifted-announcer",
                              environment=cls.secret.environment)
        listener = link.host().listener()
        listener.await_state("synchronised")
        time.sleep(max(SECONDS - (time.monotonic() - listener.started_at), 0))
        cls.estimates = [line for line in listener.of_type("estimate")
                         if line["seen"] - listener.started_at > SETTLED_S]
        cls.late = [line for line in cls.estimates
                    if line["seen"] - listener.started_at > RATE_KNOWN_S]
        print(f"\nthe secret: {cls.secret}\n"
              f"{figures.summary(cls.estimates, cls.truth)}\nthe rate found, less the secret: "
              f"{min(cls.rate_errors()):+.0f} to {max(cls.rate_errors()):+.0f} ppb", flush=True)

    @classmethod
    def truth(cls, line):
        """The offset at the time of an estimate, in seconds."""
        return cls.secret.truth(line["time_s"])

    @classmethod
    def rate_errors(cls):
        return [line["frequency_ppb"] - cls.secret.rate_ppb for line in cls.late]

    def off(self, found):
        """How far the offsets that found() gives are from the truth, with their estimates."""
        return [(abs(found(line) - self.truth(line)), line) for line in self.estimates]

    def check_offsets(self, found):
        beyond = [off for off, line in self.off(found) if off > line["error_s"]]
        self.assertLessEqual(len(beyond), figures.one_percent(self.estimates))
        for off, line in self.off(found):
            self.assertLessEqual(off, line["bound_s"])
            self.assertLessEqual(off, CLOSE_S)

    def check_rates(self, found):
        for line in self.late:
            self.assertAlmostEqual(found(line), self.secret.rate_ppb, delta=RATE_CLOSE_PPB)

    def test_the_listener_speaks_every_second(self):
        self.assertAlmostEqual(len(self.estimates), SECONDS - SETTLED_S, delta=2)

    def test_the_offset_is_found_within_error_bound_and_100_us(self):
        self.check_offsets(lambda line: line["offset_s"])

    def test_the_rate_is_found_within_3_ppm(self):
        self.check_rates(lambda line: line["frequency_ppb"])

    def test_a_listener_that_found_nothing_would_fail(self):
        with self.assertRaises(AssertionError):
            self.check_offsets(lambda line: 0)
        with self.assertRaises(AssertionError):
            self.check_rates(lambda line: 0)

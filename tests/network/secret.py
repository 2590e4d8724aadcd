# SPDX-License-Identifier: MIT
"""What the ruler's announcer announces: this machine's clock, ahead by an offset, at another rate,
and from some time on at a third one. Whoever knows the secret knows the truth to the nanosecond."""

import dataclasses
import os
import random
import time


@dataclasses.dataclass(frozen=True)
class Secret:
    offset_ns: int
    rate_ppb: int
    epoch_ns: int  # Unix time at which the offset is that
    changed_ns: int = 0  # Unix time of the change of rate; 0: none
    changed_rate_ppb: int = 0

    @classmethod
    def draw(cls, changes_after_s=None):
        """Large enough that finding nothing is wrong. TIMECAST_RULER=OFFSET_NS,RATE_PPB[,RATE_PPB]
        repeats a run."""
        words = [int(word) for word in os.environ.get("TIMECAST_RULER", "").split(",") if word]
        words = words or [_with_sign(10_000_000, 300_000_000), _with_sign(10_000, 50_000),
                          _with_sign(10_000, 50_000)]
        now = time.time_ns()
        if changes_after_s is None:
            return cls(words[0], words[1], now)
        return cls(words[0], words[1], now, now + int(changes_after_s * 1e9), words[2])

    @property
    def environment(self):
        """For timecast-shifted-announcer."""
        fields = (self.offset_ns, self.rate_ppb, self.epoch_ns)
        if self.changed_ns:
            fields += (self.changed_ns, self.changed_rate_ppb)
        return {"TIMECAST_SHIFT": ",".join(str(field) for field in fields)}

    def truth(self, unix_s):
        """How far the announced clock is ahead at this machine's time, in seconds."""
        ns = self.offset_ns + self.rate_ppb * (unix_s - self.epoch_ns / 1e9)
        since = unix_s - self.changed_ns / 1e9
        if self.changed_ns and since > 0:
            ns += (self.changed_rate_ppb - self.rate_ppb) * since
        return ns / 1e9

    def __str__(self):
        text = f"{self.offset_ns} ns, {self.rate_ppb} ppb"
        return f"{text}, then {self.changed_rate_ppb} ppb" if self.changed_ns else text


def _with_sign(least, most):
    return random.choice((-1, 1)) * random.randint(least, most)

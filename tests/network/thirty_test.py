# SPDX-License-Identifier: MIT
"""Thirty machines of one subnet, all switched on at once, with nothing set on any of them."""

import time

from lab import LabTest, Link

MACHINES = 30
SYNCHRONISED_S = 30


class Thirty(LabTest):
    def test_all_have_the_time_soon_and_trust_the_same_key(self):
        link = Link()
        announcer = self.start(link.host().announcer)
        hosts = [link.host() for _ in range(MACHINES)]
        begun = time.monotonic()
        listeners = [self.start(host.listener) for host in hosts]
        reached = [listener.await_state("synchronised", within=SYNCHRONISED_S)["seen"]
                   for listener in listeners]
        print(f"\n{MACHINES} listeners, started within {listeners[-1].started_at - begun:.1f} s: the "
              f"first synchronised after {min(reached) - begun:.1f} s, the last after "
              f"{max(reached) - begun:.1f} s")
        keys = {listener.status()["key"] for listener in listeners}
        self.assertEqual(keys, {announcer.status()["key"]})

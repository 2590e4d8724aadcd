# SPDX-License-Identifier: MIT
"""A daemon that is told of its host's clock by a keeper, which answers, hangs, or is not there.

The keeper here is the test's and tells of a clock that somebody keeps right; no clock is touched.
"""

import statistics
import time

import ntp
from keeper import Keeper
from lab import LabTest, Link
from udp import Socket

HELD_S = 3  # how long a keeper's last word holds
QUIET_S = 6


class Kept(LabTest):
    measures = True

    def setUp(self):
        link = Link()
        self.host, other = link.host(), link.host()
        self.keeper = Keeper(self.host.state / "clock")
        self.addCleanup(self.keeper.stop)
        self.announcer = self.start(
            self.host.announcer, is_island=False,
            environment={"TIMECAST_CLOCK_SOCKET": str(self.keeper.place)})
        self.watch = self.start(other.start, "timecast-listener", "watch")
        self.announcer.await_state("synchronised")
        # IPv6's address comes some seconds after the link.
        self.watch.await_line("an announcement by IPv6", lambda line: "fe80" in line.get("from", ""))

    def announcements(self, within_s):
        """Of each sender, one a second."""
        seen = {}
        after = len(self.watch.lines)
        time.sleep(within_s)
        for line in self.watch.lines[after:]:
            if line["type"] == "announcement":
                seen.setdefault(line["from"], []).append(line)
        self.assertGreaterEqual(len(seen), 1)
        for lines in seen.values():
            self.assertGreaterEqual(len(lines), within_s - 2)
        return seen

    def lateness(self, lines, earlier):
        """By how much later in their second they come than earlier ones; the median."""
        first = earlier[0]["seen"]

        def into_second(line):
            return (line["seen"] - first + 0.5) % 1

        return (statistics.median(map(into_second, lines)) -
                statistics.median(map(into_second, earlier)))

    def test_it_announces_what_its_keeper_says_and_asks_it_once_a_second(self):
        asked = self.keeper.asked
        for lines in self.announcements(QUIET_S).values():
            self.assertTrue(all(line["stratum"] != 0 for line in lines))
        self.assertLess(self.keeper.asked - asked, 2 * QUIET_S)

    def test_a_keeper_that_hangs_delays_no_announcement_and_its_word_is_kept_for_three_seconds(self):
        before = self.announcements(QUIET_S)
        self.keeper.hangs = True
        hung = time.monotonic()
        for sender, lines in self.announcements(QUIET_S + HELD_S).items():
            # 20 ms that it waits, and as much by which the median of a few is off.
            self.assertLess(self.lateness(lines, before[sender]), 0.04)
        unsynchronised = self.announcer.await_state("unsynchronised")["seen"] - hung
        self.assertGreater(unsynchronised, HELD_S - 1.1)
        self.assertLess(unsynchronised, HELD_S + 2)
        self.announcer.await_log("does not answer at")

    def test_who_announces_seldom_tells_those_who_ask_what_the_keeper_says_all_the_same(self):
        link = Link()
        host, asking = link.host(), link.host()
        announcer = self.start(host.start, "timecast-announcer", "--state-dir", host.state,
                               "--interval", "8",
                               environment={"TIMECAST_CLOCK_SOCKET": str(self.keeper.place)})
        announcer.await_state("synchronised")
        with Socket(asking) as client:
            for _ in range(10 * QUIET_S):
                client.send(ntp.request(), "192.0.2.1", ntp.PRECISE_PORT)
                reply = ntp.parse(client.receive(1).octets)
                self.assertEqual((reply.leap, reply.stratum != 0), (0, True))
                time.sleep(0.1)

    def test_one_that_comes_back_is_believed_again(self):
        self.keeper.stop()
        after = len(self.announcer.lines)
        self.announcer.await_state("unsynchronised", after=after)
        self.assertIn("does not answer at", self.announcer.status()["reason"])
        again = Keeper(self.keeper.place)
        self.addCleanup(again.stop)
        self.announcer.await_state("synchronised", after=after)


class Silent(LabTest):
    def test_a_listener_whose_keeper_is_silent_at_its_start_waits_for_it_and_says_so(self):
        link = Link()
        host = link.host()
        place = host.state / "clock"
        self.start(link.host().announcer)
        listener = self.start(host.listener, "--clock", "auto", "--state-dir", host.state,
                              environment={"TIMECAST_CLOCK_SOCKET": str(place)})
        listener.await_log(f"clock kernel: who holds it for this service does not answer at {place}")
        listener.await_state("synchronised", within=20)
        self.assertIn(f"does not answer at {place}", listener.status()["clock"])
        self.assertIn("clock-keeper-silent", listener.ask("doctor", "--json").stdout)
        keeper = Keeper(place)
        self.addCleanup(keeper.stop)
        listener.await_log("steering this host's clock")
        self.assertEqual(listener.status()["clock"], "kernel: steered")

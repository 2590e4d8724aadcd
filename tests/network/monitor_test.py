# SPDX-License-Identifier: MIT
"""scripts/timecast-monitor with the real programs: what it shows, and how it judges."""

import json
import random
import re
import time
import unittest

import kernel_clock
from lab import Link, lonely_host
from programs import PATHS, ROOT

MONITOR = str(ROOT / "scripts/timecast-monitor")
LISTENER = ("--listener", PATHS["timecast-listener"])
OK, WARNING, CRITICAL, UNKNOWN = range(4)
LIMITS = ("--warn", "1ms", "--crit", "30ms")
LISTEN_S = 8
FIGURE = re.compile(r"'(\w+)'=([0-9.]+)")


def check(host, *options):
    return host.command(MONITOR, "--check", *LISTENER, *options)


def figures(done):
    return {name: float(value) for name, value in FIGURE.findall(done.stdout)}


def shifted(host, offset_s):
    """An announcer that is ahead of this machine."""
    shift = f"{round(offset_s * 1e9)},0,{time.time_ns()}"
    return host.announcer("--no-plain", program="timecast-shifted-announcer",
                          environment={"TIMECAST_SHIFT": shift})


class Silence(unittest.TestCase):
    def test_it_is_critical_after_9_seconds_with_the_way_out(self):
        host = Link().host()
        started = time.monotonic()
        done = check(host)
        self.assertEqual((done.returncode, done.stderr), (CRITICAL, ""), done.stdout)
        self.assertRegex(done.stdout, r"^TIMECAST CRITICAL: silence: no announcement in (9|1\d)\.")
        self.assertIn("; for intervals over 9 s say --wait | ", done.stdout)
        self.assertGreaterEqual(time.monotonic() - started, 9)

    def test_who_cannot_hear_does_not_know(self):
        done = check(lonely_host(), "--interface", "eth9")
        self.assertEqual((done.returncode, done.stderr), (UNKNOWN, ""), done.stdout)
        self.assertIn("eth9", done.stdout)


class LongInterval(unittest.TestCase):
    def test_its_first_announcement_is_waited_for(self):
        link = Link()
        announcer = link.host(["192.0.2.1/24"]).announcer("--no-plain", "--interval", 4)
        host = link.host()
        announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        done = check(host)  # the next comes in 4 s
        self.assertEqual((done.returncode, done.stderr), (OK, ""), done.stdout)


class OneAnnouncer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        link = Link()
        cls.announcer = link.host().announcer("--no-plain")
        cls.host = link.host()
        cls.announcer.await_line("to announce", lambda line: line["type"] == "announcement")

    def test_all_is_well_with_it(self):
        offsets = []
        for _ in range(6):  # a machine that stalls for milliseconds is not the monitor's
            done = check(self.host)
            self.assertEqual((done.returncode, done.stderr), (OK, ""), done.stdout)
            self.assertEqual(done.stdout.count("\n"), 1)
            found = figures(done)
            self.assertEqual((found["announcers"], found["loss"]), (1, 0))
            offsets.append(found["offset"])
            if offsets[-1] < 1e-3:
                return
        self.fail(f"off by {offsets}")

    def test_it_says_whether_this_hosts_clock_is_a_measure(self):
        done = check(self.host)
        said = "this host's clock is unsynchronised" in done.stdout
        self.assertEqual(said, not kernel_clock.is_synchronised(), done.stdout)

    def test_without_a_terminal_it_is_shown_as_lines(self):
        done = self.host.command("timeout", "--signal", "INT", "--preserve-status", LISTEN_S,
                                 MONITOR, *LISTENER)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        key = self.announcer.status()["key"]
        rows = [line for line in done.stdout.splitlines() if "192.0.2.1 on eth0: key " in line]
        self.assertGreaterEqual(len(rows), 3, done.stdout)
        for row in rows:
            self.assertIn(f"key {key[:6]}, stratum 10 ", row)
            self.assertIn("leap none, every 1 s, loss 0.0%, offset ", row)


class TwoAnnouncers(unittest.TestCase):
    """One is right, one is ahead by a secret offset that is a fault, but no great one."""

    @classmethod
    def setUpClass(cls):
        cls.secret_s = random.randint(5_000, 20_000) / 1e6
        link = Link()
        announcers = [link.host().announcer("--no-plain"), shifted(link.host(), cls.secret_s)]
        cls.host = link.host()
        for each in announcers:
            each.await_line("to announce", lambda line: line["type"] == "announcement")
        done = cls.host.command("timeout", "--signal", "INT", "--preserve-status", LISTEN_S,
                                PATHS["timecast-listener"], "watch", "--json")
        if done.returncode != 0:
            raise AssertionError(f"the listener watches nothing: {done.stderr}")
        cls.lines = [json.loads(line) for line in done.stdout.splitlines()]

    def judge(self, keep, host_synchronised, *options):
        """The real listener's lines, as if this host's clock were as it is said."""
        file = self.host.state / "lines"
        chosen = [{**line, "host_synchronised": host_synchronised}
                  if line["type"] == "announcement" else line
                  for line in self.lines if line.get("from", "192.0.2.1") in keep]
        file.write_text("".join(json.dumps(line) + "\n" for line in chosen), encoding="utf-8")
        done = self.host.command(MONITOR, "--check", "--from", file, *options)
        self.assertEqual(done.stderr, "")
        return done

    def expect_secret(self, figure, done):
        self.assertAlmostEqual(figures(done)[figure], self.secret_s, delta=2e-3, msg=done.stdout)

    def test_their_disagreement_is_judged_whatever_this_hosts_clock_is(self):
        done = check(self.host, *LIMITS, "--announcers", 2)
        self.assertEqual((done.returncode, done.stderr), (WARNING, ""), done.stdout)
        self.assertIn("192.0.2.2 is ", done.stdout)
        self.assertIn(" ms ahead of 192.0.2.1 (limit 1 ms)", done.stdout)
        self.expect_secret("disagreement", done)

    def test_a_second_announcer_is_an_alarm_unless_it_is_expected(self):
        wide = ("--warn", "1s", "--crit", "2s")
        done = check(self.host, *wide)
        self.assertEqual(done.returncode, WARNING, done.stdout)
        self.assertIn("second-announcer: ", done.stdout)
        done = check(self.host, *wide, "--announcers", 2)
        self.assertEqual(done.returncode, OK, done.stdout)
        self.assertIn("2 announcers within ", done.stdout)

    def test_on_a_right_host_the_offset_is_judged(self):
        both, right, wrong = ("192.0.2.1", "192.0.2.2"), ("192.0.2.1",), ("192.0.2.2",)
        for keep, limits, status in ((right, LIMITS, OK), (wrong, LIMITS, WARNING),
                                     (wrong, ("--crit", "3ms"), CRITICAL),
                                     (both, ("--crit", "3ms"), CRITICAL)):
            with self.subTest(keep=keep, limits=limits):
                done = self.judge(keep, True, *limits, "--announcers", len(keep))
                self.assertEqual(done.returncode, status, done.stdout)
                if "192.0.2.2" in keep:
                    self.expect_secret("offset", done)

    def test_on_a_wrong_host_only_the_disagreement_is_judged(self):
        both, wrong = ("192.0.2.1", "192.0.2.2"), ("192.0.2.2",)
        for keep, limits, status in ((wrong, LIMITS, OK), (both, LIMITS, WARNING),
                                     (both, ("--crit", "3ms"), CRITICAL)):
            with self.subTest(keep=keep, limits=limits):
                done = self.judge(keep, False, *limits, "--announcers", len(keep))
                self.assertEqual(done.returncode, status, done.stdout)
                self.assertIn("this host's clock is unsynchronised: judged is only the "
                              "disagreement between announcers", done.stdout)

# SPDX-License-Identifier: MIT
"""The program with a page, a file of metrics, a report; and the listener that it asks."""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import unittest
import urllib.error
import urllib.request

import document_test
import made
import metrics_test
import programs
from control import ControlSocket
from made import KEYS
from programs import LIMIT_S, say
from timecast_monitor import outputs

SERVED = re.compile(r"served at http://(\S+)/ and /metrics")


class Case(programs.Case):
    def serving(self, *options, steps=()):
        """The monitor, and where it serves."""
        listener = self.plan(*say(made.hearing(), made.announcement("A")), *steps)
        nowhere = () if "--socket" in options else ("--socket", str(self.folder / "nobody"))
        self.monitor = self.start("--serve", "0", *listener, *nowhere, *options,
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.monitor.stdout.close)
        for line in self.monitor.stdout:
            if found := SERVED.search(line):
                return f"http://{found[1]}"
        return self.fail("it does not say where it serves")

    def get(self, url):
        with urllib.request.urlopen(url, timeout=LIMIT_S) as answer:
            return answer.read().decode()

    def end(self):
        self.monitor.send_signal(signal.SIGTERM)
        self.monitor.communicate(timeout=LIMIT_S)
        self.assertEqual(self.monitor.returncode, 0)


class Page(Case):
    def test_the_page_its_data_and_the_metrics_are_served_on_this_host_alone(self):
        url = self.serving()
        self.assertRegex(url, r"^http://127\.0\.0\.1:\d+$")
        document_test.Reader(self.get(f"{url}/"))
        self.wait_for(lambda: KEYS["A"] in self.get(f"{url}/metrics"), "no metrics")
        state = json.loads(self.get(f"{url}/live"))
        self.assertIn(KEYS["A"], state["cards"][0][1])
        self.end()

    def test_the_page_may_do_nothing_but_ask_its_own_server(self):
        with urllib.request.urlopen(f"{self.serving()}/", timeout=LIMIT_S) as answer:
            policy = answer.headers["Content-Security-Policy"]
        self.assertRegex(policy, "^default-src 'none'; script-src 'sha256-[^ ]+'; style-src")

    def test_files_are_not_served(self):
        url = self.serving()
        for path in ("page.html", "etc/passwd", "..%2f..%2fetc%2fpasswd"):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.get(f"{url}/{path}")
            self.assertEqual(caught.exception.code, 404)
            caught.exception.close()

    def test_an_alarm_is_in_the_log_and_the_page(self):
        url = self.serving(steps=[("wait", 0.5), *say(made.alarm("step", text="it stepped"))])
        self.wait_for(lambda: "it stepped" in self.get(f"{url}/live"), "no alarm")
        self.end()

    def test_a_place_that_cannot_be_had_is_status_1_and_one_line(self):
        done = self.run_monitor("--serve", "192.0.2.77:1", *self.plan())
        self.assertEqual((done.returncode, done.stderr), (1, (
            "timecast-monitor: --serve: 192.0.2.77:1: cannot assign requested address\n")))

    def test_what_the_listener_of_this_host_has_is_shown(self):
        daemon = ControlSocket(self, self.folder / "control", made.estimate(bound_s=0.00123, reason="all agree"))
        url = self.serving("--socket", daemon.place)
        self.wait_for(lambda: "all agree" in self.get(f"{url}/live"), "no estimate")
        figures = metrics_test.samples(self.get(f"{url}/metrics"))
        self.assertEqual(figures["timecast_listener_error_bound_seconds", frozenset()], 0.00123)
        self.assertEqual(daemon.asked[0], b"status json\n")


    def test_a_listener_that_ends_does_not_stay_synchronised(self):
        daemon = ControlSocket(self, self.folder / "control", made.estimate(reason="all agree"))
        url = self.serving("--socket", daemon.place)
        self.wait_for(lambda: "all agree" in self.get(f"{url}/live"), "no estimate")
        daemon.end()
        self.wait_for(lambda: "all agree" not in self.get(f"{url}/live"), "it stays synchronised")
        self.assertIn("has not answered for", self.get(f"{url}/live"))
        figures = metrics_test.samples(self.get(f"{url}/metrics"))
        self.assertEqual(figures["timecast_monitor_listener_up", frozenset()], 0)
        self.assertEqual([name for name, _ in figures if name.startswith("timecast_listener")], [])
        self.monitor.send_signal(signal.SIGTERM)
        said, _ = self.monitor.communicate(timeout=LIMIT_S)
        self.assertEqual(said.count("has not answered for"), 1, said)


class TextFile(Case):
    def test_it_is_written_while_the_monitor_runs_and_readable_for_others(self):
        file = self.folder / "timecast.prom"
        url = self.serving("--textfile", file)
        self.wait_for(file.exists, "no file")
        self.wait_for(lambda: "timecast_monitor_announcers" in file.read_text(), "no metrics")
        self.assertEqual(file.stat().st_mode & 0o777, 0o644)
        self.wait_for(lambda: KEYS["A"] in self.get(f"{url}/metrics"), "no metrics")
        self.end()
        self.assertIn(KEYS["A"], file.read_text())
        self.assertEqual(sorted(each.name for each in self.folder.iterdir() if "prom" in each.name),
                         ["timecast.prom"])

    def test_of_saved_lines_it_is_written_once(self):
        file = self.folder / "timecast.prom"
        done = self.run_monitor("--textfile", file, *self.saved(*made.series("A", (1e-6, 2e-6))))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        figures = metrics_test.samples(file.read_text())
        self.assertEqual(figures["timecast_announcer_announcements_total",
                                 frozenset(metrics_test.A.items())], 2)

    def test_when_it_cannot_be_written_later_that_is_said_once_and_the_monitor_goes_on(self):
        folder = self.folder / "figures"
        folder.mkdir()
        file = folder / "timecast.prom"
        output = outputs.TextFile(str(file))
        view = made.network(made.announcement()).view(made.NOON)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            for is_there in (True, False, False, True, False):
                if is_there != folder.exists():
                    shutil.rmtree(folder) if folder.exists() else folder.mkdir()
                output._next_at = 0.0
                output.show(view)
                self.assertEqual(file.exists(), is_there)
        line = f"timecast-monitor: --textfile: {file}: no such file or directory\n"
        self.assertEqual(said.getvalue(), line * 2)

    def test_one_that_cannot_be_written_is_status_1_and_one_line(self):
        done = self.run_monitor("--textfile", "/nowhere/a.prom", *self.saved(made.announcement()))
        self.assertEqual((done.returncode, done.stderr), (1, (
            "timecast-monitor: --textfile: /nowhere/a.prom: no such file or directory\n")))


class Report(Case):
    def report(self, *texts):
        file = self.folder / "report.html"
        done = self.run_monitor("--report", file, *self.saved(*texts))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return file.read_text(encoding="utf-8")

    def test_of_saved_lines_it_has_plots_cards_and_alarms(self):
        text = self.report(*made.series("A", [1e-6 * n for n in range(30)]),
                           made.estimate(made.NOON - 1), made.estimate(),
                           made.alarm("step", text="it stepped"))
        reader = document_test.Reader(text)
        self.assertNotIn("script", reader.tags)
        self.assertEqual(text.count("<svg"), 3)
        for words in ("30 announcements", "it stepped", KEYS["A"], "bound"):
            self.assertIn(words, text)
        self.assertNotIn("None so far", text)

    def test_who_was_silent_for_an_hour_is_in_it(self):
        text = self.report(made.announcement("A", made.NOON - 4000), made.announcement("B"))
        for words in (KEYS["A"], "2 announcers"):
            self.assertIn(words, text)

    def test_it_is_whole_by_itself(self):
        text = self.report(made.announcement())
        self.assertNotRegex(text, r"https?://|src=|@import|url\(")
        self.assertNotRegex(text, "<!--")

    def test_of_twenty_thousand_lines_it_stays_small(self):
        texts = made.series("A", [1e-6 * (n % 50) for n in range(20_000)])
        self.assertLess(len(self.report(*texts)), 100_000)

    def test_of_nothing_there_is_none_and_that_is_said(self):
        file = self.folder / "report.html"
        done = self.run_monitor("--report", file, *self.saved())
        self.assertEqual((done.returncode, done.stderr, file.exists()), (1, (
            f"timecast-monitor: --report: {file}: not written, since no line came\n"), False))

    def test_a_live_period_ends_by_itself(self):
        file = self.folder / "report.html"
        done = self.run_monitor("--report", file, "--wait", "1.5s",
                                "--socket", self.folder / "nobody",
                                *self.plan(*say(made.hearing(), made.announcement("A"))))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(KEYS["A"], file.read_text(encoding="utf-8"))
        self.expect_no_listener()

    def test_one_that_cannot_be_written_is_status_1_and_one_line(self):
        os.mkdir(self.folder / "taken.html")
        done = self.run_monitor("--report", self.folder / "taken.html",
                                *self.saved(made.announcement()))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "^timecast-monitor: --report: .*/taken.html: is a directory\n$")

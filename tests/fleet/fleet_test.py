# SPDX-License-Identifier: MIT
"""The shipped settings, rules and dashboard, by Prometheus's own tools and in Prometheus itself."""

import json
import pathlib
import re
import subprocess
import sys
import unittest

import fleet
from fleet import Fleet, Host, Prometheus

sys.path.insert(0, str(fleet.ROOT / "tests/monitor"))

import made  # noqa: E402
import outputs_test  # noqa: E402
from timecast_monitor import metrics  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
DASHBOARD = fleet.SHIPPED / "timecast-dashboard.json"
OPERATIONS = fleet.ROOT / "docs/operations.md"
LISTENERS_FILE = (fleet.ROOT / "tests/unit/golden/listener.metrics.txt").read_text("utf-8")
LARGE = 300
MISSING = "prometheus is neither installed nor unpacked: scripts/bootstrap full"


def promtool(*arguments, **options):
    return subprocess.run([fleet.program("promtool"), *map(str, arguments)], capture_output=True,
                          text=True, check=False, timeout=60, **options)


def dashboard_queries():
    content = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [(panel["title"], target["expr"]) for panel in content["panels"]
            for target in panel["targets"]]


def alert_names():
    return re.findall(r"alert: (\w+)", (fleet.SHIPPED / "timecast.alerts.yml").read_text("utf-8"))


class Documents(unittest.TestCase):
    def test_each_alert_is_explained(self):
        self.assertGreater(len(alert_names()), 8)
        text = OPERATIONS.read_text(encoding="utf-8")
        self.assertEqual([name for name in alert_names() if f"`{name}`" not in text], [])

    def test_each_alert_is_tested(self):
        text = (HERE / "rules.yml").read_text(encoding="utf-8")
        self.assertEqual([name for name in alert_names() if f"alertname: {name}\n" not in text], [])

    def test_panels_have_numbers_of_their_own_and_do_not_overlap(self):
        panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        cells = [(place["x"] + x, place["y"] + y) for place in (each["gridPos"] for each in panels)
                 for x in range(place["w"]) for y in range(place["h"])]
        self.assertEqual(len(set(cells)), len(cells))
        self.assertLess(max(x for x, _ in cells), 24)


def names_in(expressions):
    """Of series, in what Prometheus is asked."""
    inside = re.compile(r'\{[^}]*\}|\[[^]]*\]|by \([^)]*\)|on \([^)]*\)')
    words = re.findall(r"[a-z_:0-9]+", inside.sub("", " ".join(expressions)))
    return {word for word in words if "timecast" in word}


class Names(unittest.TestCase):
    def test_every_series_that_is_asked_for_is_one_that_somebody_tells(self):
        rules = "".join(file.read_text(encoding="utf-8") for file in fleet.SHIPPED.glob("*.yml"))
        recorded = set(re.findall(r"record: (\S+)", rules))
        view = made.network(*made.series("A", (0, 1, 2)), made.announcement("B"), made.forged("C"),
                            made.estimate()).view(made.NOON)
        told = set(re.findall(r"^([a-z_]+)", LISTENERS_FILE + metrics.text_format(view), re.M))
        expressions = re.findall(r"expr: (?:>\n((?: {10}.*\n)+)|(.*)\n)", rules)
        asked = names_in([either or other for either, other in expressions])
        asked |= names_in([query for _, query in dashboard_queries()])
        self.assertGreater(len(asked), 15)
        self.assertEqual(asked - recorded - told, set())


@unittest.skipUnless(fleet.program("promtool"), MISSING)
class Tools(outputs_test.Case):
    def test_settings_and_rules_are_well_formed(self):
        done = promtool("check", "config", fleet.SHIPPED / "prometheus.yml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("14 rules found", done.stdout)

    def test_the_rules_say_what_they_should(self):
        done = promtool("test", "rules", HERE / "rules.yml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_listeners_file_has_nothing_to_complain_of(self):
        done = promtool("check", "metrics", input=LISTENERS_FILE)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_monitors_file_has_nothing_to_complain_of(self):
        file = self.folder / "timecast.prom"
        self.run_monitor("--textfile", file, *self.saved(
            made.announcement("A"), made.plain("B"), made.alarm("step"), made.estimate()))
        done = promtool("check", "metrics", input=file.read_text(encoding="utf-8"))
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


@unittest.skipUnless(fleet.program("prometheus"), MISSING)
class Live(outputs_test.Case):
    def test_a_few_hundred_hosts_are_one_view(self):
        hosts = [Host(bound_s=1e-3 + 1e-6 * number) for number in range(LARGE)]
        served = Fleet(self, hosts)
        announces = [("wait", 1), *outputs_test.say(made.announcement("A"))] * 600
        monitor = self.serving(steps=announces).removeprefix("http://")
        prometheus = Prometheus(self, served.targets(), monitor)
        prometheus.wait_for(self, lambda: prometheus.value("timecast:listeners_in_sync:count") ==
                            LARGE, "they are not in sync")
        self.assertAlmostEqual(prometheus.value("timecast:error_bound_seconds:max"), 0.001299)
        prometheus.wait_for(self, lambda: prometheus.value("timecast_monitor_announcers") == 1,
                            "the monitor is not scraped")
        self.assertEqual(prometheus.firing(), set())
        # Its own listener would be counted twice.
        self.assertEqual(prometheus.values('{job="timecast-monitor", '
                                           '__name__=~"timecast_listener_.*"}'), {})
        for title, query in dashboard_queries():
            with self.subTest(title):
                prometheus.values(query)  # an error of its own would raise

        hosts[7] = Host(state="lost", bound_s=2.5)
        hosts[8] = Host(is_silent=True)
        hosts[9] = Host(disagreeing=1)
        wanted = {("TimecastListenerUnsynchronised", "lab7"), ("TimecastBoundWide", "lab7"),
                  ("TimecastListenerSilent", "lab8"), ("TimecastListenersInDoubt", None)}
        prometheus.wait_for(self, lambda: prometheus.firing() >= wanted, "no alerts")
        self.assertEqual(prometheus.firing(), wanted)
        self.assertEqual(prometheus.value("timecast:listeners_in_sync:count"), LARGE - 2)
        self.assertEqual(prometheus.value("timecast:error_bound_seconds:max"), 2.5)
        shown = {title for title, query in dashboard_queries() if prometheus.values(query)}
        empty = {"Announcers against their median", "Jitter and loss of announcers"}  # one alone
        self.assertEqual({title for title, _ in dashboard_queries()} - shown - empty, set())

        self.monitor.kill()
        prometheus.wait_for(self, lambda: ("TimecastMonitorDown", monitor) in prometheus.firing(),
                            "nobody misses the monitor")

# SPDX-License-Identifier: MIT
"""Metrics: their values, and the two forms they are written in."""

import json
import re
import unittest

import made
from made import ADDRESSES, KEYS, NOON
from timecast_monitor import metrics

SAMPLE = re.compile(r'(\w+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
A = {"announcer": ADDRESSES["A"], "interface": "eth0", "stream": "precise", "key": KEYS["A"]}
B = {**A, "announcer": ADDRESSES["B"], "key": KEYS["B"]}


def samples(text):
    """{(name, labels): value}, of either form."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            where = (name, frozenset(LABEL.findall(labels or "")))
            if where in found:
                raise AssertionError(f"{line} is there twice")
            found[where] = float(value)
    return found


def of(view, name, **labels):
    """A value, or None if there is no such sample."""
    return samples(metrics.open_metrics(view)).get((name, frozenset(labels.items())))


def view_of(*texts, now=NOON):
    return made.network(*texts).view(now)


class Values(unittest.TestCase):
    def test_an_announcer_has_its_figures(self):
        view = view_of(*made.series("A", (10e-6, 12e-6, 20e-6), stratum=3, lost=1))
        for name, value in (("up", 1), ("stratum", 3), ("offset_seconds", 12e-6),
                            ("jitter_seconds", 2e-6), ("loss_ratio", 0.5),
                            ("last_packet_timestamp_seconds", NOON), ("announcements_total", 3)):
            with self.subTest(name):
                self.assertAlmostEqual(of(view, f"timecast_announcer_{name}", **A), value, 12)
        self.assertEqual(of(view, "timecast_announcer_info", reference="GPS", **A), 1)
        self.assertEqual(of(view, "timecast_announcers_seen"), 1)

    def test_the_leap_is_1_at_what_is_announced_and_0_elsewhere(self):
        view = view_of(made.announcement(leap="insert"))
        self.assertEqual([of(view, "timecast_announcer_leap", leap=leap, **A) for leap in
                          ("none", "insert", "delete", "unsynchronised")], [0, 1, 0, 0])

    def test_the_distance_to_the_median_needs_two(self):
        alone = view_of(made.announcement("A"))
        self.assertIsNone(of(alone, "timecast_announcer_offset_to_median_seconds", **A))
        two = view_of(made.announcement("A", offset_s=1e-3), made.announcement("B", offset_s=3e-3))
        self.assertAlmostEqual(of(two, "timecast_announcer_offset_to_median_seconds", **A), -1e-3)
        self.assertAlmostEqual(of(two, "timecast_announcer_offset_to_median_seconds", **B), 1e-3)

    def test_who_is_silent_or_unsynchronised_is_not_up_and_has_no_offset(self):
        silent = view_of(made.announcement(), now=NOON + 60)
        lost = view_of(made.announcement(leap="unsynchronised", stratum=0))
        for view in (silent, lost):
            self.assertEqual(of(view, "timecast_announcer_up", **A), 0)
            self.assertIsNone(of(view, "timecast_announcer_offset_seconds", **A))

    def test_who_was_silent_for_an_hour_has_no_series(self):
        view = view_of(made.announcement("A"), made.forged("C"),
                       made.announcement("B", NOON + 3601), now=NOON + 3601)
        self.assertEqual(of(view, "timecast_announcer_up", **B), 1)
        self.assertNotIn(KEYS["A"], metrics.open_metrics(view))
        self.assertEqual(of(view, "timecast_monitor_announcers"), 1)
        self.assertEqual(of(view, "timecast_forged_sources"), 0)

    def test_who_signs_badly_is_counted_and_not_named(self):
        view = view_of(made.forged("A"), made.announcement("B"))
        self.assertEqual(of(view, "timecast_forged_sources"), 1)
        self.assertNotIn(KEYS["A"], metrics.open_metrics(view))

    def test_alarms_are_counted_by_names_that_are_known(self):
        view = view_of(*[made.alarm("step")] * 2, made.alarm("silence"), made.alarm("made-up"))
        self.assertEqual([of(view, "timecast_alarms_total", alarm=name)
                          for name in ("step", "silence", "other", "key", "made-up")],
                         [2, 1, 1, 0, None])

    def test_groups_packets_and_lines_are_counted(self):
        view = view_of(made.hearing(), made.hearing("deaf", port=123), made.packet(), "rubbish")
        self.assertEqual(of(view, "timecast_monitor_groups", state="hearing"), 1)
        self.assertEqual(of(view, "timecast_monitor_groups", state="deaf"), 1)
        self.assertEqual(of(view, "timecast_monitor_other_packets_total"), 1)
        self.assertEqual(of(view, "timecast_monitor_unreadable_lines_total"), 1)

    def test_the_hosts_clock_is_told_where_it_is_known(self):
        self.assertIsNone(of(view_of(made.hearing()), "timecast_host_synchronised"))
        for is_so in (False, True):
            view = view_of(made.announcement(host_synchronised=is_so))
            self.assertEqual(of(view, "timecast_host_synchronised"), is_so)


class Listener(unittest.TestCase):
    def test_its_estimate_has_its_figures(self):
        view = view_of(made.estimate(offset_s=-3e-6, error_s=20e-6, bound_s=1e-3,
                                     frequency_ppb=540.0, announcements=17,
                                     refused={"replay": 2}))
        for name, value in (("offset_seconds", -3e-6), ("error_seconds", 20e-6),
                            ("error_bound_seconds", 1e-3), ("frequency_ratio", 1 + 540e-9)):
            self.assertAlmostEqual(of(view, f"timecast_listener_{name}"), value, 12)
        self.assertEqual(of(view, "timecast_listener_packets_total", result="accepted"), 17)
        self.assertEqual(of(view, "timecast_listener_packets_total", result="replay"), 2)
        self.assertEqual([of(view, "timecast_listener_state", state=state)
                          for state in metrics.STATES], [0, 0, 1, 0, 0])

    def test_without_time_there_is_a_state_and_no_offset(self):
        view = view_of(made.line("estimate", state="searching", reason="nothing heard"))
        self.assertEqual(of(view, "timecast_listener_state", state="searching"), 1)
        self.assertIsNone(of(view, "timecast_listener_offset_seconds"))

    def test_without_a_listener_nothing_is_told_of_it(self):
        text = metrics.open_metrics(view_of(made.announcement()))
        self.assertNotRegex(text, "timecast_listener|timecast_monitor_listener_up")

    def test_of_one_that_is_gone_only_that_is_told(self):
        name = "timecast_monitor_listener_up"
        self.assertEqual(of(view_of(made.estimate()), name), 1)
        gone = view_of(made.estimate(), now=NOON + 11)
        self.assertEqual(of(gone, name), 0)
        self.assertNotIn("timecast_listener", metrics.open_metrics(gone))


class Form(unittest.TestCase):
    def busy(self):
        return view_of(made.announcement("A"), made.announcement("B"), made.plain("A"),
                       made.alarm("step"), made.estimate())

    def test_every_family_is_told_of_before_its_samples(self):
        known, ended = {}, False
        for line in metrics.open_metrics(self.busy()).splitlines():
            self.assertFalse(ended)
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertNotIn(name, known)
                known[name] = kind
            elif line == "# EOF":
                ended = True
            elif not line.startswith("#"):
                suffix = {"counter": "_total", "info": "_info", "gauge": ""}[kind]
                self.assertEqual(SAMPLE.fullmatch(line)[1], name + suffix)
        self.assertTrue(ended)
        self.assertLessEqual(set(known.values()), {"gauge", "counter", "info"})

    def test_a_name_that_has_a_unit_says_which(self):
        text = metrics.open_metrics(self.busy())
        for unit in metrics.UNITS:
            for name in re.findall(rf"# TYPE (\w+_{unit}) ", text):
                self.assertIn(f"# UNIT {name} {unit}\n", text)
        self.assertNotRegex(text, "_(ms|us|ns|ppm|ppb)[ {]")

    def test_the_older_form_has_the_same_values_and_no_newer_types(self):
        view = self.busy()
        older = metrics.text_format(view)
        newer = {where: value for where, value in samples(metrics.open_metrics(view)).items()
                 if not where[0].startswith(metrics.LISTENERS)}
        self.assertEqual(samples(older), newer)
        self.assertLessEqual(set(re.findall(r"# TYPE \w+ (\w+)", older)), {"gauge", "counter"})
        self.assertNotIn("# EOF", older)

    def test_a_file_has_nothing_that_the_listeners_own_file_has(self):
        listeners = (made.ROOT / "tests/unit/golden/listener.metrics.txt").read_text("utf-8")
        names = {name for name, _ in samples(listeners)}
        self.assertIn("timecast_listener_state", names)
        older = {name for name, _ in samples(metrics.text_format(self.busy()))}
        self.assertEqual(older & names, set())
        self.assertLessEqual({"timecast_announcers_seen", "timecast_monitor_announcers"}, older)

    def test_what_is_between_quotes_stays_there(self):
        view = view_of(made.announcement(reference_id='a"b\\c'))
        self.assertIn(r'reference="a\"b\\c"', metrics.open_metrics(view))

    def test_strangers_cannot_make_series_without_end(self):
        texts = [json.dumps({**json.loads(made.announcement()), "from": f"10.0.{n >> 8}.{n & 255}"})
                 for n in range(1000)]
        names = {dict(labels).get("announcer")
                 for _, labels in samples(metrics.open_metrics(view_of(*texts)))}
        self.assertLessEqual(len(names), metrics.MOST_SOURCES + 1)

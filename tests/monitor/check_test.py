# SPDX-License-Identifier: MIT
"""The judgement of --check, one branch a row."""

import unittest

import made
from made import NOON
from timecast_monitor import check

OK, WARNING, CRITICAL, UNKNOWN = range(4)
LIMITS = check.Limits(1e-3, 10e-3)


def both(first, second):
    """Two announcers with these offsets."""
    return [made.announcement("A", offset_s=first), made.announcement("B", offset_s=second)]


def on_a_wrong_host(*texts):
    return [text.replace('"host_synchronised": true', '"host_synchronised": false')
            for text in texts]


LATE = "is 5 ms ahead of"
# (what holds, the lines, the status, what the text says)
CASES = (
    ("all is well", [made.announcement()], OK, "offset +10 us to 192.0.2.1"),
    ("a replay does not know of this host", [made.announcement(host_synchronised=None)], OK,
     "offset +10 us"),
    ("on the limit", [made.announcement(offset_s=-1e-3)], OK, "offset -1 ms"),
    ("off", [made.announcement(offset_s=2e-3)], WARNING, "offset +2 ms to 192.0.2.1 (limit 1 ms)"),
    ("behind", [made.announcement(offset_s=-2e-3)], WARNING, "offset -2 ms"),
    ("far off", [made.announcement(offset_s=-0.25)], CRITICAL,
     "offset -250 ms to 192.0.2.1 (limit 10 ms)"),
    ("late packets are no news", made.series("A", [1e-5, 0.9, 1e-5, 0.9, 1e-5]), OK, "offset +10"),
    ("one late packet is one of one", [made.announcement(offset_s=-0.9)], CRITICAL, "offset -900"),
    ("two agree", both(1e-5, 2e-5), OK, "2 announcers within 10 us; offset +20 us to 192.0.2.2"),
    ("two differ", both(-4.5e-3, 0.5e-3), WARNING,
     "192.0.2.2 is 5 ms ahead of 192.0.2.1 (limit 1 ms); offset -4.5 ms to 192.0.2.1"),
    ("two differ widely", both(0.25, 0.0), CRITICAL, "192.0.2.1 is 250 ms ahead of 192.0.2.2"),
    ("one of three differs", [*both(0.0, 1e-4), made.announcement("C", offset_s=-0.25)], CRITICAL,
     "announcers are 250 ms apart, 192.0.2.3 is -250 ms from their median (limit 10 ms)"),
    ("three are off alike, and one more", [*both(3.0, 3.0), made.announcement("C", offset_s=3.005)],
     CRITICAL, "announcers are 5 ms apart, 192.0.2.3 is +5 ms from their median (limit 1 ms)"),
    ("who signs is named", [made.announcement("A"), *[made.plain("B", offset_s=5.01e-3)] * 3],
     WARNING, "192.0.2.2 (unsigned) is 5 ms ahead of 192.0.2.1"),
    ("its own plain stream is no other announcer",
     [made.announcement(), *[made.plain()] * 3], OK,
     "TIMECAST OK: offset +10 us to 192.0.2.1 |"),
    ("its plain stream is off", [made.announcement(), *[made.plain(offset_s=5.01e-3)] * 3],
     WARNING, "192.0.2.1 (unsigned) is 5 ms ahead of 192.0.2.1"),
    ("two plain packets may be late", [made.announcement(), *[made.plain(offset_s=-0.5)] * 2], OK,
     "TIMECAST OK: offset +10 us to 192.0.2.1 |"),
    ("they are all there is", [made.plain(offset_s=-0.5)] * 2, CRITICAL, "offset -500 ms"),

    ("a wrong host, and one announcer", on_a_wrong_host(made.announcement(offset_s=99.0)), OK,
     "TIMECAST OK: 192.0.2.1 announces the time; this host's clock is unsynchronised: judged is "
     "only the disagreement between announcers, and there is only one |"),
    ("a wrong host, and two that agree", on_a_wrong_host(*both(99.0, 99.00001)), OK,
     "TIMECAST OK: 2 announcers within 10 us; this host's clock is unsynchronised: judged is only "
     "the disagreement between announcers |"),
    ("a wrong host, and two that differ", on_a_wrong_host(*both(99.0, 99.005)), WARNING, LATE),
    ("a wrong host, and two that differ widely", on_a_wrong_host(*both(99.0, 98.0)), CRITICAL,
     "192.0.2.1 is 1 s ahead of 192.0.2.2"),
    ("a wrong host in silence", [made.announcement(time_s=NOON - 4, host_synchronised=False)],
     CRITICAL, "silence"),

    ("nothing at all", [], CRITICAL, "silence: there is no line at all"),
    ("silence", [made.hearing(time_s=NOON - 3)], CRITICAL, "silence: no announcement in 3.0 s"),
    ("heard, then silent", [made.announcement(time_s=NOON - 4)], CRITICAL,
     "silence: the last announcement came 4.0 s ago; silent: 192.0.2.1"),
    ("both are silent", [made.announcement("A", NOON - 9), made.announcement("B", NOON - 4)],
     CRITICAL, "silence: the last announcement came 4.0 s ago; silent: 192.0.2.1, 192.0.2.2"),
    ("one of two is silent", [made.announcement("A", NOON - 4), made.announcement("B")], WARNING,
     "silent: 192.0.2.1; offset +10 us to 192.0.2.2"),
    ("the last of saved lines came hours ago", [made.announcement(time_s=NOON - 7200)], CRITICAL,
     "silence: the last announcement came 7200 s ago; silent: 192.0.2.1"),
    ("one of saved lines was silent for hours", [made.announcement("A", NOON - 7200),
                                                 made.announcement("B")], WARNING,
     "silent: 192.0.2.1; offset +10 us to 192.0.2.2"),
    ("the listener calls it silent", [made.announcement("A"), made.announcement("B"),
                                      made.alarm("silence")], WARNING, "silent: 192.0.2.1"),
    ("nobody is synchronised", [made.announcement(leap="unsynchronised", stratum=0)], CRITICAL,
     "no announcer has the time; unsynchronised: 192.0.2.1"),
    ("one is unsynchronised", [made.announcement("A", stratum=0), made.announcement("B")], WARNING,
     "unsynchronised: 192.0.2.1; offset +10 us to 192.0.2.2"),
    ("only forgeries", [made.forged()], CRITICAL, "silence: no announcement in 0.0 s; bad signat"),
    ("a forgery", [made.announcement("A"), made.forged("B", offset_s=9.0)], CRITICAL,
     "TIMECAST CRITICAL: bad signature: 192.0.2.2; offset +10 us to 192.0.2.1 |"),
    ("a forgery that was not shown", [made.announcement(), made.alarm("bad-signature", "B")],
     CRITICAL, "bad-signature: what is to be said of bad-signature"),
    ("a forgery is told once", [made.announcement(), made.forged(), made.alarm("bad-signature")],
     CRITICAL, "TIMECAST CRITICAL: bad signature: 192.0.2.1; offset"),

    ("it cannot hear", [made.hearing("deaf", reason="no such device")], UNKNOWN,
     "cannot hear 239.255.123.124:11123 on eth0: no such device"),
    ("it can hear in part", [made.hearing("deaf", interface="eth1", reason="no memory"),
                             made.hearing(), made.announcement()], OK,
     "cannot hear 239.255.123.124:11123 on eth1: no memory"),
    ("there is no interface yet", [made.hearing("deaf", interface="-", reason="waiting for one")],
     UNKNOWN, "TIMECAST UNKNOWN: cannot hear 239.255.123.124:11123: waiting for one"),
    ("two of three are deaf", [made.hearing("deaf", interface="eth1", reason="no memory"),
                               made.hearing("deaf", interface="eth2"), made.hearing(),
                               made.announcement()], OK, "eth1: no memory, and 1 more"),
    ("port 123 is not needed", [made.hearing("deaf", 123), made.hearing(), made.announcement()],
     OK, "TIMECAST OK: offset +10 us to 192.0.2.1 |"),
    ("another program's output", ["hello", "world"], UNKNOWN,
     "none of 2 lines could be read, the last: no JSON; is this `timecast-listener watch --json`?"),
    ("a broken line", [made.announcement(), "{"], OK, "1 line could not be read (no JSON)"),
)

# What each alarm makes of an announcer that is right otherwise.
ALARMS = (
    ("second-announcer", WARNING), ("step", WARNING), ("stratum", WARNING), ("leap", WARNING),
    ("key", WARNING), ("backwards", CRITICAL), ("bad-signature", CRITICAL),
    ("heard-again", OK), ("synchronised", OK), ("unsynchronised", OK),
    ("something-new", WARNING),
)


def judge(texts, limits=LIMITS, now=NOON):
    return check.judge(made.network(*texts), now, limits)


class Judgement(unittest.TestCase):
    def test_each_case_has_its_status_and_its_words(self):
        for name, texts, status, words in CASES:
            with self.subTest(name):
                verdict = judge(texts)
                self.assertEqual(verdict.status, status, verdict)
                self.assertIn(words, verdict.line())

    def test_the_word_is_that_of_the_status(self):
        for name, texts, status, _ in CASES:
            with self.subTest(name):
                word = ("OK", "WARNING", "CRITICAL", "UNKNOWN")[status]
                self.assertTrue(judge(texts).line().startswith(f"TIMECAST {word}: "))

    def test_each_alarm_has_its_status(self):
        for name, status in ALARMS:
            with self.subTest(name):
                verdict = judge([made.announcement(), made.alarm(name)])
                self.assertEqual(verdict.status, status, verdict)
                self.assertEqual(f"{name}: what is to be said" in verdict.text, status != OK)

    def test_the_worst_comes_first(self):
        verdict = judge([made.announcement(offset_s=2e-3), made.alarm("step"),
                         made.alarm("backwards")])
        self.assertEqual([part.partition(":")[0] for part in verdict.text.split("; ")],
                         ["backwards", "offset +2 ms to 192.0.2.1 (limit 1 ms)", "step"])

    def test_many_alarms_stay_one_line(self):
        texts = [made.announcement()]
        texts += [made.alarm("step", letter, text=f"by {letter}") for letter in "ABCDE"]
        verdict = judge(texts + texts)
        self.assertIn("step: by A; step: by B; step: by C; 2 more alarms;", verdict.text)

    def test_an_expected_second_announcer_is_no_alarm(self):
        texts = [*both(0.0, 0.0), made.alarm("second-announcer", "B")]
        self.assertEqual(judge(texts).status, WARNING)
        self.assertEqual(judge(texts, LIMITS._replace(announcers=2)).status, OK)

    def test_another_number_of_announcers_than_expected_is_a_warning(self):
        for number, words in ((1, "2 announcers heard, 1 expected"),
                              (3, "2 announcers heard, 3 expected")):
            verdict = judge(both(0.0, 0.0), LIMITS._replace(announcers=number))
            self.assertEqual(verdict.status, WARNING)
            self.assertIn(words, verdict.text)

    def test_a_silence_that_may_be_a_long_interval_is_told_with_the_way_out(self):
        hint = "; for intervals over 9 s say --wait"
        # (the lines, for how long somebody waited, whether there is a way out)
        cases = (([made.hearing(time_s=NOON - 9)], 9.0, True),
                 ([made.hearing(time_s=NOON - 9), made.forged()], 9.0, True),
                 ([made.hearing(time_s=NOON - 9)], None, False),
                 ([made.announcement(time_s=NOON - 4)], 9.0, False),
                 ([], 9.0, False), ([made.announcement()], 9.0, False))
        for texts, waited_s, told in cases:
            with self.subTest(texts=texts, waited_s=waited_s):
                verdict = check.judge(made.network(*texts), NOON, LIMITS, waited_s)
                self.assertEqual(verdict.text.endswith(hint), told, verdict)
                self.assertEqual("--wait" in verdict.text, told, verdict)

    def test_the_limits_decide(self):
        for warn, crit, status in ((0.01, 0.1, OK), (0.004, 0.1, WARNING), (0.004, 0.004, CRITICAL),
                                   (0.001, 0.004, CRITICAL)):
            limits = check.Limits(warn, crit)
            self.assertEqual(judge([made.announcement(offset_s=5e-3)], limits).status, status)
            self.assertEqual(judge(on_a_wrong_host(*both(0.0, 5e-3)), limits).status, status)


class PerformanceData(unittest.TestCase):
    def expect(self, figures, texts):
        self.assertEqual(judge(texts).line().partition(" | ")[2], figures)

    def test_it_has_value_unit_and_both_limits(self):
        self.expect("'offset'=0.000012s;0.001;0.01 'announcers'=1 'loss'=0.0%",
                    [made.announcement(offset_s=12e-6)])

    def test_the_offset_is_the_largest_and_has_no_sign(self):
        self.expect("'offset'=0.25s;0.001;0.01 'disagreement'=0.35s;0.001;0.01 'announcers'=2 "
                    "'loss'=0.0%", both(0.1, -0.25))

    def test_what_is_not_judged_has_no_limits(self):
        self.expect("'offset'=2s 'disagreement'=1s;0.001;0.01 'announcers'=2 'loss'=0.0%",
                    on_a_wrong_host(*both(1.0, 2.0)))

    def test_the_loss_is_the_largest(self):
        self.expect("'offset'=0.00001s;0.001;0.01 'disagreement'=0s;0.001;0.01 'announcers'=2 "
                    "'loss'=75.0%",
                    [made.announcement("A", lost=1), made.announcement("B", lost=3),
                     made.forged("C", lost=900)])

    def test_without_a_sequence_there_is_no_loss(self):
        self.expect("'offset'=0.00001s;0.001;0.01 'announcers'=1", [made.plain()])

    def test_silence_has_no_offset(self):
        self.expect("'announcers'=0", [])

    def test_who_cannot_hear_has_none(self):
        self.assertNotIn("|", judge([made.hearing("deaf")]).line())

    def test_nothing_else_looks_like_its_start(self):
        text = judge([made.announcement(), made.alarm("step", text="a|b\nc")]).line()
        self.assertEqual((text.count("|"), text.count("\n")), (1, 0))


class Waiting(unittest.TestCase):
    def test_it_is_three_intervals_between_3_and_30_s_and_9_s_for_the_first_announcement(self):
        cases = (
            ("nothing heard", [], 9), ("a second", [made.announcement()], 3),
            ("an eighth", [made.announcement(interval_s=0.125)], 3),
            ("two seconds", [made.announcement(interval_s=2)], 6),
            ("the longest counts", [made.announcement(interval_s=2),
                                    made.announcement("B", interval_s=4)], 12),
            ("very long", [made.announcement(interval_s=1024)], 30),
            ("unknown", [made.announcement(interval_s=None)], 3),
            ("the precise stream decides", [made.announcement(), made.plain()], 3),
            ("the plain stream alone", [made.plain()], 24),
            ("a forger cannot make it long", [made.forged(interval_s=1024)], 9),
            ("port 123 alone, nothing heard", [made.hearing(port=123)], 27),
            ("both ports, nothing heard", [made.hearing(port=123), made.hearing()], 9),
            ("port 123, and the other deaf", [made.hearing(port=123), made.hearing("deaf")], 27),
            ("deaf", [made.hearing("deaf", port=123)], 3),
        )
        for name, texts, seconds in cases:
            with self.subTest(name):
                self.assertEqual(check.wait_s(made.network(*texts)), seconds)

# SPDX-License-Identifier: MIT
"""Who announces, how well, and what is wrong with it."""

import unittest

import made
from made import ADDRESSES, KEYS, NOON
from timecast_monitor import announcers, lines


def rows(*texts, now=NOON):
    return made.network(*texts).view(now).rows


def row(*texts, now=NOON):
    found = rows(*texts, now=now)
    if len(found) != 1:
        raise AssertionError(f"{len(found)} rows")
    return found[0]


class Sources(unittest.TestCase):
    def test_a_source_is_a_stream_from_an_address_with_a_key(self):
        texts = [made.announcement("A"), made.announcement("A"), made.announcement("B"),
                 made.plain("A"), made.announcement("A", interface="eth1"),
                 made.announcement("A", address="fd77::1"), made.forged("A")]
        self.assertEqual(len(rows(*texts)), 6)

    def test_sources_are_ordered_by_address_as_numbers(self):
        places = ["fd77::1", "192.0.2.10", "192.0.2.9", "nowhere", "fe80::2%eth0"]
        found = rows(*[made.announcement(address=place) for place in places])
        self.assertEqual([each.address for each in found],
                         ["nowhere", "192.0.2.9", "192.0.2.10", "fd77::1", "fe80::2%eth0"])

    def test_sources_of_one_address_are_ordered_by_key(self):
        found = rows(*[made.announcement(key=KEYS[letter]) for letter in "CAB"])
        self.assertEqual([each.key for each in found], [KEYS[letter] for letter in "ABC"])

    def test_a_row_shows_what_was_announced_last(self):
        found = row(made.announcement(stratum=3),
                    made.announcement(stratum=4, reference_id="PPS", leap="insert", interval_s=2))
        self.assertEqual((found.stratum, found.reference, found.leap, found.interval_s),
                         (4, "PPS", "insert", 2))

    def test_the_age_is_that_of_the_last_announcement(self):
        self.assertEqual(row(made.announcement(), now=NOON + 2.5).age_s, 2.5)

    def test_the_jitter_is_the_usual_distance_from_the_median(self):
        self.assertIsNone(row(*made.series("A", (1.0, 2.0))).jitter_s)
        self.assertEqual(row(*made.series("A", (1.0, 2.0, 4.0, 2.0, 102.0))).jitter_s, 1.0)

    def test_strangers_cannot_fill_the_memory(self):
        texts = [made.announcement(), made.announcement()]
        texts += [made.announcement(address=f"10.0.{n >> 8}.{n & 255}") for n in range(1000)]
        found = rows(*texts)
        self.assertEqual(len(found), announcers.MOST_SOURCES)
        self.assertIn(ADDRESSES["A"], [each.address for each in found])

    def test_alarms_and_groups_cannot_fill_the_memory(self):
        view = made.network(*[made.alarm("step") for _ in range(1000)],
                            *[made.hearing(group=f"239.0.{n >> 8}.{n & 255}")
                              for n in range(1000)]).view(NOON)
        self.assertEqual((len(view.alarms), view.alarm_count), (announcers.MOST_ALARMS, 1000))
        self.assertEqual(len(view.hearing), announcers.MOST_GROUPS)


class Loss(unittest.TestCase):
    def test_it_is_the_part_of_the_announcements_that_is_missing(self):
        self.assertEqual(row(*[made.announcement(lost=lost) for lost in (0, 1, 0, 3)]).loss, 0.5)

    def test_it_is_forgotten_after_a_while(self):
        texts = [made.announcement(lost=5)]
        texts += [made.announcement() for _ in range(announcers.RECENT)]
        self.assertEqual(row(*texts).loss, 0.0)

    def test_nobody_knows_it_of_a_stream_without_sequence(self):
        self.assertIsNone(row(made.plain()).loss)


class Offsets(unittest.TestCase):
    def test_the_offset_is_the_median_of_the_last_five(self):
        found = row(*made.series("A", [9.0, 1e-3, 2e-3, 3e-3, 900e-3, 1e-3]))
        self.assertAlmostEqual(found.offset_s, 2e-3)

    def test_an_offset_is_shown_only_of_one_who_has_the_time(self):
        cases = (made.announcement(offset_s=None), made.announcement(leap="unsynchronised"),
                 made.announcement(stratum=0), made.announcement(stratum=16), made.forged())
        for text in cases:
            with self.subTest(text):
                self.assertIsNone(row(text).offset_s)
        self.assertIsNone(row(made.announcement(), now=NOON + 4).offset_s)

    def test_what_was_announced_without_the_time_is_no_offset(self):
        found = row(made.announcement(stratum=0, offset_s=9.0), made.announcement(offset_s=None),
                    made.announcement(offset_s=1.0))
        self.assertEqual(found.offset_s, 1.0)

    def test_one_announcer_has_nobody_to_be_compared_with(self):
        self.assertIsNone(row(made.announcement()).to_median_s)
        found = rows(made.announcement(), made.announcement(address="fd77::1"), made.plain())
        self.assertEqual([each.to_median_s for each in found], [None] * 3)

    def test_each_is_compared_with_the_median_of_all(self):
        found = rows(made.announcement("A", offset_s=1.0), made.announcement("B", offset_s=1.5),
                     made.announcement("C", offset_s=9.0))
        self.assertEqual([each.to_median_s for each in found], [-0.5, 0.0, 7.5])

    def test_those_who_sign_nothing_do_not_move_the_median(self):
        found = rows(made.announcement("A", offset_s=1.0), made.plain("B", offset_s=5.0),
                     made.plain("C", offset_s=5.0))
        self.assertEqual([each.to_median_s for each in found], [0.0, 4.0, 4.0])

    def test_the_forged_and_the_silent_do_not_move_the_median(self):
        found = rows(made.announcement("D", NOON - 10, offset_s=8.0),
                     made.announcement("A", offset_s=1.0), made.announcement("B", offset_s=2.0),
                     made.forged("C", offset_s=9.0))
        self.assertEqual([each.to_median_s for each in found], [-0.5, 0.5, None, None])

    def test_an_announcer_heard_at_two_addresses_is_one(self):
        found = made.network(made.announcement("A", offset_s=1.0),
                             made.announcement("A", offset_s=2.0, address="fd77::1"),
                             made.announcement("B", offset_s=5.0)).offsets(NOON, 5)
        self.assertEqual({who: offset for who, (offset, _) in found.items()},
                         {(KEYS["A"],): 1.5, (KEYS["B"],): 5.0})


class Announcers(unittest.TestCase):
    def test_they_are_counted_by_key_or_else_by_address(self):
        cases = (
            ("two addresses, one key", (made.announcement("A"),
                                        made.announcement("A", address="fd77::1")), 1),
            ("two keys", (made.announcement("A"), made.announcement("B")), 2),
            ("both streams", (made.announcement("A"), made.plain("A")), 1),
            ("nobody signs", (made.plain("A"), made.plain("B")), 2),
            ("somebody signs", (made.announcement("A"), made.plain("B")), 2),
            ("a forger is none", (made.announcement("A"), made.forged("B")), 1),
            ("a key that signed nothing", (made.announcement("A", signature="none"),
                                           made.announcement("A", address="fd77::1",
                                                             signature="none")), 2),
            ("nobody", (), 0),
        )
        for name, texts, count in cases:
            with self.subTest(name):
                self.assertEqual(made.network(*texts).view(NOON).announcers, count)


class Conditions(unittest.TestCase):
    def expect(self, conditions, *texts, now=NOON):
        self.assertEqual(row(*texts, now=now).conditions, conditions)

    def test_nothing_is_wrong_with_an_announcer(self):
        self.expect((), made.announcement())

    def test_each_condition_has_its_words(self):
        for members in ({"leap": "unsynchronised"}, {"stratum": 0}, {"stratum": 16}):
            self.expect(("unsynchronised",), made.announcement(**members))
        self.expect(("bad signature",), made.forged())
        self.expect(("bad signature", "silent", "unsynchronised"), made.forged(stratum=0),
                    now=NOON + 4)

    def test_silence_is_three_intervals_and_at_least_3_s_and_a_margin(self):
        for interval, patience in ((0.125, 3.5), (1, 3.5), (9, 27.5), (None, 3.5)):
            text = made.announcement(interval_s=interval)
            with self.subTest(interval):
                self.expect((), text, now=NOON + patience)
                self.expect(("silent",), text, now=NOON + patience + 0.01)

    def test_the_listener_may_call_it_silent_earlier(self):
        texts = [made.announcement(interval_s=0.125), made.alarm("silence")]
        self.expect(("silent",), *texts)
        self.expect((), *texts, made.announcement())

    def test_a_recent_alarm_of_the_source_is_one(self):
        texts = [made.announcement(), made.alarm("step")]
        self.expect(("step",), *texts, made.announcement(time_s=NOON + 59), now=NOON + 59)
        self.expect((), *texts, made.announcement(time_s=NOON + 60), now=NOON + 60)

    def test_the_alarm_of_another_is_none(self):
        others = ({"who": "B"}, {"interface": "eth1"}, {"key": None}, {"key": KEYS["B"]})
        for other in others:
            with self.subTest(other):
                self.expect((), made.announcement(), made.alarm("step", **other))

    def test_alarms_that_conditions_tell_better_are_none(self):
        for name in ("unsynchronised", "synchronised", "heard-again", "bad-signature",
                     "second-announcer"):
            with self.subTest(name):
                self.expect((), made.announcement(), made.alarm(name))


class Forgotten(unittest.TestCase):
    """Who was silent for an hour, as an old key or an old address is for ever."""

    def setUp(self):
        self.network = made.network(made.announcement("A"), made.announcement("B"))
        for passed_s in (1800, 3600, 3602):
            self.network.observe(lines.parse(made.announcement("B")), NOON + passed_s)

    def addresses(self, rows):
        return [each.address for each in rows]

    def test_it_is_no_announcer_any_more(self):
        view = self.network.view(NOON + 3600)
        self.assertEqual((self.addresses(view.rows), view.past, view.announcers),
                         ([ADDRESSES["A"], ADDRESSES["B"]], (), 2))
        view = self.network.view(NOON + 3601)
        self.assertEqual((self.addresses(view.rows), self.addresses(view.past), view.announcers),
                         ([ADDRESSES["B"]], [ADDRESSES["A"]], 1))

    def test_it_is_in_what_tells_of_all_that_was_heard(self):
        whole = self.network.view(NOON + 3601).whole()
        self.assertEqual((self.addresses(whole.rows), whole.past, whole.announcers),
                         ([ADDRESSES["A"], ADDRESSES["B"]], (), 2))

    def test_it_is_back_when_it_is_heard_again(self):
        self.network.observe(lines.parse(made.announcement("A")), NOON + 4000)
        view = self.network.view(NOON + 4000)
        self.assertEqual((view.past, view.announcers), ((), 2))

    def test_who_promised_longer_intervals_is_waited_for(self):
        network = made.network(made.plain("A", interval_s=2048.0))
        self.assertEqual(network.view(NOON + 6000).past, ())
        self.assertEqual(len(network.view(NOON + 6145).past), 1)


class Whole(unittest.TestCase):
    def test_the_view_tells_what_can_be_heard_and_what_cannot(self):
        view = made.network(made.hearing(), made.hearing("deaf", 123, reason="not permitted"),
                            made.hearing("deaf", 7), made.hearing("hearing", 7)).view(NOON)
        self.assertEqual([group.port for group in view.hearing], [7, 11123])
        self.assertEqual([(group.port, group.reason) for group in view.deaf],
                         [(123, "not permitted")])

    def test_what_was_said_before_there_was_an_interface_is_over(self):
        view = made.network(made.hearing("deaf", interface="-"), made.hearing("deaf", 123,
                            interface="-"), made.hearing()).view(NOON)
        self.assertEqual((len(view.hearing), view.deaf), (1, ()))

    def test_what_could_not_be_read_is_counted(self):
        view = made.network("rubbish", made.announcement(), "[]").view(NOON)
        self.assertEqual((view.broken, view.last_broken, view.announcements),
                         (2, "no object of JSON", 1))

    def test_this_hosts_clock_is_as_was_said_last(self):
        texts = [made.announcement(host_synchronised=value) for value in (None, False, True, None)]
        found = [made.network(*texts[:count]).view(NOON).host_synchronised
                 for count in range(1, 5)]
        self.assertEqual(found, [None, False, True, True])

    def test_what_the_listener_of_this_host_said_counts_for_ten_seconds(self):
        network = made.network(made.estimate())
        for passed_s, state in ((0.0, "synchronised"), (10.0, "synchronised"), (10.5, None)):
            view = network.view(NOON + passed_s)
            with self.subTest(passed_s):
                self.assertEqual(view.estimate and view.estimate.state, state)
                self.assertEqual(view.unanswered_s, None if state else passed_s)
        self.assertIsNone(made.network(made.announcement()).view(NOON).unanswered_s)

    def test_the_time_goes_on_after_the_last_line(self):
        view = made.network(made.announcement(time_s=NOON - 5), made.announcement()).view(NOON + 2)
        self.assertEqual((view.time_s, view.span_s), (NOON + 2, 7.0))

# SPDX-License-Identifier: MIT
"""The view as lines for a log."""

import unittest

import made
from made import NOON
from timecast_monitor import lines, words

# By what is special, the line behind the time.
ROWS = (
    (made.announcement("A", interval_s=0.5, lost=1),
     "192.0.2.1 on eth0: key AAAAAA, stratum 3 (GPS), leap none, every 500 ms, loss 50%, "
     "offset +10 us, age 0.0 s"),
    (made.plain("A", stratum=0, leap="unsynchronised", interval_s=None, reference_id=None),
     "192.0.2.1 on eth0: no key, stratum 0, leap unsynchronised, age 0.0 s, UNSYNCHRONISED"),
)
EVENTS = (
    (made.hearing(), "hearing 239.255.123.124:11123 on eth0"),
    (made.hearing("deaf", group="ff02::101", reason="no such device"),
     "cannot hear [ff02::101]:11123 on eth0: no such device"),
    (made.alarm("step", text="it stepped"), "alarm step: it stepped"),
    (made.announcement(), None), (made.packet(), None), (made.line("summary"), None),
)
STAMP = "2026-11-01 00:00:00 "


class Words(unittest.TestCase):
    def setUp(self):
        made.in_utc(self)

    def test_a_source_has_a_line_with_all_that_is_known(self):
        for text, expected in ROWS:
            with self.subTest(expected):
                self.assertEqual(words.Log().tick(made.network(text).view(NOON)),
                                 [STAMP + expected])

    def test_two_announcers_are_compared(self):
        network = made.network(made.announcement("A", offset_s=0.0),
                               made.announcement("B", offset_s=1.0))
        found = words.Log().tick(network.view(NOON))
        self.assertIn("offset +1 s, to median +500 ms", found[1])

    def test_an_event_has_a_line(self):
        for text, expected in EVENTS:
            with self.subTest(expected):
                self.assertEqual(words.event(lines.parse(text)),
                                 expected and STAMP + expected)

    def test_nothing_is_said_twice(self):
        network = made.network(made.announcement(host_synchronised=False), "rubbish", made.packet())
        log = words.Log()
        self.assertEqual(len(log.tick(network.view(NOON))), 4)
        self.assertEqual(log.tick(network.view(NOON)), [])

    def test_that_the_listener_of_this_host_is_gone_is_said_once_each_time(self):
        network, log, found = made.network(made.estimate()), words.Log(), []
        for passed_s in (0, 11, 12):
            found += log.tick(network.view(NOON + passed_s))
        network.observe(lines.parse(made.estimate()), NOON + 20)
        for passed_s in (20, 31):
            found += log.tick(network.view(NOON + passed_s))
        line = ("2026-11-01 00:00:11 the timecast-listener of this host has not answered for "
                "11.0 s: its state, error and bound are not known now")
        self.assertEqual([each for each in found if "nothing is announced" not in each], [line] * 2)

    def test_who_is_forgotten_is_named_once(self):
        network, log = made.network(made.announcement("A"), made.forged("B")), words.Log()
        log.tick(network.view(NOON))
        network.observe(lines.parse(made.announcement("C")), NOON + 3601)
        found = log.tick(network.view(NOON + 3601)) + log.tick(network.view(NOON + 3602))
        line = ("2 sources were silent for over an hour and are left out: 192.0.2.1 on eth0 (key "
                "AAAAAA), 192.0.2.2 on eth0 (key BBBBBB)")
        self.assertEqual([each for each in found if "left out" in each], [STAMP + line])

    def test_of_many_that_are_forgotten_three_are_named(self):
        network = made.network(*[made.announcement(address=f"192.0.2.{n}", key=None)
                                 for n in range(1, 6)])
        found = words.Log().tick(network.view(NOON + 3601))
        self.assertIn("192.0.2.3 on eth0 (no key), and 2 more", found[-1])
        self.assertIn("nothing is announced here, for 3601 s", "".join(found))

    def test_what_is_new_is_said(self):
        network = made.network(made.announcement())
        log = words.Log()
        log.tick(network.view(NOON))
        network.observe(lines.parse(made.announcement()), NOON)
        self.assertEqual(len(log.tick(network.view(NOON))), 1)
        network.on_broken_line("no JSON")
        self.assertIn("1 line could not be read", log.tick(network.view(NOON))[0])
        network.on_broken_line("no JSON")
        self.assertIn("2 lines could not be read", log.tick(network.view(NOON))[0])

    def test_silence_is_said_once(self):
        log = words.Log()
        network = made.network(made.announcement())
        found = [log.tick(network.view(NOON + seconds)) for seconds in range(6)]
        self.assertEqual([len(each) for each in found], [1, 0, 0, 0, 1, 0])
        self.assertTrue(found[4][0].endswith("age 4.0 s, SILENT"))

    def test_that_nothing_is_announced_is_said_once(self):
        log = words.Log()
        network = made.network(made.hearing())
        found = [log.tick(network.view(NOON + seconds)) for seconds in range(6)]
        self.assertEqual([len(each) for each in found], [0, 0, 0, 1, 0, 0])

# SPDX-License-Identifier: MIT
"""What a terminal shows, at any of its sizes."""

import re
import unittest

import golden
import made
from made import NOON
from timecast_monitor import table

COLOUR = re.compile(r"\033\[[0-9;]*m")


def busy_network():
    """Something of everything."""
    old = made.all_of(made.series("D", [3e-6] * 3, address="fd77::4"))
    return made.network(
        made.hearing(time_s=NOON - 20),
        made.hearing("deaf", 123, group="239.255.123.123", time_s=NOON - 20,
                     reason="permission denied; grant CAP_NET_BIND_SERVICE"),
        *[text.replace(str(NOON - 2), str(NOON - 14)) for text in old[:1]],
        *made.all_of(made.series("A", [12.3e-6, 12.2e-6, 9e-3, 12.3e-6, 12.4e-6]),
                     made.series("B", [-1.5e-3] * 4, lost=1, stratum=10, reference_id="7C0FFEE1",
                                 leap="insert"),
                     [made.plain("A", NOON - 6.5, offset_s=80e-6)],
                     made.series("E", [0.0] * 2, stratum=0, leap="unsynchronised",
                                 interface="wlan0", interval_s=0.5, reference_id="")),
        made.forged("B", address="192.0.2.66", offset_s=0.25),
        made.alarm("second-announcer", "B", NOON - 3,
                   text="192.0.2.2 announces on eth0 as well, with another key"),
        made.alarm("leap", "B", NOON - 1, text="192.0.2.2 now announces a leap second, before: "
                                               "none"),
        made.packet(), "rubbish")


def text_of(network, width, now=NOON, **more):
    return "\n".join(table.render(network.view(now), width, **more)) + "\n"


class Table(unittest.TestCase):
    def setUp(self):
        made.in_utc(self)

    def test_it_reads_like_this_at_three_widths(self):
        for width in (40, 80, 120):
            with self.subTest(width):
                golden.expect(self, f"table.{width}.txt", text_of(busy_network(), width))

    def test_it_reads_like_this_in_24_lines(self):
        golden.expect(self, "table.80x24.txt", text_of(busy_network(), 80, height=24))

    def test_it_reads_like_this_before_there_is_anything(self):
        silent = made.network(made.hearing())
        golden.expect(self, "table.quiet.txt",
                      text_of(made.network(), 80) + "---\n" + text_of(silent, 80, NOON + 2.9) +
                      "---\n" + text_of(silent, 80, NOON + 3))

    def test_it_reads_like_this_on_a_host_whose_clock_is_wrong(self):
        network = made.network(made.announcement("A", offset_s=99.0, host_synchronised=False),
                               made.announcement("B", offset_s=99.001, host_synchronised=False))
        golden.expect(self, "table.unsynchronised.txt", text_of(network, 80))

    def test_nothing_is_wider_or_higher_than_the_terminal(self):
        view = busy_network().view(NOON)
        for width in range(1, 130):
            for height in (1, 2, 5, 10, 24, 60):
                for colours in (False, True):
                    lines = table.render(view, width, height, colours)
                    self.assertLessEqual(len(lines), height, (width, height))
                    longest = max(len(COLOUR.sub("", line)) for line in lines)
                    self.assertLessEqual(longest, width, (width, height))

    def test_columns_are_two_apart_where_there_is_room(self):
        view = made.network(made.announcement("A"), made.announcement("B")).view(NOON)
        whole = max(map(len, table.rows(view, 200)))
        self.assertEqual(table.rows(view, whole), table.rows(view, 200))
        close = table.rows(view, whole - 1)
        self.assertEqual(len(close[0]), whole - len(table.COLUMNS) + 1)
        self.assertEqual(close[0].split(), table.rows(view, 200)[0].split())

    def test_a_sparkline_has_the_last_offsets_between_the_extremes(self):
        self.assertEqual(table.sparkline(()), "-")
        self.assertEqual(table.sparkline((5e-6, 5e-6)), "\u2581\u2581")
        drawn = table.sparkline((0.0, 7e-6, 3e-6))
        self.assertEqual(drawn, "\u2581\u2588\u2584")
        self.assertEqual(drawn.translate(table.AS_ASCII), "_#-")
        self.assertEqual(len(table.sparkline(tuple(range(60)))), table.SPARKLINE_OF)

    def test_an_address_that_is_too_wide_is_cut(self):
        view = made.network(made.announcement(address="fd77::1:2:3:4")).view(NOON)
        self.assertEqual(table.rows(view, 20), [" announcer    offset", " fd77::1:2:3~ +10 us"])

    def test_a_column_of_nothing_goes_first(self):
        lone = table.rows(made.network(made.announcement()).view(NOON), 30)
        self.assertEqual(lone[0].split(), ["announcer", "loss", "offset", "age"])
        two = made.network(made.announcement("A"), made.announcement("B")).view(NOON)
        self.assertEqual(table.rows(two, 30)[0].split(), ["announcer", "offset", "to", "median"])

    def test_colours_change_no_character(self):
        view = busy_network().view(NOON)
        plain, coloured = (table.render(view, 80, 24, colours) for colours in (False, True))
        self.assertEqual(plain, [COLOUR.sub("", line) for line in coloured])
        self.assertNotEqual(plain, coloured)
        self.assertNotIn("\033", "".join(plain))

    def test_what_is_grave_is_red_and_what_is_not_is_yellow(self):
        cases = ((made.forged(), "31"), (made.announcement(time_s=NOON - 9), "31"),
                 (made.announcement(stratum=0), "33"), (made.announcement(), None))
        for text, colour in cases:
            with self.subTest(text):
                lines = table.render(made.network(text).view(NOON), 80, colours=True)
                row = next(line for line in lines if "192.0.2.1" in line)
                self.assertEqual(row.startswith("\033"), colour is not None)
                if colour:
                    self.assertTrue(row.startswith(f"\033[{colour}m"), row)

    def test_rows_that_do_not_fit_are_counted(self):
        network = made.network(*[made.announcement(address=f"10.0.0.{n}") for n in range(100)])
        lines = table.render(network.view(NOON), 80, 24)
        self.assertEqual(len(lines), 24)
        self.assertIn("and 81 more", lines[-1])
        self.assertTrue(table.render(network.view(NOON), 80, 104)[-1].startswith(" 10.0.0.99 "))
        self.assertIn("and 2 more", table.render(network.view(NOON), 80, 103)[-1])

    def test_the_latest_alarm_is_the_first(self):
        network = made.network(made.announcement(), *[
            made.alarm("step", time_s=NOON + n, text=f"number {n}") for n in range(50)])
        lines = table.render(network.view(NOON + 50), 80, 24)
        self.assertLessEqual(len(lines), 24)
        first = lines.index("alarms, the latest first") + 1
        self.assertTrue(lines[first].endswith("number 49"))

    def test_a_time_that_no_calendar_has_is_shown_as_none(self):
        for time_s in (-1.0, 1e300):
            network = made.network(made.announcement(time_s=time_s))
            self.assertIn("--:--:--", table.render(network.view(time_s), 80)[0])

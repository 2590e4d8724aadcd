# SPDX-License-Identifier: MIT
"""Spans of time as people write and read them."""

import unittest

import made  # noqa: F401  finds the package
from timecast_monitor import spans

SHOWN = (
    (0.0, "0 ns"), (-1e-12, "-0.001 ns"), (1e-9, "1 ns"), (-0.9e-9, "-0.9 ns"),
    (12.34e-6, "12.3 us"), (-12.36e-6, "-12.4 us"), (999.4e-9, "999 ns"), (999.6e-9, "1 us"),
    (1.05e-3, "1.05 ms"), (0.25, "250 ms"), (0.9996, "1 s"), (3.0, "3 s"), (999.4, "999 s"),
    (3600.0, "3600 s"),
    (9999.6, "2.78 h"), (86400.0, "24 h"), (1e7, "116 d"), (1.8e9, "57 y"), (1e15, "31688088 y"),
)
READ = (
    ("1ms", 1e-3), ("500us", 500e-6), ("500 us", 500e-6), ("500\u00b5s", 500e-6), ("7ns", 7e-9),
    ("2s", 2.0), ("0.001", 1e-3), (".5", 0.5), ("1.", 1.0), ("1e-3", 1e-3), ("1e3ms", 1.0),
)
REFUSED = ("", "ms", "1 parsec", "1m", "-ms", "+1ms", "nan", "inf", "1ms ", " 1ms", "1,5ms", "1e",
           "1MS", "0x1", "\u0661ms")
OUT_OF_RANGE = ("0", "-1ms", "-.5", "-0", "0.0ms", "1e-400", "1e999", "1000001")
DECIMAL = ((0.0, "0"), (12e-6, "0.000012"), (-1e-9, "-0.000000001"), (1e-12, "0"), (-1e-12, "0"),
           (0.25, "0.25"), (100.0, "100"), (1e15, "1000000000000000"))


class Spans(unittest.TestCase):
    def test_a_span_is_shown_with_three_digits_and_a_unit_that_fits(self):
        for seconds, text in SHOWN:
            with self.subTest(text):
                self.assertEqual(spans.show(seconds), text)

    def test_a_sign_is_shown_where_it_is_asked_for(self):
        self.assertEqual([spans.show(value, "+") for value in (1e-3, -1e-3, 0.0, -0.0)],
                         ["+1 ms", "-1 ms", "+0 ns", "+0 ns"])

    def test_a_span_is_read_with_any_of_its_units(self):
        for text, seconds in READ:
            with self.subTest(text):
                self.assertEqual(spans.read(text), seconds)

    def test_what_is_no_span_is_refused_with_what_was_expected(self):
        for text in REFUSED:
            with self.subTest(text):
                with self.assertRaisesRegex(ValueError, "is no span of time; write it like 1ms"):
                    spans.read(text)

    def test_a_span_out_of_range_is_refused_with_the_range(self):
        for text in OUT_OF_RANGE:
            with self.subTest(text):
                with self.assertRaisesRegex(ValueError, r"out of range \(above 0, at most 1000000"):
                    spans.read(text)

    def test_machines_read_no_exponent(self):
        for seconds, text in DECIMAL:
            with self.subTest(text):
                self.assertEqual(spans.decimal(seconds), text)

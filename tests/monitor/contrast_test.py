# SPDX-License-Identifier: MIT
"""The page's colours can be told from what they stand on: 4.5 for text, 3 for lines (WCAG 2.2)."""

import re
import unittest

import made  # noqa: F401  finds the package
from timecast_monitor import document

TEXTS = ("text", "quiet", "good", "fair", "bad")
LINES = tuple(f"s{number}" for number in range(8))


def palettes():
    """The light one and the dark one, as {name: luminance}."""
    light, dark = re.findall(r":root \{(.*?)\}", document.template(), re.S)
    found = []
    for text in (light, dark):
        found.append({name: luminance(colour)
                      for name, colour in re.findall(r"--(\w+): #(\w{6})", text)})
    return found


def luminance(colour):
    channels = [int(colour[at:at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


class Colours(unittest.TestCase):
    def test_texts_and_lines_stand_out_in_light_and_in_dark(self):
        for palette in palettes():
            for names, least in ((TEXTS, 4.5), (LINES, 3.0)):
                for name in names:
                    for back in ("back", "card"):
                        with self.subTest(name=name, back=back):
                            self.assertGreaterEqual(contrast(palette[name], palette[back]), least)

# SPDX-License-Identifier: MIT
"""scripts/pictures draws every picture of docs/monitor, and a terminal's cells as they were written."""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/monitor"
sys.path.insert(0, str(ROOT / "scripts/pictures.d"))

import cells  # noqa: E402


class Pictures(unittest.TestCase):
    def test_there_is_a_picture_for_every_name_and_no_other(self):
        done = subprocess.run([ROOT / "scripts/pictures", "--list"], capture_output=True, text=True,
                              check=True)
        self.assertEqual(sorted(done.stdout.split()),
                         sorted(file.stem for file in FOLDER.iterdir()))

    def test_the_documentation_shows_each(self):
        text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
        shown = set(re.findall(r"\(monitor/([\w-]+)\.png\)", text))
        self.assertEqual(shown, {file.stem for file in FOLDER.iterdir()})

    def test_a_name_that_is_none_is_refused_with_those_that_are(self):
        done = subprocess.run([ROOT / "scripts/pictures.d/draw", "sunset"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "^pictures: there is no picture sunset; there are terminal, ")


class Cells(unittest.TestCase):
    def text(self, drawn):
        return re.search("<pre>(.*)</pre>", cells.page(drawn, 80, 24), re.DOTALL)[1]

    def test_text_is_text_and_controls_are_not(self):
        self.assertEqual(self.text("a < b\033[K\r\n\033[?25lnext\033[J"), "a &lt; b\nnext")

    def test_colours_are_those_of_the_terminal_until_they_end(self):
        self.assertEqual(self.text("\033[1mhead\033[0m \033[31mbad\033[K\033[0m good"),
                         '<span class="b">head</span> <span class="red">bad</span> good')

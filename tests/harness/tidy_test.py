# SPDX-License-Identifier: MIT
"""scripts/test.d/tidy blames the source that is to blame, though it looks at many together."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest
import unittest.mock

from scripts_loader import load

PATH = pathlib.Path(__file__).resolve().parents[2] / "scripts/test.d/tidy"
SETTINGS = """\
Checks: '-*,clang-diagnostic-*,misc-unused-using-decls,readability-identifier-naming'
WarningsAsErrors: '*'
HeaderFilterRegex: '/listener/'
CheckOptions:
  - { key: readability-identifier-naming.FunctionCase, value: lower_case }
"""
GOOD = "int {0}() {{ return 1; }}\n"
UNUSED = "namespace far { int near(); }\nusing far::near;\n"


class Tidy(unittest.TestCase):
    def setUp(self):
        self.tidy = load(PATH)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.build = self.root / "build"
        self.build.mkdir()
        (self.root / "listener").mkdir()
        (self.root / ".clang-tidy").write_text(SETTINGS)
        (self.build / "build.ninja").write_text("ninja_required_version = 1.5\n")

    def check(self, **texts):
        """The names that it complains of, and how many it did not look at again."""
        commands = []
        for name, text in texts.items():
            file = self.root / "listener" / f"{name}.cpp"
            file.write_text(text)
            commands.append({"directory": str(self.build), "file": str(file),
                             "command": f"clang++-14 -std=c++20 -o {name}.o -c {file}"})
        (self.build / "compile_commands.json").write_text(json.dumps(commands))
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            passed, failed = self.tidy.check(self.build, self.root, 1, ("listener",),
                                             self.tidy.SHALLOW)
        lines = said.getvalue().split("\n")
        blamed = [pathlib.Path(line.split()[1]).stem for line in lines if line.startswith("FAILED ")]
        self.assertEqual((passed, failed), (len(texts) - len(blamed), len(blamed)))
        return blamed, int(lines[0].split()[2])

    def test_one_of_many_is_blamed_and_the_others_are_remembered(self):
        texts = {name: GOOD.format(name) for name in ("a", "b", "c", "d")}
        texts["c"] = GOOD.format("Wrong")
        self.assertEqual(self.check(**texts), (["c"], 0))
        self.assertEqual(self.check(**texts), (["c"], 3))
        texts["c"] = GOOD.format("right")
        self.assertEqual(self.check(**texts), ([], 3))
        self.assertEqual(self.check(**texts), ([], 4))

    def test_those_that_are_all_right_are_looked_at_once(self):
        runs = unittest.mock.Mock(side_effect=self.tidy.run_tidy)
        with unittest.mock.patch.object(self.tidy, "run_tidy", runs):
            self.check(**{name: GOOD.format(name) for name in ("a", "b", "c", "d")})
        self.assertEqual(runs.call_count, 1)

    def test_what_only_a_source_alone_is_blamed_for_is_found(self):
        self.assertEqual(self.check(a=GOOD.format("a"), b=UNUSED, c=GOOD.format("c"))[0], ["b"])

    def test_names_that_are_a_source_s_own_are_no_fault(self):
        own = "namespace {{ {0} }}\nint {1}() {{ return two(); }}\n"
        seen = "namespace {{\nint two() {{ return 2; }}\n}}\nint {0}() {{ return two(); }}\n"
        unseen = "  int two() { return 2; }"
        self.assertEqual(self.check(a=seen.format("a"), b=seen.format("b"),
                                    c=own.format(unseen, "c"), d=own.format(unseen, "d"))[0], [])

    def test_a_clang_tidy_that_is_killed_lets_nobody_pass(self):
        killed = self.root / "killed"
        killed.write_text('#!/bin/sh\n[ "$1" = --version ] || kill -9 $$\n')
        killed.chmod(0o755)
        texts = {name: GOOD.format(name) for name in ("a", "b")}
        with unittest.mock.patch.object(self.tidy, "TIDY", str(killed)):
            self.assertEqual(self.check(**texts)[0], ["a", "b"])
        self.assertEqual(self.check(**texts), ([], 0))

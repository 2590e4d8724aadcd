# SPDX-License-Identifier: MIT
"""The check of types complains of what two files define, and of nothing else."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent


def within(*spaces, text):
    """The text of a file with `text` in these namespaces."""
    opened = [f"namespace {space} {{".replace("  ", " ") for space in spaces]
    closed = [f"}}  // namespace {space}".rstrip() for space in reversed(spaces)]
    return "\n".join((*opened, text, *closed)) + "\n"


# (what is the matter, one file, another)
OFFENDING = (
    ("structs", within("a", text="struct T {\n};"), within("a", text="struct T {\n};")),
    ("struct and enum", within("a", text="struct T {\n};"), within("a", text="enum class T : int {")),
    ("in one line", within("a", text="enum class T { x };"), within("a", text="class T { int x; };")),
    ("templates", within("a", text="template <class X>\nstruct T {"),
     within("a", text="template <class X> struct T {")),
    ("spaces in one", within("a", "b", text="struct T {"), within("a::b", text="union T {")),
    ("after unnamed", within("a", text=within("", text="") + "struct T {"),
     within("a", text="class [[nodiscard]] T {")),
)

FITTING = (
    ("other names", within("a", text="struct T {"), within("a", text="struct U {")),
    ("other spaces", within("a", text="struct T {"), within("b", text="struct T {")),
    ("unnamed", within("a", "", text="struct T {"), within("a", "", text="struct T {")),
    ("declared", within("a", text="struct T {"), within("a", text="class T;\nenum class T;")),
    ("aliases", within("a", text="using T = int;"), within("a", text="using T = long;")),
    ("specialised", within("a", text="struct T {"), within("a", text="template <> struct T<int> {")),
    ("within types", within("a", text="struct T {\n  struct X {\n  };\n};"),
     within("a", text="struct U {\n  struct X {\n  };\n};")),
)


class Types(unittest.TestCase):
    def check(self, *texts):
        with tempfile.TemporaryDirectory() as root:
            for name, text in zip(("common/a.hpp", "listener/b.cpp"), texts):
                file = pathlib.Path(root, name)
                file.parent.mkdir()
                file.write_text(text)
            command = [sys.executable, "-B", HERE / "check_types.py", root]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def test_complains_of_a_type_that_two_files_define(self):
        for name, one, other in OFFENDING:
            with self.subTest(name):
                status, output = self.check(one, other)
                self.assertEqual(status, 1, output)
                self.assertRegex(output, r"listener/b.cpp:\d+: a::(b::)?T is a type of common/a.hpp:\d")
                self.assertTrue(output.endswith("passed=0 failed=1 skipped=0\n"), output)

    def test_accepts_what_files_have_for_themselves(self):
        for name, one, other in FITTING:
            with self.subTest(name):
                one += within("z", text="struct Z {")
                self.assertEqual(self.check(one, other), (0, "passed=1 failed=0 skipped=0\n"))

    def test_complains_of_a_namespace_whose_end_it_does_not_see(self):
        status, output = self.check("namespace {\nint x;\n}\nnamespace a {\nstruct T {\n")
        self.assertEqual(status, 1, output)
        self.assertIn("common/a.hpp:6: a namespace ends without", output)

    def test_a_tree_without_types_is_a_failure(self):
        self.assertEqual(self.check("int x;\n"), (1, "passed=0 failed=0 skipped=0\n"))

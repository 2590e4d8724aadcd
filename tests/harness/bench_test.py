# SPDX-License-Identifier: MIT
"""scripts/bench says what a measurement may be told, and builds nothing for that."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Of the last `case`: all measurements.
NAMES = re.search(r"\n  (idle \|[^)]*)\)", (ROOT / "scripts/bench").read_text(encoding="utf-8"))[1]
BUILT_TO_SAY = {"accuracy"}  # its options are a program's


class Help(unittest.TestCase):
    def test_what_a_measurement_may_be_told_is_printed_before_anything_is_built(self):
        names = set(re.findall(r"\w+", NAMES)) - BUILT_TO_SAY
        self.assertLess({"size", "serving", "install"}, names)
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            shutil.copytree(ROOT / "scripts", tree / "scripts")
            (tree / "tests").symlink_to(ROOT / "tests")
            # What builds would be a failure.
            for program in ("scripts/bootstrap", "scripts/package"):
                (tree / program).write_text("#!/bin/sh\necho built >&2\nexit 3\n", encoding="ascii")
            for name in sorted(names):
                for word in ("--help", "-h"):
                    with self.subTest(name=name, word=word):
                        done = subprocess.run([tree / "scripts/bench", name, word], text=True,
                                              capture_output=True, check=False, timeout=60)
                        self.assertEqual((done.returncode, done.stderr), (0, ""))
                        self.assertIn(name, done.stdout)
            self.assertEqual({path.name for path in tree.iterdir()}, {"scripts", "tests"})


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: MIT
"""scripts/bench says what a measurement may be told, and builds nothing for that."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLD = sorted(path.name for path in (ROOT / "scripts/bench.d").iterdir() if os.access(path, os.X_OK))


class Help(unittest.TestCase):
    def test_what_a_measurement_may_be_told_is_printed_before_anything_is_built(self):
        self.assertIn("serving", TOLD)
        for name in TOLD:
            for word in ("--help", "-h"):
                with self.subTest(name=name, word=word), tempfile.TemporaryDirectory() as folder:
                    tree = pathlib.Path(folder)
                    for part in ("scripts", "tests"):
                        shutil.copytree(ROOT / part, tree / part)
                    done = subprocess.run([tree / "scripts/bench", name, word], capture_output=True,
                                          text=True, check=False, timeout=60)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertIn(f"usage: {name}", done.stdout)
                    self.assertFalse((tree / "build").exists())


if __name__ == "__main__":
    unittest.main()

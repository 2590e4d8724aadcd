# SPDX-License-Identifier: MIT
"""tests/network/run counts what it could not run, and never as passed."""

import os
import pathlib
import subprocess
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parents[2] / "tests/network/run"


class NetworkRun(unittest.TestCase):
    def run_with(self, unshare):
        """Runs it with another `unshare`; returns the status and what was printed."""
        with tempfile.TemporaryDirectory() as folder:
            fake = pathlib.Path(folder, "unshare")
            fake.write_text(f"#!/bin/sh\n{unshare}\n", encoding="ascii")
            fake.chmod(0o755)
            done = subprocess.run([RUN], env={"PATH": f"{folder}:{os.environ['PATH']}"},
                                  capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout.splitlines()

    def test_without_namespaces_every_test_is_skipped_by_its_name_and_with_the_reason(self):
        status, (*lines, last) = self.run_with("echo it is forbidden >&2; exit 1")
        self.assertEqual(status, 0)
        self.assertGreater(len(lines), 50)
        for line in lines:
            self.assertRegex(line, r"^skipped: \w+\.\w+\.test_\w+: .*it is forbidden")
        self.assertEqual(last, f"passed=0 failed=0 skipped={len(lines)}")

    def test_a_class_that_dies_without_a_word_has_failed(self):
        status, (*_, last) = self.run_with('case "$*" in *probe0*) exit 0 ;; *) exit 3 ;; esac')
        self.assertEqual(status, 1)
        self.assertRegex(last, r"^passed=0 failed=[1-9]\d* skipped=0$")

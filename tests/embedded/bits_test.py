# SPDX-License-Identifier: MIT
"""The check of the bits fails when it must."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import check_bits
import machine

HERE = pathlib.Path(__file__).resolve().parent
GOOD = "".join(f"turn {number}: hash {number:016x}\n" for number in range(check_bits.LINES))


class Bits(unittest.TestCase):
    def complaints(self, here, there):
        return "\n".join(check_bits.complaints(here, there))

    def test_accepts_what_is_alike(self):
        self.assertEqual(self.complaints(GOOD, GOOD), "")

    def test_names_the_first_line_that_differs(self):
        other = GOOD.replace("turn 7: hash 0000", "turn 7: hash 1000")
        other = other.replace("turn 9: hash 0000", "turn 9: hash 1000")
        complaint = self.complaints(GOOD, other)
        self.assertIn("turn 7:", complaint)
        self.assertNotIn("turn 9:", complaint)

    def test_refuses_an_output_that_ends_early(self):
        self.assertIn("0 lines were printed there", self.complaints(GOOD, ""))

    def test_refuses_an_output_that_says_nothing(self):
        self.assertIn("0 different lines", self.complaints("", ""))
        same = "turn 1: hash 0\n" * check_bits.LINES
        self.assertIn("1 different lines", self.complaints(same, same))

    def test_a_program_that_fails_is_a_failure(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-B", HERE / "check_bits.py", folder, folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("cannot be run: No such file", done.stdout)
            self.assertTrue(done.stdout.endswith("passed=0 failed=1 skipped=0\n"), done.stdout)

    def test_a_program_that_never_ends_is_a_failure(self):
        limit, machine.LIMIT_S = machine.LIMIT_S, 0.1
        try:
            with self.assertRaisesRegex(machine.Failure, "not ended within 0.1 s"):
                machine.output_of(["sleep", "10"])
        finally:
            machine.LIMIT_S = limit

# SPDX-License-Identifier: MIT
"""scripts/test notices what goes wrong in a stage, and counts what its stages report."""

import os
import pathlib
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCTEST = "[doctest] test cases: {} | {} passed | {} failed | {} skipped"
LEFT_BEHIND = 'say() { printf "%s\\n" "$@"; }\n'


def run_stages(folder, bodies, *options, **environment):
    """Runs scripts/test with stages of our own; returns its status and lines."""
    stages = "".join(f"stage_{name}() {{\n{body}\n}}\n" for name, body in bodies.items())
    file = pathlib.Path(folder, "stages.bash")
    file.write_text(f"{LEFT_BEHIND}stages=({' '.join(bodies)})\n{stages}")
    environment |= {"TIMECAST_TEST_STAGES": str(file), "TIMECAST_TEST_LOGS": folder}
    done = subprocess.run([ROOT / "scripts/test", *options], env=os.environ | environment,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def doctest(*counts):
    return f"run_doctest say '{DOCTEST.format(sum(counts), *counts)}'"


class Stages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def expect(self, body, status, last, *parts, **environment):
        """One stage with this body ends with that status, last line, and parts in the output."""
        got, lines = run_stages(self.folder, {"one": body}, **environment)
        output = "\n".join(lines)
        self.assertEqual((got, lines[-1]), (status, last), output)
        for part in parts:
            self.assertIn(part, output)

    def test_adds_up_what_stages_report(self):
        bodies = {"one": "count_one\nrun_counted say passed=3\\ failed=0\\ skipped=0",
                  "two": doctest(4, 0, 0)}
        status, lines = run_stages(self.folder, bodies)
        self.assertEqual((status, lines[-1]), (0, "8 passed, 0 failed, 0 skipped"))

    def test_a_failed_command_ends_its_stage(self):
        self.expect("false\ncount_one", 1, "0 passed, 1 failed, 0 skipped", "FAILED", "one.log")
        self.expect("count_one; false | cat\ncount_one", 1, "1 passed, 1 failed, 0 skipped")

    def test_a_stage_without_tests_has_failed(self):
        last = "0 passed, 1 failed, 0 skipped"
        self.expect("true", 1, last, "no test was run")
        self.expect("run_counted say passed=0\\ failed=0\\ skipped=0", 1, last, "no test was run")
        self.expect(doctest(0, 0, 0), 1, last, "no test was run")

    def test_the_counts_decide_even_if_the_status_is_0(self):
        self.expect("run_counted say passed=1\\ failed=2\\ skipped=0", 1,
                    "1 passed, 2 failed, 0 skipped")

    def test_the_status_decides_even_if_the_counts_are_good(self):
        fails = "fails() { say \"$1\"; return 3; }\n"
        good = DOCTEST.format(1, 1, 0, 0)
        self.expect(fails + "run_counted fails passed=1\\ failed=0\\ skipped=0", 1,
                    "1 passed, 1 failed, 0 skipped")
        self.expect(fails + f"run_doctest fails '{good}'", 1, "1 passed, 1 failed, 0 skipped")

    def test_a_runner_that_dies_has_failed(self):
        dies = "dies() { say 'passed=1 failed=0 skipped=0' 'half a li'; kill -9 $BASHPID; }\n"
        last = "0 passed, 1 failed, 0 skipped"
        self.expect(dies + "run_counted dies", 1, last, "did not end with its counts")
        self.expect(dies + "run_doctest dies", 1, last, "ended without a summary")

    def test_failed_doctest_cases_are_counted(self):
        self.expect(doctest(5, 2, 0) + "; false", 1, "5 passed, 2 failed, 0 skipped")

    def test_skipped_tests_are_listed_with_their_reason(self):
        body = "run_counted say 'skipped: routing: no kernel' 'passed=1 failed=0 skipped=1'"
        self.expect(body, 0, "1 passed, 0 failed, 1 skipped", "skipped: one: routing: no kernel")

    def test_a_doctest_case_that_says_it_is_skipped_has_not_passed(self):
        body = f"run_doctest say 'skipped: ipv6: none here' '{DOCTEST.format(3, 3, 0, 0)}'"
        self.expect(body, 0, "2 passed, 0 failed, 1 skipped", "skipped: one: ipv6: none here")

    def test_a_stage_that_hangs_is_stopped(self):
        started = time.monotonic()
        self.expect("sleep 60", 1, "0 passed, 1 failed, 0 skipped", "stopped after 1 s",
                    TIMECAST_STAGE_LIMIT="1")
        self.assertLess(time.monotonic() - started, 30)

    def test_what_a_stage_says_after_it_was_stopped_hides_nothing(self):
        late = "(trap '' TERM; sleep 2; echo late words) &\nsleep 60"
        self.expect(late, 1, "0 passed, 1 failed, 0 skipped", "stopped after 1 s",
                    TIMECAST_STAGE_LIMIT="1")
        log = pathlib.Path(self.folder, "one.log")
        deadline = time.monotonic() + 20
        while "late words" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(log.read_text().splitlines()[-2:],
                         ["stage one: stopped after 1 s", "late words"])

    def test_what_failed_is_named_however_much_was_said_after_it(self):
        self.expect("say 'FAIL: test_a (b_test.B)'; seq 200; false", 1,
                    "0 passed, 1 failed, 0 skipped", "FAIL: test_a (b_test.B)")

    def test_stops_at_the_first_failure_unless_told(self):
        bodies = {"one": "false", "two": "count_one"}
        status, lines = run_stages(self.folder, bodies)
        self.assertEqual((status, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))
        self.assertIn("not run after the failure: two", lines)
        status, lines = run_stages(self.folder, bodies, "--keep-going")
        self.assertEqual((status, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_runs_chosen_stages_only(self):
        bodies = {"one": "false", "two": "count_one"}
        status, lines = run_stages(self.folder, bodies, "--stage", "two")
        self.assertEqual((status, lines[-1]), (0, "1 passed, 0 failed, 0 skipped"))
        self.assertEqual(run_stages(self.folder, bodies, "--stage", "three")[0], 2)
        self.assertEqual(run_stages(self.folder, bodies, "--list"), (0, ["one", "two"]))

    def test_a_bad_command_line_is_named(self):
        for options, complaint in ((["--bogus"], 'there is no option "--bogus"'),
                                   (["--stage"], "--stage: name one"),
                                   (["--stage", "three"], 'there is no stage "three"')):
            with self.subTest(options):
                done = subprocess.run([ROOT / "scripts/test", *options], capture_output=True,
                                      text=True, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(f"scripts/test: {complaint}", done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_the_ci_command_is_the_same(self):
        commands = (ROOT / "scripts/test", ROOT / ".ci/run")
        here, ci = (subprocess.run([command, "--list"], cwd="/", capture_output=True, check=True)
                    for command in commands)
        self.assertEqual(here.stdout, ci.stdout)

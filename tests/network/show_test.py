# SPDX-License-Identifier: MIT
"""What scripts/run shows, by the part of it that runs the programs."""

import itertools
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

LIVE = pathlib.Path(__file__).resolve().parents[2] / "scripts/run.d/live"
BIN = os.environ.get("TIMECAST_BIN", "")
LIMIT_S = 60


def start(folder, *options, programs=BIN):
    """The show, with its temporary files and what it may keep in `folder`."""
    places = {"TMPDIR": folder, "XDG_STATE_HOME": folder}
    return subprocess.Popen([LIVE, programs, *options], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=os.environ | places)


def programs_in(folder):
    """The processes whose state lies in `folder`."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if folder.encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue  # it has ended
    return found


class Show(unittest.TestCase):
    takes_s = 30

    @classmethod
    def setUpClass(cls):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_the_last_line_of_json_is_synchronised_and_the_status_0(self):
        show = start(self.folder, "--seconds", "12", "--json")
        output, complaints = show.communicate(timeout=LIMIT_S)
        self.assertEqual(show.returncode, 0, complaints)
        last = json.loads(output.splitlines()[-1])
        self.assertEqual(last["state"], "synchronised")
        self.assertLess(abs(last["offset_s"]), last["bound_s"])

    def test_the_next_one_trusts_its_own_announcer_and_not_the_last_ones(self):
        for _ in range(2):
            show = start(self.folder, "--seconds", "6", "--json")
            _, complaints = show.communicate(timeout=LIMIT_S)
            self.assertEqual(show.returncode, 0, complaints)

    def put_program(self, name, does):
        program = pathlib.Path(self.folder, name)
        program.write_text(f"#!/bin/sh\n{does}\n", encoding="ascii")
        program.chmod(0o755)

    def test_a_program_that_ends_by_itself_is_named_with_what_it_said(self):
        for ends, stays in itertools.permutations(("timecast-announcer", "timecast-listener")):
            with self.subTest(ends):
                self.put_program(ends, "echo no such day >&2; exit 3")
                self.put_program(stays, "exec sleep 60")
                show = start(self.folder, "--seconds", "6", programs=self.folder)
                _, complaints = show.communicate(timeout=LIMIT_S)
                self.assertEqual(show.returncode, 1)
                self.assertEqual(complaints,
                                 f"scripts/run: {ends} ended with status 3:\nno such day\n")

    def test_it_fails_if_the_listener_was_never_synchronised(self):
        show = start(self.folder, "--seconds", "1")
        _, complaints = show.communicate(timeout=LIMIT_S)
        self.assertEqual(show.returncode, 1)
        self.assertIn("did not reach", complaints)

    def test_the_table_has_a_row_a_second(self):
        show = start(self.folder, "--seconds", "6")
        output, _ = show.communicate(timeout=LIMIT_S)
        rows = [line for line in output.splitlines() if " heard, " in line]
        self.assertGreaterEqual(len(rows), 5)
        self.assertIn("frequency", output)

    def expect_nothing_left(self):
        end = time.monotonic() + 10
        while programs_in(self.folder) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(programs_in(self.folder), [])

    def test_nothing_is_left_behind_however_it_ends(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number.name):
                show = start(self.folder)
                show.stdout.readline()
                show.send_signal(number)
                show.communicate(timeout=LIMIT_S)
                self.expect_nothing_left()
                self.assertEqual(os.listdir(self.folder), [])

    def test_no_program_outlives_a_show_that_was_killed(self):
        show = start(self.folder)
        show.stdout.readline()
        show.kill()
        show.communicate(timeout=LIMIT_S)
        self.expect_nothing_left()

    def test_a_reader_that_goes_away_ends_it(self):
        show = start(self.folder, "--json")
        show.stdout.readline()
        show.stdout.close()
        self.assertIsNotNone(show.wait(timeout=LIMIT_S))
        show.stderr.close()
        self.expect_nothing_left()

# SPDX-License-Identifier: MIT
"""Who waits at a terminal is told for what, and how far it is."""

import io
import os
import pty
import unittest

import made
import programs
from timecast_monitor import main, session


class Words(unittest.TestCase):
    def test_a_check_says_how_long_it_may_take(self):
        for least_s, said in ((0.0, "listening, for 3 to 30 s"), (9.0, "listening, for 9 to 30 s"),
                              (60.0, "listening, for 60 s")):
            self.assertEqual(main.listening_for(least_s), said)

    def test_a_long_file_is_read_aloud_every_two_seconds(self):
        said = []
        view = session.LogView(io.StringIO(), True, say_meanwhile=said.append)
        seen = made.network(made.announcement("A")).view(made.NOON)
        view.show(seen)
        self.assertEqual(said, [])
        view._say_at -= session.PROGRESS_S
        view.show(seen)
        view.show(seen)
        self.assertEqual(said, ["reading: 1 announcer, 1 announcement in 0.0 s so far"])


class Terminal(programs.Case):
    def seen(self, *arguments):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        done = self.run_monitor(*arguments, capture_output=False, stdout=-3, stderr=theirs)
        self.assertEqual(done.returncode, 0)
        os.write(theirs, b"\n")
        os.close(theirs)
        return os.read(ours, 65536).decode()

    def test_a_report_says_when_it_will_be_written(self):
        steps = programs.say(made.hearing(), made.announcement("A")) + [("wait", 2)]
        file = self.folder / "report.html"
        text = self.seen("--report", file, "--wait", "1s", *self.plan(*steps))
        self.assertIn("timecast-monitor: listening, for 1 s, until the report is written ...", text)
        self.assertTrue(file.exists())

    def test_a_check_says_how_long_it_listens(self):
        steps = programs.say(made.hearing(), made.announcement("A")) + [("wait", 9)]
        self.assertIn("timecast-monitor: listening, for 3 to 30 s ...",
                      self.seen("--check", *self.plan(*steps)))

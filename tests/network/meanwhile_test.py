# SPDX-License-Identifier: MIT
"""Who waits at a terminal for more than two seconds is told for what; a pipe gets the answer alone."""

import os
import pty
import signal
import subprocess
import time

from lab import LabTest, Link
from programs import Program

ENDS_S = 20


class Meanwhile(LabTest):
    def setUp(self):
        self.host = Link().host(["192.0.2.1/24"])

    def seen(self, *command):
        """What stands on a terminal that has its standard error."""
        ours, theirs = pty.openpty()
        try:
            subprocess.run(Program.command_in(self.host, command), check=False, timeout=ENDS_S,
                           env=Program.environment_in(self.host), stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=theirs)
            os.write(theirs, b"\n")  # so that there is something to read
            return os.read(ours, 65536).decode().replace("\r", "")
        finally:
            os.close(ours)
            os.close(theirs)

    def test_query_says_that_it_asks_again(self):
        other = self.host.link.host(["192.0.2.2/24"])
        other.ip("route add blackhole 192.0.2.1/32")
        text = self.seen("timecast-listener", "query", "192.0.2.2")
        self.assertEqual(text.count("no answer from 192.0.2.2:123 yet; asking again ...\n"), 2)

    def test_query_says_that_it_looks_up_a_name_and_not_an_address(self):
        self.assertIn("looking up clock.invalid ...\n",
                      self.seen("timecast-listener", "query", "clock.invalid"))
        self.assertNotIn("looking up", self.seen("timecast-listener", "query", "127.0.0.1"))

    def test_wait_says_for_how_long_and_why(self):
        nobody = self.host.state / "nobody"
        text = self.seen("timecast-listener", "wait", "--timeout", "2", "--socket", nobody)
        self.assertRegex(text, r"^waiting, for 2 s at most: no daemon answers \(.*nobody: ")

    def test_doctor_says_how_long_it_listens(self):
        announcer = self.start(self.host.announcer)
        announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        for program in "timecast-listener", "timecast-announcer":
            text = self.seen(program, "doctor", "--seconds", "0.5", "--socket", announcer.control)
            self.assertIn("listening for 500 ms ...\n", text)

    def test_a_daemon_that_does_not_answer_is_waited_for_aloud(self):
        listener = self.start(self.host.listener)
        listener.await_line("to run", lambda line: line["type"] == "estimate")
        os.kill(listener.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, listener.pid, signal.SIGCONT)
        began = time.monotonic()
        text = self.seen("timecast-listener", "status", "--socket", listener.control)
        self.assertGreater(time.monotonic() - began, 2)
        self.assertIn("no answer yet; waiting for one ...\n", text)

    def test_a_pipe_gets_none_of_it(self):
        done = self.host.command("timecast-listener", "wait", "--timeout", "1", "--socket",
                                 self.host.state / "nobody")
        self.assertNotIn("waiting", done.stderr)

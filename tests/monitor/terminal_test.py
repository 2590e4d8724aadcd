# SPDX-License-Identifier: MIT
"""The live table on a terminal: it is redrawn, it fits, and the terminal is left as it was."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import made
import programs
from programs import LIMIT_S, say
from timecast_monitor import terminal

ENTER, LEAVE, HOME = (text.encode() for text in (terminal.ENTER, terminal.LEAVE, terminal.HOME))
CONTROL_C, CONTROL_Z = b"\x03", b"\x1a"


class Terminal:
    """A terminal with the monitor in it."""

    def __init__(self, case, columns, lines, *arguments):
        self.case = case
        self.ours, self.theirs = pty.openpty()
        case.addCleanup(os.close, self.ours)
        case.addCleanup(os.close, self.theirs)
        self.resize(columns, lines)
        self.settings = termios.tcgetattr(self.theirs)
        self.output = b""
        self.process = case.start(*arguments, stdin=self.theirs, stdout=self.theirs,
                                  stderr=self.theirs, start_new_session=True,
                                  preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def resize(self, columns, lines):
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, size)

    def type(self, keys):
        os.write(self.ours, keys)

    def read(self):
        ready, _, _ = select.select([self.ours], [], [], 0.05)
        if ready:
            self.output += os.read(self.ours, 65536)

    def read_until(self, happened, what):
        """Returns what came after the call."""
        before = len(self.output)
        end = time.monotonic() + LIMIT_S
        while not happened(self.output[before:]):
            if time.monotonic() > end:
                self.case.fail(f"no {what} in {self.output[before:]!r}")
            self.read()
        return self.output[before:]

    def read_text(self, text):
        return self.read_until(lambda output: text in output, text)

    def wait(self):
        """Its exit status."""
        self.read_until(lambda _: self.process.poll() is not None, "end")
        self.read()
        return self.process.returncode


def frames(output):
    """What was drawn on the other screen, one text a drawing."""
    inside = output.partition(ENTER)[2].partition(LEAVE)[0]
    return inside.decode().split(terminal.HOME)[1:]


def lines_of(frame):
    return re.split("\r+\n", frame)  # a terminal adds a return of its own


class Live(programs.Case):
    def table(self, columns=80, lines=24, steps=()):
        listener = self.plan(*say(made.hearing(), made.announcement("A")), *steps)
        return Terminal(self, columns, lines, *listener)

    def expect_restored(self, table):
        self.assertEqual(table.output.count(ENTER), table.output.count(LEAVE))
        self.assertEqual(termios.tcgetattr(table.theirs), table.settings)

    def test_control_c_ends_it_and_restores_the_terminal(self):
        table = self.table()
        table.read_text(b"192.0.2.1")
        table.type(CONTROL_C)
        self.assertEqual(table.wait(), 0)
        self.expect_restored(table)
        self.expect_no_listener()
        last = table.output.partition(LEAVE)[2].decode()
        self.assertRegex(last, "192.0.2.1 ")  # what was seen last stays

    def test_other_signals_do_the_same(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number.name):
                table = self.table()
                table.read_text(b"192.0.2.1")
                table.process.send_signal(number)
                self.assertEqual(table.wait(), 0)
                self.expect_restored(table)
                self.expect_no_listener()

    def test_it_is_redrawn_in_place_once_a_second(self):
        table = self.table(steps=[("wait", 1.5), *say(made.announcement("B"))])
        started = time.monotonic()
        table.read_text(b"192.0.2.2")
        table.read_text(b"192.0.2.2")
        passed = time.monotonic() - started
        drawn = frames(table.output)
        self.assertGreaterEqual(len(drawn), 3)
        self.assertLessEqual(len(drawn), passed + 3)  # two at the start
        self.assertNotIn("\033[2J", "".join(drawn))  # that would flicker
        for frame in drawn:
            self.assertTrue(frame.endswith(terminal.END_OF_SCREEN), frame)
            lines = lines_of(frame)
            self.assertTrue(all(terminal.END_OF_LINE in line for line in lines), frame)

    def test_it_fits_and_follows_the_size(self):
        table = self.table(columns=40, lines=10)
        table.read_text(b"192.0.2.1")
        table.resize(100, 30)
        table.read_text(b"reference")
        for frame in frames(table.output):
            lines = lines_of(re.sub("\033\\[[0-9;?]*[a-zA-Z]", "", frame))
            wide = any("reference" in line for line in lines)
            self.assertLessEqual(max(map(len, lines)), 100 if wide else 40)
            self.assertLessEqual(len(lines), 30 if wide else 10)

    def test_control_z_gives_the_terminal_back_meanwhile(self):
        table = self.table()
        table.read_text(b"192.0.2.1")
        table.type(CONTROL_Z)
        table.read_text(LEAVE)
        _, status = os.waitpid(table.process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status))
        table.process.send_signal(signal.SIGCONT)
        table.read_text(ENTER)
        table.read_text(b"192.0.2.1")
        table.type(CONTROL_C)
        self.assertEqual(table.wait(), 0)
        self.expect_restored(table)

    def test_the_listeners_death_is_said_on_the_restored_terminal(self):
        table = self.table(steps=[("complain", "no more memory"), ("end", 1)])
        self.assertEqual(table.wait(), 1)
        self.expect_restored(table)
        said = table.output.partition(LEAVE)[2].decode()
        self.assertIn(f"timecast-monitor: {programs.FAKE} ended (status 1): no more memory\r\n",
                      said)

    def test_colours_are_not_used_where_they_are_not_wanted(self):
        for name, value, wanted in (("NO_COLOR", "", True), ("NO_COLOR", "1", False)):
            with self.subTest(name=name, value=value):
                self.environment[name] = value
                table = self.table()
                table.read_text(b"192.0.2.1")
                table.type(CONTROL_C)
                table.wait()
                self.assertEqual(b"\033[1m" in table.output, wanted)

    def test_a_dumb_terminal_gets_lines(self):
        self.environment["TERM"] = "dumb"
        table = self.table()
        table.read_text(b"192.0.2.1 on eth0: key AAAAAA, stratum 3")
        table.type(CONTROL_C)
        self.assertEqual(table.wait(), 0)
        self.assertNotIn(b"\033", table.output)


class Elsewhere(programs.Case):
    def test_without_a_terminal_there_are_lines(self):
        listener = self.plan(*say(made.hearing(), made.announcement("A"), made.alarm("step")))
        monitor = self.start(*listener, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        lines = [monitor.stdout.readline().decode() for _ in range(3)]
        monitor.send_signal(signal.SIGINT)
        rest, complaints = monitor.communicate(timeout=LIMIT_S)
        self.assertEqual((monitor.returncode, complaints), (0, b""))
        self.assertTrue(lines[0].endswith(" hearing 239.255.123.124:11123 on eth0\n"), lines)
        self.assertIn(" alarm step: what is to be said of step\n", "".join(lines))
        self.assertIn(" 192.0.2.1 on eth0: key AAAAAA", "".join(lines))
        self.assertNotIn(b"\033", rest)
        self.expect_no_listener()

    def test_no_listener_outlives_a_monitor_that_was_killed(self):
        monitor = self.start(*self.plan(), stdout=subprocess.DEVNULL)
        self.what_was_told()
        monitor.kill()
        monitor.wait(LIMIT_S)
        self.expect_no_listener()

    def test_a_reader_that_goes_away_ends_it(self):
        listener = self.plan(*say(made.hearing()), ("wait", 0.5), *say(made.announcement("A")))
        monitor = self.start(*listener, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        monitor.stdout.readline()
        monitor.stdout.close()
        self.assertEqual((monitor.stderr.read(), monitor.wait(LIMIT_S)), (b"", 0))
        monitor.stderr.close()
        self.expect_no_listener()

    def test_a_check_listens_as_long_as_it_must(self):
        second, long = (say(made.announcement("A", interval_s=interval)) for interval in (1, 4 / 3))
        cases = (  # options, what the listener does, the least seconds, the status
            ([], second, 3, 0),
            ([], say(made.hearing()), 9, 2),
            ([], [*say(made.hearing()), ("wait", 4), *second], 4, 0),
            (["--wait", "4s"], [*second, ("wait", 2), *second], 4, 0),
            ([], [*long, ("wait", 2), *long], 4, 0),
        )
        started = time.monotonic()
        monitors = [self.start("--check", *options, *self.plan(*steps), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE) for options, steps, _, _ in cases]
        for monitor, (options, steps, seconds, status) in zip(monitors, cases):
            with self.subTest(options=options, steps=steps):
                line, complaints = monitor.communicate(timeout=LIMIT_S)
                self.assertGreaterEqual(time.monotonic() - started, seconds)
                self.assertEqual((monitor.returncode, complaints), (status, b""), line)
                self.assertEqual(line.count(b"\n"), 1)
        self.expect_no_listener()

    def test_a_check_that_is_ended_is_unknown(self):
        monitor = self.start("--check", *self.plan(), stdout=subprocess.PIPE)
        self.what_was_told()
        monitor.send_signal(signal.SIGTERM)
        output, _ = monitor.communicate(timeout=LIMIT_S)
        self.assertEqual((monitor.returncode, output),
                         (3, b"TIMECAST UNKNOWN: ended by SIGTERM\n"))
        self.expect_no_listener()

# SPDX-License-Identifier: MIT
"""Where lines come from, and what is said if they do not."""

import os
import subprocess
import unittest

import made
import programs
from programs import say
from timecast_monitor import feed


class Cutting(unittest.TestCase):
    def test_lines_come_whole_however_they_arrive(self):
        for size in range(1, 8):
            cutter = feed.Cutter()
            text = b"one\ntwo\n\nthree\nrest"
            pieces = [text[start:start + size] for start in range(0, len(text), size)]
            found = [line for piece in pieces for line in cutter.cut(piece)]
            self.assertEqual((found, cutter.rest(), cutter.rest()),
                             (["one", "two", "", "three"], ["rest"], []))

    def test_octets_that_are_no_text_are_no_end(self):
        self.assertEqual(feed.Cutter().cut(b"a\xff\n"), ["a\ufffd"])

    def test_a_line_without_end_is_not_kept(self):
        cutter = feed.Cutter()
        found = [line for _ in range(40) for line in cutter.cut(b"x" * 65536)]
        self.assertEqual(found, ["x" * 100] * 2)
        self.assertLess(len(cutter.rest()[0]), feed.LONGEST_LINE)


class Finding(programs.Case):
    def make_program(self, place):
        folder = self.folder / place
        folder.mkdir(parents=True)
        program = folder / "timecast-listener"
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
        return str(program)

    def find(self, named=None):
        (self.folder / "scripts").mkdir(exist_ok=True)
        return feed.find_listener(named, str(self.folder / "scripts"), str(self.folder / "path"))

    def test_what_is_installed_is_taken_before_what_may_be_an_old_build(self):
        for place in ("build/run/bin", "path", "bin"):
            program = self.make_program(place)
            self.assertEqual(self.find(), program)

    def test_a_named_one_is_taken_before_all(self):
        self.make_program("bin")
        program = self.make_program("elsewhere")
        self.assertEqual(self.find(program), program)

    def test_what_cannot_be_run_is_refused(self):
        program = self.make_program("elsewhere")
        os.chmod(program, 0o644)
        for named in (program, str(self.folder), str(self.folder / "nothing")):
            with self.assertRaisesRegex(feed.Failure, f"--listener: {named} is no program"):
                self.find(named)

    def test_none_is_said_with_the_way_out(self):
        (self.folder / "bin").mkdir()
        with self.assertRaises(feed.Failure) as caught:
            self.find()
        self.assertEqual(str(caught.exception),
                         "no timecast-listener in ../bin beside this program, on PATH or in "
                         "../build/run/bin; build it by scripts/run, or name it by --listener PATH")


class Saved(programs.Case):
    def test_a_file_that_cannot_be_read_is_said_with_the_way_out(self):
        cases = ((self.folder, "is a folder"), (self.folder / "none", "no such file or directory"))
        for name, words in cases:
            line = (f"--from: {name}: {words}; save lines by `timecast-listener watch --json "
                    ">FILE`\n")
            done = self.run_monitor("--from", name)
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (1, "", f"timecast-monitor: {line}"))
            done = self.run_monitor("--check", "--from", name)
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (3, f"TIMECAST UNKNOWN: {line}", ""))

    def test_standard_files_that_are_closed_are_empty(self):
        for number in range(3):
            with self.subTest(number):
                done = self.run_monitor("--check", "--from", "-", stdin=subprocess.DEVNULL,
                                        preexec_fn=lambda: os.close(number))
                self.assertEqual((done.returncode, done.stderr), (2, ""))

    def test_a_file_is_shown_as_a_table_and_the_status_is_0(self):
        saved = self.saved(made.announcement("A"), made.alarm("step"), "rubbish")
        done = self.run_monitor(*saved)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("!192.0.2.1  eth0  AAAAAA", done.stdout)
        self.assertIn("1 line could not be read", done.stdout)
        self.assertIn("step: what is to be said of step", done.stdout)
        with open(saved[1], encoding="utf-8") as file:
            again = self.run_monitor("--from", "-", stdin=file)
        self.assertEqual((again.returncode, again.stdout), (0, done.stdout))

    def test_a_file_of_which_no_line_could_be_read_is_a_failure(self):
        done = self.run_monitor(*self.saved("hello", "world"))
        self.assertEqual((done.returncode, done.stderr),
                         (1, "timecast-monitor: none of 2 lines could be read, the last: no JSON; "
                             "is this `timecast-listener watch --json`?\n"))
        done = self.run_monitor(*self.saved())
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_last_line_without_an_end_counts(self):
        done = self.run_monitor(*self.saved(made.announcement("A"), end=""))
        self.assertIn("1 announcement ", done.stdout)

    def test_a_check_of_a_file_does_not_wait(self):
        saved = self.saved(made.announcement("A", interval_s=1024, offset_s=2e-3))
        done = self.run_monitor("--check", *saved)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertEqual(done.stdout, "TIMECAST WARNING: offset +2 ms to 192.0.2.1 (limit 1 ms) | "
                                      "'offset'=0.002s;0.001;0.01 'announcers'=1 'loss'=0.0%\n")

    def test_an_empty_file_is_silence(self):
        done = self.run_monitor("--check", *self.saved())
        self.assertEqual((done.returncode, done.stdout),
                         (2, "TIMECAST CRITICAL: silence: there is no line at all | "
                             "'announcers'=0\n"))

    def test_a_reader_that_goes_away_is_no_failure(self):
        texts = [made.alarm("step", text="x" * 400) for _ in range(1000)]
        monitor = self.start(*self.saved(*texts), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        monitor.stdout.close()
        self.assertEqual((monitor.stderr.read(), monitor.wait(programs.LIMIT_S)), (b"", 0))
        monitor.stderr.close()


class Listener(programs.Case):
    def test_it_is_told_where_to_listen(self):
        listener = self.plan(("end", 0))
        self.run_monitor("--interface", "eth0", "--interface", "lo", "--group", "239.1.2.3",
                         "--port", "7", *listener)
        self.assertEqual(self.what_was_told()["arguments"],
                         ["watch", "--json", "--interface", "eth0", "--interface", "lo", "--group",
                          "239.1.2.3", "--port", "7"])

    def test_its_death_is_said_with_its_last_words(self):
        cases = (
            ([("complain", "one"), ("complain", "\033[2Jtwo | three\n"), ("end", 3)],
             "ended (status 3): ?[2Jtwo | three"),
            ([("end", 0)], "ended (status 0)"),
            ([*say(made.announcement("A")), ("complain", "half"), ("end", 1)],
             "ended (status 1): half"),
        )
        for steps, words in cases:
            with self.subTest(words):
                listener = self.plan(*steps)
                done = self.run_monitor(*listener)
                self.assertEqual((done.returncode, done.stderr),
                                 (1, f"timecast-monitor: {programs.FAKE} {words}\n"))
                done = self.run_monitor("--check", *listener)
                expected = f"TIMECAST UNKNOWN: {programs.FAKE} {words.replace('|', '/')}\n"
                self.assertEqual((done.returncode, done.stdout, done.stderr), (3, expected, ""))

    def test_why_it_hears_nothing_says_more_than_its_last_words(self):
        listener = self.plan(*programs.say(made.hearing("deaf", 123, reason="not permitted")),
                             ("complain", "for the reasons above"), ("end", 1))
        done = self.run_monitor("--check", *listener)
        self.assertEqual((done.returncode, done.stdout),
                         (3, "TIMECAST UNKNOWN: cannot hear 239.255.123.124:123 on eth0: not "
                             "permitted\n"))
        done = self.run_monitor(*listener)
        self.assertIn("cannot hear 239.255.123.124:123 on eth0: not permitted\n", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_one_that_is_killed_has_died_too(self):
        monitor = self.start(*self.plan(), stderr=subprocess.PIPE)
        os.kill(self.what_was_told()["pid"], 9)
        _, complaints = monitor.communicate(timeout=programs.LIMIT_S)
        self.assertEqual((monitor.returncode, complaints),
                         (1, f"timecast-monitor: {programs.FAKE} ended (SIGKILL)\n".encode()))

    def test_one_that_cannot_be_run_is_said(self):
        program = self.folder / "listener"
        program.write_text("#!/nowhere/at/all\n", encoding="utf-8")
        program.chmod(0o755)
        done = self.run_monitor("--listener", program)
        self.assertEqual((done.returncode, done.stderr),
                         (1, f"timecast-monitor: cannot run {program}: no such file or "
                             "directory\n"))
        done = self.run_monitor("--check", "--listener", program)
        self.assertEqual(done.returncode, 3)

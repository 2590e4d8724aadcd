# SPDX-License-Identifier: MIT
"""Options: good ones, and what is said of the others."""

import os
import re
import subprocess
import unittest

import made  # noqa: F401  finds the package
import programs
from timecast_monitor import options as main

SEE = "; see timecast-monitor --help"
# (arguments, what is said of them)
REFUSED = (
    (["--frob"], 'there is no option "--frob"'),
    (["frob"], 'there is no option "frob"'),
    (["--che"], 'there is no option "--che"'),
    (["--check", "--warn"], "--warn: needs a value"),
    (["--check", "--warn", "1 parsec"],
     '--warn: "1 parsec" is no span of time; write it like 1ms, 500us or 0.001'),
    (["--check", "--crit", "0"], '--crit: "0" is out of range (above 0, at most 1000000 s)'),
    (["--check", "--crit", "-1ms"], '--crit: "-1ms" is out of range (above 0, at most 1000000 s)'),
    (["--check", "--wait", "-.5s"], '--wait: "-.5s" is out of range (above 0, at most 1000000 s)'),
    (["--check", "--warn", "--crit", "1"], "--warn: needs a value"),
    (["--check", "-1ms"], 'there is no option "-1ms"'),
    (["--check", "--warn", "10ms", "--crit", "1ms"],
     "--warn: 10 ms is above --crit, 1 ms; --warn must come first"),
    (["--check", "--wait", "3601"], "--wait: 3601 s is too long (at most 3600 s)"),
    (["--check", "--announcers", "0"], '--announcers: "0" is out of range (1 to 256)'),
    (["--check", "--announcers", "257"], '--announcers: "257" is out of range (1 to 256)'),
    (["--check", "--announcers", "two"], '--announcers: "two" is out of range (1 to 256)'),
    (["--check", "--announcers", "\u0662"], '--announcers: "\u0662" is out of range (1 to 256)'),
    (["--warn", "1ms"], "--warn: is for --check; add --check"),
    (["--wait", "1s"], "--wait: is for --check and --report; add one of them"),
    (["--serve", "x"], '--serve: "x" has no port from 0 to 65535; write 11180 or 127.0.0.1:11180'),
    (["--serve", "host:1"],
     '--serve: "host:1" is no address and port; write 11180, 127.0.0.1:11180 or [::1]:11180'),
    (["--check", "--report", "x"], "--report: is not for --check; say one of them"),
    (["--socket", "x"], "--socket: is for --serve, --textfile and --report"),
    (["--textfile", "x", "--wait", "1s"], "--wait: is for --check and --report; add one of them"),
    (["--from", "-", "--port", "1"],
     "--port: is for a listener; with --from none is started"),
    (["--from", "-", "--listener", "x"],
     "--listener: is for a listener; with --from none is started"),
)
THRESHOLDS = (
    ([], (1e-3, 10e-3)), (["--warn", "5ms"], (5e-3, 10e-3)), (["--warn", "1s"], (1.0, 1.0)),
    (["--crit", "100us"], (1e-4, 1e-4)), (["--warn", "2us", "--crit", "2us"], (2e-6, 2e-6)),
)


class CommandLine(unittest.TestCase):
    def test_what_is_wrong_is_said_in_one_line(self):
        for arguments, words in REFUSED:
            with self.subTest(arguments):
                with self.assertRaises(main.BadCommandLine) as caught:
                    main.read_options(arguments)
                self.assertEqual(str(caught.exception), words)

    def test_a_threshold_alone_is_not_contradicted_by_a_default(self):
        for arguments, thresholds in THRESHOLDS:
            with self.subTest(arguments):
                options = main.read_options(["--check", *arguments])
                self.assertEqual(main.thresholds(options), thresholds)

    def test_the_help_names_each_option_and_no_other(self):
        known = {name for action in main.make_parser()._actions for name in action.option_strings}
        named = set(re.findall(r"(?<![\w-])--?[a-z]+", re.sub(r"`.*?`", "", main.HELP, flags=re.S)))
        self.assertEqual(named, known)

    def test_the_help_fits_80_columns(self):
        self.assertLessEqual(max(map(len, main.HELP.splitlines())), 80)


class Program(programs.Case):
    def test_help_goes_to_standard_output(self):
        for arguments in (["--help"], ["-h"], ["--check", "--help", "--warn", "1"]):
            done = self.run_monitor(*arguments)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, main.HELP, ""))

    def test_a_bad_command_line_is_status_2_and_one_line(self):
        done = self.run_monitor("--frob")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (2, "", f'timecast-monitor: there is no option "--frob"{SEE}\n'))

    def test_an_output_that_is_full_is_one_line(self):
        line = "timecast-monitor: cannot write to standard output: no space left on device\n"
        saved = self.saved(made.announcement())
        cases = ((saved, 1), (["--check", *saved], 3), (["--help"], 1), (["--check", "--frob"], 3))
        with open("/dev/full", "wb") as full:
            for arguments, status in cases:
                for complaints, said in ((subprocess.PIPE, line), (full, None)):
                    with self.subTest(arguments=arguments, said=said):
                        done = self.run_monitor(*arguments, capture_output=False, stdout=full,
                                                stderr=complaints)
                        self.assertEqual((done.returncode, done.stderr), (status, said))

    def test_a_check_whose_line_nobody_reads_is_unknown(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = self.run_monitor("--check", *self.saved(made.announcement()), capture_output=False,
                                stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (3, ""))

    def test_for_a_check_it_is_unknown(self):
        done = self.run_monitor("--check", "--warn", "2", "--crit", "1")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (3, f"TIMECAST UNKNOWN: --warn: 2 s is above --crit, 1 s; --warn must "
                             f"come first{SEE}\n", ""))

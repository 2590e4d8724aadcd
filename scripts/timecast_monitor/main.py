# SPDX-License-Identifier: MIT
"""The command line of timecast-monitor."""

import argparse
import os
import re
import sys

from timecast_monitor import check, feed, session, spans, terminal

PROGRAM = "timecast-monitor"
FAILED, BAD_COMMAND_LINE = 1, 2
MOST_ANNOUNCERS = 256
LONGEST_WAIT_S = 3600.0
SPANS = ("--warn", "--crit", "--wait")
NEGATIVE = re.compile(r"-\.?[0-9]")
HELP = """\
Usage: timecast-monitor [OPTION]...
       timecast-monitor --check [--warn SPAN] [--crit SPAN] [OPTION]...
       timecast-monitor --help

Shows who announces the time on the LAN, second by second: every announcer with
its key, stratum, loss, and how far it is from this host and from the others,
and alarms in words. On a terminal a live table, until Ctrl-C; elsewhere lines
of text. It starts `timecast-listener watch --json` and sets no clock.

Options of the check, for Nagios and its kin:
  --check          listen for three announcements, at least 3 s and at most 30,
                   9 s for the first, then print one line with performance data
                   and end
  --warn SPAN      WARNING if the median offset to this host, or between
                   announcers, is larger: 500us, 1ms, 0.001 (default: 1ms)
  --crit SPAN      CRITICAL if it is larger (default: 10ms)
  --announcers N   WARNING if there are not exactly N; a second announcer is
                   no alarm then, 1 to 256
  --wait SPAN      listen at least this long: for intervals over 9 s, at most
                   3600 s

Where lines come from:
  --interface IF   listen on this interface (repeatable)
  --group ADDR     listen to this multicast group (repeatable)
  --port N         listen on this port (repeatable)
  --listener PATH  the timecast-listener to start (default: that of
                   ../bin beside this program, else of PATH, else of
                   ../build/run/bin)
  --from FILE      read lines that were saved by `timecast-listener watch
                   --json`; - is standard input

  -h, --help       print this help

NO_COLOR in the environment: no colours. An announcer's offset has the packets'
delay in it, which is not measured here: some 0.1 ms on a wired LAN.

--check: silence is CRITICAL; a step, a change of stratum, leap or key, and an
announcer that is unsynchronised or unexpected are WARNING; bad signatures and
time that runs backwards are CRITICAL. If this host's own clock is
unsynchronised, only the disagreement between announcers is judged.

Exit status: 0 ended by the user or by the end of FILE, 1 failed, 2 bad command
line; of --check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (bad command line, no
listener, nothing can be heard).
"""


class BadCommandLine(Exception):
    pass


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message):
        raise BadCommandLine(message.removeprefix("argument ")) from None


def span(text):
    try:
        return spans.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def announcers(text):
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_ANNOUNCERS:
        raise argparse.ArgumentTypeError(f'"{text}" is out of range (1 to {MOST_ANNOUNCERS})')
    return int(text)


def make_parser():
    parser = Parser(prog=PROGRAM, add_help=False, allow_abbrev=False)
    parser.add_argument("--check", action="store_true")
    for name in SPANS:
        parser.add_argument(name, type=span)
    parser.add_argument("--announcers", type=announcers)
    parser.add_argument("--interface", action="append", default=[])
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--port", action="append", default=[])
    parser.add_argument("--listener")
    parser.add_argument("--from", dest="file")
    parser.add_argument("-h", "--help", action="store_true")
    return parser


def check_together(options):
    """What argparse cannot see. Raises BadCommandLine."""
    if not options.check:
        for name in ("warn", "crit", "announcers", "wait"):
            if getattr(options, name) is not None:
                raise BadCommandLine(f"--{name}: is for --check; add --check")
    warn, crit = thresholds(options)
    if warn > crit:
        raise BadCommandLine(f"--warn: {spans.show(warn)} is above --crit, {spans.show(crit)}; "
                             "--warn must come first")
    if options.wait is not None and options.wait > LONGEST_WAIT_S:
        raise BadCommandLine(f"--wait: {spans.show(options.wait)} is too long (at most "
                             f"{LONGEST_WAIT_S:.0f} s)")
    if options.file is not None:
        for name in ("interface", "group", "port", "listener"):
            if getattr(options, name):
                raise BadCommandLine(f"--{name}: is for a listener; with --from none is started")


def thresholds(options):
    """A threshold that was not given does not contradict one that was."""
    warn, crit = options.warn, options.crit
    if warn is None:
        warn = min(1e-3, crit) if crit is not None else 1e-3
    if crit is None:
        crit = max(10e-3, warn)
    return warn, crit


def join_negatives(arguments):
    """argparse takes "-1ms" for an option; here it is a span, to be refused as such."""
    joined = []
    for each in arguments:
        if NEGATIVE.match(each) and joined and joined[-1] in SPANS:
            joined[-1] += f"={each}"
        else:
            joined.append(each)
    return joined


def read_options(arguments):
    """Raises BadCommandLine."""
    options, unknown = make_parser().parse_known_args(join_negatives(arguments))
    if unknown:
        raise BadCommandLine(f'there is no option "{unknown[0]}"')
    if not options.help:
        check_together(options)
    return options


def open_feed(options):
    if options.file is not None:
        return feed.SavedLines(options.file)
    beside = os.path.dirname(os.path.realpath(sys.argv[0]))
    program = feed.find_listener(options.listener, beside)
    passed_on = []
    for name in ("interface", "group", "port"):
        for value in getattr(options, name):
            passed_on += [f"--{name}", value]
    return feed.Listener(program, passed_on)


def say(text):
    with terminal.writing():
        print(text, flush=True)


def complain(why):
    try:
        print(f"{PROGRAM}: {why}", file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)  # the status says it


def run_check(options):
    limits = check.Limits(*thresholds(options), options.announcers)
    with terminal.Signals() as signals:
        source = open_feed(options)
        try:
            verdict = session.verdict(source, limits, signals, options.wait or 0.0)
        finally:
            source.close()
    say(verdict.line())
    return verdict.status


def run_watch(options):
    with terminal.Signals() as signals:
        source = open_feed(options)
        try:
            with session.view_for(sys.stdout, source) as view:
                network = session.watch(source, view, signals)
        finally:
            source.close()
    failure = source.failure or network.why_unreadable()
    if failure and signals.end is None:
        raise feed.Failure(failure)
    return 0


def refuse(arguments, why, status):
    """A check says everything by its one line: that is all that Nagios shows."""
    if "--check" in arguments:
        say(check.Verdict(check.UNKNOWN, why).line())
        return check.UNKNOWN
    complain(why)
    return status


def discard(output):
    """What is still in the buffer has nobody to go to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def hold_standard_files():
    """Whoever starts us may have closed them; the next file to be opened must not pass for one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def run(arguments):
    try:
        options = read_options(arguments)
        if options.help:
            say(HELP.rstrip())
            return 0
        return run_check(options) if options.check else run_watch(options)
    except BadCommandLine as error:
        return refuse(arguments, f"{error}; see {PROGRAM} --help", BAD_COMMAND_LINE)
    except feed.Failure as failure:
        return refuse(arguments, str(failure), FAILED)


def main(arguments):
    hold_standard_files()
    is_check = "--check" in arguments
    try:
        return run(arguments)
    except terminal.NotWritten as error:
        discard(sys.stdout)
        complain(str(error))
        return check.UNKNOWN if is_check else FAILED
    except BrokenPipeError:
        discard(sys.stdout)
        return check.UNKNOWN if is_check else 0

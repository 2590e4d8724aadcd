# SPDX-License-Identifier: MIT
"""The command line of timecast-monitor."""

import argparse
import re

from timecast_monitor import server, spans

PROGRAM = "timecast-monitor"
MOST_ANNOUNCERS = 256
LONGEST_WAIT_S = 3600.0
SPANS = ("--warn", "--crit", "--wait")
NEGATIVE = re.compile(r"-\.?[0-9]")
HELP = """\
Usage: timecast-monitor [OPTION]...
       timecast-monitor --serve ADDR:PORT [OPTION]...
       timecast-monitor --report FILE.html [--wait SPAN] [OPTION]...
       timecast-monitor --check [--warn SPAN] [--crit SPAN] [OPTION]...
       timecast-monitor --help

Shows who announces the time on the LAN, second by second: every announcer with
its key, stratum, loss, and how far it is from this host and from the others,
and alarms in words. On a terminal a live table, until Ctrl-C; elsewhere lines
of text. It starts `timecast-listener watch --json` and sets no clock.

Options beside the table, alone or together:
  --serve PLACE    serve a live web page, and /metrics for Prometheus: 11180 is
                   that port of this host alone, ADDR:PORT one for others too
  --textfile FILE  write the metrics there every 5 s, for node_exporter, which
                   reads what is called *.prom
  --report FILE    at the end write a web page with plots there, of all that
                   was heard, or was saved in the file of --from
  --socket PATH    control socket of the listener that runs here, for its error
                   and bound (default: where it usually is)

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
                   3600 s; of --report: end after this time, not at Ctrl-C

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
        message = message.removeprefix("argument ")
        raise BadCommandLine(message.replace("expected one argument", "needs a value")) from None


def span(text):
    try:
        return spans.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def announcers(text):
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_ANNOUNCERS:
        raise argparse.ArgumentTypeError(f'"{text}" is out of range (1 to {MOST_ANNOUNCERS})')
    return int(text)


def place(text):
    try:
        return server.read_place(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def make_parser():
    parser = Parser(prog=PROGRAM, add_help=False, allow_abbrev=False)
    parser.add_argument("--check", action="store_true")
    for name in SPANS:
        parser.add_argument(name, type=span)
    parser.add_argument("--announcers", type=announcers)
    parser.add_argument("--serve", type=place)
    for name in ("--textfile", "--report", "--socket"):
        parser.add_argument(name)
    parser.add_argument("--interface", action="append", default=[])
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--port", action="append", default=[])
    parser.add_argument("--listener")
    parser.add_argument("--from", dest="file")
    parser.add_argument("-h", "--help", action="store_true")
    return parser


def _check_kinds(options):
    """What is for a check alone, and what is not for one."""
    for name in ("warn", "crit", "announcers", "wait"):
        is_fit = options.check or (name == "wait" and options.report is not None)
        if getattr(options, name) is not None and not is_fit:
            whose, what = ("--check and --report", "one of them") if name == "wait" else (
                "--check", "--check")
            raise BadCommandLine(f"--{name}: is for {whose}; add {what}")
    for name in ("serve", "textfile", "report", "socket"):
        if options.check and getattr(options, name) is not None:
            raise BadCommandLine(f"--{name}: is not for --check; say one of them")
    if options.socket is not None and not (options.serve or options.textfile or options.report):
        raise BadCommandLine("--socket: is for --serve, --textfile and --report")


def check_together(options):
    """What argparse cannot see. Raises BadCommandLine."""
    _check_kinds(options)
    warn, crit = thresholds(options)
    if warn > crit:
        raise BadCommandLine(f"--warn: {spans.show(warn)} is above --crit, {spans.show(crit)}; "
                             "--warn must come first")
    if options.wait is not None and options.wait > LONGEST_WAIT_S:
        raise BadCommandLine(f"--wait: {spans.show(options.wait)} is too long (at most "
                             f"{LONGEST_WAIT_S:.0f} s)")
    if options.file is not None:
        for name in ("interface", "group", "port", "listener", "socket"):
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

# SPDX-License-Identifier: MIT
"""What timecast-monitor does by its options, and how it ends."""

import os
import sys

from timecast_monitor import announcers, check, daemon, feed, outputs, session, terminal
from timecast_monitor.options import HELP, PROGRAM, BadCommandLine, read_options, thresholds

FAILED, BAD_COMMAND_LINE = 1, 2


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


def say_meanwhile(what):
    """To who waits at a terminal; to nobody else."""
    if sys.stderr.isatty():
        complain(f"{what} ...")


def listening_for(least_s):
    """How long a check takes, in words."""
    most_s = check.MOST_WAIT_S
    if least_s >= most_s:
        return f"listening, for {least_s:.0f} s"
    return f"listening, for {max(least_s, check.LEAST_WAIT_S):.0f} to {most_s:.0f} s"


def run_check(options):
    limits = check.Limits(*thresholds(options), options.announcers)
    with terminal.Signals() as signals:
        source = open_feed(options)
        if not source.is_whole:
            say_meanwhile(listening_for(options.wait or 0.0))
        try:
            verdict = session.verdict(source, limits, signals, options.wait or 0.0)
        finally:
            source.close()
    say(verdict.line())
    return verdict.status


def outputs_of(options, source, network):
    """Raises feed.Failure."""
    others = []
    if options.serve:
        others.append(outputs.Page(options.serve, lambda: network.view(source.now())))
    if options.textfile is not None:
        others.append(outputs.TextFile(options.textfile))
    if options.report is not None:
        others.append(outputs.Report(options.report))
    asker = daemon.Asker(options.socket) if others and options.file is None else None
    view = session.view_for(sys.stdout, source, bool(others), say_meanwhile)
    return outputs.Outputs(view, others, asker)


def run_watch(options):
    network = announcers.Network()
    with terminal.Signals() as signals:
        source = open_feed(options)
        if options.wait and not source.is_whole:
            say_meanwhile(f"listening, for {options.wait:.0f} s, until the report is written")
        try:
            with outputs_of(options, source, network) as view:
                session.watch(source, network, view, signals, options.wait)
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

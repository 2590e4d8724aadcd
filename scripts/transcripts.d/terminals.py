# SPDX-License-Identifier: MIT
"""Where the scenes of the documentation are played: shells on hosts, and live tables."""

import contextlib
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import termios
import time

import judges
from programs import BIN, Program

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETTLED_S = 8  # until the listener is synchronised, and has numbers worth showing
LIMIT_S = 30
COLUMNS, LINES = 80, 24
HOME = "\033[H"  # where each drawing of a live table begins
CONTROLS = re.compile(r"\033\[[?0-9]*[A-Za-z]|\r")
AHEAD_NS = 12_300_000  # of this machine, the second announcer's clock


class Terminal:
    """A shell on a host, and what is seen there."""

    def __init__(self, host, name):
        self.host = host
        self.name = name

    def start(self, line, output=subprocess.PIPE, **environment):
        path = f"{BIN}:{ROOT}/scripts:{judges.PATH}"
        command = Program.command_in(self.host, ["sh", "-c", f"exec {line}"],
                                     judges.WITHOUT_CLOCK)
        return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT,
                                text=True, env=Program.environment_in(
                                    self.host, {"PATH": path, "TZ": "UTC", **environment}))

    def shown(self, line, output):
        lines = [each.rstrip() for each in output.rstrip().splitlines()]
        return "\n".join([f"{self.name}$ {line}", *lines, ""])

    def types(self, line, seconds=None):
        """Runs a command to its end, or for some seconds and then Ctrl-C."""
        process = self.start(line)
        try:
            output, _ = process.communicate(timeout=seconds or LIMIT_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=LIMIT_S)
        return self.shown(line, output)


class Table:
    """A live table, on a terminal of that many columns and lines."""

    def __init__(self, terminal, line, size=(COLUMNS, LINES), **environment):
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, size[::-1])
        self._process = terminal.start(line, theirs, TERM="xterm",
                                       **{"NO_COLOR": "1", **environment})
        os.close(theirs)
        self._drawn = b""

    def run(self, seconds):
        end = time.monotonic() + seconds
        while select.select([self._ours], [], [], max(end - time.monotonic(), 0))[0]:
            self._drawn += os.read(self._ours, 65536)

    def stop(self, with_colours=False):
        """Ends it as Ctrl-C does; returns what it had drawn last."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(LIMIT_S)
        os.close(self._ours)
        last = self._drawn.decode().split(HOME)[-1]
        return last if with_colours else CONTROLS.sub("", last)


@contextlib.contextmanager
def announcing(terminal, program="timecast-announcer", ahead_ns=AHEAD_NS):
    """An announcer that is there meanwhile; it says nothing on this terminal."""
    process = terminal.start(f"{program} --island --socket {terminal.host.state}/control",
                             TIMECAST_SHIFT=f"{ahead_ns},0,0")
    try:
        yield
    finally:
        process.terminate()
        process.communicate(timeout=LIMIT_S)


def output_of(process):
    """Of a program that is ended as Ctrl-C does."""
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=LIMIT_S)[0]

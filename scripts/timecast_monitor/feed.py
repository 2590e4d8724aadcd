# SPDX-License-Identifier: MIT
"""Where lines come from: a listener that is started here, or a file of saved lines."""

import collections
import ctypes
import os
import select
import shutil
import signal
import stat
import subprocess
import time

from timecast_monitor import lines

LISTENER = "timecast-listener"
INSTALLED = "../bin"  # beside this program
IN_THE_TREE = "../build/run/bin"  # last: it may be an old build
LONGEST_LINE = 1 << 20
PATIENCE_S = 3  # for a listener that was asked to end
PR_SET_PDEATHSIG = 1
STANDARD_INPUT = 0

_libc = ctypes.CDLL(None)


class Failure(Exception):
    """One line: where, what, and the way out."""


def _is_program(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def find_listener(named, beside, path=None):
    """The listener's program. `beside` is the folder of ours. Raises Failure."""
    if named:
        if not _is_program(named):
            raise Failure(f"--listener: {named} is no program that can be run")
        return os.path.abspath(named)
    def beside_us(place):
        return os.path.normpath(os.path.join(beside, place, LISTENER))

    on_path = shutil.which(LISTENER, path=path)
    for candidate in (beside_us(INSTALLED), on_path, beside_us(IN_THE_TREE)):
        if candidate and _is_program(candidate):
            return candidate
    raise Failure(f"no {LISTENER} in {INSTALLED} beside this program, on PATH or in {IN_THE_TREE}; "
                  "build it by scripts/run, or name it by --listener PATH")


class Cutter:
    """Cuts octets into lines, however they arrive. A line without end is broken, not kept."""

    def __init__(self):
        self._rest = b""

    def cut(self, octets):
        *found, self._rest = (self._rest + octets).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            found.append(self._rest[:100])
            self._rest = b""
        return [line.decode(errors="replace") for line in found]

    def rest(self):
        """What came last, without a line's end."""
        rest, self._rest = self._rest, b""
        return [rest.decode(errors="replace")] if rest else []


class SavedLines:
    """A file of lines, or - for standard input. Its clock is that of the lines.

    `is_whole`: nobody has to wait for what is still to come.
    """

    def __init__(self, name):
        self.over = False
        self.failure = None
        self._name = name
        try:
            self._file = STANDARD_INPUT if name == "-" else os.open(name, os.O_RDONLY)
            mode = os.fstat(self._file).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(None, "is a folder")
        except OSError as error:
            raise Failure(f"--from: {name}: {error.strerror.lower()}; save lines by "
                          f"`{LISTENER} watch --json >FILE`") from None
        self.is_whole = stat.S_ISREG(mode)
        self._cutter = Cutter()
        self._last_s = 0.0
        self._read_at = time.monotonic()

    def read(self, wait_s, *wakes):
        """The lines that came, none after `wait_s` or if one of `wakes` can be read."""
        ready, _, _ = select.select([self._file, *wakes], [], [], max(wait_s, 0))
        if self._file not in ready:
            return []
        try:
            octets = os.read(self._file, 65536)
        except OSError as error:
            self.over, self.failure = True, f"--from: {self._name}: {error.strerror.lower()}"
            return []
        if not octets:
            self.over = True
            return self._cutter.rest()
        return self._cutter.cut(octets)

    def time_of(self, record):
        self._last_s = record.time_s
        self._read_at = time.monotonic()
        return record.time_s

    def now(self):
        """The time of the last line, and what passed since, if more may come."""
        return self._last_s + (0.0 if self.over else time.monotonic() - self._read_at)

    def close(self):
        if self._name != "-":
            os.close(self._file)


def _end_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Listener:
    """`timecast-listener watch --json`, started here, ended by close()."""

    is_whole = False

    def __init__(self, program, options):
        self.over = False
        self.failure = None
        command = [program, "watch", "--json", *options]
        try:
            # Of a session of its own: Ctrl-C is for us. Whatever becomes of us, it ends.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True, preexec_fn=_end_with_parent)
        except OSError as error:
            raise Failure(f"cannot run {program}: {error.strerror.lower()}") from None
        self._output = self._process.stdout.fileno()
        self._complaints = self._process.stderr.fileno()
        self._open = [self._output, self._complaints]
        self._cutters = {each: Cutter() for each in self._open}
        self._said = collections.deque(maxlen=1)  # its last words

    def read(self, wait_s, *wakes):
        """The lines that came, none after `wait_s` or if one of `wakes` can be read."""
        ready, _, _ = select.select([*self._open, *wakes], [], [], max(wait_s, 0))
        found = []
        if self._complaints in ready:
            self._said.extend(line for line in self._read(self._complaints) if line.strip())
        if self._output in ready:
            found = self._read(self._output)
        if not self._open:
            self._end()
        return found

    def _read(self, file):
        octets = os.read(file, 65536)
        if octets:
            return self._cutters[file].cut(octets)
        self._open.remove(file)
        return self._cutters[file].rest()

    def _end(self):
        self.over = True
        status = self._process.wait()
        how = f"status {status}" if status >= 0 else signal.Signals(-status).name
        words = f": {lines.printable(self._said[0].strip())}" if self._said else ""
        self.failure = f"{self._process.args[0]} ended ({how}){words}"

    @staticmethod
    def time_of(_):
        return time.monotonic()

    now = staticmethod(time.monotonic)

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()

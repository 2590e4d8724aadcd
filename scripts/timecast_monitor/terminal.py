# SPDX-License-Identifier: MIT
"""The outside of a live table: signals as flags, and a terminal that is left as it was found."""

import contextlib
import os
import shutil
import signal

ENTER = "\033[?1049h\033[?25l\033[H"  # the other screen, no cursor
LEAVE = "\033[?25h\033[?1049l"
HOME = "\033[H"
END_OF_LINE = "\033[K"
END_OF_SCREEN = "\033[J"
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class NotWritten(Exception):
    """What was to be shown cannot be: one line that says why."""


@contextlib.contextmanager
def writing():
    """Around what writes to standard output. A reader that went away is no failure."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NotWritten(f"cannot write to standard output: {error.strerror.lower()}") from None


class Signals:
    """While it is entered, signals change flags, and `wake` has something to read."""

    def __init__(self):
        self.end = None  # the number of the signal that asked to end
        self.suspend = False
        self.wake, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._before = {}

    def __enter__(self):
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in (*ENDS, signal.SIGTSTP, signal.SIGWINCH):
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)

    def _on_signal(self, number, _):
        if number in ENDS:
            self.end = number
        elif number == signal.SIGTSTP:
            self.suspend = True

    def drain(self):
        """Whether there was a signal since the last time."""
        try:
            return bool(os.read(self.wake, 4096))
        except BlockingIOError:
            return False


class Screen:
    """A terminal's other screen, from __enter__ to __exit__."""

    def __init__(self, file):
        self._file = file

    def __enter__(self):
        self._write(ENTER)
        return self

    def __exit__(self, *_):
        self._write(LEAVE)

    def size(self):
        """Columns and lines now."""
        try:
            columns, lines = os.get_terminal_size(self._file)
        except OSError:
            columns = lines = 0
        if columns < 1 or lines < 1:
            columns, lines = shutil.get_terminal_size((80, 24))
        return columns, lines

    def draw(self, lines):
        """Over what is there, in one write: nothing is blank in between."""
        text = f"{END_OF_LINE}\r\n".join(lines)
        self._write(f"{HOME}{text}{END_OF_LINE}{END_OF_SCREEN}")

    def suspend(self):
        """As Ctrl-Z does; returns when we are continued."""
        self._write(LEAVE)
        os.kill(os.getpid(), signal.SIGSTOP)
        self._write(ENTER)

    def _write(self, text):
        octets = text.encode()
        with writing():
            while octets:
                octets = octets[os.write(self._file, octets):]

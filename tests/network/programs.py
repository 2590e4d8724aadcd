# SPDX-License-Identifier: MIT
"""The programs under test, running in a host: what they print, and how they end."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

STOP_S = 5  # from SIGTERM until a program is killed
ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("TIMECAST_BIN", ROOT / "build/release/bin")).absolute()
PATHS = {
    "timecast-announcer": os.environ.get("TIMECAST_ANNOUNCER", BIN / "timecast-announcer"),
    "timecast-listener": os.environ.get("TIMECAST_LISTENER", BIN / "timecast-listener"),
    "timecast-listener-clock": BIN / "timecast-listener-clock",
}
WITHOUT_PRIVILEGE = ("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs")


class Program:
    """A daemon, from its start until stop(). Its lines of JSON are in `lines`, oldest first."""

    started = []  # all that this process ever started

    def __init__(self, host, name, *options, privileged=True, environment=None, within=()):
        """`within`: a command that runs it in something of its own."""
        self.host = host
        self.name = name
        self._environment = environment
        self.control = host.state / f"{name}{len(Program.started)}.control"
        self.log_path = host.state / f"{name}{len(Program.started)}.log"
        self.lines = []
        self._ended = False
        self._examined = False  # whether a test has looked at how it ended
        self._news = threading.Condition()
        # `watch` is no daemon that could be asked.
        control = () if "watch" in options else ("--socket", self.control)
        command = self.command_in(host, [name, "--json", *control, *options],
                                  (*(() if privileged else WITHOUT_PRIVILEGE), *within))
        self.started_at = time.monotonic()
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log,
                                             env=self.environment_in(host, environment))
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        Program.started.append(self)

    @staticmethod
    def command_in(host, words, confinement=()):
        """A command line that runs in the host, and dies with us, whatever ends us."""
        program, *options = words
        path = PATHS.get(program, BIN / program if program.startswith("timecast-") else program)
        return [str(word) for word in ("ip", "netns", "exec", host.name, "setpriv", "--pdeathsig",
                                       "KILL", *confinement, path, *options)]

    @staticmethod
    def environment_in(host, more=None):
        """Nothing of the caller's settings but the sanitizers', and a home of the host's own."""
        sanitizers = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")
                      if name in os.environ}
        return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(host.state),
                "XDG_STATE_HOME": str(host.state), **sanitizers, **(more or {})}

    def _read(self):
        for text in self._process.stdout:
            if text.endswith(b"\n"):  # not the half line of a program that was killed
                line = json.loads(text)
                line["seen"] = time.monotonic()
                with self._news:
                    self.lines.append(line)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    # ---- What it says ----

    @property
    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def of_type(self, kind):
        return [line for line in list(self.lines) if line["type"] == kind]

    def await_line(self, what, accept, within=10, after=0):
        """The first line from number `after` on that accept() accepts."""
        deadline = time.monotonic() + within
        with self._news:
            while True:
                for line in self.lines[after:]:
                    if accept(line):
                        return line
                after = len(self.lines)
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    raise AssertionError(f"{self}: {what}: not within {within} s")
                self._news.wait(left)

    def await_state(self, *states, within=10, after=0):
        """The line in which the state became one of these, counted from line `after` on."""
        return self.await_line(f"to be {' or '.join(states)}",
                               lambda line: line.get("state") in states, within, after)

    def await_log(self, text, within=10, after=0):
        """Waits for a text in the log, from character number `after` on."""
        deadline = time.monotonic() + within
        while text not in self.log[after:]:
            if time.monotonic() > deadline or self._ended:
                raise AssertionError(f"{self}: did not log {text!r} within {within} s")
            time.sleep(0.02)

    def ask(self, command, *options):
        """Runs one of the program's commands that ask the daemon."""
        return self.host.command(self.name, command, *options, "--socket", self.control,
                                 environment=self._environment)

    def status(self):
        answer = self.ask("status", "--json")
        if answer.returncode != 0:
            raise AssertionError(f"{self}: no status: {answer.stderr}")
        return json.loads(answer.stdout)

    # ---- How it ends ----

    def runs(self):
        return self._process.poll() is None

    def wait(self, within=STOP_S):
        """The exit status of a program that ends by itself."""
        self._examined = True
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self} still runs after {within} s") from None

    def hang_up(self):
        """Has it read its settings again."""
        self._process.send_signal(signal.SIGHUP)

    @contextlib.contextmanager
    def stopped(self):
        """It hangs meanwhile."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def terminate(self):
        self._process.terminate()

    def kill(self):
        self._examined = True
        self._process.kill()
        self._process.wait()

    def stop(self):
        """Ends it. Whether it ended as a program should."""
        if self.runs():
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        return self._examined or self._process.returncode == 0

    def __str__(self):
        ended = self._process.poll()
        return (f"{self.name} on {self.host.name}, which "
                f"{'runs' if ended is None else f'ended with {ended}'}")

    def last_words(self):
        """For whoever has to find out why a test failed."""
        tail = "".join(self.log.splitlines(keepends=True)[-25:])
        return f"--- {self}\n{tail}    last line: {self.lines[-1] if self.lines else 'none'}\n"

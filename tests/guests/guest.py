# SPDX-License-Identifier: MIT
"""A machine with a kernel and a clock of its own: user-mode Linux, plugged into a Link.

Nothing else may be set back and forth in a test. Its time is asked for by datagrams whose stamps are
the kernels' on both sides; this host's clock is the truth.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

from agent import PORT, SO_TIMESTAMPNS, arrival_ns
from lab import PATIENCE_S, STATE
from programs import PATHS

HERE = pathlib.Path(__file__).resolve().parent
KERNEL = "/usr/bin/linux.uml"
BOOT_S = 30
MEMORY_MB = 96
KEEPER = "/run/clock"
NOBODY = 65534
# Without any right to the clock but what its keeper does for it.
UNPRIVILEGED = ("env", f"TIMECAST_CLOCK_SOCKET={KEEPER}", "setpriv", f"--reuid={NOBODY}",
                f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", "--bounding-set=-all")


def why_not():
    """Why no guest can run here; empty if one can."""
    if not os.path.exists(KERNEL):
        return f"{KERNEL} is not installed (package user-mode-linux)"
    if not shutil.which("busybox"):
        return "busybox is not installed (package busybox-static)"
    if not shim().exists():
        return f"{shim()} was not built (target timecast-xstate-shim)"
    return ""


def shim():
    return pathlib.Path(PATHS["timecast-listener"]).parent / "timecast-xstate-shim.so"


class Guest:
    """On `link`, which a host `beside` it is on as well: from there it is asked."""

    def __init__(self, link, beside):
        link.count += 1
        number = link.count
        self.address = f"192.0.2.{number}"
        self.folder = STATE / f"{link.name}-guest{number}"
        self.folder.mkdir(parents=True)
        tap = f"tap{number}"
        link.ip(f"tuntap add {tap} mode tap")
        link.ip(f"link set {tap} master br0 up")
        self.console = self.folder / "console"
        with open(self.console, "wb") as console:
            self.process = subprocess.Popen(self._command(link, tap), stdin=subprocess.DEVNULL,
                                            stdout=console, stderr=console,
                                            env={**os.environ, "LD_PRELOAD": str(shim()),
                                                 "HOME": str(self.folder)})
        with beside.inside():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.socket.settimeout(1)
            self.socket.connect((self.address, PORT))
        self.number = 0
        self._await_boot()

    def _command(self, link, tap):
        return ["ip", "netns", "exec", link.name, "setpriv", "--pdeathsig", "KILL", KERNEL,
                f"umid={link.name}-{tap}-{os.getpid()}", f"uml_dir={self.folder}/",
                f"mem={MEMORY_MB}M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro",
                "quiet", f"init={HERE / 'init'}", "con=null", "con0=fd:0,fd:1",
                f"vec0:transport=tap,ifname={tap},depth=64,gro=0",
                f"guest_address={self.address}/24", f"guest_agent={HERE / 'agent.py'}",
                f"guest_folder={self.folder}"]

    def _await_boot(self):
        deadline = time.monotonic() + BOOT_S
        while True:
            try:
                self.ask("time", within=1)
                return
            except (AssertionError, OSError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise AssertionError(f"the guest did not start:\n{self.console_text()}") from None
                time.sleep(0.1)

    def console_text(self):
        return self.console.read_text(encoding="utf-8", errors="replace")

    # ---- Questions ----

    def _exchange(self, question, within, **more):
        """The reply to one request, with when it left and when the reply came, in ns."""
        self.number += 1
        text = json.dumps({"number": self.number, "ask": question, "with": more}).encode()
        deadline = time.monotonic() + within
        left = time.clock_gettime_ns(time.CLOCK_REALTIME)
        self.socket.send(text)
        while time.monotonic() < deadline:
            try:
                answer, ancillary, _, _ = self.socket.recvmsg(65536, 256)
            except TimeoutError:
                continue
            reply = json.loads(answer)
            if reply["number"] == self.number:
                return reply, left, arrival_ns(ancillary)
        raise AssertionError(f"the guest does not answer {question!r}:\n{self.console_text()}")

    def ask(self, question, within=PATIENCE_S, **more):
        reply, _, _ = self._exchange(question, within, **more)
        if "failed" in reply:
            raise AssertionError(f"{question} {more}: {reply['failed']}")
        return reply

    def clock_error_s(self, probes=12):
        """Its CLOCK_REALTIME less this host's, by the quickest of some exchanges."""
        best = None
        for _ in range(probes):
            reply, left, came = self._exchange("time", PATIENCE_S)
            there = reply["leaves_ns"] - reply["arrived_ns"]
            trip = came - left - there
            error = (reply["arrived_ns"] - left + reply["leaves_ns"] - came) / 2
            if best is None or trip < best[0]:
                best = trip, error
        return best[1] * 1e-9

    def kernel(self):
        return self.ask("kernel")

    # ---- Programs ----

    def start(self, program, *options, by=()):
        """`by`: a command that starts the program, instead of us."""
        started = self.ask("start", words=[*by, str(PATHS[program]), *map(str, options)])
        return GuestProgram(self, started["pid"], started["name"])

    def start_keeper(self):
        """Of the clock, for nobody; one that was killed is so started anew."""
        started = self.ask("keep", words=[str(PATHS["timecast-listener-clock"])], place=KEEPER,
                           user=NOBODY)
        return GuestProgram(self, started["pid"], started["name"])

    def run(self, program, *options):
        """Runs a command to its end."""
        return self.ask("run", words=[str(PATHS[program]), *map(str, options)])

    def stop(self):
        """Switches it off, and ends it if it does not go."""
        if self.process.poll() is None:
            try:
                self.ask("halt", within=3)
                self.process.wait(5)
            except (AssertionError, OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        self.socket.close()


class GuestProgram:
    def __init__(self, guest, pid, name):
        self.guest = guest
        self.pid = pid
        self.name = name

    @property
    def log(self):
        return (self.guest.folder / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")

    @property
    def lines(self):
        text = (self.guest.folder / f"{self.name}.out").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def await_state(self, state, within=30):
        deadline = time.monotonic() + within
        while not any(line.get("state") == state for line in self.lines[-3:]):
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} was not {state} within {within} s:\n{self.log}")
            time.sleep(0.05)

    def await_log(self, text, within=30):
        deadline = time.monotonic() + within
        while text not in self.log:
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} did not log {text!r} in {within} s:\n{self.log}")
            time.sleep(0.05)

    def signal(self, number):
        return self.guest.ask("signal", pid=self.pid, number=number)

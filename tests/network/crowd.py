# SPDX-License-Identifier: MIT
"""Very many listeners of one announcer, over a link: each has an address and sockets of its own."""

import collections
import ipaddress
import json
import socket
import subprocess
import threading
import time

from cpu_time import first_threads_seconds
from lab import STATE
from programs import Program

NETWORK = ipaddress.ip_network("198.18.0.0/16")  # for benchmarks: RFC 2544
ANNOUNCER = f"{NETWORK[1]}/{NETWORK.prefixlen}"
FIRST = NETWORK[256]
LOOK_S = 0.1
ASK_S = 5  # for an answer of a busy announcer


def hosts(link, count):
    """The announcer's host, and one with an address for each of so many listeners."""
    announcer = link.host([ANNOUNCER])
    crowd = link.host([f"{FIRST}/{NETWORK.prefixlen}"])
    addresses = "".join(f"addr add {FIRST + number}/{NETWORK.prefixlen} dev eth0\n"
                        for number in range(1, count))
    subprocess.run(["ip", "-n", crowd.name, "-batch", "-"], input=addresses, text=True, check=True)
    return announcer, crowd


class Crowd:
    """The listeners, started at random within so many seconds."""

    def __init__(self, host, count, over_s=0):
        self.count = count
        self.lines = []
        command = Program.command_in(host, ["timecast-crowd", FIRST, count, over_s])
        self.log_path = STATE / "crowd.log"
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log,
                                             env=Program.environment_in(host))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for text in self._process.stdout:
            if text.endswith(b"\n"):
                self.lines.append(json.loads(text))

    @property
    def synchronised(self):
        return self.lines[-1]["synchronised"] if self.lines else 0

    def await_all_started(self, within=60):
        deadline = time.monotonic() + within
        while not self.lines or self.lines[-1]["listeners"] < self.count:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"not all listeners started: {self.log_path.read_text()}")
            time.sleep(LOOK_S)

    def cpu_s(self):
        return first_threads_seconds(self._process.pid)

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()


def status_of(announcer):
    """As `status --json` prints it, without starting a program ten times a second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
        control.settimeout(ASK_S)
        control.connect(str(announcer.control))
        control.sendall(b"status json\n")
        answer = b""
        while part := control.recv(65536):
            answer += part
    return json.loads(answer)


def queries_in(status):
    return status["replies"] + sum(status["refused"].values())


class Outcome:
    """What came of one event, seen at the announcer and at the listeners."""

    def __init__(self, announcer, crowd, within_s, count=None):
        """Looks until so many listeners are synchronised, or for `within_s`, and some seconds on."""
        self.count = count or crowd.count
        self.most_queries = 0  # in any one second
        self.spread_s = 0
        self.half_s = self.all_s = None
        begun = time.monotonic()
        first = last = status_of(announcer)
        seen = collections.deque([(begun, queries_in(first))])
        ends = begun + within_s
        while time.monotonic() < ends:
            time.sleep(LOOK_S)
            now, last = time.monotonic(), status_of(announcer)
            seen.append((now, queries_in(last)))
            while now - seen[0][0] > 1 + LOOK_S / 2:
                seen.popleft()
            self.most_queries = max(self.most_queries, seen[-1][1] - seen[0][1])
            self.spread_s = max(self.spread_s, last["query_spread_s"])
            passed = now - begun
            if self.half_s is None and crowd.synchronised * 2 >= self.count:
                self.half_s = passed
            if self.all_s is None and crowd.synchronised == self.count:
                self.all_s = passed
                ends = min(ends, now + 5)
        self.seconds = time.monotonic() - begun
        self.queries = queries_in(last) - queries_in(first)
        self.announcements = last["announcements"] - first["announcements"]
        self.refused = {name: number - first["refused"].get(name, 0)
                        for name, number in last["refused"].items()
                        if number != first["refused"].get(name, 0)}
        self.askers = last["askers"]

    @property
    def per_thousand(self):
        return self.most_queries * 1000 / self.count

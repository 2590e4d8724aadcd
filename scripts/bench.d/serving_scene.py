# SPDX-License-Identifier: MIT
"""Servers on hosts of their own, and one after the other is asked."""

import contextlib
import dataclasses
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import threading
import time
import typing
import unittest

import judges
import ntp
from lab import JoinedHost, run
from programs import BIN
from udp import Socket

SERVING, ASKING = 0, 1  # processors
ADDRESS = "192.0.2.1"
ACCESS = "192.0.2.0/24"
FIRST_SOURCE, SOURCES = "192.0.2.64", 64
CROWD, CROWD_FIRST, CROWD_SIZE = "198.18.0.0/16", "198.18.0.1", 65_000
OURS, CHRONYD, NTPD, FLOOR, FLOOR_IN_EIGHTS = (
    "timecast-announcer", "chronyd", "ntpd (NTPsec)", "floor, 64 at once", "floor, 32 and 8")
# Limits that count and refuse nobody, since what is refused costs less than a reply.
OUR_LIMIT = ("--rate-limit", "100000")
CHRONY_LIMIT = "ratelimit interval -19 burst 255 leak 4"


class Load(typing.NamedTuple):
    """How a server is asked, as timecast-serving-load wants it."""
    kind: str     # closed or open
    amount: int   # at a time, or a second
    row: int = 1  # requests in a row from one address


ROW = 32  # else one processor cannot ask that often
LOADS = {
    "saturated": Load("closed", 256),
    "one at a time": Load("closed", 1),
    "1000/s": Load("open", 1000),
    "300 000/s": Load("open", 300_000, ROW),
    "600 000/s": Load("open", 600_000, ROW),
    "900 000/s": Load("open", 900_000, ROW),
}
BUSY = LOADS["300 000/s"]
INTERVAL_S = 0.125  # of announcements under load: many of them
LEAST_LOAD_S = 0.2


@dataclasses.dataclass
class Announced:
    beyond_s: list  # from when each was due until it left
    expected: int
    seen: int


@dataclasses.dataclass
class Measured:
    machine: str
    buffer: str
    loads: dict           # (server, load): what the load printed, one for each repetition
    announced: Announced
    announcing_share: float  # of a processor, at one announcement a second to each family
    anonymous_kb: int
    anonymous_kb_crowd: int
    reply_ns: str
    absent: list


class Server:
    """One that answers on a host of its own, at port 123."""

    def __init__(self, stack, name, start):
        self.name = name
        self.host, self.peer = JoinedHost.pair()
        self.host.ip(f"route add local {FIRST_SOURCE}/26 dev lo")
        self.host.ip(f"route add local {CROWD} dev lo")
        self.process = start(self.host)
        stack.callback(self.process.stop)
        os.sched_setaffinity(self.process.pid, {SERVING})

    def ask(self, seconds, load, first=FIRST_SOURCE, sources=SOURCES):
        done = self.host.command("taskset", "-c", ASKING, BIN / "timecast-serving-load", ADDRESS,
                                 ntp.PLAIN_PORT, first, sources, seconds, self.process.pid, *load)
        if done.returncode != 0:
            sys.exit(f"serving: {self.name} could not be asked: {done.stderr}")
        return json.loads(done.stdout)

    def await_answer(self):
        deadline = time.monotonic() + judges.START_S
        while time.monotonic() < deadline:
            if self.ask(LEAST_LOAD_S, LOADS["one at a time"])["answered"]:
                return
        sys.exit(f"serving: {self.name} does not answer")


class Floor(judges.Stranger):
    def __init__(self, host, receive, send):
        super().__init__(host, f"floor{receive}", str(BIN / "timecast-serving-floor"), ADDRESS,
                         ntp.PLAIN_PORT, receive, send)


def start_ntpd(host):
    """It takes minutes to take itself for synchronised, and answers before in the same way. Its rate
    limit is off: it knows none that refuses nobody."""
    settings = host.state / "ntp.conf"
    settings.write_text("server 127.127.1.0\nfudge 127.127.1.0 stratum 8\ntos orphan 8\n"
                        "restrict default nomodify noquery\nunrestrict default limited kod\n",
                        encoding="ascii")
    return judges.Stranger(host, "ntpd", "ntpd", "-n", "-g", "-c", settings, "-p",
                           host.state / "ntpd.pid")


def starts():
    limited = ("--allow", CROWD, *OUR_LIMIT)
    return {
        OURS: lambda host: host.announcer(*limited),
        CHRONYD: lambda host: judges.Chronyd(
            host, "local stratum 8", f"allow {ACCESS}", f"bindaddress {ADDRESS}", CHRONY_LIMIT),
        NTPD: start_ntpd,
        FLOOR: lambda host: Floor(host, 64, 64),
        FLOOR_IN_EIGHTS: lambda host: Floor(host, 32, 8),
    }


def progress(text):
    print(f"serving: {text}", file=sys.stderr, flush=True)


def anonymous_kb(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def cpu_ns(pid):
    """Of the process so far, to the nanosecond: the clock of clock_getcpuclockid(3)."""
    return time.clock_gettime_ns((~pid << 3) | 2)


class Ears(threading.Thread):
    """When announcements arrive at the other end of the cable, by the kernel."""

    def __init__(self, host):
        super().__init__(daemon=True)
        self.socket = Socket(host, port=ntp.PRECISE_PORT, groups=(ntp.PRECISE_GROUP,), shared=True)
        self.heard = {}  # by sequence: seconds from what the packet says to its arrival
        self.ended = False

    def run(self):
        while not self.ended:
            datagram = self.socket.receive(0.2)
            if datagram is None or len(datagram.octets) != ntp.PRECISE_OCTETS:
                continue
            header = ntp.parse(datagram.octets)
            sequence = ntp.announcement_of(header).sequence
            self.heard[sequence] = datagram.at - ntp.unix_time(header.transmit)

    def stop(self):
        self.ended = True
        self.join()
        self.socket.close()


def announce_under_load(stack, seconds):
    """What becomes of the announcements' schedule while 300 000 ask a second."""
    server = Server(stack, OURS, lambda host: host.announcer(
        *OUR_LIMIT, "--interval", INTERVAL_S))
    server.await_answer()
    ears = Ears(server.peer)
    ears.start()
    lines = server.process.lines
    before = len(lines)
    server.ask(seconds, BUSY)
    time.sleep(0.5)
    ears.stop()
    told = [line for line in lines[before:] if line["type"] == "announcement"
            and line["stream"] == "precise" and line["to"].startswith(ntp.PRECISE_GROUP)]
    # The first and the last may have come before or after the ears.
    told = [line for line in told if line["sequence"] >= min(ears.heard)][:-2]
    seen = [line for line in told if line["sequence"] in ears.heard]
    expected = round((told[-1]["time_s"] - told[0]["time_s"]) / INTERVAL_S) + 1
    beyond = [line["late_s"] + line["lateness_s"] + ears.heard[line["sequence"]] for line in seen]
    return Announced(beyond, expected, len(seen))


def share_while_idle(pid, seconds):
    before, begin = cpu_ns(pid), time.monotonic_ns()
    time.sleep(seconds)
    return (cpu_ns(pid) - before) / (time.monotonic_ns() - begin)


def start_all(stack):
    servers, absent = [], []
    for name, start in starts().items():
        try:
            servers.append(Server(stack, name, start))
        except unittest.SkipTest:
            absent.append(name)
    for server in servers:
        server.await_answer()
    return servers, absent


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if "model name" in line), "")
    limit = pathlib.Path("/proc/sys/net/core/rmem_max").read_text(encoding="ascii").strip()
    return (f"{os.cpu_count()} x {model or platform.machine()}, Linux {platform.release()}, "
            f"net.core.rmem_max {limit}")


def reply_without_kernel():
    return run("taskset", "-c", SERVING, BIN / "timecast-serving-speed", check=False).stdout.strip()


def buffer_of(announcer):
    """The announcer says so where it got less than it asked for."""
    said = [line for line in announcer.log.splitlines() if "KiB for queries" in line]
    return said[0].partition(": ")[2] if said else "1024 KiB granted, as asked for"


def measure(repetitions, seconds):
    assert shutil.which("taskset")
    # Who reads the servers' lines, ourselves, does not take their processor.
    os.sched_setaffinity(0, {ASKING})
    seconds = max(seconds, LEAST_LOAD_S)
    with contextlib.ExitStack() as stack:
        servers, absent = start_all(stack)
        ours = servers[0]
        loads = {}
        for repetition in range(repetitions):
            progress(f"repetition {repetition + 1} of {repetitions}")
            for name, load in LOADS.items():
                for server in servers:
                    loads.setdefault((server.name, name), []).append(server.ask(seconds, load))
        kilobytes = anonymous_kb(ours.process.pid)
        progress(f"a crowd of {CROWD_SIZE} clients")
        ours.ask(2, Load("open", 100_000), first=CROWD_FIRST, sources=CROWD_SIZE)
        crowd = anonymous_kb(ours.process.pid)
        progress("announcements instead")
        idle = share_while_idle(ours.process.pid, max(10 * seconds, 3))
        progress("announcements under load")
        announced = announce_under_load(stack, min(max(15 * seconds, 3), 15))
        return Measured(machine(), buffer_of(ours.process), loads, announced, idle,
                        kilobytes, crowd, reply_without_kernel(), absent)

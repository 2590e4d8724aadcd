# SPDX-License-Identifier: MIT
"""Everybody on one cable, and what each said of the time."""

import calendar
import contextlib
import dataclasses
import re
import subprocess
import sys
import threading
import time

import judges
import ntp
from cpu_time import cpu_seconds
from lab import JoinedHost
from programs import BIN
from secret import Secret
from udp import Socket

SETTLED_S = 45  # from the start; ptp4l takes longest
CHRONY_PORT = 1123
UNSTAMPED_PORT = 11125
NOBODY = "239.255.123.99"  # a group without a sender
NO_STAMPS = {"LD_PRELOAD": str(BIN / "timecast-no-stamps.so")}
OURS = "timecast"
# Columns of chronyd's tracking log: what it takes its clock to be off by, and how far it has moved
# its clock from this machine's, which is right.
OWN_WORD, MOVED = 6, 10
PTP_LINE = re.compile(r"ptp4l\[(\d+\.\d+)\]: master offset +(-?\d+) ")


@dataclasses.dataclass
class Sample:
    at: float       # Unix time
    wrong_s: float  # what was said less the truth
    error_s: float = None
    bound_s: float = None


@dataclasses.dataclass
class Measured:
    secret: Secret
    spans: dict    # Unix times from and to, by name
    samples: dict  # lists of samples, by row
    cpu_s_an_hour: float
    asked_by_chronyd: dict  # how many of its measurements of our announcer are of which kind


class Tap(threading.Thread):
    """The announcements as their bare stamps say, without any estimate."""

    def __init__(self, host, secret):
        super().__init__(daemon=True)
        self.socket = Socket(host, port=ntp.PRECISE_PORT, groups=(ntp.PRECISE_GROUP,), shared=True)
        self.secret = secret
        self.interleaved = []
        self.ended = False

    def run(self):
        last = None
        while not self.ended:
            datagram = self.socket.receive(0.5)
            if datagram is None or len(datagram.octets) != ntp.PRECISE_OCTETS:
                continue
            header = ntp.parse(datagram.octets)
            if last and header.origin:
                self.interleaved.append(self.sample(last, header.origin))
            last = datagram

    def sample(self, datagram, stamp):
        """Whole numbers: a float of today's seconds is no better than 240 ns."""
        announced_ns = (((stamp >> 32) - ntp.UNIX_EPOCH) * 10**9
                        + ((stamp & 0xFFFFFFFF) * 10**9 >> 32))
        return Sample(datagram.at, (announced_ns - datagram.at_ns) / 1e9
                      - self.secret.truth(datagram.at))

    def runs(self):
        return self.is_alive()

    def stop(self):
        self.ended = True
        self.join()
        self.socket.close()

    def less_the_delay(self, estimates):
        """The samples as if each had been used alone, with what was believed of the delay, as long
        as that was of IPv4's announcements, as the samples are."""
        samples = []
        for sample in self.interleaved:
            known = [line for line in estimates
                     if line["time_s"] <= sample.at and "delay_s" in line]
            if known and known[-1]["announcer"].startswith("192.0.2."):
                samples.append(Sample(sample.at, sample.wrong_s + known[-1]["delay_s"]))
        return samples


class PtpClock(judges.Stranger):
    def __init__(self, host, *options):
        super().__init__(host, "ptp4l", "stdbuf", "-oL", "ptp4l", "-S", "-m", "-q", "-i", "eth0",
                         "--free_running=1", f"--uds_address={host.state}/ptp4l",
                         "--summary_interval=-4", *options)

    def samples(self):
        """The clock it compares with is right, so its offsets are errors."""
        boot = time.time() - time.monotonic()
        return [Sample(float(at) + boot, -int(offset) / 1e9)
                for at, offset in PTP_LINE.findall(self.log)]


class ChronyClient(judges.Chronyd):
    """Asks once a second, and writes down what it measures and what it makes of it."""

    def __init__(self, host, name, port):
        self.folder = host.state / name
        self.folder.mkdir()
        super().__init__(host, f"server 192.0.2.1 port {port} minpoll 0 maxpoll 0 xleave",
                         f"logdir {self.folder}", "log measurements tracking", name=name)

    def rows(self, log):
        """Pairs of Unix time and columns."""
        rows = []
        for line in (self.folder / f"{log}.log").read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[0].startswith("20"):
                at = time.strptime(f"{words[0]} {words[1]}", "%Y-%m-%d %H:%M:%S")
                rows.append((calendar.timegm(at), words))
        return rows

    def samples(self, column):
        return [Sample(at, float(words[column])) for at, words in self.rows("tracking")
                if words[2] != "0.0.0.0"]

    def kinds(self):
        """4I: an interleaved answer of a server, 4B: a basic one."""
        counts = {}
        for _, words in self.rows("measurements"):
            counts[words[-3]] = counts.get(words[-3], 0) + 1
        return counts


def estimates(listener, secret):
    return [Sample(line["time_s"], line["offset_s"] - secret.truth(line["time_s"]),
                   line["error_s"], line["bound_s"])
            for line in listener.of_type("estimate") if "offset_s" in line]


def busy_processor():
    """Keeps the first processor busy until it is ended."""
    return subprocess.Popen(["taskset", "-c", "0", sys.executable, "-c", "while True: pass"])


def progress(text):
    print(f"ruler: {text}", file=sys.stderr, flush=True)


def wait(seconds, what):
    progress(f"{what}: {seconds} s")
    began = time.time()
    time.sleep(seconds)
    return began, time.time()


class Scene:
    """A server and a client on one cable, each with everybody's programs."""

    def __init__(self, stack, seconds):
        self.stack = stack
        self.started = []
        self.server, self.client = JoinedHost.pair()
        for host in (self.server, self.client):
            host.ip("route add 224.0.0.0/4 dev eth0")  # ptp4l wants one
        self.secret = Secret.draw(changes_after_s=SETTLED_S + seconds / 2)
        self.announce()
        self.begin(judges.ChronyServer(self.server, port=CHRONY_PORT))
        self.begin(PtpClock(self.server, "--masterOnly=1"))
        self.listeners = self.listen()
        self.tap = self.begin(Tap(self.client, self.secret))
        self.tap.start()
        self.chrony = self.begin(ChronyClient(self.client, "chrony", CHRONY_PORT))
        self.chrony_of_ours = self.begin(ChronyClient(self.client, "of-ours", ntp.PLAIN_PORT))
        self.ptp = self.begin(PtpClock(self.client, "-s"))

    def begin(self, started):
        self.stack.callback(started.stop)
        self.started.append(started)
        return started

    def ended(self):
        """Who does not run any more."""
        return [each for each in self.started if not each.runs()]

    def announce(self):
        program = "timecast-shifted-announcer"
        environment = self.secret.environment
        self.begin(self.server.announcer(program=program, environment=environment))
        self.begin(self.server.start(
            program, "--island", "--no-plain", "--port", UNSTAMPED_PORT,
            "--state-dir", self.server.state / "unstamped",
            environment={**environment, **NO_STAMPS}))

    def listen(self):
        return {name: self.begin(self.client.listener(*options, environment=environment))
                for name, options, environment in (
                    (OURS, (), {}),
                    (f"{OURS}, basic", ("--group", NOBODY, "--hear", ntp.PLAIN_GROUP), {}),
                    (f"{OURS}, listen-only", ("--listen-only",), {}),
                    (f"{OURS}, user-space stamps", ("--port", UNSTAMPED_PORT), NO_STAMPS))}

    def samples(self):
        ours = self.listeners[OURS]
        return {
            **{name: estimates(listener, self.secret)
               for name, listener in self.listeners.items()},
            f"{OURS}, each announcement alone": self.tap.less_the_delay(ours.of_type("estimate")),
            "chronyd, its clock": self.chrony.samples(MOVED),
            "chronyd, by its own word": self.chrony.samples(OWN_WORD),
            "ptp4l -S": self.ptp.samples(),
        }


def measure(seconds, busy_seconds):
    with contextlib.ExitStack() as stack:
        scene = Scene(stack, seconds)
        ours = scene.listeners[OURS]
        wait(SETTLED_S, "until everybody has settled")
        cpu = cpu_seconds(ours.pid)
        spans = {"idle": wait(seconds, "nothing else runs")}
        cpu = (cpu_seconds(ours.pid) - cpu) * 3600 / seconds
        if busy_seconds:
            with contextlib.ExitStack() as busy:
                hog = busy_processor()
                busy.callback(hog.wait)
                busy.callback(hog.terminate)
                spans["busy"] = wait(busy_seconds, "one processor is kept busy")
        if scene.ended():
            sys.exit(f"ruler: ended before their time: {', '.join(map(str, scene.ended()))}")
        return Measured(scene.secret, spans, scene.samples(), cpu, scene.chrony_of_ours.kinds())

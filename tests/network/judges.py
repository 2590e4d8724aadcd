# SPDX-License-Identifier: MIT
"""Other people's NTP programs, which judge ours. None of them may set a clock."""

import os
import shlex
import shutil
import socket
import subprocess
import time
import unittest

import ntp
from lab import run
from programs import ROOT, Program
from udp import Socket

UNPACKED = ROOT / "build/judges"  # by scripts/bootstrap
LWIP_SNTP = UNPACKED / "lwip/sntp.c"
PATH = ":".join((f"{UNPACKED}/chrony/usr/sbin", f"{UNPACKED}/chrony/usr/bin",
                 f"{UNPACKED}/prometheus/usr/bin",
                 f"{UNPACKED}/linuxptp/usr/sbin", f"{UNPACKED}/gpsd/usr/bin",
                 f"{UNPACKED}/ntpsec/usr/sbin",
                 "/usr/lib/nagios/plugins", "/usr/sbin",
                 os.environ["PATH"]))
WITHOUT_CLOCK = ("--bounding-set=-sys_time", "--inh-caps=-sys_time", "--no-new-privs")
START_S = 10
WITHIN_S = 2  # an answer
CHRONYD_STRATUM = 8

SERVER = "192.0.2.1"
# How each is made to ask SERVER for the time, or to listen to it; the documents show the same.
# Debian's own Python has Debian's packages.
COMMANDS = {
    "chronyd": f"chronyd -Q -x -U -u root -t 10 'server {SERVER} iburst maxsamples 4' 'cmdport 0' "
               "'pidfile /run/chronyd-asks.pid'",
    "ntpdig": f"ntpdig -4 -j -t 2 {SERVER}",
    "ntplib": f"""/usr/bin/python3 -c '
from ntplib import NTPClient
for version in 2, 3, 4:
    answer = NTPClient().request("{SERVER}", version)
    print(answer.version, answer.mode, answer.stratum, answer.offset)'""",
    "rdate": f"rdate -n -p -v {SERVER}",
    "check_ntp_time": f"check_ntp_time -H {SERVER} -w 0.5 -c 1",
    "tshark": "tshark -i eth0 -f udp -d udp.port==11123,ntp -c 6 2>/dev/null",
}


def need(program):
    """Skips the test, or all of a class, where this program is not."""
    if not shutil.which(program, path=PATH):
        raise unittest.SkipTest(f"there is no {program} here; scripts/bootstrap brings it")


def environment_in(host):
    return Program.environment_in(host, {"PATH": PATH, "TZ": "UTC"})


def ask(host, words):
    """Runs a judge to its end."""
    need(words[0])
    return run(*Program.command_in(host, words, WITHOUT_CLOCK), check=False,
               env=environment_in(host))


def ask_time(host, name):
    return ask(host, shlex.split(COMMANDS[name]))


def answers(test, client, questions, to, port, family=socket.AF_INET):
    """Who answers: pairs of an answer's port and stratum, with how many there are of each."""
    with Socket(client, family=family) as asker:
        found = {}
        for number in range(1, questions + 1):
            asker.send(ntp.request(transmit=number), to, port)
            answer = asker.receive(WITHIN_S)
            test.assertIsNotNone(answer, f"question {number} to {to} was not answered")
            header = ntp.parse(answer.octets)
            test.assertEqual(header.origin, number)
            who = answer.port, header.stratum
            found[who] = found.get(who, 0) + 1
        test.assertIsNone(asker.receive(0.1), "an answer too many")
    return found


class Stranger:
    """Somebody else's daemon on a host, with what it prints in its log."""

    started = []  # by the tests of this process

    def __init__(self, host, name, *words):
        need(words[0])
        self.host = host
        self.log_path = host.state / f"{name}.log"
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(Program.command_in(host, words, WITHOUT_CLOCK),
                                             stdout=log, stderr=log, env=environment_in(host))
        self.started.append(self)

    @property
    def pid(self):
        return self._process.pid

    @property
    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def __str__(self):
        last = self.log.rstrip().rpartition("\n")[2]
        return f"{self.log_path.stem} on {self.host.name}, whose last words were: {last}"

    def last_words(self):
        return f"--- {self.log_path.stem} on {self.host.name}\n{self.log[-1000:]}"

    def runs(self):
        return self._process.poll() is None

    def stop(self):
        self._process.terminate()
        self._process.wait(START_S)


class Chronyd(Stranger):
    """A chronyd that sets no clock, beside whatever else runs on its host."""

    def __init__(self, host, *directives, name="chronyd"):
        super().__init__(host, name, "chronyd", "-d", "-x", "-U", "-u", "root", "cmdport 0",
                         "bindcmdaddress /", f"pidfile {host.state}/{name}.pid", *directives)


class ServingChronyd(Chronyd):
    """One that serves everybody, and holds its port before anybody else is started."""

    def __init__(self, host, *directives, port=ntp.PLAIN_PORT):
        super().__init__(host, "allow all", f"port {port}", *directives)
        self._await_answer(host, port)

    def _await_answer(self, host, port):
        deadline = time.monotonic() + START_S
        with host.inside():
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with client:
            client.settimeout(0.1)
            while self.runs() and time.monotonic() < deadline:
                client.sendto(ntp.request(), ("127.0.0.1", port))
                try:
                    client.recv(1024)
                    return
                except OSError:
                    time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"chronyd does not answer: {self.log}")


class ChronyServer(ServingChronyd):
    """One whose own clock is its reference."""

    def __init__(self, host, *directives, port=ntp.PLAIN_PORT):
        super().__init__(host, f"local stratum {CHRONYD_STRATUM}", *directives, port=port)

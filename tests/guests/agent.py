#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What runs inside a guest and does what the test outside asks: see guest.py.

One request, one reply, each a datagram of JSON on UDP port 7001. It may set the clock it finds:
that of the guest alone.
"""

import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import time

PORT = 7001
SO_TIMESTAMPNS = 35
ADJ_FREQUENCY, ADJ_MAXERROR, ADJ_ESTERROR, ADJ_STATUS = 0x0002, 0x0004, 0x0008, 0x0010
ADJ_SETOFFSET, ADJ_NANO = 0x0100, 0x2000
SHARED = "/mnt"  # a folder of the test's


class Timex(ctypes.Structure):
    """struct timex of adjtimex(2)."""
    _fields_ = ([("modes", ctypes.c_uint)] +
                [(name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")] +
                [("status", ctypes.c_int)] +
                [(name, ctypes.c_long) for name in ("constant", "precision", "tolerance",
                                                    "tv_sec", "tv_usec", "tick")] +
                [("rest", ctypes.c_byte * 256)])


def adjtimex(**values):
    timex = Timex(**values)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    if state == -1:
        raise OSError(ctypes.get_errno(), "adjtimex")
    return {"state": state, **{name: getattr(timex, name) for name, _ in Timex._fields_[1:-1]}}


class Agent:
    def __init__(self):
        self.processes = {}
        self.sockets = {}

    def kernel(self):
        return adjtimex(modes=0)

    def step(self, ns):
        seconds, rest = divmod(ns, 1_000_000_000)
        return adjtimex(modes=ADJ_SETOFFSET | ADJ_NANO, tv_sec=seconds, tv_usec=rest)

    def rate(self, ppm):
        return adjtimex(modes=ADJ_FREQUENCY, freq=round(ppm * 65536))

    def vouch(self, status):
        return adjtimex(modes=ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR, status=status)

    def start(self, words):
        return self._started(words, subprocess.DEVNULL)

    def _started(self, words, standard_input):
        name = f"{len(self.processes)}-{os.path.basename(words[0])}"
        with open(f"{SHARED}/{name}.log", "wb") as log, open(f"{SHARED}/{name}.out", "wb") as out:
            process = subprocess.Popen(words, stdin=standard_input, stdout=out, stderr=log)
        self.processes[process.pid] = process
        return {"pid": process.pid, "name": name}

    def keep(self, words, place, user):
        """Starts the keeper of a clock on its socket, which outlives it, as systemd does."""
        if place not in self.sockets:
            self.sockets[place] = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self.sockets[place].bind(place)
            self.sockets[place].listen()
            os.chown(place, user, user)
            os.chmod(place, 0o600)
        shell = ["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&0 </dev/null', "sh"]
        return self._started([*shell, *words], self.sockets[place])

    def signal(self, pid, number):
        os.kill(pid, number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            return {"status": self.processes[pid].wait(10)}
        return {}

    def run(self, words):
        done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
        return {"status": done.returncode, "output": done.stdout[-4000:], "error": done.stderr[-4000:]}

    def halt(self):
        raise SystemExit


def arrival_ns(ancillary):
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, rest = struct.unpack("qq", data[:16])
            return seconds * 1_000_000_000 + rest
    return None


def main():
    agent = Agent()
    served = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    served.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    served.bind(("", PORT))
    while True:
        text, ancillary, _, sender = served.recvmsg(65536, 256)
        request = json.loads(text)
        reply = {"number": request["number"], "arrived_ns": arrival_ns(ancillary)}
        try:
            if request["ask"] != "time":
                reply.update(getattr(agent, request["ask"])(**request.get("with", {})))
        except SystemExit:
            served.sendto(json.dumps(reply).encode(), sender)
            return
        except Exception as error:  # whatever it is, the test is to hear of it
            reply["failed"] = f"{type(error).__name__}: {error}"
        reply["leaves_ns"] = time.clock_gettime_ns(time.CLOCK_REALTIME)
        served.sendto(json.dumps(reply).encode(), sender)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: MIT
"""An emulated Cortex-M3 with a drifting oscillator hears a real announcer by Ethernet and knows the
time within its bound; beside it a listener on a host that hears the same announcements."""

import os
import pathlib
import queue
import shutil
import subprocess
import threading
import time
import unittest

from lab import Link
from programs import STOP_S, Program

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "build/cortex-m3/bin/timecast-sensor-ethernet"
TUN = "/dev/net/tun"
QEMU = ("qemu-system-arm -M mps2-an385 -display none -monitor none -serial none "
        "-chardev stdio,id=output -semihosting-config enable=on,target=native,chardev=output "
        "-nic tap,ifname=tap0,script=no,downscript=no,model=lan9118 -kernel").split()
ANNOUNCEMENTS = 20
WITHIN_S = 10  # for the next announcement
# The emulator's processor is taken away as any program's, while a frame waits and while it prints.
LATE_S = 0.05
LISTEN_ONLY_BOUND_S = 0.05


def why_not():
    if not FIRMWARE.exists():
        return f"there is no {FIRMWARE}; scripts/test --stage guests builds it"
    if not shutil.which("qemu-system-arm"):
        return "there is no qemu-system-arm"
    try:
        os.close(os.open(TUN, os.O_RDWR))
    except OSError as error:
        return f"{TUN}: {error.strerror}"
    return None


class Line:
    """What the board says, and when it was read."""

    def __init__(self, text):
        self.read_s = time.time()
        self.text = text.rstrip()
        words = self.text.split()
        self.counter_s, self.time_s, self.earliest_s, self.latest_s = map(float, words[:4])
        self.error_s, self.frequency_ppb = float(words[4]) * 1e-6, int(words[5])
        self.state = int(words[6])


class Board:
    def __init__(self, link):
        link.ip("tuntap add tap0 mode tap")
        link.ip("link set tap0 master br0 up")
        command = Program.command_in(link, [*QEMU, FIRMWARE])
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         text=True)
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        first = self._process.stdout.readline()
        self._lines.put(first)
        for text in self._process.stdout:
            self._lines.put(Line(text))

    def next(self):
        try:
            return self._lines.get(timeout=WITHIN_S)
        except queue.Empty:
            raise AssertionError(f"the board said nothing within {WITHIN_S} s") from None

    def stop(self):
        self._process.terminate()
        self._process.wait(STOP_S)


class BoardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = why_not()
        if reason:
            raise unittest.SkipTest(reason)
        link = Link()
        host, beside = link.host(), link.host()
        cls.board = Board(link)
        cls.addClassCleanup(cls.board.stop)
        assert cls.board.next() == "listening\n"
        host.announcer("--no-plain")
        cls.listener = beside.listener("--listen-only", "--signatures", "off")
        cls.lines = [cls.board.next() for _ in range(ANNOUNCEMENTS)]
        cls.listener.await_line("an estimate", lambda line: line["type"] == "estimate")
        cls.estimate = cls.listener.of_type("estimate")[-1]
        for line in cls.lines:
            print(f"board: {line.text}, read at {line.read_s:.6f}")
        print(f"host: offset {cls.estimate['offset_s']:.6f} s, bound {cls.estimate['bound_s']:.6f} s")

    def test_the_truth_lies_within_what_it_says(self):
        # Announced is this machine's clock. What is read was said a little earlier.
        for line in self.lines:
            self.assertLessEqual(line.earliest_s, line.read_s, line.text)
        least = min(line.read_s - line.latest_s for line in self.lines)
        self.assertLessEqual(least, LATE_S)

    def test_its_bound_is_worth_something_and_is_what_a_host_s_is(self):
        last = self.lines[-1]
        bound_s = last.latest_s - last.time_s
        self.assertLess(bound_s, LISTEN_ONLY_BOUND_S)
        self.assertGreater(bound_s, self.estimate["bound_s"] / 4)
        self.assertLess(abs(self.estimate["offset_s"]), self.estimate["bound_s"])

    def test_it_finds_how_its_oscillator_is_off(self):
        # 60 ppm fast: the announcer's clock runs slower than its counter.
        self.assertLess(abs(self.lines[-1].frequency_ppb + 60_000), 50_000)

    def test_it_says_that_nobody_has_measured_the_delay(self):
        self.assertEqual({line.state for line in self.lines}, {1})

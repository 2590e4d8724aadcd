# SPDX-License-Identifier: MIT
"""An emulated Cortex-M3 on a link, whose oscillator drifts: what it says of each announcement."""

import os
import pathlib
import queue
import shutil
import subprocess
import threading
import time

from programs import STOP_S, Program

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "build/cortex-m3/bin/timecast-sensor-ethernet"
TUN = "/dev/net/tun"
QEMU = ("qemu-system-arm -M mps2-an385 -display none -monitor none -serial none "
        "-chardev stdio,id=output -semihosting-config enable=on,target=native,chardev=output "
        "-nic tap,ifname=tap0,script=no,downscript=no,model=lan9118 -kernel").split()
WITHIN_S = 10  # for the next announcement
# The emulator's processor is taken away as any program's, while a frame waits and while it prints.
LATE_S = 0.05


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
    """Plugs the board in and waits until it listens; then it says a line for each announcement."""

    def __init__(self, link):
        link.ip("tuntap add tap0 mode tap")
        link.ip("link set tap0 master br0 up")
        command = Program.command_in(link, [*QEMU, FIRMWARE])
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         text=True)
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        said = self.next()
        if said != "listening\n":
            self.stop()
            raise AssertionError(f"the board does not listen: {said!r}")

    def _read(self):
        self._lines.put(self._process.stdout.readline())
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

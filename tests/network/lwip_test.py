# SPDX-License-Identifier: MIT
"""lwIP's SNTP client, which only listens, sets its time from the plain stream."""

import os
import pathlib
import queue
import subprocess
import threading
import unittest

import judges
import ntp
from lab import STATE, Link, run
from programs import STOP_S, Program

HERE = pathlib.Path(__file__).resolve().parent
TUN = "/dev/net/tun"
NETMASK, BROADCAST = "255.255.255.0", "192.0.2.255"
PACE_S = 9.0     # of the plain stream
WITHIN_S = 12    # for the next packet of it
NEAR_US = 500_000  # one clock and one machine: all of it is the machine's other work


def need_lwip():
    if not judges.LWIP_SNTP.exists():
        raise unittest.SkipTest("the source of lwIP's SNTP client could not be had by "
                                "scripts/bootstrap")
    try:
        os.close(os.open(TUN, os.O_RDWR))
    except OSError as error:
        raise unittest.SkipTest(f"{TUN}: {error.strerror}") from None


def build():
    STATE.mkdir(exist_ok=True)
    program = STATE / "lwip_listener"
    run("cc", "-O1", "-I", judges.LWIP_SNTP.parent, "-I/usr/include/lwip",
        HERE / "lwip_listener.c", "-llwip", "-o", program)
    return str(program)


class Device:
    """A stack of its own on a port of the link."""

    def __init__(self, program, link, address, *group):
        link.ip("tuntap add tap0 mode tap")
        link.ip("link set tap0 master br0 up")
        command = Program.command_in(link, [program, address, NETMASK, *group])
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                         env={"PRECONFIGURED_TAPIF": "tap0"})
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)

    def line(self, within=WITHIN_S):
        try:
            return self._lines.get(timeout=within)
        except queue.Empty:
            raise AssertionError(f"lwIP said nothing within {within} s") from None

    def stop(self):
        self._process.terminate()
        self._process.wait(STOP_S)


class Lwip(unittest.TestCase):
    """Two links, each with an announcer and a device: it joins the group on the one; on the other
    it does not and the plain stream is sent to the subnet broadcast as well."""

    @classmethod
    def setUpClass(cls):
        need_lwip()
        program = build()
        cls.joining, cls.other = Link(), Link()
        # A switch that takes note of who has joined. It still floods: no querier is there.
        cls.joining.ip("link set br0 type bridge mcast_snooping 1")
        hosts = [link.host() for link in (cls.joining, cls.other)]
        cls.devices = [Device(program, cls.joining, "192.0.2.77", ntp.PLAIN_GROUP),
                       Device(program, cls.other, "192.0.2.77")]
        for device in cls.devices:
            cls.addClassCleanup(device.stop)
            assert device.line() == "listening\n"
        for host, options in zip(hosts, ((), ("--plain", BROADCAST))):
            host.announcer(*options)

    def check_sets_its_time(self, device):
        settings = [[int(word) for word in device.line().split()] for _ in range(2)]
        for time, ours in settings:
            self.assertLess(abs(time - ours), NEAR_US)
        self.assertGreaterEqual(settings[1][0] - settings[0][0], PACE_S * 1e6 - NEAR_US)

    def test_it_joins_the_group_and_sets_its_time(self):
        self.check_sets_its_time(self.devices[0])
        members = run("bridge", "-n", self.joining.name, "mdb", "show").stdout
        self.assertIn(f"port tap0 grp {ntp.PLAIN_GROUP} ", members)

    def test_without_a_group_it_sets_its_time_from_the_subnet_broadcast(self):
        self.check_sets_its_time(self.devices[1])

# SPDX-License-Identifier: MIT
"""Hosts on a link, as network namespaces.

A Link is a switch of its own: hosts on different links hear nothing of each other. All of it lives
in the namespaces that `run` made for this process, and ends with it.
"""

import contextlib
import ctypes
import itertools
import os
import pathlib
import subprocess
import time
import unittest

from programs import Program

PATIENCE_S = 20  # for a command that should take no time
STATE = pathlib.Path("/run/timecast-test")  # a mount of this process alone
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)
_origin = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def run(*command, check=True, **options):
    """Runs a command to its end; what it prints is text."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done


def _enter(namespace):
    if _libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")


class Namespace:
    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        self.ip("link set lo up")

    def ip(self, words):
        return run("ip", "-n", self.name, *words.split()).stdout

    @contextlib.contextmanager
    def inside(self):
        """Sockets that are opened meanwhile stay in this namespace."""
        target = os.open(f"/run/netns/{self.name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(target)
            yield
        finally:
            _enter(_origin)
            os.close(target)


class Host(Namespace):
    """One machine with its programs. Its state survives them."""

    def __init__(self, name):
        super().__init__(name)
        self.state = STATE / name
        self.state.mkdir(parents=True)

    def start(self, program, *options, **keywords):
        return Program(self, program, *options, **keywords)

    def announcer(self, *options, program="timecast-announcer", is_island=True, **keywords):
        """An announcer whose clock counts as right, since nothing here sets a clock; one that is no
        island looks for somebody who vouches for it."""
        island = ("--island",) if is_island else ()
        return self.start(program, *island, "--state-dir", self.state, *options, **keywords)

    def listener(self, *options, **keywords):
        return self.start("timecast-listener", *options, **keywords)

    def command(self, *command, environment=None):
        """Runs a command of the host to its end; a program of ours by its bare name."""
        return run(*Program.command_in(self, command), check=False,
                   env=Program.environment_in(self, environment))


class PluggedHost(Host):
    """A machine on a link, by its interface eth0."""

    def __init__(self, link, number, addresses):
        super().__init__(f"{link.name}-{number}")
        self.link = link
        self.port = f"port{number}"
        # Links may be joined: no other host has this one.
        self.mac = f"02:00:00:00:{link.number:02x}:{number:02x}"
        self.plug(addresses)

    def plug(self, addresses):
        """Puts the interface in. After unplug() it has another index, but its old MAC address,
        or the neighbours would look for it in vain."""
        run("ip", "link", "add", "eth0", "address", self.mac, "netns", self.name, "type", "veth",
            "peer", "name", self.port, "netns", self.link.name)
        self.link.ip(f"link set {self.port} master br0 up")
        if not any(":" in address for address in addresses):
            self.ip("link set eth0 addrgenmode none")  # no link-local address by itself
        self.ip("link set eth0 up")
        self._await_carrier()
        for address in addresses:
            self.add_address(address)

    def _await_carrier(self):
        """Until both ends of the cable are up, all that is sent into it is lost."""
        deadline = time.monotonic() + PATIENCE_S
        while not ("state UP" in self.ip("link show eth0") and
                   "state forwarding" in self.link.ip(f"-d link show {self.port}")):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the cable of {self.name} does not come up")
            time.sleep(0.01)

    def unplug(self):
        self.ip("link del eth0")

    def add_address(self, address):
        self.ip(f"addr add {address} dev eth0" + (" nodad" if ":" in address else ""))


class Link(Namespace):
    """A switch that floods, and the hosts that are plugged into it."""

    def __init__(self):
        self.number = next(_numbers)
        super().__init__(f"link{self.number}")
        self.count = 0
        self.ip("link add br0 type bridge mcast_snooping 0")
        self.ip("link set br0 up")

    def host(self, addresses=None):
        """One more host; the Nth has the addresses 192.0.2.N and fd77::N, or those named."""
        self.count += 1
        usual = (f"192.0.2.{self.count}/24", f"fd77::{self.count}/64")
        return PluggedHost(self, self.count, usual if addresses is None else addresses)


class JoinedHost(Host):
    """One of two machines with a cable between them and nothing else."""

    def __init__(self, name, address):
        super().__init__(name)
        self.address = address

    @classmethod
    def pair(cls):
        number = next(_numbers)
        first = cls(f"pair{number}-1", "192.0.2.1")
        second = cls(f"pair{number}-2", "192.0.2.2")
        run("ip", "link", "add", "eth0", "netns", first.name, "type", "veth", "peer", "name",
            "eth0", "netns", second.name)
        for host in (first, second):
            host.ip(f"addr add {host.address}/24 dev eth0")
            host.ip("link set eth0 up")
        return first, second


def lonely_host():
    """A machine that has `lo` and nothing else."""
    return Host(f"alone{next(_numbers)}")


class LabTest(unittest.TestCase):
    """A test whose programs end with it."""

    def start(self, program, *options, **keywords):
        """`program`: what starts one, such as a host's `announcer`."""
        started = program(*options, **keywords)
        self.addCleanup(started.stop)
        return started

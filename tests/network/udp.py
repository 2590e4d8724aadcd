# SPDX-License-Identifier: MIT
"""Plain UDP sockets in a host: what another machine's NTP client, server or sniffer would see."""

import select
import socket
import struct
import time
from typing import NamedTuple

# Of <asm-generic/socket.h> and <linux/in.h>; Python has no names for them.
SO_TIMESTAMPNS = 35
IP_PKTINFO = 8
IP_RECVTTL = 12
IP_MULTICAST_ALL = 49


class Datagram(NamedTuple):
    octets: bytes
    source: str
    port: int
    to: str    # the address it was sent to
    hops: int  # TTL or hop limit, as it arrived
    at: float  # Unix time of its arrival, by the kernel
    at_ns: int = 0


class Socket:
    """Bound to all addresses of a host, or to one; sends and receives by one interface."""

    def __init__(self, host, port=0, address="", family=socket.AF_INET, groups=(), shared=False,
                 interface="eth0"):
        self.host = host
        self.interface = interface
        with host.inside():
            self.socket = socket.socket(family, socket.SOCK_DGRAM)
            if shared:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Without it no broadcast and no group could be sent to: there is no route to them.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE,
                                   interface.encode())
            self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self._ask_for_notes(family)
            self.socket.bind((address, port))
            for group in groups:
                self._join(family, group)
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def _ask_for_notes(self, family):
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        else:
            self.socket.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
            self.socket.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
            self.socket.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)

    def _join(self, family, group):
        index = socket.if_nametoindex(self.interface)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                                   socket.inet_pton(family, group) + struct.pack("@I", index))
        else:
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                   struct.pack("4s4sI", socket.inet_aton(group), bytes(4), index))

    def send(self, octets, to, port, hops=None):
        if hops:
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, hops)
        self.socket.sendto(octets, (to, port))

    def receive(self, within):
        """The next datagram, or nothing if none comes in time."""
        ready, _, _ = select.select([self.socket], [], [], max(within, 0))
        if not ready:
            return None
        octets, notes, _, sender = self.socket.recvmsg(65536, 512)
        to, hops, at_ns = "", -1, 0
        for level, kind, data in notes:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, nanoseconds = struct.unpack("@qq", data)
                at_ns = seconds * 1_000_000_000 + nanoseconds
            elif (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
                to = socket.inet_ntoa(data[8:12])
            elif (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO):
                to = socket.inet_ntop(socket.AF_INET6, data[:16])
            elif kind in (socket.IP_TTL, socket.IPV6_HOPLIMIT):
                hops = struct.unpack("@i", data)[0]
        return Datagram(octets, sender[0], sender[1], to, hops, at_ns / 1e9, at_ns)

    def collect(self, within, count=None):
        """All datagrams of the next `within` seconds, or the first `count` of them."""
        deadline = time.monotonic() + within
        found = []
        while count is None or len(found) < count:
            datagram = self.receive(deadline - time.monotonic())
            if datagram is None:
                break
            found.append(datagram)
        return found

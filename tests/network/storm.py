# SPDX-License-Identifier: MIT
"""Bad packets by the thousand, as only somebody who owns the switch could send them.

All of it follows from one seed but for what the switch saw first, which is what is spoiled.
"""

import contextlib
import pathlib
import random
import select
import socket
import struct
import time
from typing import NamedTuple


ETH_P_ALL = 3
ETHERNET, IPV4, IPV6, UDP = 14, 0x0800, 0x86DD, 17
MOST_OCTETS = 1400  # what fits a frame, with all headers
# Lengths at which a check changes its mind, and values at which a number does.
LENGTHS = (0, 1, 3, 4, 47, 48, 49, 52, 60, 64, 68, 72, 76, 120, 171, 172, 173, 276, 1280, 1281)
NUMBERS = (0, 1, 3, 4, 15, 16, 28, 104, 124, 127, 128, 255, 0x7FFF, 0x8000, 0xF7E1, 0xF7E2, 0xFFFF)
HOPS = (255, 255, 255, 1, 0, 64)


class Spoiler:
    """Makes packets that are wrong in the ways that packets are."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.ways = (self._flip, self._flip, self._flip, self._number, self._number, self._cut,
                     self._grow, self._insert, self._header, self._repeat)

    def packet(self, models):
        """Mostly one of the models, spoiled; now and then nothing but noise."""
        if not models or self.random.random() < 0.1:
            return self._noise()
        octets = bytearray(self.random.choice(models))
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            self.random.choice(self.ways)(octets)
        return bytes(octets[:MOST_OCTETS])

    def line(self):
        """What a control socket is asked."""
        known = self.random.choice((b"status", b"status json", b"estimate", b"\n", b""))
        octets = bytearray(known + self.random.randbytes(self.random.choice((0, 1, 9, 300, 5000))))
        if octets and self.random.random() < 0.5:
            self._flip(octets)
        return bytes(octets) + self.random.choice((b"", b"\n", b"\n\n"))

    def _length(self):
        if self.random.random() < 0.7:
            return self.random.choice(LENGTHS)
        return self.random.randrange(MOST_OCTETS)

    def _noise(self):
        octets = bytearray(self.random.randbytes(self._length()))
        if octets:
            self._header(octets)
        return bytes(octets)

    def _place(self, octets, width=1):
        return self.random.randrange(max(len(octets) - width, 0) + 1) // width * width

    def _flip(self, octets):
        for _ in range(self.random.randrange(1, 9)):
            if octets:
                octets[self.random.randrange(len(octets))] ^= 1 << self.random.randrange(8)

    def _number(self, octets):
        width = self.random.choice((1, 2, 4, 8))
        place = self._place(octets, width)
        number = self.random.choice(NUMBERS) & (256 ** width - 1)
        octets[place:place + width] = number.to_bytes(width, "big")

    def _cut(self, octets):
        del octets[self._length():]

    def _grow(self, octets):
        octets += self.random.randbytes(self.random.choice((1, 4, 16, 20, 24, 28, 124, 900)))

    def _insert(self, octets):
        """An extension field, or something like one, behind the header or a field."""
        kind, length = self.random.choice(NUMBERS), self.random.choice(NUMBERS)
        field = struct.pack("!HH", kind, length) + self.random.randbytes(min(length, 300))
        place = self.random.choice((48, 48, len(octets), self._place(octets, 4)))
        octets[place:place] = field

    def _header(self, octets):
        if octets:
            octets[0] = self.random.choice((0x23, 0x24, 0x25, 0xE5, 0x1B, self.random.randrange(256)))

    def _repeat(self, octets):
        octets += octets[self._place(octets, 4):]


class Frame(NamedTuple):
    """A UDP packet as it passed the switch."""

    ethernet: bytes
    network: bytes  # IPv4 or IPv6 header
    source: int
    to: int
    octets: bytes

    @classmethod
    def read(cls, frame):
        """Nothing if it is anything else."""
        kind = int.from_bytes(frame[12:14], "big")
        length = {IPV4: 20, IPV6: 40}.get(kind)
        if length is None or len(frame) < ETHERNET + length + 8:
            return None
        network = frame[ETHERNET:ETHERNET + length]
        if network[9 if kind == IPV4 else 6] != UDP or (kind == IPV4 and network[0] != 0x45):
            return None
        start = ETHERNET + length
        source, to, size = struct.unpack_from("!HHH", frame, start)
        return cls(frame[:ETHERNET], network, source, to, frame[start + 8:start + size])

    def reversed(self):
        """A frame from where this one went to where it came from."""
        half = 4 if len(self.network) == 20 else 16
        network = self.network[:-2 * half] + self.network[-half:] + self.network[-2 * half:-half]
        ethernet = self.ethernet[6:12] + self.ethernet[:6] + self.ethernet[12:]
        return self._replace(ethernet=ethernet, network=network, source=self.to, to=self.source)

    def with_octets(self, octets, hops=255):
        """The frame with other octets in it, whole and with right sums."""
        header = struct.pack("!HHHH", self.source, self.to, 8 + len(octets), 0)
        if len(self.network) == 20:
            network = bytearray(self.network)
            network[2:4] = (28 + len(octets)).to_bytes(2, "big")
            network[8], network[10:12] = hops, b"\0\0"
            network[10:12] = _sum(bytes(network)).to_bytes(2, "big")
            return self.ethernet + network + header + octets  # without a sum of UDP's own
        network = bytearray(self.network)
        network[4:6] = (8 + len(octets)).to_bytes(2, "big")
        network[7] = hops
        pseudo = bytes(network[8:40]) + struct.pack("!II", 8 + len(octets), UDP)
        checked = (_sum(pseudo + header + octets) or 0xFFFF).to_bytes(2, "big")
        return self.ethernet + network + header[:6] + checked + octets


def _sum(octets):
    """The Internet checksum (RFC 1071)."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class Tap:
    """A host's cable at the switch: what the host sends, and frames to it."""

    def __init__(self, host):
        with host.link.inside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                        socket.htons(ETH_P_ALL))
            self.socket.bind((host.port, 0))
        self.seen = {}  # the last frame of each kind, by mode, port and family

    def look(self):
        """The packets that the host has sent since the last look."""
        packets = []
        while select.select([self.socket], [], [], 0)[0]:
            frame, (_, _, direction, *_) = self.socket.recvfrom(65536)
            packet = Frame.read(frame) if direction != socket.PACKET_OUTGOING else None
            if packet and packet.octets:
                self.seen[packet.octets[0] & 7, packet.to, len(packet.network)] = packet
                packets.append(packet)
        return packets

    def inject(self, frame):
        with contextlib.suppress(BlockingIOError):
            self.socket.send(frame, socket.MSG_DONTWAIT)

    def close(self):
        self.socket.close()


class ControlNoise:
    """Clients of a control socket that never behave."""

    def __init__(self, path):
        self.path = str(path)
        self.clients = []

    def send(self, octets):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.setblocking(False)
        with contextlib.suppress(OSError):
            client.connect(self.path)
            client.send(octets)
        self.clients.append(client)
        if len(self.clients) > 5:
            self.clients.pop(0).close()

    def close(self):
        for client in self.clients:
            client.close()
        self.clients = []


class Inbox:
    """What a program's sockets hold unread, and what they had no room for."""

    def __init__(self, program):
        self.tables = [pathlib.Path(f"/proc/{program.pid}/net/{name}") for name in ("udp", "udp6")]

    def rows(self):
        for table in self.tables:
            for line in table.read_text(encoding="ascii").splitlines()[1:]:
                yield line.split()

    def unread(self):
        """Octets, as the kernel counts memory, in the fullest socket."""
        return max(int(row[4].partition(":")[2], 16) for row in self.rows())

    def lost(self):
        return sum(int(row[12]) for row in self.rows())


def every(seconds, until):
    """Ticks until then; those that would come late are left out."""
    due = time.monotonic()
    while due < until:
        time.sleep(max(due - time.monotonic(), 0))
        yield
        due = max(due + seconds, time.monotonic())

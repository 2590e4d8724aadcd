# SPDX-License-Identifier: MIT
"""What goes over a host's interface eth0, as a pcap file."""

import socket
import struct

from udp import SO_TIMESTAMPNS

ETH_P_ALL = 3
NANOSECOND_MAGIC = 0xA1B23C4D
ETHERNET = 1


class Recorder:
    """Hears from its making on; what it heard is written when that is asked for."""

    def __init__(self, host):
        with host.inside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("eth0", ETH_P_ALL))
        self.socket.setblocking(False)

    def _frames(self):
        while True:
            try:
                frame, notes, _, _ = self.socket.recvmsg(65536, 512)
            except BlockingIOError:
                return
            for level, kind, data in notes:
                if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                    yield *struct.unpack("@qq", data), frame

    def write(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHIIII", NANOSECOND_MAGIC, 2, 4, 0, 0, 65535, ETHERNET))
            for seconds, nanoseconds, frame in self._frames():
                size = len(frame)
                file.write(struct.pack("<IIII", seconds, nanoseconds, size, size) + frame)
        self.socket.close()

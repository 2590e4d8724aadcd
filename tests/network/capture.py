# SPDX-License-Identifier: MIT
"""All that passes an interface, into a file that tcpdump, tshark and `watch --replay` read."""

import socket
import struct
import threading
import time

ETH_P_ALL = 3
LINK_ETHERNET = 1
MOST_OCTETS = 65535


class Capture:
    """Runs until it is closed; then all is in the file."""

    def __init__(self, host, path, interface="eth0"):
        self.path = path
        self._ends = threading.Event()
        with host.inside():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                         socket.htons(ETH_P_ALL))
            self._socket.bind((interface, 0))
        self._socket.settimeout(0.05)
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._ends.set()
        self._writer.join()
        self._socket.close()

    def _write(self):
        with open(self.path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, MOST_OCTETS, LINK_ETHERNET))
            while True:
                try:
                    frame = self._socket.recv(MOST_OCTETS)
                except TimeoutError:
                    if self._ends.is_set():
                        return
                    continue
                seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
                file.write(struct.pack("<IIII", seconds, nanoseconds // 1000, len(frame),
                                       len(frame)) + frame)

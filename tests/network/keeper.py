# SPDX-License-Identifier: MIT
"""A keeper of a host's clock that is the test's: it tells of a clock that somebody keeps right, whatever
the kernel says. No clock is touched."""

import select
import socket
import struct
import threading

REQUEST = struct.calcsize("=IIq") + 208  # KeeperRequest of common/host/clock_keeper.hpp
TIMEX = struct.Struct("=I4xqqqqi4xqqqqqq")  # the beginning of struct timex
RIGHT = struct.pack("=iiII", 0, 0, 0, 0) + TIMEX.pack(0, 0, 0, 1_000, 100, 0, 0, 0, 0, 0, 0, 10_000)


class Keeper:
    """`hangs`: it takes what is asked and says nothing."""

    def __init__(self, place):
        self.place = place
        self.hangs = False
        self.asked = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(str(place))
        self.socket.listen(64)
        self._ended = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        held = []
        while not self._ended:
            if not select.select([self.socket], [], [], 0.1)[0]:
                continue
            client, _ = self.socket.accept()
            self.asked += len(client.recv(4096)) == REQUEST
            if self.hangs:
                held.append(client)
                continue
            client.send(RIGHT.ljust(16 + 208, b"\0"))
            client.close()

    def stop(self):
        self._ended = True
        self._thread.join()
        self.socket.close()
        self.place.unlink(missing_ok=True)

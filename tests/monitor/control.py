# SPDX-License-Identifier: MIT
"""Stands in for a daemon's control socket, whatever is asked."""

import socket
import threading


class ControlSocket:
    def __init__(self, case, place, answer):
        self.place = str(place)
        self._answer = answer.encode() + b"\n"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        case.addCleanup(self._socket.close)
        self._socket.bind(self.place)
        self._socket.listen(8)
        self.asked = []
        threading.Thread(target=self._run, daemon=True).start()

    def end(self):
        """From now on nobody is there, and what waits for an answer has none."""
        self._socket.shutdown(socket.SHUT_RDWR)

    def _run(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                self.asked.append(client.recv(100))
                client.sendall(self._answer)

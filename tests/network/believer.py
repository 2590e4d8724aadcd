# SPDX-License-Identifier: MIT
"""A listener that says what another one said before, whatever has become of it."""

import json
import socket
import threading


class Believer:
    """Answers at `control` with the last status of a listener, which has ended meanwhile."""

    def __init__(self, test, listener):
        self.control = listener.host.state / "believer"
        self._said = json.dumps(listener.status()).encode() + b"\n"
        listener.stop()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        test.addCleanup(self._socket.close)
        self._socket.bind(str(self.control))
        self._socket.listen()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                client.recv(100)
                client.sendall(self._said)

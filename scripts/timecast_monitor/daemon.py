# SPDX-License-Identifier: MIT
"""Asks the listener that runs on this host, if one does, what time it has."""

import os
import socket
import time

from timecast_monitor import lines

PATIENCE_S = 0.3  # it answers from memory
AGAIN_S = 5.0  # after it was not there
LONGEST_ANSWER = 1 << 20


def places(named=None):
    """Where its control socket is looked for."""
    if named:
        return [named]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folders = ["/run", *([runtime] if runtime else [])]
    return [f"{folder}/timecast-listener/control" for folder in folders]


def ask(place, request="status json"):
    """Its answer as text. Raises OSError."""
    answer = b""
    end = time.monotonic() + PATIENCE_S
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as there:
        there.settimeout(PATIENCE_S)
        there.connect(place)
        there.sendall(f"{request}\n".encode())
        while len(answer) < LONGEST_ANSWER and time.monotonic() < end:
            octets = there.recv(65536)
            if not octets:
                return answer.decode(errors="replace")
            answer += octets
    raise TimeoutError("no end of the answer")


class Asker:
    def __init__(self, named=None):
        self._places = places(named)
        self._next_at = 0.0

    def ask(self):
        """What it says of its time now, or None."""
        if time.monotonic() < self._next_at:
            return None
        for place in self._places:
            try:
                record = lines.parse(ask(place))
            except (OSError, lines.BrokenLine):
                continue
            return record if isinstance(record, lines.Estimate) else None
        self._next_at = time.monotonic() + AGAIN_S
        return None

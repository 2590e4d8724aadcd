# SPDX-License-Identifier: MIT
"""Whose word an announcer takes for its clock: the NTP server's on its host, or the kernel's."""

import time

ASKED_EVERY_S = 8
NOTICED_S = ASKED_EVERY_S + 4  # what the server says anew


def await_source(program, source, within=NOTICED_S):
    """The status, once the word of the clock comes from there and was announced."""
    program.await_line("a state", lambda line: line["type"] == "state")
    deadline = time.monotonic() + within
    announced = None
    while True:
        status = program.status()
        if status["clock_source"] == source:
            announced = status["announcements"] if announced is None else announced
            if status["announcements"] > announced:
                return status
        if time.monotonic() > deadline:
            raise AssertionError(f"{program}: no word by {source}: {status}")
        time.sleep(0.1)

# SPDX-License-Identifier: MIT
"""Twenty thousand packets a second at a listener: forged, replayed and garbled, by whoever owns the
switch."""

import struct
import time

import ntp
from storm import every

PACKETS_A_SECOND = 20_000
TICK_S = 0.005
TRANSMIT_AT, SIGNATURE_AT = 40, 108
LATE_S = 0.0002  # what a switch and a stack take


def pour(tap, frame, make, seconds):
    """So long, frames like this one with octets that make(number) makes. Returns how many."""
    sent = 0
    for _ in every(TICK_S, time.monotonic() + seconds):
        for _ in range(int(PACKETS_A_SECOND * TICK_S)):
            tap.inject(frame.with_octets(make(sent)))
            sent += 1
    return sent


def makers(frame):
    """Packets that come, each in its turn, at the time they say or far from it."""
    octets = bytearray(frame.octets)
    garbled = [bytes(octets[:length]) for length in (0, 47, 60, 120, 171)]

    def forged(number, ahead_s):
        struct.pack_into("!Q", octets, TRANSMIT_AT, ntp.stamp_of(time.time() + ahead_s))
        struct.pack_into("!Q", octets, ntp.SEQUENCE_AT, 1 << 60 | number)
        struct.pack_into("!I", octets, SIGNATURE_AT, number)
        return bytes(octets)

    def outside(number):
        kinds = (lambda: forged(number, 3600), lambda: frame.octets,
                 lambda: garbled[number // 3 % len(garbled)])
        return kinds[number % 3]()
    return {"outside": outside, "inside": lambda number: forged(number, -LATE_S)}

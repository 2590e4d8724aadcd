# SPDX-License-Identifier: MIT
"""What the tests of timecast-monitor are made of: lines as the listener writes them."""

import json
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONITOR = ROOT / "scripts/timecast-monitor"
sys.path.insert(0, str(ROOT / "scripts"))

from timecast_monitor import announcers, lines  # noqa: E402

NOON = 1_793_491_200.0  # a Unix time
KEYS = {letter: letter * 43 + "=" for letter in "ABCDE"}
ADDRESSES = {letter: f"192.0.2.{number}" for number, letter in enumerate("ABCDE", 1)}


def line(kind, time_s=NOON, **members):
    """A line as text. A member `address` is the key "from"."""
    if "address" in members:
        members["from"] = members.pop("address")
    return json.dumps({"schema": 1, "time_s": time_s, "type": kind, **members})


def announcement(who="A", time_s=NOON, **members):
    """Of the announcer who is called by a letter: its key, its address."""
    usual = {
        "interface": "eth0", "address": ADDRESSES[who], "from_port": 11123,
        "group": "239.255.123.124", "port": 11123, "stream": "precise", "key": KEYS[who],
        "signature": "good", "chain": 1, "sequence": 7, "lost": 0, "version": 4, "leap": "none",
        "stratum": 3, "reference_id": "GPS", "poll": 0, "interval_s": 1.0, "precision_s": 1e-7,
        "root_delay_s": 0.0, "root_dispersion_s": 1e-3, "transmit_s": time_s, "offset_s": 10e-6,
        "hop_limit": 255, "stepped": False, "octets": 172, "host_synchronised": True}
    return line("announcement", time_s, **{**usual, **members})


def plain(who="A", time_s=NOON, **members):
    """The same of the stream for everybody, which nobody signs."""
    usual = {"group": "239.255.123.123", "port": 123, "stream": "plain", "key": None,
             "signature": "none", "chain": None, "sequence": None, "poll": 3, "interval_s": 8.0,
             "octets": 48}
    return announcement(who, time_s, **{**usual, **members})


def forged(who="A", time_s=NOON, **members):
    return announcement(who, time_s, **{"signature": "bad", **members})


def alarm(name, who="A", time_s=NOON, **members):
    usual = {"text": f"what is to be said of {name}", "interface": "eth0",
             "address": ADDRESSES[who], "key": KEYS[who]}
    return line("alarm", time_s, alarm=name, **{**usual, **members})


def hearing(state="hearing", port=11123, **members):
    usual = {"interface": "eth0", "group": "239.255.123.124", "reason": None}
    return line("state", state=state, port=port, **{**usual, **members})


def estimate(time_s=NOON, **members):
    """What a running listener says of its time."""
    usual = {"state": "synchronised", "reason": "announcements agree and the delay was measured",
             "offset_s": 1e-6, "error_s": 2e-5, "bound_s": 1e-3, "frequency_ppb": 12.5,
             "announcer": "192.0.2.1:11123", "announcements": 5, "refused": {}}
    return line("estimate", time_s, **{**usual, **members})


def packet(**members):
    usual = {"interface": "eth0", "address": "192.0.2.9", "reason": "3 octets are too short"}
    return line("packet", **{**usual, **members})


def network(*texts):
    """The state after these lines, each heard at its own time."""
    made = announcers.Network()
    for text in texts:
        try:
            record = lines.parse(text)
        except lines.BrokenLine as broken:
            made.on_broken_line(str(broken))
        else:
            made.observe(record, record.time_s)
    return made


def series(who, offsets, **members):
    """Announcements a second apart, the last at noon."""
    first = NOON - len(offsets) + 1
    return [announcement(who, first + number, offset_s=offset, **members)
            for number, offset in enumerate(offsets)]


def all_of(*groups):
    """Several series as they would arrive: by time."""
    return sorted((text for group in groups for text in group),
                  key=lambda text: json.loads(text)["time_s"])


def in_utc(test):
    """Until the test is over, local time is UTC."""
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    test.addCleanup(time.tzset)
    test.addCleanup(os.environ.update, {"TZ": zone} if zone else {})
    test.addCleanup(os.environ.pop, "TZ")

# SPDX-License-Identifier: MIT
"""Scenes of docs/operations.md on which the network has a bad day."""

import contextlib
import os
import subprocess
import time

import igmp
from lab import Link
from programs import BIN
from terminals import ROOT, SETTLED_S, Terminal, announcing, output_of


@contextlib.contextmanager
def listening_on_ipv4():
    """A link without IPv6, its switch and `lab`, whose listener says all that happens there."""
    link = Link()
    clock, host = (link.host([f"192.0.2.{number}/24"]) for number in (1, 2))
    lab = Terminal(host, "lab")
    said = []
    with announcing(Terminal(clock, "clock")):
        time.sleep(1)
        listener = lab.start(f"timecast-listener --socket {host.state}/control")
        time.sleep(SETTLED_S)
        yield clock, host, said
        said.append(lab.shown("timecast-listener", output_of(listener)))


def switch_forgets(_):
    with listening_on_ipv4() as (clock, host, said):
        host.link.ip("link set br0 type bridge mcast_snooping 1 mcast_membership_interval 2000")
        igmp.send_query(clock)
        time.sleep(100)
    return said[0]


def multicast_is_filtered(_):
    with listening_on_ipv4() as (_clock, host, said):
        host.link.ip(f"link set {host.port} type bridge_slave mcast_flood off")
        time.sleep(30)
        host.link.ip(f"link set {host.port} type bridge_slave mcast_flood on")
        time.sleep(6)
    return said[0]


def interface_is_made_anew(_):
    with listening_on_ipv4() as (_clock, host, said):
        host.unplug()
        time.sleep(5)
        host.plug(["192.0.2.77/24"])
        time.sleep(6)
    return said[0]


def bad_day(*options):
    done = subprocess.run([ROOT / "tests/network/bad-day", *options], capture_output=True,
                          text=True, timeout=600, env=os.environ | {"TIMECAST_BIN": str(BIN)},
                          check=True)
    return f"$ {' '.join(('tests/network/bad-day', *options))}\n{done.stdout}"


BAD_DAYS = {
    "bad-day-replug": interface_is_made_anew,
    "bad-day-forgets": switch_forgets,
    "bad-day-filtered": multicast_is_filtered,
    "bad-days": lambda _: bad_day(),
    "bad-days-timeline": lambda _: bad_day("--timeline", "spare"),
}

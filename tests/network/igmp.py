# SPDX-License-Identifier: MIT
"""Packets of IGMP, as a switch or a router would send them."""

import socket
import struct

ALL_HOSTS = "224.0.0.1"
ROUTER_ALERT = bytes((0x94, 0x04, 0, 0))
QUERY = bytes.fromhex("110aeef500000000")  # version 2, to be answered within 1 s


def send_query(host):
    """Asks once who is in which group."""
    with host.inside():
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
        index = socket.if_nametoindex("eth0")
    with raw:
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("8xI", index))
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, ROUTER_ALERT)
        raw.sendto(QUERY, (ALL_HOSTS, 0))

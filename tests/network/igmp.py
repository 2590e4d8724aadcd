# SPDX-License-Identifier: MIT
"""Packets of IGMP and MLD, as a switch or a router would send them."""

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


ALL_NODES = "ff02::1"
HOP_BY_HOP = bytes.fromhex("3a00050200000100")  # the router alert, and padding
MLD_QUERY = bytes.fromhex("8200000003e80000") + bytes(16)
IPV6_HOPOPTS = 54


def send_mld_query(host):
    """The same for IPv6 (version 1, to be answered within 1 s); the kernel adds the checksum."""
    with host.inside():
        raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        index = socket.if_nametoindex("eth0")
    with raw:
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
        raw.setsockopt(socket.IPPROTO_IPV6, IPV6_HOPOPTS, HOP_BY_HOP)
        raw.sendto(MLD_QUERY, (ALL_NODES, 0, 0, index))

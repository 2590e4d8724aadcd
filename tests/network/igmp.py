# SPDX-License-Identifier: MIT
"""Packets of IGMP and of MLD, as a switch or a router would send them."""

import socket
import struct

ALL_HOSTS = "224.0.0.1"
ROUTER_ALERT = bytes((0x94, 0x04, 0, 0))
QUERY = bytes.fromhex("110aeef500000000")  # version 2, to be answered within 1 s

ALL_NODES = "ff02::1"
MLD_ROUTER_ALERT = bytes((0, 0, 5, 2, 0, 0, 1, 0))  # its options come first: RFC 2711
MLD_QUERY = struct.pack("!BBHHH16x", 130, 0, 0, 1000, 0)  # version 1, within 1 s; no checksum yet


def send_query(host):
    """Asks once who is in which group."""
    with host.inside():
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
        index = socket.if_nametoindex("eth0")
    with raw:
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("8xI", index))
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, ROUTER_ALERT)
        raw.sendto(QUERY, (ALL_HOSTS, 0))


def send_mld_query(host):
    """The same of IPv6; the kernel adds the checksum."""
    with host.inside():
        raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        index = socket.if_nametoindex("eth0")
    with raw:
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, MLD_ROUTER_ALERT)
        raw.sendto(MLD_QUERY, (ALL_NODES, 0, 0, index))

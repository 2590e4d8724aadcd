# SPDX-License-Identifier: MIT
"""NTP packets as another implementation would write and read them: from the documents alone."""

import binascii
import os
import pathlib
import struct
import subprocess
import tempfile
from typing import NamedTuple

HEADER = struct.Struct("!BBbb4s4s4sQQQQ")
FIELD = struct.Struct("!HH4sBBH32sHHIQ64s")
CLIENT, SERVER, BROADCAST = 3, 4, 5
PRECISE_GROUP, PRECISE_GROUP_6, PRECISE_PORT = "239.255.123.124", "ff02::101", 11123
PLAIN_GROUP, PLAIN_PORT = "239.255.123.123", 123
PRECISE_OCTETS, PLAIN_OCTETS = 172, 48
SEQUENCE_AT = 48 + 52  # its first octet, in a precise packet
UNIX_EPOCH = 2_208_988_800  # in NTP's era 0

# What precedes the 32 octets of an Ed25519 key in a file that openssl reads (RFC 8410).
_KEY_FILE_START = bytes.fromhex("302a300506032b6570032100")
_CONTEXT = b"timecast announcement v1\0"


class Packet(NamedTuple):
    leap: int
    version: int
    mode: int
    stratum: int
    poll: int
    precision: int
    root_delay: bytes
    root_dispersion: bytes
    reference_id: bytes
    reference: int
    origin: int
    receive: int
    transmit: int
    rest: bytes  # extension fields


class Announcement(NamedTuple):
    type: int
    length: int
    magic: bytes
    version: int
    algorithm: int
    flags: int
    key: bytes
    chain: int
    query_spread: int
    interval_ms: int
    sequence: int
    signature: bytes


def parse(octets):
    first, *fields = HEADER.unpack_from(octets)
    return Packet(first >> 6, first >> 3 & 7, first & 7, *fields, octets[HEADER.size:])


def announcement_of(packet):
    return Announcement(*FIELD.unpack(packet.rest))


def request(version=4, mode=CLIENT, origin=0, receive=0, transmit=0x0123456789ABCDEF, length=48):
    header = HEADER.pack(version << 3 | mode, 0, 6, 32, bytes(4), bytes(4), bytes(4), 0, origin,
                         receive, transmit)
    return header[:length].ljust(length, b"\0")


def challenge(nonce, **header):
    """A request whose answer must be signed over these 64 octets."""
    field = FIELD.pack(0xF7E1, 124, b"TCST", 1, 1, 0, bytes(32), 0, 0, 0, 0, nonce)
    return request(**header) + field


def is_signed(octets, nonce=b""):
    """Whether the packet's signature is that of the key in it, by openssl's judgement."""
    announcement = announcement_of(parse(octets))
    message = _CONTEXT + nonce + octets[:-len(announcement.signature)]
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: pathlib.Path(folder, name) for name in ("key", "message", "signature")}
        paths["key"].write_bytes(_KEY_FILE_START + announcement.key)
        paths["message"].write_bytes(message)
        paths["signature"].write_bytes(announcement.signature)
        judged = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin",
             "-inkey", paths["key"], "-in", paths["message"], "-sigfile", paths["signature"]],
            capture_output=True, timeout=20, check=False)
    return judged.returncode == 0


def pack(packet):
    first = packet.leap << 6 | packet.version << 3 | packet.mode
    return HEADER.pack(first, *packet[3:-1]) + packet.rest


def stamp_of(unix_time_s):
    return int((unix_time_s + UNIX_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF


def unix_time(stamp):
    return (stamp >> 32) - UNIX_EPOCH + (stamp & 0xFFFFFFFF) / 2**32


def nonce():
    return os.urandom(64)


def base64(key):
    return binascii.b2a_base64(key, newline=False).decode()

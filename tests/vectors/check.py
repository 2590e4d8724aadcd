#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rebuilds the packets in this folder from the values that stand beside their octets.

    check.py [ROOT]

Shares no line with the C++ code: struct and Python's cryptography make the octets and signatures
anew, the openssl program verifies them again. docs/protocol.md must show each file as it is, and
name every verdict.
"""

import base64
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
from fractions import Fraction

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

UNIX_EPOCH = 2_208_988_800  # in seconds since 1900
ANNOUNCEMENT_CONTEXT = b"timecast announcement v1\0"
SUCCESSOR_CONTEXT = b"timecast successor v1\0"

# RFC 8032 section 7.1: the secret keys of tests 1 and 2, and the public keys it gives for them.
KEYS = {
    "RFC 8032 test 1": ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
    "RFC 8032 test 2": ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
}

# Each packet: its length, and whose nonce its signature answers.
PACKETS = {"announcement": (172, None), "challenge": (172, None), "reply": (172, "challenge"),
           "successor": (276, None)}


def seconds_of(value):
    return Fraction(value.removesuffix(" s"))


def first_octet(value):
    leap, version, mode = map(int, value.split())
    return struct.pack("!B", leap << 6 | version << 3 | mode)


def short(value):
    return struct.pack("!I", -int(-seconds_of(value) * 2**16 // 1))  # a bound is rounded up


def stamp(value):
    if value == "unknown":
        return bytes(8)
    if value.startswith("0x"):  # opaque
        return bytes.fromhex(value[2:])
    units = int((seconds_of(value) + UNIX_EPOCH) * 2**32 // 1)  # a time is rounded down
    return struct.pack("!Q", units % 2**64)


def public_key(value):
    return bytes(32) if value == "zero" else bytes.fromhex(KEYS[value][1])


def integer(form, per_unit=1):
    def encode(value):
        number = seconds_of(value) * per_unit if value.endswith(" s") else int(value, 0)
        return struct.pack(form, int(number))
    return encode


ENCODERS = {
    "leap, version, mode": first_octet,
    "stratum": integer("!B"),
    "poll": integer("!b"),
    "precision": integer("!b"),
    "root delay": short,
    "root dispersion": short,
    "reference id": lambda value: bytes(map(int, value.split("."))),
    "reference time": stamp,
    "origin": stamp,
    "receive": stamp,
    "transmit": stamp,
    "type": integer("!H"),
    "length": integer("!H"),
    "magic": lambda value: value.encode("ascii"),
    "version": integer("!B"),
    "algorithm": integer("!B"),
    "flags": integer("!H"),
    "public key": public_key,
    "old public key": public_key,
    "chain": integer("!H"),
    "query spread": integer("!H", 10),
    "interval": integer("!I", 1000),
    "sequence": integer("!Q"),
    "nonce": lambda value: bytes(range(64)) if value == "0, 1, 2 to 63" else b"",
}


class Packet:
    """A file's rows: (offset, field, value, octets). What is signed is found by its field."""

    def __init__(self, path):
        self.name = path.stem
        self.text = path.read_text(encoding="utf-8")
        self.rows = []
        for line in self.text.splitlines():
            if line.startswith("#"):
                continue
            if line.startswith(" "):  # more octets of the row above
                offset, field, value, octets = self.rows.pop()
                self.rows.append((offset, field, value, octets + bytes.fromhex(line)))
            else:
                offset, field, value, octets = re.split(r"  +", line)
                self.rows.append((int(offset), field, value, bytes.fromhex(octets)))
        self.octets = b"".join(row[3] for row in self.rows)

    def row(self, field):
        return next(row for row in self.rows if row[1] == field)

    def message(self, nonce=b"", octets=None):
        """What the signature at the end of the packet covers."""
        octets = self.octets if octets is None else octets
        return ANNOUNCEMENT_CONTEXT + nonce + octets[:self.row("signature")[0]]


def private_key(name):
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS[name][0]))


def verifies(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def openssl_verifies(key, signature, message):
    der = bytes.fromhex("302a300506032b6570032100") + key  # RFC 8410
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "key").write_text(pem, encoding="ascii")
        (folder / "signature").write_bytes(signature)
        (folder / "message").write_bytes(message)
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", folder / "key",
                   "-sigfile", folder / "signature", "-in", folder / "message"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Signature Verified Successfully" in done.stdout:
        return done.returncode == 0
    if "Signature Verification Failure" in done.stdout:
        return False
    raise RuntimeError(f"openssl: {done.stdout}{done.stderr}")


def flipped(octets):
    """The octets with each of their bits changed, one at a time."""
    for bit in range(len(octets) * 8):
        spoilt = bytearray(octets)
        spoilt[bit // 8] ^= 0x80 >> bit % 8
        yield bit, bytes(spoilt)


def wrong_layout(packet):
    length, _ = PACKETS[packet.name]
    end = 0
    for offset, field, _, octets in packet.rows:
        if offset != end:
            yield f"{field} stands at {end}, not at {offset}"
        end = offset + len(octets)
    if len(packet.octets) != length:
        yield f"has {len(packet.octets)} octets, not {length}"


def rebuilt(packet, field, value, nonce):
    """The octets that a row's value stands for."""
    if field == "signature":
        return private_key(value).sign(packet.message(nonce))
    if field == "old key's signature":
        return private_key(value).sign(SUCCESSOR_CONTEXT + packet.row("public key")[3])
    return ENCODERS[field](value)


def wrong_values(packet, nonce):
    for _, field, value, octets in packet.rows:
        expected = rebuilt(packet, field, value, nonce)
        if octets != expected:
            yield f"{field} {value}: is {octets.hex()}, should be {expected.hex()}"


def bad_signature(packet, nonce):
    """The packet's signature holds, for it alone and with this nonce alone."""
    start, _, _, signature = packet.row("signature")
    key = packet.row("public key")[3]
    if not verifies(key, signature, packet.message(nonce)):
        yield "the signature does not verify"
    if not openssl_verifies(key, signature, packet.message(nonce)):
        yield "openssl does not verify the signature"
    key_at = packet.row("public key")[0]
    for bit, octets in flipped(packet.octets):
        key = octets[key_at:key_at + 32]
        if verifies(key, octets[start:], packet.message(nonce, octets)):
            yield f"verifies with bit {bit} changed"
    key = packet.row("public key")[3]
    for bit, other in flipped(nonce):
        if verifies(key, signature, packet.message(other)):
            yield f"verifies with bit {bit} of the nonce changed"
    if nonce and verifies(key, signature, packet.message()):
        yield "verifies without its nonce"
    if openssl_verifies(key, signature, next(flipped(packet.message(nonce)))[1]):
        yield "openssl verifies it with a bit changed"


def bad_endorsement(packet):
    """The old key's word for the new one holds, and for no other."""
    old, new = packet.row("old public key")[3], packet.row("public key")[3]
    signature = packet.row("old key's signature")[3]
    message = SUCCESSOR_CONTEXT + new
    if not (verifies(old, signature, message) and openssl_verifies(old, signature, message)):
        yield "the endorsement does not verify"
    for bit, other in flipped(message):
        if verifies(old, signature, other):
            yield f"the endorsement verifies with bit {bit} changed"
    if verifies(new, signature, message):
        yield "the new key endorses itself"


def wrong_keys():
    for name, (_, published) in KEYS.items():
        derived = private_key(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        if derived.hex() != published:
            yield f"{name}: the public key is {derived.hex()}"


def undocumented(packet, document):
    if f"```\n{packet.text}```\n" not in document:
        yield "docs/protocol.md does not show the file as it is"


def unnamed_verdicts(root, document):
    header = root / "common/include/timecast/wire/reject.hpp"
    body = re.search(r"enum class Reject[^{]*\{(.*?)\};", header.read_text(encoding="utf-8"), re.S)
    verdicts = re.findall(r"^  (\w+),$", body.group(1), re.M)
    if not verdicts:
        yield "found no verdict in reject.hpp"
    for verdict in verdicts:
        if f"`{verdict}`" not in document:
            yield f"docs/protocol.md does not name {verdict}"


def checks(root):
    """Name and complaints of each check; a complaint is looked for only when it is asked for."""
    document = (root / "docs/protocol.md").read_text(encoding="utf-8")
    packets = {path.stem: Packet(path) for path in sorted((root / "tests/vectors").glob("*.txt"))}
    wrong_files = sorted(set(PACKETS) ^ set(packets))
    yield "files", (f"{name} is not as listed here" for name in wrong_files)
    yield "keys", wrong_keys()
    yield "verdicts", unnamed_verdicts(root, document)
    if wrong_files:
        return
    for name, packet in packets.items():
        challenge = PACKETS[name][1]
        nonce = packets[challenge].row("nonce")[3] if challenge else b""
        yield f"{name}: layout", wrong_layout(packet)
        yield f"{name}: values", wrong_values(packet, nonce)
        yield f"{name}: document", undocumented(packet, document)
        if name != "challenge":
            yield f"{name}: signature", bad_signature(packet, nonce)
    yield "successor: endorsement", bad_endorsement(packets["successor"])


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    passed = failed = 0
    for name, complaints in checks(root):
        complaints = list(complaints)
        for complaint in complaints:
            print(f"FAILED {name}: {complaint}")
        failed += bool(complaints)
        passed += not complaints
    print(f"passed={passed} failed={failed} skipped=0")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

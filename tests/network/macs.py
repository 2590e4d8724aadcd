# SPDX-License-Identifier: MIT
"""Symmetric keys as chrony and NTPsec have them in files, and MACs as Python and openssl make them."""

import hashlib
import pathlib
import struct
import subprocess
import tempfile
import time

import ntp

CMAC, SHA1, MD5, OTHER = 30, 25, 10, 31
SECRETS = {
    CMAC: bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"),
    SHA1: bytes.fromhex("933F62BE1D604E68A81B557F18CFA200483F5B70"),
    MD5: b"tulip",
    OTHER: bytes(range(16)),
}
# As chrony reads it, which has no word for legacy.
FILE = f"""# id type key
{MD5} tulip
{SHA1} SHA1 HEX:{SECRETS[SHA1].hex()}
{CMAC} AES128 HEX:{SECRETS[CMAC].hex()}
{OTHER} AES128 HEX:{SECRETS[OTHER].hex()}
"""
# As NTPsec reads it.
NTP_FILE = f"""{SHA1} SHA1 {SECRETS[SHA1].hex()}
{CMAC} AES {SECRETS[CMAC].hex()}
{OTHER} AES {SECRETS[OTHER].hex()}
"""


def put_keys(host, text=FILE, name="symmetric.keys", mode=0o600):
    path = host.state / name
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def digest_of(key, message):
    """By Python's hashes and the openssl program."""
    if key == MD5:
        return hashlib.md5(SECRETS[key] + message).digest()
    if key == SHA1:
        return hashlib.sha1(SECRETS[key] + message).digest()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "message")
        path.write_bytes(message)
        made = subprocess.run(
            ["openssl", "mac", "-cipher", "AES-128-CBC", "-macopt", f"hexkey:{SECRETS[key].hex()}",
             "-in", path, "CMAC"], capture_output=True, text=True, check=True, timeout=20)
    return bytes.fromhex(made.stdout.strip())


def mac_of(key, message):
    return struct.pack("!I", key) + digest_of(key, message)


def broadcast_packet(ahead_s=0.0):
    """What ntpd sends once a second, but for its MAC."""
    now = ntp.stamp_of(time.time() + ahead_s)
    return ntp.HEADER.pack(4 << 3 | ntp.BROADCAST, 2, 0, -20, bytes(4), bytes(4),
                           bytes((192, 0, 2, 77)), now - 2**32, 0, 0, now)

# SPDX-License-Identifier: MIT
"""The packages that scripts/package has made, and changed copies of them."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/packages"
PACKAGES = ("timecast-announcer", "timecast-listener", "timecast-tools", "libtimecast-now0",
            "libtimecast-dev")


def run(*command, **options):
    """What the command printed; fails with it if it did."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, timeout=300, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def deb(package):
    found = list(FOLDER.glob(f"{package}_*.deb"))
    if len(found) != 1:
        raise AssertionError(f"{FOLDER}: {len(found)} of {package}; scripts/package makes one")
    return found[0]


def chrony():
    """Debian's, as scripts/bootstrap has fetched it."""
    return next((ROOT / "build/judges/chrony").glob("chrony_*.deb"))


def field(package, name):
    return run("dpkg-deb", "--field", deb(package), name).strip()


def files(package):
    """All that is in it, from the root, but folders."""
    listed = run("dpkg-deb", "--contents", deb(package)).splitlines()
    return sorted(line.split()[5].lstrip(".") for line in listed if not line.startswith("d"))


def next_release(package, folder):
    """The same package with the next Debian revision."""
    unpacked = folder / f"{package}-next"
    run("dpkg-deb", "--raw-extract", deb(package), unpacked)
    control = unpacked / "DEBIAN/control"
    text = control.read_text(encoding="utf-8")
    control.write_text(re.sub(r"(\d\.\d\.\d)-1\b", r"\1-2", text), encoding="utf-8")
    return pack(unpacked, folder / f"{package}_next.deb")


def stranger(folder, name, **fields):
    """A package with nothing in it."""
    control = folder / name / "DEBIAN/control"
    control.parent.mkdir(parents=True)
    fields = {"Package": name, "Version": "1", "Architecture": "all",
              "Maintainer": "nobody <nobody@localhost>", "Description": "nothing", **fields}
    control.write_text("".join(f"{key}: {value}\n" for key, value in fields.items()))
    return pack(folder / name, folder / f"{name}.deb")


def pack(unpacked, place):
    run("dpkg-deb", "--root-owner-group", "--build", unpacked, place)
    return place

# SPDX-License-Identifier: MIT
"""Reads cross-built archives with the ARM binutils."""

import pathlib
import re
import subprocess
from dataclasses import dataclass, field

PREFIX = "arm-none-eabi-"
SECTION = re.compile(r"^ *\[ *\d+\] (\S+) +(PROGBITS|NOBITS) +\S+ \S+ (\S+) \S+ +([A-Za-z]*) ")

# Where the cross compiler keeps its own headers; nothing else below /usr may be seen.
CROSS_HEADERS = ("/usr/include/newlib/", "/usr/lib/picolibc/", "/usr/lib/gcc/arm-none-eabi/")


@dataclass
class Size:
    code: int = 0
    constants: int = 0
    static: int = 0


@dataclass
class Section:
    name: str
    size: int
    flags: str

    def add_to(self, size):
        if "X" in self.flags:
            size.code += self.size
        elif "W" in self.flags:
            size.static += self.size
        else:
            size.constants += self.size


@dataclass
class Member:
    """One object file of an archive."""
    name: str
    sections: list = field(default_factory=list)
    defined: set = field(default_factory=set)
    undefined: set = field(default_factory=set)

    def size(self):
        size = Size()
        for section in self.sections:
            section.add_to(size)
        return size


@dataclass
class Archive:
    members: list

    def total(self):
        """The size of all members. What several have in common (group sections: inline
        functions) is linked once and counts once."""
        size, seen = Size(), set()
        for member in self.members:
            for section in member.sections:
                if "G" in section.flags and section.name in seen:
                    continue
                seen.add(section.name)
                section.add_to(size)
        return size


def tool(name, *arguments):
    command = [PREFIX + name, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def demangled(symbol):
    return tool("c++filt", symbol).strip()


def read_sections(path, members):
    member = None
    for line in tool("readelf", "--section-headers", "--wide", path).splitlines():
        if line.startswith("File: "):
            member = members[re.search(r"\((.*)\)", line).group(1)]
        match = SECTION.match(line)
        if match and "A" in match.group(4):
            member.sections.append(Section(match.group(1), int(match.group(3), 16), match.group(4)))


def read_symbols(path, members):
    for line in tool("nm", "--print-file-name", path).splitlines():
        # archive:member:address kind symbol; what is undefined has no address.
        name, _, rest = line.removeprefix(f"{path}:").partition(":")
        *_, kind, symbol = rest.split()
        (members[name].undefined if kind in "Uwv" else members[name].defined).add(symbol)


def read_archive(path):
    members = {name: Member(name) for name in tool("ar", "t", path).split()}
    read_sections(path, members)
    read_symbols(path, members)
    return Archive(sorted(members.values(), key=lambda member: member.name))


def archives_below(build):
    """The archives of a build folder by the name of their layer."""
    paths = sorted(pathlib.Path(build).rglob("libtimecast_*.a"))
    return {path.stem.removeprefix("libtimecast_"): read_archive(path) for path in paths}


def host_headers(build):
    """Headers of this machine that the cross build has read. They need not exist for ARM."""
    if not pathlib.Path(build, "build.ninja").exists():
        return []
    command = ["ninja", "-C", str(build), "-t", "deps"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    read = {line.strip() for line in done.stdout.splitlines() if line.startswith("    /usr/")}
    if not read:
        raise SystemExit(f"{build}: ninja does not know which headers were read; build it anew")
    return sorted(path for path in read if not path.startswith(CROSS_HEADERS))

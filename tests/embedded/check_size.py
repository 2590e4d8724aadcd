#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks the cross-built freestanding layers: what they weigh, and that they need no system.

    check_size.py BUILD_FOLDER [--budget FILE] [--allowed FILE]
"""

import argparse
import fnmatch
import pathlib
import sys

import objects

HERE = pathlib.Path(__file__).resolve().parent


def rows_of(file):
    """The words of each line that is no comment."""
    lines = pathlib.Path(file).read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]


def print_table(layer, archive):
    total = archive.total()
    print(f"\n{layer:<34} {'code':>7} {'const':>7} {'static':>7}   octets")
    for member in archive.members:
        size = member.size()
        print(f"  {member.name:<32} {size.code:>7} {size.constants:>7} {size.static:>7}")
    print(f"  {'linked once':<32} {total.code:>7} {total.constants:>7} {total.static:>7}")


def over_budget(layer, archive, flash, static):
    """Complaints about one layer's size."""
    total = archive.total()
    used = total.code + total.constants
    print(f"  {layer}: {used} of {flash} octets used")
    if used > flash:
        yield f"{layer}: {used} octets of code and constants, {flash} are allowed"
    for member in archive.members:
        size = member.size().static
        if total.static > static and size:
            yield f"{layer}: {member.name} has {size} octets of static variables, {static} allowed"


def forbidden_symbols(archives, allowed):
    """Complaints about symbols that no layer defines and that are not allowed."""
    members = [member for archive in archives.values() for member in archive.members]
    defined = set().union(*(member.defined for member in members))
    for layer, archive in archives.items():
        for member in archive.members:
            for symbol in sorted(member.undefined - defined):
                if not any(fnmatch.fnmatchcase(symbol, pattern) for pattern in allowed):
                    yield f"{layer}: {member.name} needs {objects.demangled(symbol)}"


def report(name, complaints):
    """Prints the complaints; returns whether there were none."""
    complaints = list(complaints)
    for complaint in complaints:
        print(f"FAILED {name}: {complaint}")
    return not complaints


def check(arguments):
    """Returns the verdict of each check, or nothing if there was nothing to check."""
    budget = {row[0]: (int(row[1]), int(row[2])) for row in rows_of(arguments.budget)}
    archives = objects.archives_below(arguments.build)
    verdicts = []
    for layer, archive in archives.items():
        print_table(layer, archive)
        if layer in budget:
            verdicts.append(report("size", over_budget(layer, archive, *budget[layer])))
        else:
            verdicts.append(report("size", [f"{layer} has no line in {arguments.budget}"]))
    absent = [f"{layer} was not built" for layer in budget if layer not in archives]
    verdicts.append(report("layers", absent))
    if archives:
        allowed = [row[0] for row in rows_of(arguments.allowed)]
        verdicts.append(report("symbols", forbidden_symbols(archives, allowed)))
    verdicts.append(report("headers", (f"the host's {header} was included"
                                       for header in objects.host_headers(arguments.build))))
    return verdicts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--budget", default=HERE / "budget.txt")
    parser.add_argument("--allowed", default=HERE / "allowed_symbols.txt")
    verdicts = check(parser.parse_args())
    failed = verdicts.count(False)
    print(f"passed={len(verdicts) - failed} failed={failed} skipped=0")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks that the estimator gives the same bits on this machine and on a Cortex-M4.

    check_bits.py BIN_FOLDER CORTEX_M_BIN_FOLDER
"""

import pathlib
import sys

import machine

PROGRAM = "timecast-estimator-bits"
LINES = 40


def complaints(here, there):
    """What is wrong with two outputs; a line is the sum of all before, so the first says where."""
    here, there = here.splitlines(), there.splitlines()
    hashes = {line.rpartition(" ")[2] for line in here}
    if len(here) != LINES or len(hashes) != LINES:
        yield f"{len(hashes)} different lines were printed here, not {LINES}"
    if len(there) != len(here):
        yield f"{len(there)} lines were printed there, {len(here)} here"
    for ours, theirs in zip(here, there):
        if ours != theirs:
            yield f"here:  {ours}\nthere: {theirs}"
            return


def main():
    here, there = (pathlib.Path(folder, PROGRAM) for folder in sys.argv[1:])
    try:
        ours = machine.run_here(here)
        found = list(complaints(ours, machine.run_on_cortex_m4(there)))
    except machine.Failure as failure:
        found = [str(failure)]
    for complaint in found:
        print(f"FAILED bits: {complaint}")
    if not found:
        print(f"bits: alike. {ours.splitlines()[-1]}")
    print(f"passed={0 if found else 1} failed={1 if found else 0} skipped=0")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

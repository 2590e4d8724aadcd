#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures what calls cost on a Cortex-M4, and checks that against limits.

    check_cost.py CORTEX_M_BIN_FOLDER [--limits FILE]
"""

import argparse
import pathlib
import sys

import machine

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = ("timecast-estimator-cost", "timecast-listener-cost", "timecast-sensor-cost")
LIMITED = ("mean", "worst", "stack")
# What must have been measured for the figures to mean something.
LEAST_CALLS = 400
CHECKS = {"instructions": (999, 1001), "announcements": (400, 1000), "exchanges": (200, 1000),
          "sensor_announcements": (1500, 2000)}


def limits_of(file):
    rows = (line.split() for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines()
            if line.strip() and not line.startswith("#"))
    return {row[0]: dict(zip(LIMITED, map(int, row[1:]), strict=True)) for row in rows}


def figures_of(output):
    """What a program printed: a subject, a figure's name and the figure on each line."""
    figures = {}
    for line in output.splitlines():
        subject, name, value = line.split()
        figures.setdefault(subject, {})[name] = int(value)
    return figures


def print_table(figures):
    calls = {subject: row for subject, row in figures.items() if "calls" in row}
    print(f"\n{'Cortex-M4, -Os: instructions':<37} {'mean':>7} {'worst':>7} {'calls':>7}"
          f" {'stack':>7}   octets")
    for subject, row in calls.items():
        print(f"  {subject:<35} {row['mean']:>7} {row['worst']:>7} {row['calls']:>7}"
              f" {row['stack']:>7}")
    for name, octets in figures.get("sizeof", {}).items():
        print(f"  {f'sizeof({name})':<35} {'':>7} {'':>7} {'':>7} {octets:>7}")


def complaints(figures, limits):
    for name, (least, most) in CHECKS.items():
        value = figures.get("check", {}).get(name, 0)
        if not least <= value <= most:
            yield f"{value} {name} were measured, not {least} to {most}"
    for subject in figures.keys() - limits.keys() - {"check", "sizeof"}:
        yield f"{subject} has no limits"
    for subject, row in limits.items():
        seen = figures.get(subject, {})
        if seen.get("calls", 0) < LEAST_CALLS:
            yield f"{subject} was called {seen.get('calls', 0)} times, {LEAST_CALLS} are wanted"
            continue
        for name, most in row.items():
            if seen[name] > most:
                yield f"{subject}: {name} {seen[name]}, {most} is allowed"


def measure(folder):
    figures = {}
    for program in PROGRAMS:
        for subject, row in figures_of(machine.run_on_cortex_m4(folder / program)).items():
            figures.setdefault(subject, {}).update(row)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--limits", default=HERE / "cost_limits.txt")
    arguments = parser.parse_args()
    try:
        figures = measure(arguments.folder)
        print_table(figures)
        found = list(complaints(figures, limits_of(arguments.limits)))
    except machine.Failure as failure:
        found = [str(failure)]
    for complaint in found:
        print(f"FAILED cost: {complaint}")
    print(f"passed={0 if found else 1} failed={1 if found else 0} skipped=0")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

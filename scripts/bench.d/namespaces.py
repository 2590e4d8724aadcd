# SPDX-License-Identifier: MIT
"""A bench whose hosts are network namespaces: its command line, and the way inside."""

import argparse
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/network"))
from apart import find_way, inside  # noqa: E402


def parser_of(document):
    parser = argparse.ArgumentParser(description=document,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path)
    return parser


def run(parser, measure):
    """measure(arguments) within the namespaces, where alone it may import what looks for hosts and
    programs; returns its exit status."""
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return measure(arguments)
    program = pathlib.Path(sys.argv[0]).resolve()
    way, why_not = find_way()
    if not way:
        sys.exit(f"{program.name}: no network namespaces here: {why_not}")
    environment = {**os.environ, "TIMECAST_BIN": str(arguments.bin.absolute())}
    command = inside(way, sys.executable, str(program), "--inside", *sys.argv[1:])
    return subprocess.run(command, env=environment, check=False).returncode

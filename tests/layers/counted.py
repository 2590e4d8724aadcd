# SPDX-License-Identifier: MIT
"""A check of the whole tree as a program: its complaints, and the line scripts/test counts by."""

import pathlib
import sys


def run(check_tree):
    """`check_tree` returns the complaints by what they are about; nothing at all is a failure."""
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = check_tree(root)
    for complaints in found.values():
        for complaint in complaints:
            print(complaint)
    failed = sum(1 for complaints in found.values() if complaints)
    print(f"passed={len(found) - failed} failed={failed} skipped=0")
    return 0 if found and not failed else 1

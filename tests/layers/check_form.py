#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fails with file:line where a file's outer form is wrong: length, licence line, mode.

    check_form.py [ROOT]
"""

import sys

import counted

FOLDERS = ("announcer", "common", "cmake", "examples", "listener", "packaging", "scripts", "tests",
           ".ci")
INPUTS = "tests/fuzz/corpus"  # octets of any kind
CODE = (".c", ".cpp", ".h", ".hpp")
SPDX = "SPDX-License-Identifier: MIT"
MAX_LINES = 400
MAX_LINES_OF_MAIN = 80


class File:
    def __init__(self, root, path):
        self.name = path.relative_to(root).as_posix()
        self.suffix = path.suffix
        self.lines = path.read_text(encoding="utf-8").split("\n")
        self.is_script = self.lines[0].startswith("#!")
        self.is_executable = bool(path.stat().st_mode & 0o111)
        # Python and shell modules, and what runs: everything that is neither data nor prose.
        self.is_code = self.is_script or path.suffix in CODE + (".py", ".bash", ".cmake")


def length(file):
    """Nobody reads a file of a thousand lines."""
    programs = ("announcer/main.cpp", "listener/main.cpp")
    limit = MAX_LINES_OF_MAIN if file.name in programs else MAX_LINES
    count = len(file.lines) - 1
    if file.is_code and count > limit:
        return limit + 1, f"has {count} lines; split it, {limit} is the limit"
    return None


def licence(file):
    """The licence line is the first, in a script the second."""
    if not file.is_code:
        return None
    mark = "// " if file.suffix in CODE else "# "
    number = 2 if file.is_script else 1
    line = file.lines[number - 1] if len(file.lines) >= number else ""
    return None if line == mark + SPDX else (number, f'this line must be "{mark}{SPDX}"')


def mode(file):
    """Executable if and only if it is a script."""
    if file.is_script and not file.is_executable:
        return 1, "is a script but not executable: chmod +x"
    if file.is_executable and not file.is_script:
        return 1, "is executable but no script: chmod -x, or give it a #! line"
    return None


def header(file):
    """A header may be included twice."""
    if file.suffix == ".hpp" and "#pragma once" not in file.lines:
        return 1, "has no #pragma once"
    return None


def ending(file):
    """One newline at the end, no blanks before one."""
    if file.lines[-1] != "" or (len(file.lines) > 1 and file.lines[-2] == ""):
        return len(file.lines), "must end with exactly one newline"
    for number, line in enumerate(file.lines, 1):
        if file.is_code and line != line.rstrip():
            return number, "has blanks at the end of the line"
    return None


RULES = (length, licence, mode, header, ending)


def files_of(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            is_input = path.is_relative_to(root / INPUTS)
            if path.is_file() and "__pycache__" not in path.parts and not is_input:
                try:
                    yield File(root, path)
                except UnicodeDecodeError:
                    continue  # recorded packets and other data


def check_tree(root):
    """Complaints by rule, an empty list for a rule that holds everywhere."""
    files = list(files_of(root))
    found = {}
    for rule in RULES:
        faults = ((file.name, rule(file)) for file in files)
        found[rule.__name__] = [f"{name}:{fault[0]}: {fault[1]}" for name, fault in faults if fault]
    return found if files else {}


if __name__ == "__main__":
    sys.exit(counted.run(check_tree))

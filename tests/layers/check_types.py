#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fails with file:line where two files define different types of one name.

    check_types.py [ROOT]

Linked into one program, they would share what the compiler makes for them, a vector's or an
optional's functions, and no compiler or linker says a word (C++20, basic.def.odr). Types in unnamed
namespaces are their file's own, and aliases leave no trace in a program.
"""

import re
import sys

import counted

FOLDERS = ("announcer", "common", "examples", "listener", "tests")
NAMESPACE = re.compile(r"(?:inline )?namespace(?: ([\w:]+))? \{")
NAMESPACE_END = re.compile(r"\}.*// namespace")
TYPE = re.compile(r"(?:template <.*> )?(?:struct|class|union|enum(?: class)?) "
                  r"(?:\[\[\w+\]\] )?(?:alignas\(\w+\) )?(\w+)\b(?!::|<| *;)")


def types_in(text):
    """Pairs of line number and whole name of what is defined outside of unnamed namespaces and of
    other types; no specialisations, which have their template's name. Last, without a name, where
    a namespace was opened whose end is not to be seen."""
    spaces = []  # None for unnamed ones
    for number, line in enumerate(text.split("\n"), 1):
        if space := NAMESPACE.match(line):
            spaces.append(space[1])
        elif NAMESPACE_END.match(line) and spaces:
            spaces.pop()
        elif None not in spaces and (found := TYPE.match(line)):
            yield number, "::".join((*spaces, found[1]))
    if spaces:
        yield number, None


def check_tree(root):
    """All complaints, under one name: a type is no test."""
    first, complaints = {}, []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            name = path.relative_to(root).as_posix()
            for number, whole in types_in(path.read_text(encoding="utf-8")):
                file, line = first.setdefault(whole, (name, number))
                if whole is None:
                    complaints.append(f"{name}:{number}: a namespace ends without a comment that "
                                      "says so, and what follows was not looked at")
                elif file != name:
                    complaints.append(f"{name}:{number}: {whole} is a type of {file}:{line} too; "
                                      "give one of them another name")
    return {"types": complaints} if first else {}


if __name__ == "__main__":
    sys.exit(counted.run(check_tree))

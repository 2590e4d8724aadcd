#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fails with file:line where an include breaks the table of layers.

    check_includes.py [ROOT]
"""

import fnmatch
import re
import sys

import counted
import table

SOURCES = (".c", ".cpp", ".h", ".hpp")
FOLDERS = ("common", "announcer", "listener", "examples", "tests")
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include(?:_next)?\b[ \t]*(.*?)[ \t]*(?://.*)?$", re.MULTILINE)
BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def layer_of(path):
    """The layer of a path below the root, or None."""
    best, best_length = None, -1
    for layer in table.LAYERS:
        for prefix in layer.paths:
            # A prefix that is a file must match whole: listener.h is not listener.hpp.
            matches = path.startswith(prefix) if prefix.endswith("/") else path == prefix
            if matches and len(prefix) > best_length:
                best, best_length = layer, len(prefix)
    return best


def path_of_ours(header):
    """Where a header <timecast/...> lies."""
    common = header.startswith(("timecast/time/", "timecast/wire/"))
    return f"{'common' if common else 'listener'}/include/{header}"


def includes_of(text):
    """Pairs of line number and what stands behind #include."""
    blank = BLOCK_COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), text)
    for match in INCLUDE.finditer(blank):
        yield blank.count("\n", 0, match.start(1)) + 1, match.group(1)


def fault_of_ours(layer, target):
    """Why `layer` may not include the file `target` of ours, or None."""
    of = layer_of(target)
    if of is None:
        return f"{target} belongs to no layer"
    if of is layer or of.name in layer.uses:
        return None
    allowed = ", ".join(layer.uses) or "nothing"
    return f"layer {layer.name} may not include layer {of.name} (only itself and: {allowed})"


def fault_of_third_party(path, header):
    """(known, why not): whether the header is one of THIRD_PARTY's, and what is wrong."""
    for pattern, files, reason in table.THIRD_PARTY:
        if fnmatch.fnmatch(header, pattern):
            fits = any(fnmatch.fnmatch(path, each) for each in files)
            return True, None if fits else f"<{header}> may not be included here: {reason}"
    return False, None


def fault_of_other(layer, path, header):
    """Why `path` may not include a header that is not ours, or None."""
    known, fault = fault_of_third_party(path, header)
    if known:
        return fault
    if layer.headers is not table.HOSTED:
        if header in layer.headers:
            return None
        return f"layer {layer.name} is freestanding and may not include <{header}>"
    if "/" in header and not header.startswith(table.SYSTEM_FOLDERS):
        return f"<{header}> is of a library that tests/layers/table.py does not know"
    return None


def fault_of(layer, path, written):
    """Why `path` in `layer` may not include what is written there, or None."""
    if written.startswith('"') and written.endswith('"') and len(written) > 2:
        target = written[1:-1]
        if target.split("/")[0] not in FOLDERS:
            return f"{written}: write a path from the root of the repository, or <timecast/...>"
        if "/include/" in target or ".." in target:
            return f"{written}: public headers are included as <timecast/...>"
        return fault_of_ours(layer, target)
    if written.startswith("<") and written.endswith(">"):
        header = written[1:-1]
        if header.startswith("timecast/"):
            return fault_of_ours(layer, path_of_ours(header))
        return fault_of_other(layer, path, header)
    return f"{written}: an include must name its header"


def check_file(root, file):
    """Returns (layer name, list of complaints) of one file."""
    path = file.relative_to(root).as_posix()
    layer = layer_of(path)
    if layer is None:
        return "none", [f"{path}:1: belongs to no layer of tests/layers/table.py"]
    complaints = []
    for line, written in includes_of(file.read_text(encoding="utf-8")):
        fault = fault_of(layer, path, written)
        if fault:
            complaints.append(f"{path}:{line}: {fault}")
    return layer.name, complaints


def check_tree(root):
    """Complaints by layer, an empty list for a layer that is clean."""
    found = {}
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in SOURCES and file.is_file():
                name, complaints = check_file(root, file)
                found.setdefault(name, []).extend(complaints)
    return found


if __name__ == "__main__":
    sys.exit(counted.run(check_tree))

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes a manual page: its template, with what the programs say of themselves put in.

    make_page.py TEMPLATE PROGRAM... >PAGE

Lines of the template that are put in: @SYNOPSIS NAME@, @COMMANDS NAME@, @OPTIONS NAME@ from --help
of the program of that name, @SETTINGS NAME@ from its print-settings.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap

import help_text

DIRECTIVE = re.compile(r"^@([A-Z]+) (\S+)@$")
WIDTH = 78
USED = re.compile(r"\[[^\]]*\](?:\.\.\.)?|\S+")


def prose(text):
    """Text as mdoc: a line for each sentence, nothing in it that mdoc would take for its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti")
    lines = []
    for sentence in re.sub(r"(?<=[.!?]) +", "\n", text).splitlines():
        lines += textwrap.wrap(sentence, WIDTH, break_long_words=False, break_on_hyphens=False)
    return ["\\&" + line if line[:1] in (".", "'") else line for line in lines]


def words(text):
    """What is typed as mdoc's words: options Fl, what stands for something else Ar, the rest Cm."""
    made = []
    for word in text.replace(",", " ,").split():
        optional = re.fullmatch(r"(--[a-z-]+)\[=([A-Z]+)\]", word)
        if optional:
            made += ["Fl", optional[1][1:], "Ns", "Oo", "Ns", "=", "Ns", "Ar", optional[2], "Oc"]
        elif word.startswith("-"):
            made += ["Fl", word[1:]]
        elif word in ("|", ",", "..."):
            made += [word]
        else:
            made += ["Ar" if re.fullmatch(r"[A-Z]+\.*", word) else "Cm", word]
    return " ".join(made)


def synopsis(told):
    lines = []
    for line in told.usage:
        rest = line.partition(" ")[2]
        lines.append(".Nm")
        for part in USED.findall(rest):
            inside = re.fullmatch(r"\[(.*)\](\.\.\.)?", part)
            if inside:
                lines.append(".Op " + words(inside[1]) + (" ..." if inside[2] else ""))
            elif part == "|" or lines[-1].endswith("|"):
                lines[-1] += " " + words(part)
            else:
                lines.append("." + words(part))
    return lines


def item_list(items):
    lines = [".Bl -tag -width Ds"]
    for spelling, text in items:
        lines += [".It " + words(spelling), *prose(text)]
    return lines + [".El"]


def options(told):
    lines = []
    for section in told.sections:
        if section.title != "Commands":
            lines += [f".Ss {section.title}"] if section.title else [".Ss Others"]
            lines += item_list(section.items)
    return lines


def settings(text):
    """From lines "// what it does" and, below them, "key": value, which may be commented out."""
    lines, comment = [".Bl -tag -width Ds"], []
    for line in text[text.index("\n{\n"):].splitlines():
        line = line.strip()
        if found := re.match(r'(?:// )?"([a-z-]+)": (.*?),?$', line):
            key, value = found[1], found[2].replace('"', "\\(dq")
            lines += [f'.It Cm {key} : Li {value}' if "//" not in line else f".It Cm {key}",
                      *prose(" ".join(comment))]
            comment = []
        elif line.startswith("// "):
            comment.append(line[3:])
    return lines + [".El"]


def print_settings(program):
    """What the program has of itself, whatever is in this machine's settings file."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as nothing:
        print("{}", file=nothing, flush=True)
        done = subprocess.run([program, "print-settings", "--settings", nothing.name],
                              capture_output=True, text=True, check=True)
    return done.stdout


def put_in(what, program):
    if what == "SETTINGS":
        return settings(print_settings(program))
    told = help_text.ask(program)
    if what == "COMMANDS":
        return item_list(told.commands())
    return {"SYNOPSIS": synopsis, "OPTIONS": options}[what](told)


def main(template, *programs):
    places = {pathlib.Path(program).name: program for program in programs}
    for line in pathlib.Path(template).read_text(encoding="utf-8").splitlines():
        directive = DIRECTIVE.match(line)
        for made in put_in(directive[1], places[directive[2]]) if directive else [line]:
            print(made)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(*sys.argv[1:])

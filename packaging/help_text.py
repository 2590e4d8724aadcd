# SPDX-License-Identifier: MIT
"""Reads what a program says of itself with --help: the manual pages and completions are made of it."""

import re
import subprocess

# "  -h, --help   text", "  --port N   text", "  HOST   text", "  key new   text".
ITEM = re.compile(r"^  (\S.*?)(?:  +(\S.*))?$")
GOES_ON = re.compile(r"^ {8,}(\S.*)$")


class Section:
    """A heading that ends with a colon, and its items: what is typed, and what it does."""

    def __init__(self, title):
        self.title = title
        self.items = []


class Help:
    def __init__(self, text):
        self.usage = []
        self.sections = [Section("")]
        self.prose = []
        for line in text.splitlines():
            self._read(line)
        self.sections = [section for section in self.sections if section.items]

    def _read(self, line):
        usage = re.match(r"^(?:Usage:|      ) +(\S.*)$", line)
        if usage and not self.prose and not self._has_items():
            if usage[1].startswith("timecast-"):
                self.usage.append(usage[1])
            else:
                self.usage[-1] += " " + usage[1]
        elif item := ITEM.match(line):
            self.sections[-1].items.append([item[1], item[2] or ""])
        elif self._has_items() and (more := GOES_ON.match(line)):
            last = self.sections[-1].items[-1]
            last[1] = f"{last[1]} {more[1]}".strip()
        elif re.match(r"^\S.*:$", line):
            self.sections.append(Section(line[:-1]))
        elif not line:
            if not self.sections[-1].items:
                self.prose.append("")
            else:
                self.sections.append(Section(""))
        else:
            self.prose.append(line)

    def _has_items(self):
        return bool(self.sections[-1].items)

    def commands(self):
        """Each with its text; empty for a program that has none."""
        return [tuple(item) for section in self.sections if section.title == "Commands"
                for item in section.items]

    def options(self):
        """Of all sections: each with its text."""
        return [tuple(item) for section in self.sections if section.title != "Commands"
                for item in section.items]


def names_of(spelling):
    """The options in "-h, --help" or "--island[=STRATUM]"."""
    return re.findall(r"(?<![\w-])--?[a-z][a-z-]*", spelling)


def argument_of(spelling):
    """What follows it: "FILE"; empty if nothing must."""
    found = re.search(r"--[a-z-]+ ([A-Z]+)$", spelling)
    return found[1] if found else ""


def ask(program, *words):
    """The help of a program, or of one of its commands."""
    done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True)
    return Help(done.stdout)

# SPDX-License-Identifier: MIT
"""The manual pages and completions that were made say what the programs say of themselves.

The release build must be there: scripts/test --stage install makes it.
"""

import gzip
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
PROGRAMS = {
    "timecast-announcer": BUILD / "bin/timecast-announcer",
    "timecast-listener": BUILD / "bin/timecast-listener",
    "timecast-monitor": ROOT / "scripts/timecast-monitor",
}
PAGES = ("timecast-announcer.8", "timecast-listener.8", "timecast-monitor.1", "timecast-settings.5",
         "timecast-protocol.7")
# Pages of other packages, and ours before they are installed.
ELSEWHERE = re.compile("referenced manual not found|mandoc.db")


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, timeout=60, **options)
    return done.stdout + done.stderr


def page(name):
    with gzip.open(BUILD / f"manual/{name}.gz", "rt", encoding="utf-8") as source:
        return source.read()


def as_words(text):
    return " ".join(text.split())


def rendered(name):
    """The page as it is read, in one line: where lines are broken differs from --help."""
    printed = run("mandoc", "-T", "utf8", "-O", "width=1000", input=page(name))
    return as_words(re.sub(".\b", "", printed))


def told_options(program):
    """Each option of --help with all of its text, read by the columns it stands in."""
    items, lines = [], run(PROGRAMS[program], "--help").split("\n\n", 1)[1].splitlines()
    for line in lines:
        if re.match(r"  (-|HOST)", line):
            items.append(line)
        elif items and re.match(r" {8,}\S", line):
            items[-1] += " " + line
        elif line and not line.startswith("  "):
            items.append("")  # what follows a heading belongs to no option above it
    return [as_words(item) for item in items if item]


class Pages(unittest.TestCase):
    def test_mandoc_finds_no_fault(self):
        for name in PAGES:
            said = run("mandoc", "-T", "lint", "-W", "style", input=page(name)).splitlines()
            self.assertEqual([line for line in said if not ELSEWHERE.search(line)], [], name)

    def test_each_option_is_there_with_its_text(self):
        for name in PAGES[:3]:
            program, text = name.rpartition(".")[0], rendered(name)
            options = told_options(program)
            self.assertGreater(len(options), 10)
            for option in options:
                with self.subTest(page=name, option=option):
                    self.assertIn(option, text)

    def test_each_way_to_call_it_is_in_the_synopsis(self):
        for name in PAGES[:3]:
            program, text = name.rpartition(".")[0], rendered(name)
            usage = run(PROGRAMS[program], "--help").split("\n\n")[0]
            usage = as_words(usage.replace("Usage: ", "").replace("]...", " ...]"))
            self.assertIn(f"SYNOPSIS {usage} DESCRIPTION", text)

    def test_each_setting_is_there_with_its_text(self):
        text = rendered("timecast-settings.5")
        for program in ("timecast-announcer", "timecast-listener"):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as nothing:
                print("{}", file=nothing, flush=True)
                printed = run(PROGRAMS[program], "print-settings", "--settings", nothing.name)
            settings = re.findall(r'\n((?:  // [^"].*\n)+)  (?:// )?"([a-z-]+)":', printed)
            self.assertGreater(len(settings), 10)
            for comment, key in settings:
                with self.subTest(program=program, key=key):
                    comment = as_words(comment.replace("  // ", " "))
                    self.assertRegex(text, rf" {key}(: (\[.*?\]|\S+))? {re.escape(comment)}")

    def test_each_page_is_in_its_section_and_names_the_others_that_are_there(self):
        for name in PAGES:
            title, section = name.rsplit(".", 1)
            self.assertIn(f".Dt {title.upper()} {section}\n", page(name))
            for other, of_section in re.findall(r"\.Xr (timecast-\S+) (\d)", page(name)):
                self.assertIn(f"{other}.{of_section}", PAGES)


class Completions(unittest.TestCase):
    def complete(self, typed):
        """What bash offers for the last word of what was typed."""
        words = typed.split(" ")
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '$(complete -p "$1" | sed "s/.*-F \\([^ ]*\\).*/\\1/"); '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        completion = BUILD / "completions" / words[0]
        return run("bash", "--norc", "-c", script, "bash", completion, *words,
                   cwd=self.folder).split()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_words_are_completed(self):
        (self.folder / "mine.json").touch()
        (self.folder / "folder").mkdir()
        cases = {
            "timecast-announcer st": ["status"],
            "timecast-announcer key ": ["new", "renew", "show"],
            "timecast-announcer key show --st": ["--state-dir"],
            "timecast-announcer key show --c": ["--c"],
            "timecast-announcer key new --c": [],
            "timecast-announcer --settings m": ["mine.json"],
            "timecast-announcer --state-dir ": ["folder"],
            "timecast-announcer --port ": [],
            "timecast-announcer status --is": [],
            "timecast-listener --clock a": ["auto"],
            "timecast-listener --signatures p": ["pinned"],
            "timecast-listener --interface l": ["lo"],
            "timecast-listener watch --re": ["--replay"],
            "timecast-listener query host --he": ["--help", "--hex"],
            "timecast-listener query host w": [],
            "timecast-monitor --cr": ["--crit"],
            "timecast-monitor --check --wa": ["--wait", "--warn"],
            "timecast-monitor wat": [],
        }
        for typed, offered in cases.items():
            with self.subTest(typed):
                self.assertEqual(sorted(self.complete(typed)), offered)

    def test_every_option_is_offered(self):
        for program in PROGRAMS:
            told = run(PROGRAMS[program], "--help").split("\n\n", 1)[1]
            options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", told, re.MULTILINE))
            commands = re.findall(r"^  ([a-z-]+)  ", told.split("Options")[0], re.MULTILINE)
            offered = set()
            for command in ("", *commands):
                offered |= set(self.complete(f"{program} {command} --".replace("  ", " ")))
            self.assertEqual(options - offered, set(), program)


if __name__ == "__main__":
    unittest.main()

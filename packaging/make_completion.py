#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes a bash completion: the table is what the program says of itself with --help.

    make_completion.py PROGRAM >FILE
"""

import pathlib
import sys

import help_text

# What bash can complete of an option's argument; of the others it cannot know anything.
KINDS = {
    **dict.fromkeys(("FILE", "PCAP", "PATH"), "-f"),
    "DIR": "-d",
    "IF": '-W "$(ls /sys/class/net 2>/dev/null)"',
}
VALUES = {"--clock": "none kernel chrony ntp-shm auto", "--signatures": "first-use pinned off"}

TEMPLATE = """\
# bash completion of {name}; made from its --help.

{function}() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command='' each
  COMPREPLY=()
  for each in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$command${{command:+ }}$each" in
      {commands}) command+=${{command:+ }}$each ;;
    esac
  done
  case $before in
{arguments}
  esac
  local options commands=''
  case $command in
{options}
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ -n $commands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
  fi
}}
complete -F {function} {name}
"""


def completer(option, argument):
    """The words of compgen for an option's argument."""
    if option in VALUES:
        return f'-W "{VALUES[option]}"'
    return KINDS.get(argument, "")


def argument_cases(options):
    cases = {}
    for spelling, _ in options:
        argument = help_text.argument_of(spelling)
        if argument:
            option = help_text.names_of(spelling)[-1]
            cases.setdefault(completer(option, argument), set()).add(option)
    lines = []
    for how, names in sorted(cases.items()):
        lines.append("    " + " | ".join(sorted(names)) + ")")
        if how in ("-d", "-f"):
            lines.append("      compopt -o filenames 2>/dev/null")
        if how:
            lines.append(f'      mapfile -t COMPREPLY < <(compgen {how} -- "$word")')
        lines += ["      return", "      ;;"]
    return "\n".join(lines)


def words_after(command, commands):
    """The words that may follow a command, which is none, one or two words."""
    before = command.split()
    return sorted({name.split()[len(before)] for name in commands
                   if name.split()[:len(before)] == before and len(name.split()) > len(before)})


def option_cases(program, commands):
    lines = []
    # "key" alone is half of "key show".
    halves = {" ".join(name.split()[:-1]) for name in commands}
    for command in sorted({*commands, *halves, ""} if commands else {""}):
        told = help_text.ask(program, *command.split())
        names = sorted({name for spelling, _ in told.options()
                        for name in help_text.names_of(spelling) if name.startswith("--")})
        after = words_after(command, commands)
        set_commands = f" commands='{' '.join(after)}'" if after else ""
        lines.append(f"    '{command}') options='{' '.join(names)}'{set_commands} ;;")
    return "\n".join(lines)


def main(program):
    told = help_text.ask(program)
    commands = [name for name, _ in told.commands()]
    name = pathlib.Path(program).name
    prefixes = sorted({*commands, *(" ".join(each.split()[:-1]) for each in commands)} - {""})
    # One pattern, which nothing matches, where there are no commands.
    print(TEMPLATE.format(
        name=name,
        function="_" + name.replace("-", "_"),
        commands=" | ".join(f"'{prefix}'" for prefix in prefixes) or "' '",
        arguments=argument_cases(told.options()),
        options=option_cases(program, commands)), end="")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(*sys.argv[1:])

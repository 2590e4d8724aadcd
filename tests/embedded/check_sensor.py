#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a whole sensor weighs on a Cortex-M4, linked with all that it needs, beside lwIP's SNTP client
built with the same flags; and checks that against limits.

    check_sensor.py CORTEX_M_BUILD_FOLDER [--limits FILE] [--lwip FOLDER]
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LWIP_HEADERS = pathlib.Path("/usr/include/lwip")
MACHINE = "-mcpu=cortex-m4 -mthumb --specs=picolibc.specs".split()
FLAGS = MACHINE + "-Os -ffunction-sections -fdata-sections".split()
STRICT = "-std=c99 -Wall -Wextra -pedantic -Wconversion -Werror".split()
LINK = "-nostartfiles -nodefaultlibs -Wl,--gc-sections -Wl,--entry=main".split()
SOURCES = ("examples/sensor_superloop.c", "tests/embedded/firmware/sensor_board.c")
# A board that asks takes all that comes, and calls these as well.
ASKING = ("-Dtimecast_listener_on_announcement=timecast_listener_on_datagram",)
CALLED_TO_ASK = ("timecast_listener_on_deadline", "timecast_listener_next_deadline",
                 "timecast_listener_on_query_sent")
LAYERS = ("listener_c_api", "listener_core", "wire", "time")
# By what the path in the linker's map has in it; the first that fits.
PARTS = (("estimator", r"listener_core\.a\((delay_noise|doubt|estimator|filter|gaussian_tail|"
          r"hard_limits|held_up|misfits)"),
         ("core around it", "libtimecast_listener_core"),
         ("C interface", "libtimecast_listener_c_api"), ("packets and time", "libtimecast_"),
         ("arithmetic of doubles and long integers", "libgcc"), ("memcpy and its like", "libc"),
         ("the loop", r"\.o"))
# In the map: a section, its address and size, and the file it comes from. Long names are followed
# by a line feed.
PLACED = re.compile(r"^ (\.(?:text|rodata|data|bss)\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$",
                    re.MULTILINE)
FOLLOWS = """
                                         lwIP sntp.c          this sensor
  hears                                  48 octets, port 123  172 octets signed, and 48
  interleaved departure stamps           no                   yes
  signatures                             no                   Ed25519, by the board's library
  replays, duplicates, leaps of time     taken                refused, counted by reason
  several announcers                     the last one wins    two followed, one chosen
  delay, frequency                       none                 estimated
  says how wrong it may be               no                   error, bound, state, reason
  between packets                        the board's clock    by the estimated frequency
  sleeping                               no                   tells when to wake, and how long
"""


class Failure(Exception):
    """Something that could not be built."""


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, cwd=ROOT)
    if done.returncode != 0:
        raise Failure(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout


def archive_of(build, layer):
    found = sorted(build.rglob(f"libtimecast_{layer}.a"))
    if not found:
        raise Failure(f"{build}: {layer} was not built")
    return found[0]


def link(build, folder, *flags, also=()):
    """Links the sensor, and these functions if nobody else calls them; returns the linker's map."""
    objects = []
    for source in SOURCES:
        objects.append(folder / (pathlib.Path(source).stem + ".o"))
        run("arm-none-eabi-gcc", *FLAGS, *STRICT, *flags, "-DTIMECAST_MAX_ANNOUNCERS=2", "-I.",
            "-Ilistener/include", "-c", source, "-o", objects[-1])
    archives = [archive_of(build, layer) for layer in LAYERS]
    run("arm-none-eabi-gcc", *MACHINE, *LINK, f"-Wl,-Map={folder}/map",
        *(f"-Wl,--undefined={name}" for name in also), *objects, *archives,
        "-Wl,--start-group", "-lc", "-lgcc", "-Wl,--end-group", "-o", folder / "sensor.elf")
    return (folder / "map").read_text(encoding="utf-8")


def part_of(path):
    return next((part for part, mark in PARTS if re.search(mark, path)), "the loop")


def weigh(text):
    """(octets of flash by part, octets of RAM) of a linker's map."""
    flash, ram = dict.fromkeys((part for part, _ in PARTS), 0), 0
    placed = text[text.index("Linker script and memory map"):]
    for section, address, size, path in PLACED.findall(placed):
        octets = int(size, 16)
        if int(address, 16) == 0 or octets == 0:
            continue  # thrown away
        if section.startswith((".data", ".bss")):
            ram += octets
        if not section.startswith(".bss"):
            flash[part_of(path)] += octets
    return flash, ram


def weigh_lwip(source, folder):
    """(octets of flash, octets of RAM) of lwIP's client alone."""
    run("arm-none-eabi-gcc", *FLAGS, f"-I{HERE / 'lwip_port'}", f"-I{LWIP_HEADERS}", "-c", source,
        "-o", folder / "sntp.o")
    text, data, bss = run("arm-none-eabi-size", folder / "sntp.o").splitlines()[1].split()[:3]
    return int(text) + int(data), int(data) + int(bss)


def print_table(flash, ram, asking, lwip):
    print(f"\n{'a sensor on a Cortex-M4, -Os':<46} {'flash':>7} {'RAM':>7}   octets")
    for part, octets in flash.items():
        print(f"  {part:<44} {octets:>7}")
    print(f"  {'all, with two announcers':<44} {sum(flash.values()):>7} {ram:>7}")
    print(f"  {'if it asked as well':<44} {asking:>7} {ram:>7}")
    if lwip:
        print(f"  {'lwIP sntp.c, without the stack below it':<44} {lwip[0]:>7} {lwip[1]:>7}")
    print(FOLLOWS)


def limits_of(file):
    rows = (line.split() for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines()
            if line.strip() and not line.startswith("#"))
    return {name: int(most) for name, most in rows}


def complaints(flash, ram, asking, limits):
    total = sum(flash.values())
    if min(flash["estimator"], flash["arithmetic of doubles and long integers"]) == 0:
        yield "the map names no estimator or no arithmetic: nothing was weighed"
    if total > limits["flash"]:
        yield f"{total} octets of flash, {limits['flash']} are allowed"
    if not total < asking <= limits["flash_asking"]:  # not more: what asking takes was linked
        yield f"{asking} octets of flash if it asked, {limits['flash_asking']} are allowed"
    if not 0 < ram <= limits["ram"]:
        yield f"{ram} octets of RAM, {limits['ram']} are allowed"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--limits", default=HERE / "sensor_limits.txt")
    parser.add_argument("--lwip", type=pathlib.Path, default=ROOT / "build/judges/lwip")
    arguments = parser.parse_args()
    source = arguments.lwip.resolve() / "sntp.c"
    skipped = 0 if source.exists() and LWIP_HEADERS.exists() else 1
    try:
        with tempfile.TemporaryDirectory() as name:
            build = arguments.build.resolve()
            flash, ram = weigh(link(build, pathlib.Path(name)))
            asking = sum(weigh(link(build, pathlib.Path(name), *ASKING,
                                    also=CALLED_TO_ASK))[0].values())
            lwip = None if skipped else weigh_lwip(source, pathlib.Path(name))
        print_table(flash, ram, asking, lwip)
        found = list(complaints(flash, ram, asking, limits_of(arguments.limits)))
    except Failure as failure:
        found = [str(failure)]
    if skipped:
        print(f"skipped: lwIP's weight: there is no {source}; scripts/bootstrap test has it")
    for complaint in found:
        print(f"FAILED sensor: {complaint}")
    print(f"passed={0 if found else 1} failed={1 if found else 0} skipped={skipped}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""The C interface compiles as C and as C++ wherever it must, and the check of a sensor's weight fails
when it must."""

import shlex
import subprocess
import tempfile
import unittest

import check_sensor

ROOT = check_sensor.ROOT
STRICT = "-Wall -Wextra -pedantic -Wshadow -Wconversion -Wundef -Werror -Ilistener/include -I.".split()
C = "-Wstrict-prototypes -Wmissing-prototypes".split()
COMPILERS = (
    ("cc", "-std=c99", *C), ("cc", "-std=c11", *C), ("clang-14", "-std=c99", *C),
    ("arm-none-eabi-gcc", "-std=c99", "-mcpu=cortex-m0plus", "-mthumb", "--specs=picolibc.specs", *C),
    ("arm-none-eabi-gcc", "-std=c99", "-mcpu=cortex-m4", "-mthumb", "--specs=picolibc.specs", *C),
    ("g++", "-std=c++11", "-xc++"), ("g++", "-std=c++20", "-xc++", "-Wold-style-cast"),
    ("clang++-14", "-std=c++20", "-xc++"),
)
HEADER = """#include <timecast/listener.h>
#include <timecast/listener.h>
int main(void) {
  static timecast_listener listener;
  timecast_listener_config config;
  config.size = sizeof config;
  return timecast_listener_defaults(&config) +
         timecast_listener_init(&listener, sizeof listener, &config);
}
"""
MAP = """Discarded input sections
 .text.f        0x00000000     0x9999 listener/libtimecast_listener_core.a(a.obj)
Linker script and memory map
 .text.gone     0x00000000      0x100 listener/libtimecast_listener_core.a(a.obj)
 .text.f        0x10000000      0x1c0 listener/libtimecast_listener_core.a(estimator_doubt.cpp.obj)
 .text.g        0x100001c0       0x40 listener/libtimecast_listener_core.a(a.obj)
 .text._ZN8timecast8Duration10differenceExx
                0x10000200       0x30 listener/libtimecast_listener_c_api.a(b.obj)
 .rodata.texts  0x10000230       0x10 common/libtimecast_wire.a(c.obj)
 .text          0x10000240       0x40 /usr/lib/gcc/arm-none-eabi/12/libgcc.a(muldf3.o)
 .text.memcpy   0x10000280        0x8 /usr/lib/picolibc/libc.a(memcpy.o)
 .text.main     0x10000288       0x20 /tmp/sensor_superloop.o
 .data.x        0x20000000        0x4 /tmp/sensor_superloop.o
 .bss.listener  0x20000004      0x800 /tmp/sensor_superloop.o
"""
FLASH = {"estimator": 0x1c0, "core around it": 0x40, "C interface": 0x30, "packets and time": 0x10,
         "arithmetic of doubles and long integers": 0x40, "memcpy and its like": 8,
         "the loop": 0x24}


def compiled(compiler, source):
    command = [*compiler[:1], *STRICT, *compiler[1:], "-c", source, "-o", "/dev/null"]
    if source == "-":
        command[-3:-3] = [] if "-xc++" in compiler else ["-xc"]
    done = subprocess.run(command, input=HEADER, text=True, capture_output=True, check=False, cwd=ROOT)
    return done.stderr


class Interface(unittest.TestCase):
    def test_the_header_is_clean_c99_and_cxx(self):
        for compiler in COMPILERS:
            with self.subTest(" ".join(compiler)):
                self.assertEqual(compiled(compiler, "-"), "")

    def test_the_superloop_is_clean_c99_and_short(self):
        source = "examples/sensor_superloop.c"
        for compiler in (each for each in COMPILERS if "-xc++" not in each):
            with self.subTest(" ".join(compiler)):
                self.assertEqual(compiled(compiler, source), "")
        self.assertLess(len((ROOT / source).read_text(encoding="utf-8").splitlines()), 60)

    def test_the_board_of_a_host_is_clean_c99(self):
        self.assertEqual(compiled(("cc", "-std=c99"), "examples/sensor_board_linux.c"), "")

    def test_a_compiler_that_complains_is_noticed(self):
        self.assertIn("error", compiled(("cc", "-std=c99", "-DINT64_MAX=x"), "tests/nothing.c"))


def commands_in(text):
    """The commands of a document's indented blocks, each in one line."""
    joined = text.replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.startswith("    ")]


class Document(unittest.TestCase):
    def test_its_command_for_a_board_links_a_sensor(self):
        text = (ROOT / "docs/embedding.md").read_text(encoding="utf-8")
        commands = [each for each in commands_in(text) if each.startswith("arm-none-eabi-gcc")]
        self.assertEqual(len(commands), 1)
        with tempfile.TemporaryDirectory() as folder:
            words = shlex.split(commands[0].replace("/tmp/", f"{folder}/"))
            done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


class Weight(unittest.TestCase):
    def test_what_is_linked_counts_by_where_it_comes_from(self):
        self.assertEqual(check_sensor.weigh(MAP), (FLASH, 0x804))

    def test_complains_about_what_is_too_heavy_and_what_was_not_weighed(self):
        whole = sum(FLASH.values())
        limits = {"flash": whole, "flash_asking": whole + 100, "ram": 0x804}
        self.assertEqual(list(check_sensor.complaints(FLASH, 0x804, whole + 100, limits)), [])
        for flash, ram, asking, complaint in (
                ({**FLASH, "estimator": 0x1c1}, 0x804, whole + 9, "685 octets of flash, 684 are allowed"),
                (FLASH, 0x805, whole + 9, "2053 octets of RAM, 2052 are allowed"),
                (FLASH, 0, whole + 9, "0 octets of RAM"),
                (FLASH, 0x804, whole + 101, "785 octets of flash if it asked, 784 are allowed"),
                (FLASH, 0x804, whole, "684 octets of flash if it asked"),  # what it takes is linked
                ({**FLASH, "estimator": 0}, 0x804, whole + 9, "nothing was weighed")):
            with self.subTest(complaint):
                found = list(check_sensor.complaints(flash, ram, asking, limits))
                self.assertEqual(len(found), 1, found)
                self.assertIn(complaint, found[0])

    def test_there_are_limits(self):
        self.assertEqual(set(check_sensor.limits_of(check_sensor.HERE / "sensor_limits.txt")),
                         {"flash", "flash_asking", "ram"})

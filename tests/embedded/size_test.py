# SPDX-License-Identifier: MIT
"""The check of the cross build fails when it must."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = ("-mcpu=cortex-m4 -mthumb -std=c++20 -Os -ffreestanding -fno-exceptions -fno-rtti "
         "-fno-threadsafe-statics -ffunction-sections -fdata-sections").split()
BUDGET = "listener_core 1000 0\n"
GOOD = """
extern "C" void* memcpy(void*, const void*, decltype(sizeof(0)));
void copy(char* to, const char* from, unsigned n) { memcpy(to, from, n); }
"""

NINJA = """rule compile
  command = g++ -MD -MF $out.d -c $in -o $out
  depfile = $out.d
  deps = gcc
build a.o: compile a.cpp
"""

# (what is wrong, source, budget, part of the complaint)
OFFENDING = (
    ("size", GOOD, "listener_core 1 0\n", "1 are allowed"),
    ("heap", "char* a() { return new char[9]; }", BUDGET, "one.o needs operator new[]"),
    ("malloc", 'extern "C" void* malloc(unsigned); void* a() { return malloc(9); }', BUDGET,
     "one.o needs malloc"),
    ("abort", 'extern "C" void abort(); void a() { abort(); }', BUDGET, "one.o needs abort"),
    ("destructor at exit", "struct S { ~S(); } s; S::~S() {}", BUDGET, "one.o needs __aeabi_atexit"),
    ("other layer", "namespace timecast { void f(); } void a() { timecast::f(); }", BUDGET,
     "one.o needs timecast::f()"),
    ("variable", "int counter = 1; int a() { return ++counter; }", BUDGET,
     "4 octets of static variables"),
    ("no budget", GOOD, "time 1000 0\n", "listener_core has no line"),
    ("not built", GOOD, BUDGET + "time 1000 0\n", "time was not built"),
)


class Size(unittest.TestCase):
    def check(self, budget, *sources):
        """Builds an archive of the sources and returns the check's status and output."""
        with tempfile.TemporaryDirectory() as folder:
            built = []
            for name, source in zip(("one", "two"), sources):
                built.append(f"{folder}/{name}.o")
                compiler = ["arm-none-eabi-g++", *FLAGS, "-xc++", "-c", "-", "-o", built[-1]]
                subprocess.run(compiler, input=source, text=True, check=True)
            archive = f"{folder}/libtimecast_listener_core.a"
            if built:
                subprocess.run(["arm-none-eabi-ar", "rc", archive, *built], check=True)
            pathlib.Path(folder, "budget").write_text(budget)
            command = [sys.executable, "-B", HERE / "check_size.py", folder]
            command += ["--budget", f"{folder}/budget"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def test_complains_about_what_a_microcontroller_lacks(self):
        for name, source, budget, complaint in OFFENDING:
            with self.subTest(name):
                status, output = self.check(budget, source)
                self.assertEqual(status, 1, output)
                self.assertIn(complaint, output)

    def test_accepts_a_small_layer(self):
        status, output = self.check(BUDGET, GOOD)
        self.assertEqual(status, 0, output)
        self.assertTrue(output.endswith("passed=4 failed=0 skipped=0\n"), output)

    def test_no_archive_is_a_failure(self):
        status, output = self.check(BUDGET)
        self.assertEqual(status, 1)
        self.assertIn("listener_core was not built", output)

    def test_one_object_may_need_another(self):
        status, output = self.check(BUDGET, "void f(); void a() { f(); }", "void f() {}")
        self.assertEqual(status, 0, output)

    def test_an_inline_function_counts_once(self):
        inline = "inline int twice(int a) { return a * 2; } int (*%s())(int) { return &twice; }"
        _, once = self.check(BUDGET, inline % "a")
        _, both = self.check(BUDGET, inline % "a", inline % "b")
        self.assertEqual(self.code_of(both) - self.code_of(once), self.code_of(once) - 4)

    def test_sees_headers_of_the_host(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.cpp").write_text("#include <unistd.h>\n")
            pathlib.Path(folder, "build.ninja").write_text(NINJA)
            subprocess.run(["ninja", "-C", folder], check=True, stdout=subprocess.DEVNULL)
            command = [sys.executable, "-B", HERE / "check_size.py", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("the host's /usr/include/unistd.h was included", done.stdout)

    @staticmethod
    def code_of(output):
        line = next(line for line in output.splitlines() if "linked once" in line)
        return int(line.split()[2])

# SPDX-License-Identifier: MIT
"""What `cmake --install` leaves behind serves the programs of others, wherever it is moved.

The release build must be there: scripts/test --stage install makes it.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
EXAMPLES = ROOT / "examples"
PROGRAMS = ("timecast-announcer", "timecast-listener")
COMPILE = ("g++", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
           "-Wold-style-cast", "-Werror")
COMPILE_C = ("cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
             "-Werror")
NO_PAGE = "there is no page; start timecast-listener, or name the page that its status shows"
OF_OTHERS = r"/(tl|nlohmann|openssl|uv)/|/uv\.h"
INCLUDE = re.compile(r'^#include (.*)$', re.MULTILINE)
HEARD = "tentative: this host is behind by 3.071211 s, +-0.040126 s\n"


def run(*command, **options):
    """Runs a command to its end; returns what it printed, or fails with it."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, timeout=120, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                  if path.is_file())


def core_example(program):
    with open(EXAMPLES / "announcement.hex", encoding="ascii") as announcement:
        return run(program, stdin=announcement)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.scratch = pathlib.Path(folder.name)
        first = cls.scratch / "first"
        run("cmake", "--install", BUILD, "--prefix", first)
        cls.prefix = cls.scratch / "moved"  # from here on nothing may know the first place
        shutil.move(first, cls.prefix)
        cls.include = cls.prefix / "include"
        cls.headers = files_in(cls.include)
        cls.pkg_config = os.environ | {"PKG_CONFIG_PATH": str(cls.prefix / "lib/pkgconfig")}

    def flags(self, package, *options):
        return run("pkg-config", *options, package, env=self.pkg_config).split()

    def assert_finds_no_page(self, program, **options):
        """What the readers' examples say where no listener is."""
        done = subprocess.run([program, self.scratch / "no/page"], capture_output=True, text=True,
                              check=False, **options)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(NO_PAGE, done.stderr)

    def compile(self, name, package):
        """One example by the compiler alone."""
        program = self.scratch / f"by-hand-{name}"
        run(*COMPILE, EXAMPLES / f"{name}.cpp", *self.flags(package, "--cflags"),
            *self.flags(package, "--libs"), "-o", program)
        return program

    # ---- Headers ----

    def test_every_header_compiles_alone(self):
        def complaint(header):
            done = subprocess.run([*COMPILE, "-fno-exceptions", "-fno-rtti", "-fsyntax-only",
                                   "-I", self.include, "-x", "c++", "-"],
                                  input=f"#include <{header}>\n#include <{header}>\n", text=True,
                                  capture_output=True, check=False)
            return done.stderr
        self.assertGreater(len(self.headers), 15)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            complaints = dict(zip(self.headers, pool.map(complaint, self.headers)))
        self.assertEqual({header: text for header, text in complaints.items() if text}, {})

    def test_the_headers_for_c_are_clean_in_c99_and_in_c17_also_together(self):
        both = "#include <timecast/now.h>\n#include <timecast/listener.h>\n"
        for standard in ("c99", "c17"):
            run(*COMPILE_C, f"-std={standard}", "-fsyntax-only", "-I", self.include, "-x", "c", "-",
                input=both + both)

    def test_no_header_includes_a_private_one(self):
        for header in self.headers:
            text = (self.include / header).read_text(encoding="utf-8")
            for written in INCLUDE.findall(text):
                with self.subTest(header=header, include=written):
                    self.assertRegex(written, r"^<.*>$")
                    if written.startswith("<timecast/"):
                        self.assertIn(written[1:-1], self.headers)

    def test_the_listeners_headers_need_no_library_of_others(self):
        for header in ("timecast/listener.hpp", "timecast/uv_listener.hpp"):
            text = run("g++", "-std=c++20", "-M", "-I", self.include, "-x", "c++",
                       self.include / header)
            self.assertNotRegex(text, OF_OTHERS, header)

    def test_every_header_says_what_it_is_for(self):
        for header in self.headers:
            with self.subTest(header):
                lines = (self.include / header).read_text(encoding="utf-8").split("\n")
                comment = lines[:lines.index("#pragma once")]
                self.assertEqual(comment[:2], ["// SPDX-License-Identifier: MIT", "//"])
                self.assertTrue(all(line.startswith("//") for line in comment))
                self.assertRegex("\n".join(comment), r"// (Builds|Errors|Threads|Units): ")

    # ---- Consumers ----

    def test_a_cmake_project_finds_all_libraries(self):
        build = self.scratch / "consumer"
        run("cmake", "-S", ROOT / "tests/install", "-B", build, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DEXAMPLES={EXAMPLES}",
            f"-DCMAKE_CXX_FLAGS={' '.join(COMPILE[2:])}")
        run("cmake", "--build", build)
        self.assertEqual(core_example(build / "core_example"), HEARD)
        refused = subprocess.run([build / "uv_listener_example", "nowhere0"], capture_output=True,
                                 text=True, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn('there is no interface "nowhere0"', refused.stderr)
        self.assert_finds_no_page(build / "now_example")

    def test_a_cmake_project_in_c_alone_finds_the_reader(self):
        folder = self.scratch / "in-c"
        folder.mkdir()
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(in_c LANGUAGES C)\n"
            "find_package(timecast REQUIRED COMPONENTS now)\n"
            f"add_executable(now_c_example {EXAMPLES}/now_c_example.c)\n"
            "target_link_libraries(now_c_example PRIVATE timecast::now)\n", encoding="ascii")
        run("cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_C_FLAGS={' '.join(COMPILE_C[2:])}")
        run("cmake", "--build", folder / "build")
        self.assert_finds_no_page(folder / "build/now_c_example")
        self.assertNotIn("libstdc++", run("ldd", folder / "build/now_c_example"))

    def test_a_newer_version_than_the_installed_is_not_found(self):
        folder = self.scratch / "newer"
        folder.mkdir()
        project = "cmake_minimum_required(VERSION 3.25)\nproject(newer LANGUAGES CXX)\n"
        (folder / "CMakeLists.txt").write_text(project + "find_package(timecast 99 REQUIRED)\n")
        with self.assertRaisesRegex(AssertionError, "version: 0\\.|requested version"):
            run("cmake", "-S", folder, "-B", folder / "build",
                f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def test_the_compiler_alone_builds_the_core_example_by_pkg_config(self):
        program = self.compile("core_example", "timecast")
        self.assertEqual(core_example(program), HEARD)
        # The core's users need neither.
        self.assertNotRegex(run("ldd", program), "libuv|libcrypto")

    def test_the_compiler_alone_builds_the_libuv_example_by_pkg_config(self):
        program = self.compile("uv_listener_example", "timecast-uv")
        self.assertRegex(run("ldd", program), "libuv")

    def test_a_c_compiler_alone_builds_the_reader_s_example_by_pkg_config(self):
        program = self.scratch / "by-hand-now_c_example"
        run(*COMPILE_C, EXAMPLES / "now_c_example.c", *self.flags("timecast-now", "--cflags"),
            *self.flags("timecast-now", "--libs"), "-o", program)
        library = {"LD_LIBRARY_PATH": str(self.prefix / "lib")}
        self.assertRegex(run("ldd", program, env=os.environ | library),
                         r"libtimecast-now\.so\.0 => ")
        self.assert_finds_no_page(program, env=os.environ | library)

    def test_a_c_compiler_alone_builds_the_sensor_by_pkg_config(self):
        program = self.scratch / "by-hand-sensor"
        run(*COMPILE_C, "-I", ROOT, EXAMPLES / "sensor_superloop.c",
            EXAMPLES / "sensor_board_linux.c", *self.flags("timecast", "--cflags"),
            *self.flags("timecast", "--libs"), "-lcrypto", "-o", program)
        self.assertNotIn("libstdc++", run("ldd", program))

    def test_the_reader_needs_the_c_library_alone(self):
        needed = run("objdump", "-p", self.prefix / "lib/libtimecast-now.so")
        self.assertEqual(re.findall(r"NEEDED\s+(\S+)", needed), ["libc.so.6"])
        exported = run("nm", "-D", "--defined-only", self.prefix / "lib/libtimecast-now.so")
        names = {line.split()[-1] for line in exported.splitlines()}
        declared = set(re.findall(r"^TIMECAST_API .*?(timecast_\w+)\(",
                                  (self.include / "timecast/now.h").read_text(encoding="utf-8"),
                                  re.MULTILINE))
        self.assertEqual(names, declared)

    def test_pkg_config_and_cmake_name_one_version(self):
        listed = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
        version = re.search(r"project\(timecast VERSION (\S+)", listed).group(1)
        for package in ("timecast", "timecast-uv", "timecast-now"):
            self.assertEqual(self.flags(package, "--modversion"), [version])
        for program in PROGRAMS:
            self.assertIn(version, run(self.prefix / "bin" / program, "--version"))

    # ---- The tree ----

    def test_no_file_knows_where_it_was_built_or_installed(self):
        for file in files_in(self.prefix):
            if not file.startswith("bin/"):  # assertions and the like name their source
                content = (self.prefix / file).read_bytes()
                self.assertNotIn(str(self.scratch).encode(), content, file)
                if not file.endswith(".a"):
                    self.assertNotIn(str(ROOT).encode(), content, file)

    def test_a_package_can_be_made_of_it(self):
        staged = self.scratch / "staged"
        run("cmake", "--install", BUILD, "--prefix", "/usr", env=os.environ | {"DESTDIR": staged})
        self.assertEqual(files_in(staged / "usr"), files_in(self.prefix))
        self.assertEqual([path.name for path in staged.iterdir()], ["usr"])


class Examples(unittest.TestCase):
    def test_are_shorter_than_forty_lines_but_a_whole_board(self):
        lengths = {source.name: len(source.read_text(encoding="utf-8").splitlines())
                   for source in EXAMPLES.glob("*.c*")}
        self.assertLess(lengths.pop("sensor_superloop.c"), 60)
        self.assertLess(lengths.pop("sensor_board_linux.c"), 200)
        self.assertEqual(len(lengths), 4)
        self.assertLess(max(lengths.values()), 40, lengths)

    def test_the_core_example_hears_the_recorded_announcement(self):
        self.assertEqual(core_example(BUILD / "bin/core_example"), HEARD)

    def test_the_recorded_announcement_is_that_of_the_documents(self):
        vector = (ROOT / "tests/vectors/announcement.txt").read_text(encoding="utf-8")
        words = [line.split()[-1] for line in vector.splitlines() if line and line[0] != "#"]
        recorded = (EXAMPLES / "announcement.hex").read_text(encoding="ascii").split()
        self.assertEqual("".join(recorded), "".join(words))


if __name__ == "__main__":
    unittest.main()

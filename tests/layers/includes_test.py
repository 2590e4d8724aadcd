# SPDX-License-Identifier: MIT
"""The check of layers complains about what it must, and about nothing else."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent

# (what is wrong, in which file, the include, part of the complaint)
OFFENDING = (
    ("upward", "common/time/a.cpp", "<timecast/wire/packet.hpp>", "may not include layer wire"),
    ("core to daemon", "listener/core/a.cpp", '"listener/daemon/a.hpp"',
     "may not include layer listener_daemon"),
    ("core to host", "announcer/core/a.hpp", '"common/host/log.hpp"', "may not include layer host"),
    ("wire to core", "common/wire/a.cpp", "<timecast/listener.hpp>",
     "may not include layer listener_core"),
    ("host to core", "common/host/a.cpp", "<timecast/listener.hpp>",
     "may not include layer listener_core"),
    ("announcer to listener", "announcer/daemon/a.cpp", "<timecast/listener/status.hpp>",
     "may not include layer listener_core"),
    ("listener to announcer", "listener/core/a.cpp", '"announcer/core/announcer.hpp"',
     "may not include layer announcer_core"),
    ("core to C interface", "listener/core/a.cpp", "<timecast/listener.h>",
     "may not include layer listener_c_api"),
    ("program to tests", "listener/main.cpp", '"tests/simulation/world.hpp"',
     "may not include layer simulation"),
    ("simulation to host", "tests/simulation/a.cpp", '"common/host/log.hpp"',
     "may not include layer host"),
    ("heap in a core", "listener/core/a.cpp", "<vector>", "is freestanding"),
    ("clock in a core", "announcer/core/a.cpp", "<chrono>", "is freestanding"),
    ("socket in wire", "common/wire/a.cpp", "<sys/socket.h>", "is freestanding"),
    ("C header in time", "common/time/a.cpp", "<stdint.h>", "is freestanding"),
    ("heap in a public header", "listener/include/timecast/a.hpp", "<string>", "is freestanding"),
    ("json.hpp in a core", "listener/core/json.cpp", "<nlohmann/json.hpp>", "*json*.cpp"),
    ("json.hpp in a header", "common/host/json.hpp", "<nlohmann/json.hpp>", "*json*.cpp"),
    ("json.hpp in another file", "listener/daemon/a.cpp", "<nlohmann/json.hpp>", "*json*.cpp"),
    ("expected taken directly", "common/wire/a.cpp", "<tl/expected.hpp>", "expected.hpp"),
    ("openssl in a daemon", "listener/daemon/a.cpp", "<openssl/evp.h>", "interface"),
    ("doctest in a program", "common/host/a.cpp", "<doctest/doctest.h>", "for tests"),
    ("unknown library", "common/host/a.cpp", "<boost/asio.hpp>", "does not know"),
    ("relative path", "common/host/a.cpp", '"log.hpp"', "root of the repository"),
    ("public header by its path", "listener/daemon/a.cpp",
     '"common/include/timecast/time/duration.hpp"', "<timecast/...>"),
    ("computed", "common/host/a.cpp", "HEADER", "must name its header"),
    ("file in no layer", "common/other/a.cpp", "<array>", "belongs to no layer"),
    ("header in no layer", "common/host/a.cpp", '"common/other/a.hpp"', "belongs to no layer"),
)

FITTING = (
    ("common/time/a.cpp", "<timecast/time/duration.hpp>"),
    ("common/wire/a.cpp", "<timecast/time/duration.hpp>"),
    ("common/include/timecast/wire/expected.hpp", "<tl/expected.hpp>"),
    ("common/host/read_json.cpp", "<nlohmann/json.hpp>"),
    ("common/host/a.hpp", "<nlohmann/json_fwd.hpp>"),
    ("common/host/a.cpp", "<sys/socket.h>"),
    ("common/host/a.cpp", "<openssl/evp.h>"),
    ("announcer/core/a.cpp", '"announcer/core/announcer.hpp"'),
    ("announcer/main.cpp", '"announcer/daemon/daemon.hpp"'),
    ("listener/core/a.cpp", "<span>"),
    ("listener/include/timecast/listener.h", "<stdint.h>"),
    ("listener/daemon/a.cpp", '"listener/clocks/kernel.hpp"'),
    ("tests/simulation/a.cpp", "<vector>"),
    ("tests/unit/a.cpp", '"common/host/log.hpp"'),
)


class Includes(unittest.TestCase):
    def check(self, path, text):
        """Returns the exit status and output of the check on a tree of one file."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            command = [sys.executable, "-B", HERE / "check_includes.py", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def test_complains_with_file_and_line(self):
        for name, path, include, complaint in OFFENDING:
            with self.subTest(name):
                status, output = self.check(path, f"// one\n#include {include}  // why\n")
                line = 1 if name == "file in no layer" else 2
                self.assertEqual(status, 1, output)
                self.assertIn(f"{path}:{line}: ", output)
                self.assertIn(complaint, output)
                self.assertTrue(output.endswith("passed=0 failed=1 skipped=0\n"), output)

    def test_accepts_what_the_table_allows(self):
        for path, include in FITTING:
            with self.subTest(f"{path} {include}"):
                status, output = self.check(path, f"#include {include}\n")
                self.assertEqual((status, output), (0, "passed=1 failed=0 skipped=0\n"))

    def test_sees_through_blanks_and_comments(self):
        status, output = self.check("common/time/a.cpp", "/* #include <map>\n*/\n # include <map>")
        self.assertEqual(status, 1)
        self.assertIn("common/time/a.cpp:3:", output)
        self.assertNotIn("common/time/a.cpp:1:", output)

    def test_an_empty_tree_is_a_failure(self):
        status, output = self.check("README", "")
        self.assertEqual((status, output), (1, "passed=0 failed=0 skipped=0\n"))

# SPDX-License-Identifier: MIT
"""The check of form complains about what it must, and about nothing else."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
CPP = "// SPDX-License-Identifier: MIT\n"
SCRIPT = "#!/bin/bash\n# SPDX-License-Identifier: MIT\n"

# (what is wrong, in which file, its text, its mode, the complaint behind the file's name)
OFFENDING = (
    ("too long", "common/time/a.cpp", CPP + "\n" * 399 + "int x;\n", 0o644, "401: has 401 lines"),
    ("main too long", "listener/main.cpp", CPP * 81, 0o644, "81: has 81 lines"),
    ("long script", "scripts/a", SCRIPT + "a\n" * 399, 0o755, "401: has 401 lines"),
    ("long Python", "tests/a.py", "# SPDX-License-Identifier: MIT\n" * 401, 0o644, "401: has"),
    ("no licence", "common/time/a.cpp", "int x;\n", 0o644, "1: this line must be"),
    ("licence too late", "common/host/a.hpp", "\n" + CPP + "#pragma once\n", 0o644, "1: this line"),
    ("script without", "scripts/a", "#!/bin/bash\nset -e\n", 0o755, "2: this line must be"),
    ("not executable", "scripts/a", SCRIPT, 0o644, "1: is a script but not executable"),
    ("executable", "common/time/a.cpp", CPP, 0o755, "1: is executable but no script"),
    ("no guard", "common/host/a.hpp", CPP, 0o644, "1: has no #pragma once"),
    ("no newline", "common/time/a.cpp", CPP + "int x;", 0o644, "2: must end with exactly one"),
    ("blanks", "common/time/a.cpp", CPP + "int x; \n", 0o644, "2: has blanks at the end"),
)

FITTING = (
    ("common/time/a.cpp", CPP * 400, 0o644),
    ("listener/main.cpp", CPP * 80, 0o644),
    ("common/host/a.hpp", CPP + "#pragma once\n", 0o644),
    ("scripts/a", SCRIPT, 0o755),
    ("tests/data.txt", "data\n" * 1000, 0o644),
)


class Form(unittest.TestCase):
    def check(self, path, text, mode):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(mode)
            command = [sys.executable, "-B", HERE / "check_form.py", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def test_complains_with_file_and_line(self):
        for name, path, text, mode, complaint in OFFENDING:
            with self.subTest(name):
                status, output = self.check(path, text, mode)
                self.assertEqual(status, 1, output)
                self.assertIn(f"{path}:{complaint}", output)
                self.assertTrue(output.endswith("passed=4 failed=1 skipped=0\n"), output)

    def test_accepts_good_form(self):
        for path, text, mode in FITTING:
            with self.subTest(path):
                self.assertEqual(self.check(path, text, mode), (0, "passed=5 failed=0 skipped=0\n"))

    def test_an_empty_tree_is_a_failure(self):
        self.assertEqual(self.check("README", "", 0o644), (1, "passed=0 failed=0 skipped=0\n"))

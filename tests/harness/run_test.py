# SPDX-License-Identifier: MIT
"""scripts/run builds where it can, and says what to do where it cannot.

The tree is a copy of the script alone; what it would start is put in its place here.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAND_INS = {
    "scripts/bootstrap": "#!/bin/sh\n",
    "scripts/run.d/live": "print('live', *__import__('sys').argv[1:])\n",
    # Makes what the real one leaves in the folder behind -B.
    "bin/cmake": """#!/bin/sh
echo cmake "$@"
[ "$1" = --preset ] || exit 0
mkdir -p "$4" && echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >"$4/CMakeCache.txt" && : >"$4/build.ninja"
""",
}
# Root may write everywhere, unless it gives that up.
WITHOUT_PRIVILEGE = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]


class Tree:
    """A repository that can be run, and nothing else."""

    def __init__(self, folder):
        self.folder = folder
        for name, content in STAND_INS.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
            file.chmod(0o755)
        shutil.copy(ROOT / "scripts/run", folder / "scripts/run")

    def run(self, *options, before=(), cwd=None):
        """Returns status, standard output and standard error."""
        environment = os.environ | {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        done = subprocess.run([*before, self.folder / "scripts/run", *options], env=environment,
                              cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tree = Tree(self.folder / "tree")

    def test_configures_once_and_builds_each_time(self):
        _, first, log = self.tree.run()
        self.assertEqual(first, "live build/run/bin\n")
        self.assertIn("cmake --preset release -B build/run ", log)
        status, second, log = self.tree.run("--seconds", "3", "--json", "--port", "12345")
        self.assertEqual((status, second),
                         (0, "live build/run/bin --seconds 3 --json --port 12345\n"))
        self.assertRegex(log, r"^cmake --build build/run --parallel \d+\n$")

    def test_a_tree_that_was_copied_is_configured_anew(self):
        self.tree.run()
        shutil.copytree(self.tree.folder, self.folder / "copy")
        copy = Tree(self.folder / "copy")
        status, _, log = copy.run()
        self.assertEqual(status, 0)
        self.assertIn(f"build/run was made for {self.tree.folder}; making it anew", log)
        self.assertIn("cmake --preset release -B build/run ", log)
        self.assertNotIn("--preset", copy.run()[2])

    def test_a_tree_that_was_reached_by_another_way_is_the_same(self):
        self.tree.run()
        other_way = self.folder / "other-way"
        other_way.symlink_to(self.tree.folder)
        status, _, log = Tree(other_way).run()
        self.assertEqual(status, 0)
        self.assertNotIn("anew", log)

    def test_what_cannot_be_written_is_named_with_a_way_out(self):
        self.tree.run()
        inside = self.tree.folder / "build/run/build.ninja"
        for locked in (inside, inside.parent, self.tree.folder / "build"):
            with self.subTest(locked.name):
                if locked.name == "build":
                    shutil.rmtree(inside.parent)
                locked.chmod(0o500 if locked.is_dir() else 0o400)
                try:
                    status, out, log = self.tree.run(before=WITHOUT_PRIVILEGE)
                finally:
                    locked.chmod(0o755)
                self.assertEqual((status, out), (1, ""))
                self.assertRegex(log, r"^scripts/run: build/run\S* cannot be written by .*"
                                      r"scripts/run --build FOLDER\n$")

    def test_a_link_that_leads_nowhere_yet_is_no_reason(self):
        self.tree.run()
        (self.tree.folder / "build/run/timecast-monitor").symlink_to("../share/nowhere")
        status, out, log = self.tree.run()
        self.assertEqual((status, out), (0, "live build/run/bin\n"), log)

    def test_builds_in_a_folder_that_was_named_as_seen_by_the_caller(self):
        status, out, _ = self.tree.run("--build", "else/where", cwd=self.folder)
        self.assertEqual((status, out), (0, f"live {self.folder}/else/where/bin\n"))

    def test_a_bad_command_line_is_named(self):
        for options, complaint in ((["--bogus"], 'there is no option "--bogus"'),
                                   (["--port", "65536"], '--port: "65536" is no port (1 to 65535)'),
                                   (["--port"], '--port: "" is no port'),
                                   (["--build"], "--build: name a folder"),
                                   (["--seconds", "x"], '--seconds: "x" is no number')):
            with self.subTest(options):
                status, out, log = self.tree.run(*options)
                self.assertEqual((status, out), (2, ""))
                self.assertTrue(log.startswith(f"scripts/run: {complaint}"), log)

    def test_help_names_every_option(self):
        status, out, _ = self.tree.run("--help")
        self.assertEqual(status, 0)
        for option in ("--seconds", "--json", "--port", "--build", "Exit status"):
            self.assertIn(option, out)


class Port(unittest.TestCase):
    def test_a_port_that_is_taken_is_said_with_its_holder_and_the_way_out(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
            holder.bind(("127.0.0.1", 0))
            port = holder.getsockname()[1]
            done = subprocess.run(["/usr/bin/python3", ROOT / "scripts/run.d/live", "/nowhere",
                                   "--port", str(port)],
                                  capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        name = os.path.basename(sys.argv[0] if not sys.orig_argv else sys.orig_argv[0])
        self.assertEqual(done.stderr,
                         f"scripts/run: 127.0.0.1:{port} is taken by {name} (process "
                         f"{os.getpid()}); end that, or take another port: scripts/run --port "
                         f"{port % 65535 + 1}\n")


if __name__ == "__main__":
    unittest.main()

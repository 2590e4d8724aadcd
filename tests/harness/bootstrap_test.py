# SPDX-License-Identifier: MIT
"""scripts/bootstrap installs what is missing and leaves everything else alone."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ("sed", "grep", "cat", "env", "mkdir", "rm")
UNPACKED = ("chrony/usr/sbin/chronyd", "lwip/sntp.c", "gpsd/usr/bin/ntpshmmon")


class Bootstrap(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for tool in TOOLS:
            (self.folder / tool).symlink_to(f"/usr/bin/{tool}")
        self.judges = self.folder / "judges"
        for name in UNPACKED:
            file = self.judges / name
            file.parent.mkdir(parents=True)
            file.touch(0o755)
        self.installed = self.every_package()

    def every_package(self):
        """What an empty system is asked to install."""
        self.fake("id", "echo 1000")
        self.fake("dpkg-query", "true")
        return self.run_script()[2].rsplit("--no-install-recommends ", 1)[1].split()

    def fake(self, name, body):
        file = self.folder / name
        file.write_text(f"#!/bin/bash\n{body}\n")
        file.chmod(0o755)

    def run_script(self, group="test"):
        """Returns the status, the calls to apt-get, and what was said to stderr."""
        calls = self.folder / "calls"
        calls.write_text("")
        self.fake("apt-get", f'echo "$*" >>{calls}')
        done = subprocess.run([ROOT / "scripts/bootstrap", group], capture_output=True, text=True,
                              env={"PATH": str(self.folder), "TIMECAST_JUDGES": str(self.judges)},
                              check=False)
        return done.returncode, calls.read_text().splitlines(), done.stderr

    def system(self, user, without=()):
        """A system on which everything is installed but some packages."""
        rows = [f"installed {name}" for name in self.installed if name not in without]
        rows += [f"config-files {name}" for name in without]
        self.fake("id", f"echo {user}")
        self.fake("dpkg-query", f"cat <<'END'\n" + "\n".join(rows) + "\nEND")

    def test_does_nothing_where_all_is_there(self):
        self.system(user=1000)
        self.assertEqual(self.run_script(), (0, [], ""))

    def test_installs_only_what_is_missing_after_one_update(self):
        self.system(user=0, without=("cmake", "doctest-dev"))
        status, calls, _ = self.run_script()
        self.assertEqual(status, 0)
        self.assertEqual(calls, ["-qq update", "-qq install --yes --no-install-recommends "
                                 "cmake doctest-dev"])

    def test_to_run_needs_less_than_to_test(self):
        self.system(user=0, without=("doctest-dev",))
        self.assertEqual(self.run_script("run"), (0, [], ""))
        self.assertIn("libuv1-dev", self.installed)

    def test_asks_sudo_where_there_is_one(self):
        self.system(user=1000, without=("cmake",))
        self.fake("sudo", 'shift; exec "$@"')
        status, calls, _ = self.run_script()
        self.assertEqual((status, len(calls)), (0, 2))

    def test_says_what_to_do_without_root_and_sudo(self):
        self.system(user=1000, without=("cmake",))
        status, calls, said = self.run_script()
        self.assertEqual((status, calls), (1, []))
        self.assertIn("apt-get install --no-install-recommends cmake\n", said)

    def test_a_failed_installation_is_a_failure(self):
        self.system(user=1000, without=("cmake",))
        self.fake("sudo", "exit 100")
        self.assertNotEqual(self.run_script()[0], 0)

    def test_chrony_is_unpacked_and_never_installed(self):
        self.assertNotIn("chrony", self.installed)
        (self.judges / UNPACKED[0]).unlink()
        self.system(user=1000)
        self.fake("dpkg-deb", f'echo "$*" >{self.folder}/unpacked')
        status, calls, _ = self.run_script()
        self.assertEqual((status, len(calls)), (0, 1))
        self.assertRegex(calls[0], " download chrony$")
        self.assertRegex((self.folder / "unpacked").read_text(), "^--extract .*chrony")

    def test_where_the_source_of_lwip_cannot_be_had_all_else_is_there(self):
        (self.judges / UNPACKED[1]).unlink()
        self.system(user=1000)
        status, _, said = self.run_script()
        self.assertEqual(status, 0)
        self.assertRegex(said, "the source of lwIP .* cannot be had")

# SPDX-License-Identifier: MIT
"""The packages as they lie there: what Debian's own tools say of them."""

import json
import pathlib
import re
import tempfile
import unittest

import debs
from debs import PACKAGES, ROOT

VERSION = re.search(r"project\(timecast VERSION (\S+)",
                    (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
TIME_DAEMON = ("Conflicts", "Provides", "Replaces")
# Tenths, as `systemd-analyze security` counts what a unit leaves open.
MOST_OPEN = 15
OPEN = {
    "announcer/timecast-announcer.service": 15,
    "announcer/timecast-announcer-clock.service": 5,
    "listener/timecast-feed.service": 15,
    "listener/timecast-listener.service": 15,
    "listener/timecast-listener-clock.service": 12,
    "listener/timecast-wait.service": 2,
}


class Form(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_lintian_has_nothing_to_say(self):
        said = debs.run("lintian", "--allow-root", "--fail-on", "warning,error",
                        *map(debs.deb, PACKAGES))
        self.assertEqual(said, "")

    def test_what_lintian_must_not_say_has_its_reason(self):
        overrides = list((ROOT / "packaging/debian").glob("*lintian-overrides"))
        self.assertEqual(len(overrides), 2)
        for file in overrides:
            lines = file.read_text(encoding="utf-8").splitlines()
            for above, line in zip(["", *lines], lines):
                self.assertTrue(line.startswith("#") or above.startswith("# "), line)

    def test_each_says_in_a_line_of_its_own_what_it_is(self):
        summaries = {debs.field(package, "Description").splitlines()[0] for package in PACKAGES}
        self.assertEqual(len(summaries), len(PACKAGES))

    def test_all_have_the_projects_version_and_the_changelog_too(self):
        changelog = ROOT / "packaging/debian/changelog"
        newest = debs.run("dpkg-parsechangelog", "--file", changelog, "--show-field", "Version")
        self.assertEqual(newest.strip(), VERSION + "-1")
        for package in PACKAGES:
            self.assertEqual(debs.field(package, "Version"), VERSION + "-1")

    def test_only_the_clock_service_is_a_time_daemon(self):
        for package in PACKAGES:
            expected = "time-daemon" if package == "timecast-listener" else ""
            for name in TIME_DAEMON:
                self.assertEqual(debs.field(package, name), expected, (package, name))

    def test_libraries_are_depended_on_by_the_versions_that_were_linked(self):
        for package in ("timecast-announcer", "timecast-tools"):
            depends = debs.field(package, "Depends")
            for library in ("libc6", "libssl3", "libstdc++6", "libuv1"):
                self.assertRegex(depends, rf"{re.escape(library)} \(>= [\d.]+", package)

    def test_only_services_have_users_and_settings(self):
        for package in PACKAGES:
            of_a_service = [file for file in debs.files(package)
                            if re.match("/etc|/usr/lib/sysusers", file)]
            self.assertEqual(bool(of_a_service), package in PACKAGES[:2], package)

    def test_every_unit_leaves_open_at_most_1_5_of_10_and_no_more_than_it_must(self):
        for package in PACKAGES:
            unpacked = self.folder / package
            debs.run("dpkg-deb", "--extract", debs.deb(package), unpacked)
        shipped = sorted(self.folder.glob("*/lib/systemd/system/*.service"))
        self.assertEqual({unit.name for unit in shipped}, {pathlib.Path(unit).name for unit in OPEN})
        for unit in shipped:
            tenths = {pathlib.Path(name).name: open_ for name, open_ in OPEN.items()}[unit.name]
            self.assertLessEqual(tenths, MOST_OPEN)
            with self.subTest(unit.name):
                debs.run("systemd-analyze", "security", "--offline=true",
                         f"--threshold={tenths}", unit)

    def test_who_hears_the_network_may_not_call_for_the_clock_and_who_may_has_no_network(self):
        for unit in OPEN:
            text = (ROOT / unit).read_text(encoding="utf-8")
            calls = re.findall(r"(?m)^SystemCallFilter=[^~\n]*(?:\badjtimex\b|\bclock_adjtime\b|@clock)",
                               text)
            self.assertEqual(bool(calls), "PrivateNetwork=yes" in text and "-clock" in unit, unit)
            self.assertEqual("CAP_SYS_TIME" in text.replace("ConditionCapability=CAP_SYS_TIME", ""),
                             unit == "listener/timecast-listener-clock.service", unit)

    def test_settings_are_what_the_programs_have_of_themselves(self):
        clock = {"announcer": [], "listener": ["--clock", "auto"]}
        nothing = self.folder / "nothing.json"
        nothing.write_text("{}\n", encoding="ascii")
        program_of = {"announcer": "timecast-announcer", "listener": "timecast-tools"}
        for daemon, package in program_of.items():
            unpacked = self.folder / daemon
            for each in {package, f"timecast-{daemon}"}:
                debs.run("dpkg-deb", "--extract", debs.deb(each), unpacked)
            program = unpacked / f"usr/bin/timecast-{daemon}"
            installed = unpacked / f"etc/timecast/{daemon}.json"
            made = debs.run(program, "print-settings", "--settings", nothing, *clock[daemon])
            self.assertEqual(installed.read_text(encoding="utf-8"), made)
            # And it takes them as they are.
            again = debs.run(program, "print-settings", "--settings", installed)
            self.assertEqual(values(again), values(made))


def values(text):
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


if __name__ == "__main__":
    unittest.main()

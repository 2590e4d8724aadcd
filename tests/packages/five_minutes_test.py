# SPDX-License-Identifier: MIT
"""The README's five minutes: one line on the host that has the time, one on a host that wants it."""

import os
import pathlib
import time
import unittest

import debs
import machine
from debs import PACKAGES, ROOT
from machine import Machine, connect

ANNOUNCER, LISTENER, TOOLS = PACKAGES[:3]
BIN = pathlib.Path(os.environ.get("TIMECAST_BIN", ROOT / "build/release/bin"))
PRELOAD = "timecast-kept-clock.so"
SYNCHRONISED_S = 30
UNIT = "/run/systemd/system/timecast-announcer-clock.service.d"
ISLAND = ("echo '{\"island\": true}' >/etc/timecast/announcer.json && "
          "systemctl reload timecast-announcer")


@unittest.skipIf(machine.why_not(), machine.why_not())
class FiveMinutes(unittest.TestCase):
    def setUp(self):
        self.clock, self.desk = self.machine("clock"), self.machine("desk")
        connect(self.clock, self.desk, ("192.0.2.1/24", "192.0.2.2/24"))

    def machine(self, name):
        made = Machine(name)
        self.addCleanup(made.end)
        return made

    def install(self, host, *packages):
        """By the one line that the README has for hosts without Internet."""
        for package in packages:
            host.put(debs.deb(package), f"/root/{debs.deb(package).name}")
        host.run("cd /root && apt-get install --yes --no-install-recommends " +
                 " ".join(f"./{package}_*.deb" for package in packages))

    def keep_clock(self):
        """Stands for the chronyd of that host, since no clock can be set here."""
        self.clock.put(BIN / PRELOAD, f"/usr/lib/{PRELOAD}")
        self.clock.run(f"mkdir -p {UNIT} && printf '[Service]\\nEnvironment=LD_PRELOAD="
                       f"/usr/lib/{PRELOAD}\\n' >{UNIT}/kept.conf")

    def check_desk(self, how):
        """The line on a host that wants the time; prints how long it took to have it."""
        typed = time.monotonic()
        self.install(self.desk, TOOLS, LISTENER)
        installed = time.monotonic()
        shown = self.desk.run("timecast-listener wait --within 0.1 "
                              f"--timeout {SYNCHRONISED_S}")
        synchronised = time.monotonic()
        said = self.desk.run("timecast-listener status")
        self.assertRegex(said, r"(?m)^state +synchronised")
        self.assertRegex(said, r"(?m)^announcer +\S*(192\.0\.2\.1|fe80::)")
        print(f"\n{how}: synchronised {synchronised - installed:.1f} s after the listener's packages "
              f"were installed, {synchronised - typed:.1f} s after the line was typed\n  {shown}")

    def test_a_line_on_each_host_and_no_settings_are_enough(self):
        self.keep_clock()
        self.install(self.clock, ANNOUNCER)
        self.check_desk("no settings")
        for host, daemon in ((self.clock, "announcer"), (self.desk, "listener")):
            self.assertEqual(host.run(f"dpkg --verify timecast-{daemon}"), "")

    def test_an_island_takes_one_line_more(self):
        self.install(self.clock, ANNOUNCER)
        self.assertRegex(self.clock.run("timecast-announcer status"), "state +unsynchronised")
        self.clock.run(ISLAND)
        self.check_desk("an island")


if __name__ == "__main__":
    unittest.main()

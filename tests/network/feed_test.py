# SPDX-License-Identifier: MIT
"""A chronyd that takes its time from the listener: by its socket, and by shared memory."""

import os
import re
import shutil
import time

import judges
from lab import LabTest, Link

SELECTED_WITHIN_S = 40
# A user namespace whose users nobody else has. Who may set the clock there may set none.
OWN_USERS = ("unshare", "--user", "--map-user=7", "--map-group=7", "--keep-caps")
USUAL_SOCKET = "/run/chrony.timecast.sock"  # /run is this test's own


class Feed(LabTest):
    takes_s = 40

    def setUp(self):
        judges.need("chronyd")
        judges.need("chronyc")
        link = Link()
        self.start(link.host().announcer)
        self.host = link.host()

    def chronyd(self, refclock):
        """One with this reference clock and no other source."""
        folder = self.host.state / "chrony"
        folder.mkdir(mode=0o700)
        self.control = folder / "control"
        chronyd = judges.Chronyd(self.host, f"bindcmdaddress {self.control}", "port 0",
                                 f"refclock {refclock} refid CAST poll 0 filter 2 stratum 11 "
                                 "delay 0.002")
        self.addCleanup(chronyd.stop)
        return chronyd

    def await_selected(self):
        """chronyc's line of the source, once chronyd follows it; its offset in seconds."""
        deadline = time.monotonic() + SELECTED_WITHIN_S
        while time.monotonic() < deadline:
            said = judges.ask(self.host, ["chronyc", "-n", "-h", str(self.control), "sources"])
            found = re.search(r"^#\* CAST .*\[ *([-+0-9.]+)([a-z]+)\]", said.stdout, re.MULTILINE)
            if found:
                unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[found[2]]
                return found[0], float(found[1]) * unit
            time.sleep(0.2)
        raise AssertionError(f"chronyd has not selected CAST: {said.stdout}{said.stderr}")

    def check_feeds(self, listener):
        line, offset_s = self.await_selected()
        self.assertLess(abs(offset_s), 1e-3, line)
        self.assertRegex(listener.status()["clock"], r"[0-9]+ samples given$")

    def test_by_its_socket_chronyd_selects_the_listener(self):
        path = self.host.state / "cast.sock"
        self.chronyd(f"SOCK {path}")
        self.check_feeds(self.start(self.host.listener, "--clock", f"chrony:{path}"))

    def test_by_shared_memory_as_well(self):
        self.chronyd("SHM 2:perm=0666")
        self.check_feeds(self.start(self.host.listener, "--clock", "ntp-shm:2"))

    def test_a_chronyd_that_comes_later_is_fed_then(self):
        path = self.host.state / "cast.sock"
        listener = self.start(self.host.listener, "--clock", f"chrony:{path}")
        listener.await_log(f"cannot feed chronyd at {path}: no such file or directory; start "
                           f"chronyd with: refclock SOCK {path}")
        self.chronyd(f"SOCK {path}")
        listener.await_log(f"chrony:{path} is fed")
        self.check_feeds(listener)

    def test_auto_feeds_a_chronyd_that_has_the_usual_socket(self):
        self.chronyd(f"SOCK {USUAL_SOCKET}")
        self.await_file(USUAL_SOCKET)
        listener = self.start(self.host.listener, "--clock", "auto")
        listener.await_log(f"clock chrony:{USUAL_SOCKET}: chronyd runs and has a socket for it")
        self.check_feeds(listener)

    def listener_beside(self, name, *options):
        """A listener, and a program of that name which may set the clock as far as both can see."""
        program = self.host.state / name
        program.symlink_to(shutil.which("sleep"))
        script = (f"setpriv --pdeathsig KILL {program} 60 >/dev/null 2>&1 & "
                  f"until grep -q {name} /proc/$!/comm; do :; done; exec \"$@\"")
        return self.start(self.host.listener, *options,
                          within=(*OWN_USERS, "sh", "-c", script, "sh"))

    def test_auto_leaves_the_clock_to_a_chronyd_without_and_says_the_line_to_add(self):
        listener = self.listener_beside("chronyd", "--clock", "auto")
        listener.await_log("clock none: chronyd keeps this host's clock; for it to follow, add to "
                           f"its settings: refclock SOCK {USUAL_SOCKET}")
        listener.await_state("synchronised", within=15)
        self.assertEqual(listener.status()["clock"], "none: this host's clock is left alone")

    def test_auto_believes_no_name_of_who_may_not_set_the_clock(self):
        chronyd = judges.ChronyServer(self.host)
        self.addCleanup(chronyd.stop)
        listener = self.start(self.host.listener, "--clock", "auto", privileged=False)
        listener.await_log("clock none: this process may not set the clock; give it CAP_SYS_TIME")
        self.assertNotIn("chronyd", listener.log)

    def test_kernel_beside_a_chronyd_is_done_as_it_was_said_with_a_warning(self):
        listener = self.listener_beside("chronyd", "--clock", "kernel")
        listener.await_log("clock kernel, as it was said, but chronyd runs and may steer this host's "
                           "clock too; stop it, or choose --clock auto")
        listener.await_log("cannot steer this host's clock: operation not permitted")

    @staticmethod
    def await_file(path):
        deadline = time.monotonic() + judges.START_S
        while not os.path.exists(path):
            if time.monotonic() > deadline:
                raise AssertionError(f"{path} does not come up")
            time.sleep(0.02)

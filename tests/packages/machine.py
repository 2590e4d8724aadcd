# SPDX-License-Identifier: MIT
"""A Debian machine of its own, with systemd as its first process, on a clean root.

It is a container in namespaces; changes go to an overlay that is thrown away. It has all
capabilities, but in a user namespace: it can have no effect on this host's clock.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BOOT_S = 60
COMMAND_S = 120
EVERYBODY = "0 0 65536\n"
CGROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")


class Failure(Exception):
    """What a command in the machine said and did."""


def why_not():
    """Why no machine can run here; empty if one can."""
    if os.geteuid() != 0:
        return "only root can make a clean root and boot it"
    if not cgroup():
        return "there is no cgroup2 hierarchy that can be written"
    return ""


def cgroup():
    for place in CGROUPS:
        if os.access(place + "/cgroup.procs", os.W_OK):
            return pathlib.Path(place)
    return None


class Machine:
    """`root` is not written to. `beside`, if given, is a machine whose network this one shares a
    cable with."""

    def __init__(self, root, name, address=None):
        self.name = name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"timecast-{name}-"))
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir()
        # An overlay's folders cannot lie on another overlay.
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.folder], check=True)
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir()
        self.cgroup = cgroup() / f"timecast-{name}-{os.getpid()}"
        self.cgroup.mkdir()
        self.console = open(self.folder / "console", "wb")
        self.process = subprocess.Popen([HERE / "boot", root, self.folder, self.cgroup],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.console)
        self.pid = int(self.process.stdout.readline())
        for kind in ("uid_map", "gid_map"):
            pathlib.Path(f"/proc/{self.pid}/{kind}").write_text(EVERYBODY, encoding="ascii")
        self.process.stdin.write(b"\n")
        self.process.stdin.close()
        self._await_boot()

    def _await_boot(self):
        deadline = time.monotonic() + BOOT_S
        while time.monotonic() < deadline:
            done = self.try_run("systemctl", "is-system-running")
            if done.stdout.strip() in ("running", "degraded"):
                return
            time.sleep(0.2)
        raise Failure(f"{self.name} has not booted: {(self.folder / 'console').read_text()}")

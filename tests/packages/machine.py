# SPDX-License-Identifier: MIT
"""A Debian machine of its own, with systemd as its first process, on a clean root.

It is a container in namespaces; changes go to an overlay that is thrown away. It has all
capabilities, but in a user namespace: nothing in it can set this host's clock.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = pathlib.Path(os.environ.get("TIMECAST_CLEAN_ROOT", HERE.parents[1] / "build/clean-root"))
BOOT_S = 90
COMMAND_S = 120
EVERYBODY = "0 0 65536\n"
CGROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")


def why_not():
    """Why no machine can run here; empty if one can."""
    if os.geteuid() != 0:
        return "only root can make a clean root and boot it"
    if cgroup() is None:
        return "there is no cgroup2 hierarchy that can be written to"
    if not (ROOT / "usr/lib/systemd/systemd").exists():
        return f"{ROOT} was not made: tests/packages/clean_root"
    return ""


def cgroup():
    for place in CGROUPS:
        if os.access(place + "/cgroup.procs", os.W_OK):
            return pathlib.Path(place)
    return None


class Machine:
    def __init__(self, name):
        self.name = name
        self.folder = pathlib.Path(tempfile.mkdtemp()) / name
        self.folder.mkdir()
        # An overlay's folders cannot lie on another overlay.
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.folder], check=True)
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir()
        self.root = self.folder / "root"
        layers = f"lowerdir={ROOT},upperdir={self.folder}/upper,workdir={self.folder}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, self.root], check=True)
        self.cgroup = cgroup() / f"timecast-{name}-{os.getpid()}"
        self.cgroup.mkdir()
        self.console = open(self.folder / "console", "w+", encoding="utf-8")
        # The new root of its control groups is where it is when it leaves ours.
        self.process = subprocess.Popen(
            ["sh", "-c", f'echo $$ >{self.cgroup}/cgroup.procs; exec "$@"', "sh", HERE / "boot",
             self.root, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.console)
        try:
            self._boot()
        except BaseException:
            self.end()
            raise

    def _boot(self):
        self.pid = int(self.process.stdout.readline())
        for kind in ("uid_map", "gid_map"):
            pathlib.Path(f"/proc/{self.pid}/{kind}").write_text(EVERYBODY, encoding="ascii")
        self.process.stdin.write(b"\n")
        self.process.stdin.close()
        self._await_boot()

    def _await_boot(self):
        deadline = time.monotonic() + BOOT_S
        while True:
            # In a container some mounts fail, so "degraded" is as good as it gets.
            if self.attempt("systemctl is-system-running").stdout.strip() in ("running", "degraded"):
                return
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.console.seek(0)
                raise AssertionError(f"{self.name} has not booted: {self.console.read()}")
            time.sleep(0.2)

    def attempt(self, command, within=COMMAND_S, **options):
        """Runs a shell's command to its end."""
        enter = ["nsenter", "--target", str(self.pid), "--all", "--root", "--wd"]
        clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
                 "LC_ALL=C.UTF-8"]
        return subprocess.run([*enter, *clean, "sh", "-c", command], capture_output=True, text=True,
                              check=False, timeout=within, **options)

    def run(self, command, **options):
        """What the command printed; fails with it if it did."""
        done = self.attempt(command, **options)
        if done.returncode != 0:
            raise AssertionError(f"{self.name}: {command}: {done.returncode}: "
                                 f"{done.stdout}{done.stderr}{self.journal()}")
        return done.stdout

    def journal(self):
        return self.attempt("journalctl --no-pager --output=cat -n 40 -u 'timecast-*'").stdout

    def await_line(self, command, accept, within):
        """Runs the command again and again, until what it prints is accepted; returns that."""
        deadline = time.monotonic() + within
        while True:
            printed = self.attempt(command).stdout
            if accept(printed):
                return printed
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: not within {within} s: {command}: {printed}"
                                     f"{self.journal()}")
            time.sleep(0.2)

    def put(self, source, place):
        shutil.copy(source, self.root / place.lstrip("/"))

    def end(self):
        self.process.kill()  # the first of the machine's goes with it, and all others with that
        self.process.wait()
        self.process.stdout.close()
        self.console.close()
        for place in (self.root, self.folder):
            subprocess.run(["umount", "--lazy", place], check=True)
        shutil.rmtree(self.folder.parent)
        self._remove_cgroup()

    def _remove_cgroup(self):
        deadline = time.monotonic() + 10
        while True:
            try:
                for folder, _, _ in os.walk(self.cgroup, topdown=False):
                    os.rmdir(folder)
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def connect(one, other, addresses):
    """A cable between two machines, eth0 of both."""
    subprocess.run(["ip", "link", "add", "eth0", "netns", str(one.pid), "type", "veth",
                    "peer", "name", "eth0", "netns", str(other.pid)], check=True)
    for machine, address in zip((one, other), addresses):
        machine.run(f"ip address add {address} dev eth0 && ip link set eth0 up")

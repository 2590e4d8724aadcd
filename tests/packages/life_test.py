# SPDX-License-Identifier: MIT
"""The packages' life on Debian machines with systemd: installed, run, upgraded, removed, purged."""

import pathlib
import re
import tempfile
import unittest

import debs
import machine
from debs import PACKAGES
from machine import Machine, connect

ANNOUNCER, LISTENER, TOOLS, READER, _ = PACKAGES
ON_A_HOST = PACKAGES[:4]
SERVICES = ("timecast-announcer", "timecast-listener")
SYNCHRONISED_S = 30
RESTARTED_S = 20
FOLLOWED_S = 60
REFCLOCK = "refid CAST poll 2 filter 4 stratum 10 delay 0.002"
NOBODY = "setpriv --reuid=nobody --regid=nogroup --clear-groups"
# Of /proc/PID/status: none; binding to low ports; setting the clock.
NOTHING, BINDING, CLOCK = "0000000000000000", "0000000000000400", "0000000002000000"
RIGHTS = {
    "timecast-announcer": BINDING, "timecast-announcer-clock": NOTHING,
    "timecast-listener": BINDING, "timecast-listener-clock": CLOCK,
}
STATE = {"timecast-announcer": "/var/lib/timecast", "timecast-listener": "/var/lib/timecast-listener"}


@unittest.skipIf(machine.why_not(), machine.why_not())
class LifeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def machine(self, name="desk"):
        made = Machine(name)
        self.addCleanup(made.end)
        return made

    def install(self, host, *files):
        for file in files:
            host.put(file, f"/root/{file.name}")
        return host.run("dpkg --install " + " ".join(f"/root/{file.name}" for file in files))

    def pair(self):
        """A host that has the time and one that wants it, on one cable, with their packages."""
        clock, desk = self.machine("clock"), self.machine("desk")
        connect(clock, desk, ("192.0.2.1/24", "192.0.2.2/24"))
        self.kill_for_a_refused_call(clock, "timecast-announcer", "timecast-announcer-clock")
        self.kill_for_a_refused_call(desk, "timecast-listener", "timecast-listener-clock",
                                     "timecast-wait", "timecast-feed")
        self.install(clock, debs.deb(ANNOUNCER))
        self.install(desk, debs.deb(TOOLS), debs.deb(LISTENER))
        return clock, desk

    def kill_for_a_refused_call(self, host, *units):
        """Instead of an error, which could go unnoticed."""
        for unit in units:
            host.run(f"mkdir -p /run/systemd/system/{unit}.service.d; printf '[Service]\\n"
                     "SystemCallErrorNumber=kill\\nRestart=no\\n' "
                     f">/run/systemd/system/{unit}.service.d/strict.conf")

    def make_island(self, clock):
        clock.run("""echo '{"island": true}' >/etc/timecast/announcer.json""")
        clock.run("systemctl reload timecast-announcer")

    def assert_active(self, host, service, state="active"):
        said = host.attempt(f"systemctl is-active {service}").stdout.strip()
        self.assertEqual(said, state, host.journal())

    def gone(self, host, path):
        self.assertEqual(host.attempt(f"ls -d {path}").stdout, "")


class Installed(LifeTest):
    def test_two_hosts_are_synchronised_and_anybody_may_ask(self):
        clock, desk = self.pair()
        self.make_island(clock)
        desk.run(f"timeout {SYNCHRONISED_S} systemctl start timecast-wait")
        self.assertRegex(desk.run(f"{NOBODY} timecast-listener status"), "state +synchronised")
        self.assertRegex(desk.run(f"{NOBODY} timecast-listener now"), r"\d\d:\d\d:\d\d")
        self.assertRegex(clock.run(f"{NOBODY} timecast-announcer status"), r"plain +192\.0\.2\.1:123 ")
        # Root's commands find the service's key, which nobody else may read.
        key = clock.run("timecast-announcer key show").split()[0]
        self.assertIn(key, clock.run("timecast-announcer status"))
        self.assertNotEqual(clock.attempt(f"{NOBODY} timecast-announcer key show").returncode, 0)
        # And programs read the time by themselves.
        self.install(desk, debs.deb(READER))
        desk.run(f"{NOBODY} python3 -c \"import ctypes; "
                 "reader = ctypes.CDLL('libtimecast-now.so.0'); "
                 "reader.timecast_open.restype = ctypes.c_void_p; "
                 "error = ctypes.c_int(1); "
                 "assert reader.timecast_open(None, ctypes.byref(error)); assert error.value == 0\"")
        # The page says whose clocks it is about; of the boot the service does not know.
        words = desk.run("od -An -tu4 -j16 -N8 /run/timecast-listener/page").split()
        namespace = desk.run("stat -Lc %i /proc/self/ns/time").strip()
        self.assertEqual(words, [namespace, "0"])
        checked = desk.run("timecast-monitor --check --crit 1s --warn 500ms")
        self.assertIn("TIMECAST OK", checked)

    def test_daemons_have_the_rights_that_they_need_and_no_others(self):
        clock, desk = self.pair()
        for service, rights in RIGHTS.items():
            host = clock if "announcer" in service else desk
            self.assert_active(host, service)
            pid = host.run(f"systemctl show --value --property MainPID {service}").strip()
            status = dict(line.split(":\t", 1)
                          for line in host.run(f"cat /proc/{pid}/status").splitlines())
            for kind in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
                self.assertEqual(status[kind], rights, (service, kind))
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
            self.assertNotIn("0", status["Uid"].split())

    def test_none_that_hears_the_network_may_call_for_the_clock(self):
        clock, desk = self.pair()
        call = ("import ctypes; kernel = ctypes.create_string_buffer(1024); "
                "print(ctypes.CDLL(None, use_errno=True).adjtimex(kernel), ctypes.get_errno())")
        for host, service in ((clock, "announcer"), (desk, "listener"), (desk, "feed")):
            drop_in = f"/run/systemd/system/timecast-{service}.service.d"
            host.run(f"systemctl stop timecast-{service}; mkdir -p {drop_in}; "
                     f"printf '[Service]\\nSystemCallErrorNumber=EPERM\\nType=oneshot\\nExecStart=\\n"
                     f"ExecStart=/usr/bin/python3 -c \"%s\"\\nStandardOutput=truncate:/root/said\\n' "
                     f"'{call}' >{drop_in}/zz-call.conf; systemctl daemon-reload; "
                     f"systemctl start timecast-{service}")
            self.assertEqual(host.run("cat /root/said").split()[0], "-1", service)

    def test_both_are_told_of_the_clock_by_their_keepers(self):
        clock, desk = self.pair()
        self.assertRegex(clock.run("timecast-announcer status"),
                         "the kernel says that this host's clock is not synchronised")
        self.make_island(clock)
        desk.run(f"timecast-listener wait --timeout {SYNCHRONISED_S}")
        self.await_steering(desk)
        self.assertIn("clock kernel: nobody else keeps this host's clock", desk.journal())

    def test_nobody_but_the_service_may_ask_its_keeper(self):
        host = self.machine()
        self.install(host, *(debs.deb(package) for package in (ANNOUNCER, TOOLS, LISTENER)))
        ask = ("import socket; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)"
               ".connect('/run/{}-clock')")
        users = ("nobody", *(f"_{service}" for service in SERVICES))
        for service in SERVICES:
            for user in users:
                done = host.attempt(f"setpriv --reuid={user} --clear-groups --regid=nogroup "
                                    f"python3 -c \"{ask.format(service)}\"")
                self.assertEqual(done.returncode == 0, user == f"_{service}", (service, user, done))
                if done.returncode != 0:
                    self.assertIn("PermissionError", done.stderr)

    def test_a_keeper_that_is_killed_is_there_again_before_anybody_misses_it(self):
        """By its socket alone, also where the manager does not start it by itself."""
        clock, desk = self.pair()
        self.kill_keeper(clock, "timecast-announcer")
        self.assertRegex(clock.run("sleep 4; timecast-announcer status"),
                         "the kernel says that this host's clock is not synchronised")
        self.assertNotIn("does not tell", clock.journal())
        self.make_island(clock)
        self.await_steering(desk)
        self.kill_keeper(desk, "timecast-listener")
        self.assertRegex(desk.run("sleep 4; timecast-listener status"),
                         "clock +kernel: cannot steer this host's clock: operation not permitted")
        self.assertNotIn("does not tell", desk.journal())

    def kill_keeper(self, host, service):
        pid = host.run(f"systemctl show --value --property MainPID {service}-clock").strip()
        host.run(f"systemctl kill --signal=KILL {service}-clock")
        host.await_line(f"systemctl show --value --property MainPID {service}-clock",
                        lambda said: said.strip() not in ("0", pid), RESTARTED_S)

    def await_steering(self, desk):
        """Its keeper tries, and the kernel of this machine refuses it."""
        desk.await_line("timecast-listener status", lambda said: re.search(
            r"clock +kernel: cannot steer this host's clock: operation not permitted", said), FOLLOWED_S)

    def test_without_a_keeper_both_say_so_and_the_doctor_says_what_to_do(self):
        clock, desk = self.pair()
        for host, service in zip((clock, desk), SERVICES):
            host.run(f"systemctl stop {service}-clock.socket {service}-clock.service")
        clock.await_line("timecast-announcer status", lambda said:
                         "does not answer at /run/timecast-announcer-clock" in said, RESTARTED_S)
        self.assertRegex(clock.attempt("timecast-announcer doctor --json").stdout, "clock-keeper-silent")
        clock.run("systemctl restart timecast-announcer")
        self.assertRegex(clock.run("timecast-announcer status"), "the kernel says that")
        self.make_island(clock)
        desk.await_line("timecast-listener status", lambda said:
                        "does not answer at /run/timecast-listener-clock" in said, FOLLOWED_S)
        self.assertRegex(desk.attempt("timecast-listener doctor --json").stdout, "clock-keeper-silent")

    def test_a_listener_that_starts_without_its_keeper_keeps_the_clock_once_that_is_there(self):
        clock, desk = self.pair()
        self.make_island(clock)
        units = "timecast-listener-clock.socket timecast-listener-clock.service"
        desk.run(f"systemctl stop {units}; systemctl mask --quiet --runtime {units}; "
                 "systemctl restart timecast-listener")
        desk.await_line("timecast-listener status", lambda said:
                        "does not answer at /run/timecast-listener-clock" in said, RESTARTED_S)
        self.assertRegex(desk.attempt("timecast-listener doctor --json").stdout, "clock-keeper-silent")
        desk.run(f"systemctl unmask --quiet --runtime {units}; "
                 "systemctl start timecast-listener-clock.socket")
        self.await_steering(desk)

    def test_debians_chronyd_follows_what_the_feed_gives_it(self):
        clock, desk = self.machine("clock"), self.machine("desk")
        connect(clock, desk, ("192.0.2.1/24", "192.0.2.2/24"))
        self.kill_for_a_refused_call(desk, "timecast-feed")
        self.install(clock, debs.deb(ANNOUNCER))
        self.make_island(clock)
        # Without its right to the clock, which nobody has here; all else is Debian's.
        desk.run("mkdir -p /run/systemd/system/chrony.service.d; printf '[Service]\\nExecStart=\\n"
                 "ExecStart=!/usr/sbin/chronyd -F 1 -x\\n' >/run/systemd/system/chrony.service.d/x.conf")
        self.install(desk, debs.chrony(), debs.deb(TOOLS))
        self.assert_active(desk, "timecast-feed", "inactive")
        desk.run(f"echo 'refclock SOCK /run/chrony.timecast.sock {REFCLOCK}' "
                 ">/etc/chrony/conf.d/timecast.conf && systemctl restart chrony")
        desk.run("systemctl enable --quiet --now timecast-feed")
        desk.await_line("chronyc -n sources", lambda said: re.search(r"(?m)^#\* CAST +10 ", said),
                        FOLLOWED_S)
        self.assertRegex(desk.run(f"{NOBODY} timecast-listener status"),
                         r"clock +chrony:/run/chrony\.timecast\.sock: \d+ samples given")

    def test_units_are_right_and_all_their_pages_there(self):
        clock, desk = self.pair()
        for host, units in ((clock, ("timecast-announcer.service", "timecast-announcer-clock.socket")),
                            (desk, ("timecast-listener.service", "timecast-listener-clock.socket",
                                    "timecast-wait.service", "timecast-feed.service"))):
            for unit in units:
                verified = host.attempt(f"systemd-analyze verify {unit}")
                self.assertEqual((verified.returncode, verified.stdout + verified.stderr), (0, ""))

    def test_one_that_hangs_is_started_anew(self):
        host = self.machine()
        host.run("mkdir -p /run/systemd/system/timecast-announcer.service.d; printf '[Service]\\n"
                 "WatchdogSec=1s\\nTimeoutAbortSec=1s\\nRestartSec=0\\n' "
                 ">/run/systemd/system/timecast-announcer.service.d/short.conf")
        self.install(host, debs.deb(ANNOUNCER))
        host.run("systemctl kill --signal=STOP timecast-announcer")
        host.await_line("systemctl show --value --property NRestarts timecast-announcer",
                        lambda printed: printed.strip() == "1", RESTARTED_S)
        host.await_line("systemctl is-active timecast-announcer", "active\n".__eq__, RESTARTED_S)

    def test_nothing_is_started_where_no_service_manager_runs(self):
        host = self.machine()
        for package in ON_A_HOST:
            host.put(debs.deb(package), f"/root/{package}.deb")
        host.run("mount --bind / /mnt")  # its /run is empty
        host.run("chroot /mnt sh -c 'dpkg --install /root/*timecast-*.deb'")
        for service in SERVICES:
            self.assert_active(host, service, "inactive")
            enabled = host.run(f"chroot /mnt systemctl is-enabled {service}")
            self.assertEqual(enabled.strip(), "enabled")

    def test_only_the_clock_service_refuses_to_be_beside_another(self):
        host = self.machine()
        other = debs.stranger(self.folder, "another-daemon", Provides="time-daemon",
                              Conflicts="time-daemon")
        self.install(host, other, debs.deb(ANNOUNCER), debs.deb(TOOLS))
        with self.assertRaisesRegex(AssertionError, "conflicting packages"):
            self.install(host, debs.deb(LISTENER))


class Changed(LifeTest):
    def test_a_copy_of_its_state_takes_a_dead_announcers_place(self):
        clock, desk = self.pair()
        self.make_island(clock)
        key = clock.run("timecast-announcer key show").strip()
        clock.run("tar -C / -cpf /root/announcer.tar var/lib/timecast")
        followed = f"(?m)^key +{re.escape(key)}"
        desk.await_line("timecast-listener status", lambda said: re.search(followed, said),
                        SYNCHRONISED_S)

        clock.run(f"dpkg --purge {ANNOUNCER}")
        self.install(clock, debs.deb(ANNOUNCER))
        self.assertNotEqual(clock.run("timecast-announcer key show").strip(), key)
        clock.run("systemctl stop timecast-announcer; "
                  "rm -rf /var/lib/timecast && tar -C / -xpf /root/announcer.tar; "
                  "chown -R _timecast-announcer: /var/lib/timecast; "
                  "systemctl start timecast-announcer")
        self.make_island(clock)
        self.assertEqual(clock.run("timecast-announcer key show").strip(), key)
        heard = int(re.search(r"heard +(\d+)", desk.run("timecast-listener status"))[1])
        desk.await_line("timecast-listener status",
                        lambda said: int(re.search(r"heard +(\d+)", said)[1]) > heard
                        and re.search("(?m)^state +synchronised", said), SYNCHRONISED_S)

    def test_a_key_that_root_renews_is_the_services_and_its_listeners_follow(self):
        clock, desk = self.pair()
        self.make_island(clock)
        desk.run(f"timeout {SYNCHRONISED_S} systemctl start timecast-wait")
        key = clock.run("systemctl stop timecast-announcer; timecast-announcer key renew; "
                        "systemctl start timecast-announcer").strip()
        self.assert_active(clock, "timecast-announcer")
        owners = clock.run(f"stat --format %U:%G {STATE[ANNOUNCER]}/*").split()
        self.assertEqual(set(owners), {"_timecast-announcer:_timecast-announcer"})
        followed = f"(?m)^key +{re.escape(key)}"
        desk.await_line("timecast-listener status", lambda said: re.search(followed, said),
                        FOLLOWED_S)

    def test_keys_that_root_writes_down_are_the_services(self):
        host = self.machine()
        self.install(host, debs.deb(TOOLS), debs.deb(LISTENER), debs.deb(ANNOUNCER))
        host.run(f"systemctl stop {' '.join(SERVICES)}; rm {STATE[ANNOUNCER]}/*; "
                 "key=$(timecast-announcer key new); timecast-listener keys add \"$key\" "
                 f"; systemctl start {' '.join(SERVICES)}")
        for service in SERVICES:
            self.assert_active(host, service)
            owners = host.run(f"stat --format %U:%G {STATE[service]}/*").split()
            self.assertEqual(set(owners), {f"_{service}:_{service}"})

    def test_an_upgrade_restarts_what_ran_and_keeps_key_settings_and_choices(self):
        host = self.machine()
        self.install(host, *(debs.deb(package) for package in ON_A_HOST))
        self.make_island(host)
        host.run("systemctl enable --quiet timecast-wait && systemctl disable --quiet --now "
                 "timecast-listener")
        before = host.run("timecast-announcer key show; systemctl show --property MainPID "
                          "timecast-announcer").split()
        self.install(host, *(debs.next_release(package, self.folder) for package in ON_A_HOST))
        after = host.run("timecast-announcer key show; systemctl show --property MainPID "
                         "timecast-announcer").split()
        self.assertEqual(after[:-1], before[:-1])
        self.assert_active(host, "timecast-announcer-clock")
        self.assertNotEqual(after[-1], before[-1])
        self.assert_active(host, "timecast-announcer")
        self.assertIn("island", host.run("cat /etc/timecast/announcer.json"))
        enabled = host.attempt("systemctl is-enabled timecast-wait timecast-listener").stdout
        self.assertEqual(enabled.split(), ["enabled", "disabled"])

    def test_a_removal_leaves_state_and_settings_and_a_purge_nothing(self):
        host = self.machine()
        self.install(host, *(debs.deb(package) for package in ON_A_HOST))
        host.run("timecast-monitor --help; systemctl enable --quiet timecast-wait")
        key = host.run("timecast-announcer key show")
        installed = {file for package in ON_A_HOST for file in debs.files(package)
                     if not file.startswith("/etc/")}

        host.run(f"dpkg --remove {' '.join(ON_A_HOST)}")
        left = host.run("find / -xdev -path /proc -prune -o -name '*timecast*' -print").split()
        self.assertEqual(installed & set(left), set())
        self.gone(host, "/usr/share/timecast /run/timecast-*")
        self.assertEqual(host.run("pgrep --count timecast || true").strip(), "0")
        self.install(host, debs.deb(ANNOUNCER))
        self.assertEqual(host.run("timecast-announcer key show"), key)

        host.run(f"dpkg --purge {ANNOUNCER}")
        self.gone(host, STATE[ANNOUNCER])
        host.run(f"test -e {STATE[LISTENER]} && test -e /etc/timecast/listener.json")
        host.run(f"dpkg --purge {LISTENER} {TOOLS} {READER}")
        left = host.run("find /etc /usr /lib /var /run -xdev -name '*timecast*' "
                        "-not -path '/var/log/*' -not -path '/var/lib/dpkg/*'").split()
        self.assertEqual(left, [])
        users = re.findall(r"^_timecast-\w+", host.run("cat /etc/passwd"), re.MULTILINE)
        self.assertEqual(sorted(users), ["_timecast-announcer", "_timecast-listener"])


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: MIT
"""What a service manager hears of both daemons, and the lines that they leave in its journal."""

import select
import socket
import time

from lab import LabTest, Link, lonely_host
from programs import Program

WITHIN_S = 5
SYNCHRONISED_S = 20
WATCHDOG_S = 1.0


class Manager:
    """The socket that a daemon is told by NOTIFY_SOCKET; a name that begins with @ is of the host
    alone and of no file system."""

    def __init__(self, host, name):
        self.place = name if name.startswith("@") else str(host.state / name)
        with host.inside():
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.place.replace("@", "\0"))
        self.heard = []

    def environment(self, **more):
        return {"NOTIFY_SOCKET": self.place, **more}

    def listen(self, within):
        """The next notice, or nothing if none comes in time."""
        if not select.select([self.socket], [], [], max(within, 0))[0]:
            return None
        self.heard.append(self.socket.recv(4096).decode())
        return self.heard[-1]

    def await_notice(self, accept, within=WITHIN_S):
        deadline = time.monotonic() + within
        while (notice := self.listen(deadline - time.monotonic())) is not None:
            if accept(notice):
                return notice
        raise AssertionError(f"not within {within} s; heard {self.heard}")

    def count(self, notice, within):
        """How often it comes in this time."""
        deadline = time.monotonic() + within
        count = 0
        while (heard := self.listen(deadline - time.monotonic())) is not None:
            count += heard == notice
        return count


class ServiceTest(LabTest):
    def manager(self, host, name="notify"):
        manager = Manager(host, name)
        self.addCleanup(manager.socket.close)
        return manager


class Readiness(ServiceTest):
    def test_both_are_ready_when_their_sockets_stand_and_tell_each_change_of_state(self):
        link = Link()
        hosts = link.host(["192.0.2.1/24"]), link.host(["192.0.2.2/24"])
        listening = self.manager(hosts[1], "@timecast-listener")
        listener = self.start(hosts[1].listener, environment=listening.environment())
        listening.await_notice("READY=1".__eq__)
        self.assertEqual(listening.heard,
                         ["STATUS=searching: no announcement heard yet", "READY=1"])
        self.assertIn("listening to 239.255.123.124:11123 on eth0", listener.log)

        announcing = self.manager(hosts[0])
        announcer = self.start(hosts[0].announcer, environment=announcing.environment())
        announcing.await_notice("READY=1".__eq__)
        self.assertEqual(announcing.heard,
                         ["STATUS=announcing by eth0: island: this host's clock is the reference",
                          "READY=1"])
        listening.await_notice(lambda notice: notice.startswith(
            "STATUS=synchronised by 192.0.2.1:11123 (stratum 10)"), SYNCHRONISED_S)
        self.assertIn("STATUS=tentative by ", "".join(listening.heard))
        self.assertEqual(listening.heard.count("READY=1"), 1)

        for program, manager in ((announcer, announcing), (listener, listening)):
            with self.subTest(program=program.name):
                self.assertTrue(program.control.exists())
                program.terminate()
                manager.await_notice("STOPPING=1".__eq__)
                self.assertEqual(program.wait(), 0)
                self.assertFalse(program.control.exists())
                self.assertRegex(program.log.splitlines()[-1], f"^{program.name}: stopped")

    def test_without_an_interface_both_are_ready_to_wait_for_one(self):
        host = lonely_host()
        for daemon, name in ((host.announcer, "announcer"), (host.listener, "listener")):
            with self.subTest(program=name):
                manager = self.manager(host, name)
                self.start(daemon, environment=manager.environment())
                manager.await_notice("READY=1".__eq__)
                self.assertRegex(manager.heard[0], "^STATUS=no interface .*; waiting for one")


class Reloading(ServiceTest):
    """What holds by the new settings is told before the manager hears that they are read."""

    def heard_of_reload(self, program, manager, settings, text):
        before = len(manager.heard)
        settings.write_text(text)
        program.hang_up()
        manager.await_notice("READY=1".__eq__)
        reloading, *between, ready = manager.heard[before:]
        self.assertRegex(reloading, "^RELOADING=1\nMONOTONIC_USEC=[0-9]+$")
        self.assertEqual(ready, "READY=1")
        return between

    def started(self, daemon, host, text):
        manager = self.manager(host)
        settings = host.state / "settings.json"
        settings.write_text(text)
        program = self.start(daemon, "--settings", settings, environment=manager.environment())
        return program, manager, settings

    def test_of_a_listener(self):
        link = Link()
        self.start(link.host(["192.0.2.1/24"]).announcer)
        host = link.host(["192.0.2.2/24"])
        listener, manager, settings = self.started(host.listener, host, "{}")
        manager.await_notice(lambda notice: notice.startswith("STATUS=synchronised"),
                             SYNCHRONISED_S)
        self.assertEqual(self.heard_of_reload(listener, manager, settings, '{"port": 11124}'),
                         ["STATUS=searching: no announcement heard yet"])

    def test_of_an_announcer(self):
        link = Link()
        host = link.host(["192.0.2.1/24"])
        host.ip("link add eth1 up type veth peer name eth2")
        host.ip("link set eth2 up")
        host.ip("addr add 198.51.100.1/24 dev eth1")
        announcer, manager, settings = self.started(host.announcer, host, '{"interface": ["eth0"]}')
        manager.await_notice("READY=1".__eq__)
        self.assertEqual(
            self.heard_of_reload(announcer, manager, settings, '{"interface": ["198.51.100.1"]}'),
            ["STATUS=announcing by eth1: island: this host's clock is the reference"])


class Watchdog(ServiceTest):
    def test_a_loop_that_turns_is_told_and_one_that_hangs_is_not(self):
        host = Link().host()
        for daemon, name in ((host.announcer, "announcer"), (host.listener, "listener")):
            with self.subTest(program=name):
                manager = self.manager(host, name)
                program = self.start(daemon, environment=manager.environment(
                    WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6))))
                manager.await_notice("WATCHDOG=1".__eq__)
                self.assertIn(manager.count("WATCHDOG=1", 2 * WATCHDOG_S), range(2, 6))
                with program.stopped():
                    manager.count("WATCHDOG=1", 0.1)
                    self.assertEqual(manager.count("WATCHDOG=1", 2 * WATCHDOG_S), 0)
                manager.await_notice("WATCHDOG=1".__eq__)

    def test_a_watchdog_of_another_process_is_not_answered(self):
        host = Link().host()
        manager = self.manager(host)
        self.start(host.listener, environment=manager.environment(
            WATCHDOG_USEC="100000", WATCHDOG_PID="1"))
        manager.await_notice("READY=1".__eq__)
        self.assertEqual(manager.count("WATCHDOG=1", 0.5), 0)


class Unusable(ServiceTest):
    def test_a_manager_that_is_not_there_is_one_warning_and_ends_nothing(self):
        host = Link().host()
        for daemon in (host.announcer, host.listener):
            program = self.start(daemon, environment={"NOTIFY_SOCKET": "/run/nobody"})
            program.await_line("to work", lambda line: line["type"] in ("announcement", "estimate"))
            self.assertEqual(program.log.count("$NOTIFY_SOCKET: no such file or directory"), 1)
            program.terminate()
            self.assertEqual(program.wait(), 0)


class Journal(ServiceTest):
    """Standard error that the journal reads: it says so by the file's device and number."""

    def journalled(self, host, program, *options):
        log = host.state / f"{program}{len(Program.started)}.log"  # as Program will call it
        log.touch()
        there = log.stat()
        return self.start(host.start, program, *options,
                          environment={"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"})

    def test_each_change_of_state_is_one_line_with_its_reason_and_weight(self):
        link = Link()
        announcing, listening = link.host(["192.0.2.1/24"]), link.host(["192.0.2.2/24"])
        listener = self.journalled(listening, "timecast-listener")
        announcer = self.journalled(announcing, "timecast-announcer", "--island", "--state-dir",
                                    announcing.state)
        listener.await_state("synchronised", within=SYNCHRONISED_S)
        announcer.terminate()
        self.assertEqual(announcer.wait(), 0)
        listener.await_state("holdover", within=SYNCHRONISED_S)
        listener.terminate()
        self.assertEqual(listener.wait(), 0)

        changes = listener.of_type("state")
        weights = {"tentative": 6, "synchronised": 6, "holdover": 4}
        words = [line for line in listener.log.splitlines()
                 if line[3:].startswith(tuple(weights))]
        self.assertEqual(len(words), len(changes), listener.log)
        for word, change in zip(words, changes):
            self.assertTrue(word.startswith(f"<{weights[change['state']]}>{change['state']} by "),
                            word)
            self.assertTrue(word.endswith(f": {change['reason']}"), word)
        self.assertRegex(listener.log.splitlines()[-1], "^<6>stopped: holdover by ")
        self.assertRegex(announcer.log.splitlines()[-1], "^<6>stopped after [0-9]+ announcements")
        for line in (listener.log + announcer.log).splitlines():
            self.assertRegex(line, r"^<[3467]>\S")

    def test_an_unsynchronised_clock_is_a_warning(self):
        host = Link().host()
        announcer = self.journalled(host, "timecast-announcer", "--state-dir", host.state)
        announcer.await_line("a state", lambda line: line["type"] == "state")
        weight = 4 if announcer.of_type("state")[0]["state"] == "unsynchronised" else 6
        announcer.await_log(f"<{weight}>this host's clock is ")

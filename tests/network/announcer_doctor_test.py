# SPDX-License-Identifier: MIT
"""What `timecast-announcer doctor` finds: nothing on a healthy host, and each fault by its name."""

import os
import shutil
import unittest

import kernel_clock
import ntp
from doctors import ALONE, LISTEN_S, Doctors
from lab import Link, lonely_host
from programs import PATHS
from udp import Socket


class DoctorTest(Doctors):
    def setUp(self):
        self.link = Link()
        self.host = self.link.host(["192.0.2.1/24"])

    def announcer(self, *options):
        started = self.start(self.host.announcer, *options)
        started.await_line("to announce", lambda line: line["type"] == "announcement")
        return started

    def ask(self, announcer=None, *options, within=ALONE):
        socket = announcer.control if announcer else self.host.state / "nobody"
        return self.findings_of(self.host, "timecast-announcer", "--socket", socket,
                                "--state-dir", self.host.state, *options, within=within)

    def filter_output(self, rule):
        self.host.command("nft", "add table ip filter; add chain ip filter output { type filter "
                                 "hook output priority 0; }; add rule ip filter output " + rule)


class Healthy(DoctorTest):
    def test_a_healthy_host_has_no_findings(self):
        announcer = self.announcer()
        self.assertEqual(self.ask(announcer), {})
        self.assertIn(announcer.status()["key"], self.note("key")[0])
        self.assertRegex(self.note("heard")[0], "^[23] announcements of this host came back to it")
        self.assertRegex(self.note("announcer")[0], "^synchronised; island")

    def test_it_is_told_so_in_words(self):
        announcer = self.announcer()
        done = self.host.command(*ALONE, str(PATHS["timecast-announcer"]), "doctor", "--seconds",
                                 LISTEN_S, "--socket", announcer.control, "--state-dir",
                                 self.host.state)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines()[-1], "nothing is wrong here")

    def test_another_server_that_shares_port_123_is_no_fault(self):
        server = Socket(self.host, ntp.PLAIN_PORT, shared=True)
        self.addCleanup(server.close)
        self.assertEqual(self.ask(self.announcer()), {})
        self.assertRegex(" ".join(self.note("plain")), "another server answers there$")

    def test_both_families_too(self):
        self.host = self.link.host()
        self.assertEqual(self.ask(self.announcer()), {})


class Itself(DoctorTest):
    def test_none_runs_and_there_is_no_key(self):
        findings = self.ask()
        self.assertEqual(set(findings), {"announcer-not-running", "key-missing"})
        self.assertIn(str(self.host.state / "nobody"),
                      findings["announcer-not-running"]["evidence"])
        self.assertIn("timecast-announcer key new", findings["key-missing"]["way_out"])

    def test_the_private_key_has_gone_while_it_runs(self):
        announcer = self.announcer()
        key, = self.host.state.glob("*.key")
        key.rename(self.host.state / "elsewhere")
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"key-missing"})
        self.assertEqual(findings["key-missing"]["evidence"], f"there is no file {key}")
        self.assertIn("would make a new one", findings["key-missing"]["way_out"])

    def test_the_private_key_is_none(self):
        announcer = self.announcer()
        key, = self.host.state.glob("*.key")
        key.write_text("no key\n")
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"key-unreadable"})
        self.assertIn("holds no Ed25519 private key", findings["key-unreadable"]["evidence"])

    def test_the_key_that_is_kept_is_another_one(self):
        announcer = self.announcer()
        key, = self.host.state.glob("*.key")
        key.unlink()
        other = self.host.command("timecast-announcer", "key", "new", "--state-dir",
                                  self.host.state).stdout.strip()
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"key-differs"})
        self.assertIn(other, findings["key-differs"]["evidence"])

    def test_another_host_has_the_same_key(self):
        announcer = self.announcer("--no-plain")
        twin = self.link.host(["192.0.2.2/24"])
        for file in self.host.state.glob("*.key"):
            shutil.copy2(file, twin.state)
        started = self.start(twin.announcer, "--no-plain")
        started.await_line("to announce", lambda line: line["type"] == "announcement")
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"key-shared"})
        self.assertEqual(findings["key-shared"]["evidence"], "192.0.2.2:11123 signs by it")

    @unittest.skipIf(kernel_clock.is_synchronised(),
                     "this kernel says that its clock is synchronised, and there is but one kernel")
    def test_it_has_no_time_to_give(self):
        announcer = self.start(self.host.announcer, is_island=False)
        announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"announcer-unsynchronised"})
        self.assertIn("--island", findings["announcer-unsynchronised"]["way_out"])

    def test_who_may_touch_the_clock_does_not_answer(self):
        announcer = self.start(
            self.host.announcer, is_island=False,
            environment={"TIMECAST_CLOCK_SOCKET": str(self.host.state / "nobody")})
        announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"clock-keeper-silent"})
        self.assertIn(str(self.host.state / "nobody"), findings["clock-keeper-silent"]["evidence"])


class Sending(DoctorTest):
    def test_another_program_holds_the_port(self):
        server = Socket(self.host, ntp.PLAIN_PORT)
        self.addCleanup(server.close)
        findings = self.ask(self.announcer(), within=())
        name = open("/proc/self/comm", encoding="utf-8").read().strip()
        self.assertEqual(findings["port-held"]["evidence"],
                         f"0.0.0.0:123 is held by {name} (pid {os.getpid()})")
        self.assertIn("--no-plain", findings["port-held"]["way_out"])

    def test_it_lacks_the_right_to_use_port_123(self):
        announcer = self.start(self.host.announcer, privileged=False)
        announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"not-announced"})
        self.assertEqual(findings["not-announced"]["evidence"], "port 123 needs a privilege")
        self.assertIn("setcap cap_net_bind_service+ep", findings["not-announced"]["way_out"])

    def test_a_rule_of_the_firewall_lets_nothing_out(self):
        announcer = self.announcer("--no-plain")
        self.filter_output("udp dport 11123 drop")
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"not-sent"})
        self.assertIn("operation not permitted; table ip filter, chain output: udp dport 11123 drop",
                      findings["not-sent"]["evidence"])

    def test_what_leaves_does_not_come_back(self):
        announcer = self.announcer("--no-plain")
        self.host.command("nft", "add table ip filter; add chain ip filter input { type filter "
                                 "hook input priority 0; }; add rule ip filter input udp dport "
                                 "11123 drop")
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"not-heard"})
        self.assertRegex(findings["not-heard"]["evidence"], "^[23] announcements in 2.5 s, and none")

    def test_hosts_of_other_networks_ask_in_vain(self):
        announcer = self.announcer("--no-plain")
        stranger = self.link.host(["198.51.100.7/24"])
        stranger.ip("route add 192.0.2.0/24 dev eth0")
        self.host.ip("route add 198.51.100.0/24 dev eth0")
        client = Socket(stranger)
        self.addCleanup(client.close)
        self.again_and_again(0.7, lambda: client.send(ntp.request(), "192.0.2.1",
                                                      ntp.PRECISE_PORT))
        findings = self.ask(announcer)
        self.assertEqual(set(findings), {"not-allowed"})
        self.assertRegex(findings["not-allowed"]["evidence"],
                         "^not_allowed: [1-5] in 2.5 s, [1-9][0-9]* since it started$")

    def test_no_interface(self):
        self.host = lonely_host()
        self.assertIn("no-interface", self.ask())
        self.assertIn("unknown-interface", self.ask(None, "--interface", "eth9"))

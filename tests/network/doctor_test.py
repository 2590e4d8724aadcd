# SPDX-License-Identifier: MIT
"""What `timecast-listener doctor` finds: nothing on a healthy host, and each fault by its name."""

import json
import os
import shutil
import sys
import unittest
from socket import AF_INET6

import kernel_clock
import ntp
from doctors import ALONE, LISTEN_S
from lab import lonely_host
from listener_doctor import SYNCHRONISED_S, DoctorTest
from programs import PATHS, ROOT
from udp import Socket

sys.path.append(str(ROOT / "tests/monitor"))
from control import ControlSocket  # noqa: E402


class Healthy(DoctorTest):
    def test_a_healthy_host_has_no_findings(self):
        announcer, listener = self.synchronised_pair()
        self.assertEqual(self.ask(listener.host, listener=listener, within=ALONE), {})
        heard, = self.note("heard")
        self.assertRegex(heard, r"^192\.0\.2\.1:11123 on eth0: [23] announcements, one every 1 s, "
                                "stratum 10, key ")
        self.assertIn(announcer.status()["key"], heard)
        self.assertIn("239.255.123.124:11123 on eth0: joined", self.note("group"))
        self.assertRegex(self.note("listener")[0], "^synchronised; ")
        self.assertIn(("" if kernel_clock.is_synchronised() else "not ") + "synchronised, by the",
                      self.note("clock")[0])

    def test_a_healthy_host_is_told_so_in_words_and_by_status_0(self):
        _, listener = self.synchronised_pair()
        done = listener.host.command(*ALONE, str(PATHS["timecast-listener"]), "doctor", "--seconds",
                                     LISTEN_S, "--socket", listener.control)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines()[-1], "nothing is wrong here")

    def test_with_both_families_too(self):
        self.start(self.link.host().announcer)
        listener = self.start(self.link.host().listener)
        listener.await_state("synchronised", within=SYNCHRONISED_S)
        self.assertEqual(self.ask(listener.host, listener=listener, within=ALONE), {})
        self.assertEqual(len(self.note("heard")), 2)


class Foreign(DoctorTest):
    def test_a_listener_that_hears_plain_streams_and_broadcasts_is_healthy(self):
        self.start(self.link.host(["192.0.2.1/24"]).announcer, "--plain", "broadcast")
        listener = self.start(self.link.host(["192.0.2.2/24"]).listener, "--hear",
                              f"{ntp.PLAIN_GROUP}:123", "--hear", "192.0.2.255:123")
        listener.await_state("synchronised", within=SYNCHRONISED_S)
        # Listens longer than the plain stream is silent.
        self.assertEqual(self.ask(listener.host, "--seconds", "11", listener=listener,
                                  within=ALONE), {})
        self.assertIn("192.0.2.255:123 on eth0: a broadcast address", self.note("group"))
        self.assertRegex(" ".join(self.note("heard")), "plain NTP broadcast")


class Interfaces(DoctorTest):
    def test_no_interface_at_all(self):
        findings = self.ask(lonely_host())
        self.assertEqual(set(findings), {"no-interface", "listener-not-running"})
        self.assertEqual(findings["no-interface"]["evidence"], "lo: this host alone")

    def test_one_that_is_unknown_down_or_cannot_multicast(self):
        host = self.link.host()
        self.assertIn("eth0", self.ask(host, "--interface", "eth9")["unknown-interface"]["evidence"])
        host.ip("link set eth0 multicast off")
        self.assertIn("no-multicast", self.ask(host, "--interface", "eth0"))
        self.assertIn("eth0: cannot multicast", self.ask(host)["no-interface"]["evidence"])
        host.ip("link set eth0 multicast on down")
        self.assertEqual(self.ask(host, "--interface", "eth0")["interface-down"]["way_out"],
                         "ip link set eth0 up")
        self.assertIn("eth0: down", self.ask(host)["no-interface"]["evidence"])

    def test_one_without_a_cable_or_an_address(self):
        host = self.link.host([])
        self.assertIn("no-address", self.ask(host))
        self.link.ip(f"link set {host.port} down")
        self.assertEqual(set(self.ask(host)), {"no-carrier", "no-address", "nothing-heard",
                                               "listener-not-running"})

    def test_a_short_look_is_long_enough_to_see_a_membership_reported(self):
        host = self.link.host()
        for _ in range(5):
            self.assertEqual(set(self.ask(host, "--seconds", "0.1")),
                             {"nothing-heard", "listener-not-running"})


class Listening(DoctorTest):
    def test_no_listener_runs(self):
        host = self.link.host(["192.0.2.1/24"])
        self.start(self.link.host(["192.0.2.2/24"]).announcer)
        findings = self.ask(host)
        self.assertEqual(set(findings), {"listener-not-running"})
        self.assertIn(str(host.state / "nobody"), findings["listener-not-running"]["evidence"])

    def test_the_port_is_held_and_the_group_is_not_joined(self):
        host = self.link.host()
        holder = Socket(host, ntp.PRECISE_PORT)
        self.addCleanup(holder.close)
        listener = self.start(host.listener)
        findings = self.ask(host, listener=listener)
        name = open("/proc/self/comm", encoding="utf-8").read().strip()
        self.assertEqual(findings["port-held"]["evidence"],
                         f"0.0.0.0:11123 is held by {name} (pid {os.getpid()})")
        self.assertEqual(findings["not-joined"]["text"],
                         "the running listener has not joined 239.255.123.124:11123 on eth0")
        self.assertIn("address already in use", findings["not-joined"]["evidence"])

    def test_another_users_program_holds_the_port(self):
        host = self.link.host()
        holder = Socket(host, ntp.PRECISE_PORT)
        self.addCleanup(holder.close)
        findings = self.ask(host, within=ALONE)  # where its program cannot be seen
        self.assertRegex(findings["port-held"]["evidence"],
                         rf"^0\.0\.0\.0:11123 is held by a program of user {os.getuid()} ")

    def test_no_more_memberships_are_allowed(self):
        host = self.link.host(["192.0.2.1/24"])
        host.command("sh", "-c", "echo 0 > /proc/sys/net/ipv4/igmp_max_memberships")
        findings = self.ask(host)
        self.assertIn("igmp_max_memberships", findings["cannot-listen"]["way_out"])

    def test_the_listener_listens_elsewhere(self):
        _, listener = self.synchronised_pair()
        findings = self.ask(listener.host, "--port", "11124", listener=listener)
        self.assertIn("239.255.123.124:11124 on eth0", findings["not-listened-to"]["text"])


class Believing(DoctorTest):
    """A listener that thinks that all is well."""

    def setUp(self):
        super().setUp()
        self.start(self.link.host().announcer)
        self.host = self.link.host()
        listener = self.start(self.host.listener)
        listener.await_state("synchronised", within=SYNCHRONISED_S)
        said = json.dumps(listener.status())
        listener.stop()
        self.believer = ControlSocket(self, self.host.state / "believer", said)

    def findings(self):
        return self.findings_of(self.host, "timecast-listener", "--socket", self.believer.place,
                                within=ALONE)

    def test_the_kernel_has_lost_its_memberships(self):
        self.assertEqual(self.findings()["not-joined"]["text"],
                         "the kernel has not joined [ff02::101%eth0]:11123 on eth0")
        self.assertEqual(self.findings()["not-joined"]["evidence"],
                         "/proc/net/igmp6 does not list it, though the running listener did join")

    def test_it_does_not_hear_what_comes(self):
        members = [Socket(self.host, 1, groups=[ntp.PRECISE_GROUP]),
                   Socket(self.host, 1, family=AF_INET6, groups=[ntp.PRECISE_GROUP_6])]
        for member in members:
            self.addCleanup(member.close)
        findings = self.findings()
        self.assertEqual(set(findings), {"listener-deaf"})
        self.assertEqual(findings["listener-deaf"]["evidence"],
                         "announcements came to this program, and none to the listener")


class Hearing(DoctorTest):
    takes_s = 60

    def test_nobody_announces(self):
        host = self.link.host()
        listener = self.start(host.listener)
        findings = self.ask(host, listener=listener)
        self.assertIn("nothing came", findings["nothing-heard"]["evidence"])

    def test_something_else_comes_to_the_group(self):
        host = self.link.host(["192.0.2.1/24"])
        sender = Socket(self.link.host(["192.0.2.2/24"]))
        self.addCleanup(sender.close)
        self.again_and_again(0.7, lambda: sender.send(b"no NTP", ntp.PRECISE_GROUP,
                                                      ntp.PRECISE_PORT))
        findings = self.ask(host)
        self.assertRegex(findings["nothing-heard"]["evidence"],
                         "[1-5] other packets? from 192.0.2.2:")

    def test_announcements_are_refused_and_the_reason_is_told(self):
        announcing, listening = self.link.host(["192.0.2.1/24"]), self.link.host(["192.0.2.2/24"])
        self.start(announcing.announcer)
        stranger = announcing.command("timecast-announcer", "key", "new", "--state-dir",
                                      announcing.state / "stranger").stdout
        keys = announcing.state / "keys"
        keys.write_text(stranger)
        listener = self.start(listening.listener, "--keys", keys)
        listener.await_line("to refuse", lambda line: line["type"] == "estimate" and
                            line["refused"].get("unknown_key", 0) >= 2)
        findings = self.ask(listening, listener=listener)
        self.assertRegex(findings["refused"]["evidence"],
                         r"^unknown_key: [1-3] in 2.5 s, [0-9]+ since it started$")
        self.assertIn("timecast-announcer key show", findings["refused"]["way_out"])

    @unittest.skipIf(kernel_clock.is_synchronised(),
                     "this kernel says that its clock is synchronised, and there is but one kernel")
    def test_an_announcer_has_no_time_to_give(self):
        announcing, listening = self.link.host(["192.0.2.1/24"]), self.link.host(["192.0.2.2/24"])
        self.start(announcing.announcer, is_island=False)
        listener = self.start(listening.listener)
        findings = self.ask(listening, listener=listener)
        self.assertIn("192.0.2.1:11123", findings["announcer-unsynchronised"]["text"])
        self.assertIn("--island", findings["announcer-unsynchronised"]["way_out"])

    def test_nobody_answers_the_listeners_queries(self):
        announcing, listening = self.link.host(["192.0.2.1/24"]), self.link.host(["192.0.2.2/24"])
        announcing.ip("route add blackhole 192.0.2.2/32")
        self.start(announcing.announcer)
        listener = self.start(listening.listener)
        listener.await_line("to ask in vain", lambda line: line["type"] == "estimate" and
                            line["queries"] >= 4, within=40)
        findings = self.ask(listening, listener=listener)
        self.assertRegex(findings["unanswered"]["evidence"], "^0 of [0-9]+ queries were answered$")


    def test_an_announcer_that_answered_no_longer_does(self):
        announcer, listener = self.synchronised_pair()
        self.assertEqual(self.ask(listener.host, listener=listener, within=ALONE), {})
        announcer.host.ip("route add blackhole 192.0.2.2/32")
        asked_before = listener.status()["queries"]
        listener.await_line("to ask in vain", lambda line: line["type"] == "estimate" and
                            line["queries"] >= asked_before + 5, within=90)
        findings = self.ask(listener.host, listener=listener, within=ALONE)
        self.assertEqual(set(findings), {"unanswered"})
        self.assertEqual(findings["unanswered"]["text"],
                         "192.0.2.1:11123 no longer answers the running listener")
        self.assertRegex(findings["unanswered"]["evidence"],
                         "^none of the last [3-9] queries to it was answered; of all [0-9]+ since "
                         "the start [0-9]+ were$")


class Clock(DoctorTest):
    def test_two_programs_that_may_set_the_clock_are_rivals(self):
        host = self.link.host()
        programs = [host.state / name for name in ("chronyd", "ntpd")]
        for program in programs:
            program.symlink_to(shutil.which("sleep"))
        started = "".join(f"{program} 60 & until grep -q {program.name} /proc/$!/comm; do :; done; "
                          for program in programs)
        findings = self.ask(host, "--seconds", "0.2",
                            within=(*ALONE, "sh", "-c", f'{started} exec "$@"', "sh"))
        self.assertRegex(findings["clock-rivals"]["evidence"],
                         r"^(chronyd \(pid \d+\), ntpd \(pid \d+\)|ntpd .*, chronyd .*)$")

    def test_who_may_touch_the_clock_does_not_answer(self):
        host = self.link.host(["192.0.2.2/24"])
        self.start(self.link.host(["192.0.2.1/24"]).announcer)
        nobody = str(host.state / "nobody")
        listener = self.start(lambda: host.listener(
            "--clock", "kernel", environment={"TIMECAST_CLOCK_SOCKET": nobody}))
        listener.await_state("synchronised", within=20)
        findings = self.ask(host, "--seconds", "0.2", listener=listener)
        self.assertIn(nobody, findings["clock-keeper-silent"]["evidence"])

    @unittest.skipIf(kernel_clock.is_synchronised(),
                     "this kernel says that its clock is synchronised, and there is but one kernel")
    def test_the_program_that_should_set_the_clock_has_not(self):
        host = self.link.host()
        chronyd = host.state / "chronyd"
        chronyd.symlink_to(shutil.which("sleep"))
        started = f"{chronyd} 60 & until grep -q chronyd /proc/$!/comm; do :; done; "
        findings = self.ask(host, "--seconds", "0.2",
                            within=(*ALONE, "sh", "-c", f'{started} exec "$@"', "sh"))
        self.assertRegex(findings["clock-unsynchronised"]["text"],
                         r"^chronyd \(pid \d+\) has not synchronised this host's clock$")

# SPDX-License-Identifier: MIT
"""What `timecast-listener doctor` finds between the wire and the sockets."""

import concurrent.futures
import time
from socket import AF_INET6

import igmp
import ntp
from doctors import RECORD
from lab import run
from listener_doctor import DoctorTest
from programs import PATHS, WITHOUT_PRIVILEGE
from udp import Socket

ANSWERED_S, FORGOTTEN_S = 1.5, 15  # a member answers within 1 s, and is forgotten 2 s later


class BetweenWireAndSocket(DoctorTest):
    """Announcements that are sent, and do not arrive."""

    takes_s = 70

    def pair(self, *addresses):
        announcing, listening = (self.link.host([each]) for each in
                                 addresses or ("192.0.2.1/24", "192.0.2.2/24"))
        return self.announced(announcing, listening)

    def ipv6_pair(self):
        return self.announced(self.link.host(["fd77::1/64"]), self.link.host(["fd77::2/64"]))

    def announced(self, announcing, listening, *options):
        announcer = self.start(announcing.announcer, *options)
        announcer.await_line("to announce", lambda line: line["type"] == "announcement")
        return announcing, listening

    @staticmethod
    def filter(host, hook, rule, family="ip"):
        host.command("nft", f"add table {family} filter; add chain {family} filter {hook} {{ type "
                            f"filter hook {hook} priority 0; }}; add rule {family} filter {hook} "
                            f"{rule}")

    def test_a_rule_of_the_firewall_drops_them(self):
        _, host = self.pair()
        self.filter(host, "input", "udp dport 11123 drop")
        findings = self.ask(host)
        self.assertEqual(set(findings), {"firewall", "listener-not-running"})
        self.assertRegex(findings["firewall"]["evidence"],
                         r"^[1-4] multicast packets? arrived at eth0 and none reached a socket; "
                         "table ip filter, chain input: udp dport 11123 drop$")

    def test_who_announces_to_another_group_is_no_fault_of_the_firewall(self):
        for group, addresses in (("239.1.1.1", ("192.0.2.1/24", "192.0.2.2/24")),
                                 ("ff02::77", ("fd77::1/64", "fd77::2/64"))):
            announcing, host = (self.link.host([address]) for address in addresses)
            host.ip("link set eth0 promisc on")
            self.announced(announcing, host, "--group", group)
            findings = self.ask(host)
            with self.subTest(group):
                self.assertEqual(set(findings), {"nothing-heard", "listener-not-running"})
                self.assertIn("with the same --group", findings["nothing-heard"]["way_out"])

    def test_without_the_right_to_see_packets_it_says_who_has_it(self):
        _, host = self.pair()
        self.filter(host, "input", "udp dport 11123 drop")
        findings = self.ask(host, within=("setpriv", *WITHOUT_PRIVILEGE))
        self.assertEqual(set(findings), {"nothing-heard", "listener-not-running"})
        self.assertIn("as root, doctor tells these apart", findings["nothing-heard"]["way_out"])

    def test_the_reverse_path_filter_drops_them(self):
        _, host = self.pair("198.51.100.1/24", "192.0.2.2/24")
        host.command("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/eth0/rp_filter")
        findings = self.ask(host)
        self.assertEqual(set(findings), {"reverse-path-filter", "listener-not-running"})
        self.assertRegex(findings["reverse-path-filter"]["evidence"],
                         r"^the kernel dropped [1-9][0-9]* in 2\.5 s \(IPReversePathFilter\); "
                         "rp_filter is strict on eth0$")

    def test_no_membership_report_leaves(self):
        _, host = self.pair()
        self.filter(host, "output", "ip protocol igmp drop")
        findings = self.ask(host)
        self.assertEqual(set(findings), {"no-igmp-report", "listener-not-running"})
        self.assertIn("table ip filter, chain output: ip protocol igmp drop",
                      findings["no-igmp-report"]["evidence"])

    def test_two_doctors_at_a_time_do_not_find_each_others_tries(self):
        _, host = self.pair()
        longer_s = "8" if RECORD else "4"  # what is recorded is asked twice
        command = (str(PATHS["timecast-listener"]), "doctor", "--socket", host.state / "nobody",
                   "--seconds", longer_s)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            first = pool.submit(host.command, *command)
            time.sleep(0.5)
            self.assertEqual(set(self.ask(host)), {"listener-not-running"})
            self.assertFalse(first.done(), first)
            self.assertEqual(first.result().returncode, 1)  # it finds that no listener runs

    def test_no_membership_report_of_ipv6_leaves(self):
        _, host = self.ipv6_pair()
        self.filter(host, "output", "icmpv6 type mld2-listener-report drop", "ip6")
        findings = self.ask(host)
        self.assertEqual(set(findings), {"no-mld-report", "listener-not-running"})
        self.assertEqual(findings["no-mld-report"]["evidence"],
                         "a group was joined for a try, and in 2.5 s no report of it left; table "
                         "ip6 filter, chain output: icmpv6 type mld2-listener-report drop")

    def test_a_rule_of_the_firewall_drops_those_of_ipv6(self):
        _, host = self.ipv6_pair()
        self.filter(host, "input", "udp dport 11123 drop", "ip6")
        findings = self.ask(host)
        self.assertEqual(set(findings), {"firewall", "listener-not-running"})
        self.assertRegex(findings["firewall"]["evidence"],
                         "^[1-4] IPv6 multicast packets? arrived at eth0 and none reached a socket; "
                         "table ip6 filter, chain input: udp dport 11123 drop$")

    def test_unicast_reaches_the_announcer_and_multicast_does_not_come(self):
        _, host = self.pair()
        self.link.ip(f"link set {host.port} type bridge_slave mcast_flood off")
        findings = self.ask(host, "--announcer", "192.0.2.1")
        self.assertEqual(set(findings), {"isolated", "listener-not-running"})
        self.assertRegex(findings["isolated"]["evidence"],
                         r"^192\.0\.2\.1:11123 answers within .*s, and in 2\.5 s nothing came")

    def test_the_listener_knows_whom_to_ask(self):
        _, listener = self.synchronised_pair()
        self.link.ip(f"link set {listener.host.port} type bridge_slave mcast_flood off")
        findings = self.ask(listener.host, listener=listener)
        self.assertEqual(set(findings), {"isolated"})

    def test_who_is_heard_elsewhere_is_not_isolated(self):
        _, listener = self.synchronised_pair()
        findings = self.ask(listener.host, "--port", "11124", listener=listener)
        self.assertEqual(set(findings), {"not-listened-to", "nothing-heard"})

    def snoop(self, host, group, send_query):
        """One query, then none: the switch believes in a querier, and forgets who was in the group."""
        self.link.ip("link set br0 type bridge mcast_snooping 1 mcast_membership_interval 200")
        time.sleep(0.3)  # at first it would be the querier itself, and takes nobody else for one
        send_query()
        time.sleep(ANSWERED_S)
        end = time.monotonic() + FORGOTTEN_S
        while f"port {host.port} grp {group} " in self.members():
            self.assertLess(time.monotonic(), end, self.members())
            time.sleep(0.1)

    def members(self):
        return run("ip", "netns", "exec", self.link.name, "bridge", "mdb", "show").stdout

    @staticmethod
    def await_link_local(host):
        """Until it has been seen that nobody else has that address: a query comes from it."""
        while "fe80" not in (shown := host.ip("-6 addr show eth0")) or "tentative" in shown:
            time.sleep(0.1)

    def test_a_switch_that_snoops_has_forgotten_an_ipv6_host(self):
        announcing, host = self.ipv6_pair()
        member = Socket(host, 1, family=AF_INET6, groups=[ntp.PRECISE_GROUP_6])
        self.addCleanup(member.close)
        self.await_link_local(announcing)
        self.snoop(host, ntp.PRECISE_GROUP_6, lambda: igmp.send_mld_query(announcing))
        findings = self.ask(host)
        self.assertEqual(set(findings), {"snooping-without-querier", "listener-not-running"})

    def test_a_switch_that_snoops_has_forgotten_the_host(self):
        announcing, host = self.pair()
        member = Socket(host, 1, groups=[ntp.PRECISE_GROUP])
        self.addCleanup(member.close)
        self.snoop(host, ntp.PRECISE_GROUP, lambda: igmp.send_query(announcing))
        findings = self.ask(host)
        self.assertEqual(set(findings), {"snooping-without-querier", "listener-not-running"})
        self.assertRegex(findings["snooping-without-querier"]["evidence"],
                         "^nothing came in 2.5 s, then [1-3] announcements? in 2.5 s after")

# SPDX-License-Identifier: MIT
"""Which interfaces are used, and how soon one that changes is followed."""

import time
import unittest

from lab import LabTest, Link, Namespace, lonely_host, run
from programs import BIN

WITHIN_S = 20  # for a synchronised listener
FOLLOWS_S = 2  # for both programs to see that the network has changed
MANY = 50
NO_WATCH = BIN / "timecast-no-watch.so"


def listens_on(listener):
    return sorted((group["interface"], group["group"]) for group in listener.status()["groups"]
                  if group["open"])


class SameIndex(LabTest):
    """The kernel tells of both at once, and the new interface looks like the old one."""

    def remake(self, host):
        """As when a container's interface goes back and forth."""
        index = host.ip("-o link show eth0").split(":")[0]
        run("ip", "-n", host.name, "-batch", "-", input=(
            "link del eth0\n"
            f"link add eth0 index {index} address {host.mac} type veth peer name {host.port} netns "
            f"{host.link.name}\n"
            "link set eth0 addrgenmode none\n"
            "link set eth0 up\n"
            f"addr add {host.given} dev eth0\n"))
        host.link.ip(f"link set {host.port} master br0 up")
        self.assertEqual(host.ip("-o link show eth0").split(":")[0], index)

    def test_one_that_was_made_anew_with_its_old_index_is_joined_anew(self):
        link = Link()
        hosts = []
        for address in ("192.0.2.1/24", "192.0.2.2/24"):
            hosts.append(link.host([address]))
            hosts[-1].given = address
        self.start(hosts[0].announcer)
        listener = self.start(hosts[1].listener)
        listener.await_state("synchronised", within=WITHIN_S)
        for host in reversed(hosts):
            seen, logged = listener.status()["announcements"], len(listener.log)
            self.remake(host)
            if host is hosts[1]:
                listener.await_log("listening to 239.255.123.124:11123 on eth0", FOLLOWS_S, logged)
            listener.await_line("to hear more", lambda line: line.get("announcements", 0) >=
                                seen + 4, within=8)


class Containers(LabTest):
    def setUp(self):
        self.host = Link().host(["192.0.2.1/24"])
        self.host.ip("link add docker0 type bridge")
        self.host.ip("link set docker0 up")
        self.host.ip("addr add 172.17.0.1/16 dev docker0")
        container = Namespace(f"{self.host.name}-container")
        run("ip", "link", "add", "veth0", "netns", self.host.name, "type", "veth", "peer", "name",
            "eth0", "netns", container.name)
        self.host.ip("link set veth0 master docker0 up")
        container.ip("link set eth0 up")

    def test_a_bridge_of_containers_is_left_out_and_the_log_names_it(self):
        for program in (self.host.announcer, self.host.listener):
            started = self.start(program)
            started.await_log("docker0 is left out")
            started.await_log("by eth0" if program == self.host.announcer else "on eth0")
            self.assertNotIn("by docker0", started.log)
            self.assertNotIn("on docker0", started.log)
            self.assertEqual(started.log.count("docker0 is left out"), 1)

    def test_it_is_used_if_it_is_named(self):
        listener = self.start(self.host.listener, "--interface", "docker0")
        listener.await_log("listening to 239.255.123.124:11123 on docker0")
        self.assertNotIn("left out", listener.log)

    def test_it_is_used_as_soon_as_it_leads_elsewhere(self):
        listener = self.start(self.host.listener)
        listener.await_log("docker0 is left out")
        self.host.ip("link add outside type veth peer name other")
        self.host.ip("link set other up")
        self.host.ip("link set outside master docker0 up")
        listener.await_log("listening to 239.255.123.124:11123 on docker0", within=FOLLOWS_S)


class Many(LabTest):
    def test_fifty_interfaces_are_announced_and_listened_on(self):
        link = Link()
        hosts = link.host(), link.host()
        for host in hosts:
            dead_end = Namespace(f"{host.name}-dead-end")
            run("ip", "-batch", "-", input="".join(
                f"link add lan{n} netns {host.name} type veth peer name end{n} netns "
                f"{dead_end.name}\n" for n in range(1, MANY)))
            run("ip", "-n", dead_end.name, "-batch", "-", input="".join(
                f"link set end{n} up\n" for n in range(1, MANY)))
            run("ip", "-n", host.name, "-batch", "-", input="".join(
                f"addr add 198.18.{n}.1/24 dev lan{n}\nlink set lan{n} up\n"
                for n in range(1, MANY)))
        time.sleep(3)  # duplicate addresses are looked for, 50 times
        announcer = self.start(hosts[0].announcer)
        listener = self.start(hosts[1].listener)
        listener.await_state("synchronised", within=WITHIN_S)
        self.assertEqual(len(listens_on(listener)), 2 * MANY)
        announcer.await_line("to announce everywhere", lambda _: len(
            {(line["interface"], line["to"]) for line in announcer.of_type("announcement")
             if line["stream"] == "precise"}) == 2 * MANY, within=10)
        self.assertNotIn("more than", announcer.log)
        logged = len(listener.log)
        hosts[1].ip("link set lan7 down")
        listener.await_log("no longer listening to 239.255.123.124 on lan7", FOLLOWS_S, logged)
        hosts[1].ip("link set lan7 up")
        listener.await_log("listening to 239.255.123.124:11123 on lan7", FOLLOWS_S, logged)
        self.assertEqual(len(listens_on(listener)), 2 * MANY)


@unittest.skipUnless(NO_WATCH.exists(), "timecast-no-watch.so is not built: build preset dev")
class WithoutNetlink(LabTest):
    def check(self, what):
        link = Link()
        hosts = link.host([]), link.host([])
        sandbox = {"LD_PRELOAD": str(NO_WATCH), "TIMECAST_NO_NETLINK": what}
        announcer = self.start(hosts[0].announcer, environment=sandbox)
        listener = self.start(hosts[1].listener, environment=sandbox)
        listener.await_log("looking at the interfaces every second")
        announcer.await_log("looking at the interfaces every second")
        for number, (host, program) in enumerate(zip(hosts, (announcer, listener)), 1):
            host.ip("link set eth0 addrgenmode eui64")
            host.add_address(f"192.0.2.{number}/24")
            host.add_address(f"fd77::{number}/64")
        announcer.await_log("announcing to 239.255.123.124", FOLLOWS_S)
        announcer.await_log("announcing to [ff02::101%eth0]:11123", FOLLOWS_S)
        listener.await_log("listening to [ff02::101%eth0]:11123", FOLLOWS_S)
        listener.await_state("synchronised", within=WITHIN_S)
        logged = len(listener.log)
        hosts[1].ip("link set eth0 down")
        listener.await_log("no longer listening", FOLLOWS_S, logged)

    def test_where_nobody_is_told_of_changes_they_are_looked_for(self):
        self.check("watch")

    def test_where_there_is_no_netlink_at_all_interfaces_are_listed_without(self):
        self.check("all")


class NoInterface(LabTest):
    def test_without_any_interface_both_programs_wait_for_one(self):
        host = lonely_host()
        announcer, listener = self.start(host.announcer), self.start(host.listener)
        announcer.await_log("waiting for one")
        listener.await_log("waiting for one")
        host.ip("link add eth0 type veth peer name other")
        host.ip("link set other up")
        host.ip("link set eth0 up")
        host.ip("addr add 192.0.2.1/24 dev eth0")
        announcer.await_log("announcing to 239.255.123.124:11123 by eth0", FOLLOWS_S)
        listener.await_log("listening to 239.255.123.124:11123 on eth0", FOLLOWS_S)

# SPDX-License-Identifier: MIT
"""Links with one family only, and interfaces whose addresses come, go, and come back."""

from lab import LabTest, Link

WITHIN_S = 20  # for a synchronised listener, duplicate address detection included
FOLLOWS_S = 5  # for a program to see that the network has changed


class Addresses(LabTest):
    def check_announcer(self, listener, address):
        self.assertEqual(listener.status()["announcer"], address)


class OneFamily(Addresses):
    def test_ipv4_alone_is_enough(self):
        link = Link()
        self.start(link.host(["192.0.2.1/24"]).announcer)
        listener = self.start(link.host(["192.0.2.2/24"]).listener)
        listener.await_state("synchronised", within=WITHIN_S)
        status = listener.status()
        self.assertEqual(status["announcer"], "192.0.2.1:11123")
        self.assertEqual([group["group"] for group in status["groups"]], ["239.255.123.124:11123"])


class OtherFamily(Addresses):
    def test_ipv6_alone_is_enough(self):
        link = Link()
        self.start(link.host(["fd77::1/64"]).announcer)
        listener = self.start(link.host(["fd77::2/64"]).listener)
        listener.await_state("synchronised", within=WITHIN_S)
        self.assertRegex(listener.status()["announcer"], r"^\[(fd77::1|fe80::.*%eth0)\]:11123$")


class LateAddress(Addresses):
    def test_an_interface_without_an_address_is_used_when_it_has_one(self):
        link = Link()
        hosts = link.host([]), link.host([])
        announcer = self.start(hosts[0].announcer)
        listener = self.start(hosts[1].listener)
        announcer.await_log("no interface with an address is up")
        listener.await_line("to search", lambda line: line["state"] == "searching")
        for number, host in enumerate(hosts, 1):
            host.add_address(f"192.0.2.{number}/24")
        announcer.await_log("announcing to 239.255.123.124", within=FOLLOWS_S)
        listener.await_state("synchronised", within=WITHIN_S)
        self.assertEqual(listener.status()["announcer"], "192.0.2.1:11123")


class NewInterface(Addresses):
    def test_an_interface_that_was_destroyed_and_made_again_is_used_again(self):
        link = Link()
        announcing, listening = link.host(["192.0.2.1/24"]), link.host(["192.0.2.2/24"])
        announcer = self.start(announcing.announcer)
        listener = self.start(listening.listener)
        listener.await_state("synchronised", within=WITHIN_S)
        for host, program, address in ((announcing, announcer, "192.0.2.1/24"),
                                       (listening, listener, "192.0.2.2/24")):
            with self.subTest(program=program.name):
                old_index = host.ip("-o link show eth0").split(":")[0]
                host.unplug()
                seen = len(listener.lines)
                listener.await_state("holdover", within=WITHIN_S, after=seen)
                seen = len(listener.lines)
                host.plug([address])
                self.assertNotEqual(host.ip("-o link show eth0").split(":")[0], old_index)
                # A reply alone makes it synchronised as well, and for longer than a silence.
                listener.await_line("to hear announcements again",
                                    lambda line: line["state"] == "synchronised"
                                    and line["reason"].startswith("announcements agree"),
                                    within=WITHIN_S, after=seen)
        self.assertIn("no longer announcing from 192.0.2.1:11123 on eth0", announcer.log)
        self.assertIn("no longer listening to 239.255.123.124 on eth0", listener.log)


class ChangedAddress(Addresses):
    def test_a_changed_address_is_announced_and_asked_from_then_on(self):
        link = Link()
        announcing, listening = link.host(["192.0.2.1/24"]), link.host(["192.0.2.2/24"])
        self.start(announcing.announcer)
        listener = self.start(listening.listener)
        listener.await_state("synchronised", within=WITHIN_S)
        for host, old, new in ((announcing, "192.0.2.1/24", "192.0.2.101/24"),
                               (listening, "192.0.2.2/24", "192.0.2.102/24")):
            host.ip(f"addr del {old} dev eth0")
            host.add_address(new)
        listener.await_line("to follow the new address",
                            lambda line: line.get("announcer") == "192.0.2.101:11123"
                            and line["state"] == "synchronised", within=WITHIN_S)

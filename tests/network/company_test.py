# SPDX-License-Identifier: MIT
"""Several announcers on one link: which one is followed, how fast, and who says so."""

import base64
import time

from lab import LabTest, Link, run

INTERVAL_S = 1
# Three announcements do not come, then the next one of the other is heard; a busy machine is late.
FAILOVER_S = 4 * INTERVAL_S + 1


def key_of(program):
    return base64.b64decode(program.status()["key"])


class TwoIslands(LabTest):
    """Each for itself at first, with a listener each, until somebody plugs in the cable."""

    @classmethod
    def setUpClass(cls):
        cls.sides = Link(), Link()
        cls.announcers = [link.host([f"192.0.2.{side + 1}/24"]).announcer("--no-plain")
                          for side, link in enumerate(cls.sides)]
        cls.listeners = [link.host([f"192.0.2.{side + 11}/24"]).listener()
                         for side, link in enumerate(cls.sides)]
        for listener in cls.listeners:
            listener.await_state("synchronised", within=20)
        cls.followed_before = [listener.status()["announcer"] for listener in cls.listeners]
        cls.joined_after = [len(listener.lines) for listener in cls.listeners]
        left, right = cls.sides
        cls.plug(left, right)

    @staticmethod
    def plug(left, right):
        run("ip", "link", "add", "trunk", "netns", left.name, "type", "veth", "peer", "name",
            "trunk", "netns", right.name)
        for link in (left, right):
            link.ip("link set trunk master br0 up")

    def first(self):
        """Which of the two comes first: their root distances are alike."""
        distances = [round(line.status()["root_dispersion_s"], 6) for line in self.announcers]
        order = sorted((0, 1), key=lambda i: (distances[i], key_of(self.announcers[i])))
        return order[0]

    def test_every_listener_follows_the_same_one_in_the_end(self):
        self.assertEqual(self.followed_before, ["192.0.2.1:11123", "192.0.2.2:11123"])
        wanted = f"192.0.2.{self.first() + 1}:11123"
        for listener, after in zip(self.listeners, self.joined_after):
            listener.await_line(f"to follow {wanted}", lambda line: line.get("announcers") == 2 and
                                line.get("announcer") == wanted, within=20, after=after)

    def test_both_announcers_say_which_one_is_followed(self):
        first = self.first()
        for side, says in ((first, "both follow this host"), (1 - first, "both follow that one")):
            self.announcers[side].await_log(
                f"another announcer is here: 192.0.2.{2 - side}:11123, an island; listeners that "
                f"hear {says}: of islands the least root distance comes first", within=20)
            (neighbour,) = self.announcers[side].status()["neighbours"]
            self.assertEqual((neighbour["address"], neighbour["island"]),
                             (f"192.0.2.{2 - side}:11123", True))
            self.assertIn("neighbour", self.announcers[side].ask("status").stdout)

    def test_the_listener_that_changes_sides_says_so(self):
        first = self.first()
        self.listeners[1 - first].await_log(
            f"192.0.2.{first + 1}:11123 is followed now, no longer 192.0.2.{2 - first}:11123",
            within=20)


class Failover(LabTest):
    measures = True

    def setUp(self):
        self.link = Link()
        self.announcers = {
            f"192.0.2.{number}:11123": self.start(
                self.link.host([f"192.0.2.{number}/24"]).announcer, "--no-plain")
            for number in (1, 2)}
        self.host = self.link.host(["192.0.2.9/24"])

    def check(self, *options):
        """The followed one dies, and another is followed within four seconds."""
        listener = self.start(self.host.listener, *options)
        listener.await_line("to know both", lambda line: line.get("announcers") == 2 and
                            line["state"] == "synchronised" and line["exchanges"] >= 4, within=30)
        killed = self.announcers.pop(listener.status()["announcer"])
        killed.kill()
        killed_at = time.monotonic()
        (other,) = self.announcers
        line = listener.await_line("to follow the other", lambda line: line.get("announcer") == other,
                                   within=20, after=len(listener.lines))
        self.assertLessEqual(line["seen"] - killed_at, FAILOVER_S)
        listener.await_line("to be synchronised", lambda line: line.get("announcer") == other and
                            line["state"] == "synchronised", within=5)
        for held in listener.of_type("estimate"):
            if held["state"] in ("synchronised", "holdover"):
                self.assertLessEqual(abs(held["offset_s"]), held["bound_s"], held)

    def test_when_the_followed_one_dies_another_is_followed_within_four_seconds(self):
        self.check()

    def test_so_it_is_where_both_keys_were_named(self):
        named = self.host.state / "trusted-keys"
        named.write_text("".join(f"{announcer.status()['key']}\n"
                                 for announcer in self.announcers.values()))
        self.check("--keys", named)


class Contradiction(LabTest):
    def test_two_islands_that_contradict_each_other_are_a_warning_of_the_listener(self):
        link = Link()
        self.start(link.host(["192.0.2.1/24"]).announcer, "--no-plain")
        ahead = link.host(["192.0.2.2/24"])
        self.start(ahead.start, "timecast-shifted-announcer", "--island", "--state-dir",
                   ahead.state, "--no-plain",
                   environment={"TIMECAST_SHIFT": f"2000000000,0,{time.time_ns()}"})
        listener = self.start(link.host(["192.0.2.9/24"]).listener)
        listener.await_log("announcers contradict each other: ", within=30)
        status = listener.status()
        self.assertEqual((status["announcers"], status["disagreeing"]), (2, 1))
        self.assertAlmostEqual(abs(status["dissent_s"]), 2, delta=0.1)
        self.assertTrue(status["island"])
        self.assertEqual(status["reason"],
                         "announcers contradict each other, and no majority says which is right")
        self.assertIn("1 disagreeing", listener.ask("status").stdout)
        self.assertEqual(listener.log.count("contradict each other: "), 1)

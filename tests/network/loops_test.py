# SPDX-License-Identifier: MIT
"""Time that would go in a circle: announcers whose host follows their own listeners, directly, by way
of a chronyd, or by way of another host."""

import os
import time

import judges
import ntp
from clock_word import await_source
from lab import LabTest, Link
from udp import Socket

SELECTED_S = 40


class Loops(LabTest):
    takes_s = 45

    def setUp(self):
        judges.need("chronyd")
        self.link = Link()

    def chronyd(self, host, *directives):
        return self.start(judges.ServingChronyd, host, *directives)

    def fed_chronyd(self, host, *directives):
        """One that a listener can feed, and the path of its socket."""
        path = host.state / "cast.sock"
        self.chronyd(host, f"refclock SOCK {path} refid CAST poll 0 filter 2 stratum 2 delay 0.002",
                     *directives)
        deadline = time.monotonic() + judges.START_S
        while not os.path.exists(path):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return path

    def listener_at_the_usual_place(self, host, *options):
        """Where an announcer on the same host, with XDG_RUNTIME_DIR set so, finds it."""
        listener = self.start(host.listener, *options)
        place = host.state / "timecast-listener"
        place.mkdir()
        (place / "control").symlink_to(listener.control)
        return listener

    def announcer_of(self, host, *options):
        return self.start(host.announcer, *options, is_island=False,
                          environment={"XDG_RUNTIME_DIR": str(host.state)})

    def test_a_listener_that_feeds_a_clock_does_not_follow_the_announcer_of_its_own_host(self):
        host = self.link.host()
        path = self.fed_chronyd(host, "local stratum 8")
        program = self.announcer_of(host)
        await_source(program, "server")
        listener = self.listener_at_the_usual_place(host, "--clock", f"chrony:{path}")
        listener.await_log("is this host's own, and is not followed: this host's clock would follow "
                           "itself")
        time.sleep(3)
        status = listener.status()
        self.assertEqual(status["state"], "searching")
        self.assertGreater(status["refused"]["timing_loop"], 1)
        self.assertEqual(listener.log.count("is this host's own"), 1)
        self.assertEqual(program.status()["stratum"], 8)

    def test_a_listener_that_keeps_no_clock_may_hear_it(self):
        host = self.link.host()
        self.start(host.announcer)
        self.start(host.listener).await_state("synchronised", within=15)

    def test_beside_its_own_announcer_another_one_is_followed_and_nothing_is_refused(self):
        host = self.link.host()
        path = self.fed_chronyd(host)
        self.start(self.link.host().announcer)
        listener = self.start(host.listener, "--clock", f"chrony:{path}")
        listener.await_state("synchronised", within=15)
        self.start(host.announcer)
        listener.await_log("is this host's own, and is not followed")
        time.sleep(2)
        self.assertEqual(listener.status()["refused"], {})

    def test_of_two_hosts_each_of_which_could_follow_the_other_one_does(self):
        # With IPv4 alone, so that it is known by which address each is followed.
        first, second = self.link.host(["192.0.2.1/24"]), self.link.host(["192.0.2.2/24"])
        self.chronyd(first, "local stratum 8")
        path = self.fed_chronyd(second)
        origin = self.announcer_of(first)
        await_source(origin, "server")
        follower = self.listener_at_the_usual_place(second, "--clock", f"chrony:{path}")
        follower.await_state("synchronised", within=15)
        forwarder = self.announcer_of(second)
        status = await_source(forwarder, "server", within=SELECTED_S)
        self.assertEqual((status["stratum"], status["reference_id"]), (9, "192.0.2.1"))
        self.assertIn("it follows the announcer 192.0.2.1: a timecast-listener on this host feeds the "
                      "daemon that keeps it", status["reason"])
        back = self.start(first.listener)
        back.await_line("to refuse what comes from itself",
                        lambda line: line.get("refused", {}).get("timing_loop", 0) > 1, within=15)
        # Its own host's announcer, which it may hear as long as it keeps no clock.
        self.assertEqual(back.status().get("key"), origin.status()["key"])

    def test_of_two_islands_whose_clocks_listeners_keep_one_follows_the_other(self):
        hosts = self.link.host(["192.0.2.1/24"]), self.link.host(["192.0.2.2/24"])
        paths = [self.fed_chronyd(host) for host in hosts]
        first, second = (self.announcer_of(host, "--island") for host in hosts)
        follower = self.listener_at_the_usual_place(hosts[1], "--clock", f"chrony:{paths[1]}")
        follower.await_state("synchronised", within=15)
        second.await_log("island: this host's clock follows the announcer 192.0.2.1", within=15)
        second.await_line("to announce it", lambda line: line.get("stratum") == 11, within=15)
        self.assertEqual(second.status()["reference_id"], "192.0.2.1")
        other = self.listener_at_the_usual_place(hosts[0], "--clock", f"chrony:{paths[0]}")
        other.await_line("to refuse what comes from itself",
                         lambda line: line.get("refused", {}).get("timing_loop", 0) > 1, within=15)
        self.assertEqual(other.status()["state"], "searching")
        self.assertEqual(first.status()["stratum"], 10)

    def test_an_announcer_refuses_to_announce_what_its_own_host_has_from_it(self):
        """By a listener of before, which did not know its own host."""
        host = self.link.host()
        self.chronyd(host, "local stratum 8")
        program = self.announcer_of(host)
        key = await_source(program, "server")["key"]
        old_listener = judges.Stranger(host, "old-listener", "/usr/bin/python3", "-c", OLD_LISTENER,
                                       host.state / "timecast-listener", key)
        self.addCleanup(old_listener.stop)
        program.await_log("this host's clock follows this very announcer: a timecast-listener on this "
                          "host keeps it, so no listener takes time from here", within=15)
        status = await_source(program, "itself")
        self.assertEqual((status["state"], status["stratum"], status["leap"]),
                         ("unsynchronised", 0, "unsynchronised"))
        with Socket(self.link.host()) as client:
            client.send(ntp.request(transmit=5), "192.0.2.1", ntp.PRECISE_PORT)
            self.assertEqual(ntp.parse(client.receive(2).octets).leap, 3)
        self.assertEqual(program.log.count("follows this very announcer"), 1)
        old_listener.stop()
        await_source(program, "server", within=15)


OLD_LISTENER = """
import json, os, socket, sys
folder, key = sys.argv[1:]
os.mkdir(folder)
server = socket.socket(socket.AF_UNIX)
server.bind(folder + "/control")
server.listen()
while True:
    client, _ = server.accept()
    client.recv(100)
    client.sendall(json.dumps({"clock": "kernel: steered", "announcer": "192.0.2.1:11123",
                               "stratum": 8, "key": key}).encode() + b"\\n")
    client.close()
"""

# SPDX-License-Identifier: MIT
"""Other people's clients take time from our announcer, each by its own judgement."""

import json
import re
import unittest

import judges
import ntp
from lab import Link
from udp import Socket

NEAR_S = 0.5  # one clock and one machine: all of it is the machine's other work
STRATUM = 10  # of an island


class Judges(unittest.TestCase):
    """An announcer, and a host on its link where strangers' clients run."""

    @classmethod
    def setUpClass(cls):
        link = Link()
        cls.announcer = link.host().announcer()
        cls.client = link.host()
        cls.announcer.await_log("announcing to 239.255.123.123")

    def ask(self, name):
        done = judges.ask_time(self.client, name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def find(self, pattern, text):
        found = re.search(pattern, text)
        self.assertIsNotNone(found, f"{pattern} is not in: {text}")
        return found.group(1)

    def check_near(self, offset):
        self.assertLess(abs(float(offset)), NEAR_S)

    def test_chronyd_would_set_its_clock_by_it(self):
        said = self.ask("chronyd")
        self.check_near(self.find(r"System clock wrong by (\S+) seconds \(ignored\)", said))

    def test_ntpdig_takes_its_time(self):
        said = json.loads(self.ask("ntpdig"))
        self.check_near(said["offset"])
        self.assertEqual((said["stratum"], said["leap"]), (STRATUM, "no-leap"))

    def test_ntplib_is_answered_in_versions_2_3_and_4(self):
        rows = [line.split() for line in self.ask("ntplib").splitlines()]
        self.assertEqual([[int(word) for word in row[:3]] for row in rows],
                         [[version, ntp.SERVER, STRATUM] for version in (2, 3, 4)])
        for *_, offset in rows:
            self.check_near(offset)

    def test_rdate_would_adjust_its_clock_by_it(self):
        said = self.ask("rdate")
        self.check_near(self.find(r"adjust local clock by (\S+) seconds", said))

    def test_check_ntp_time_finds_it_well(self):
        said = self.ask("check_ntp_time")
        self.check_near(self.find(r"^NTP OK: Offset (\S+) secs", said))

    def test_a_tutorials_client_finds_its_own_octets_as_origin(self):
        # It says version 3, and writes milliseconds as its time, the least octet first.
        written = bytes.fromhex("E9D40CE991010000")
        with Socket(self.client) as client:
            client.send(b"\x1B".ljust(40, b"\0") + written, judges.SERVER, ntp.PLAIN_PORT)
            answer = client.receive(2)
        self.assertEqual(len(answer.octets), ntp.PLAIN_OCTETS)
        header = ntp.parse(answer.octets)
        self.assertEqual((header.version, header.mode, answer.octets[24:32]),
                         (3, ntp.SERVER, written))

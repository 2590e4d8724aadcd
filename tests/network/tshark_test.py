# SPDX-License-Identifier: MIT
"""tshark reads all that goes over the wire as NTP, and finds nothing wrong with it."""

import socket
import unittest

import judges
import ntp
from capture import Capture
from lab import Link
from udp import Socket

SERVER, SERVER_6 = judges.SERVER, "fd77::1"
OF_NTP = f"udp.port=={ntp.PRECISE_PORT},ntp"
FIELDS = ("ip.version", "udp.srcport", "udp.dstport", "udp.length", "ntp.flags.vn",
          "ntp.flags.mode", "ntp.stratum", "ntp.ext.type", "ntp.ext.length")
# With UDP's own header of 8 octets.
PLAIN, PRECISE = str(8 + ntp.PLAIN_OCTETS), str(8 + ntp.PRECISE_OCTETS)
OUR_FIELD = ["0xf7e1", "124"]
CONTROL_OCTETS = 40


class Tshark(unittest.TestCase):
    """What passed a client's interface: both streams, a challenge and its reply by either family,
    and for control one packet that is too short."""

    @classmethod
    def setUpClass(cls):
        judges.need("tshark")
        link = Link()
        server, cls.client = link.host(), link.host()
        cls.path = cls.client.state / "capture.pcap"
        with Capture(cls.client, cls.path), Socket(cls.client) as asker, \
                Socket(cls.client, family=socket.AF_INET6) as asker6, \
                Socket(cls.client, ntp.PLAIN_PORT, groups=[ntp.PLAIN_GROUP]) as plain, \
                Socket(cls.client, ntp.PRECISE_PORT, groups=[ntp.PRECISE_GROUP]) as precise:
            server.announcer().await_log(f"announcing to {ntp.PLAIN_GROUP}")
            challenge = ntp.challenge(ntp.nonce())
            asker.send(challenge, SERVER, ntp.PRECISE_PORT)
            asker6.send(challenge, SERVER_6, ntp.PRECISE_PORT)
            asker.send(ntp.request(length=CONTROL_OCTETS), SERVER, ntp.PRECISE_PORT)
            cls.heard = [each.receive(5) for each in (asker, asker6, plain, precise)]
            cls.ports = {"4": str(asker.port), "6": str(asker6.port)}

    def rows(self, display_filter):
        """The fields of each packet that the filter lets through."""
        fields = [word for field in FIELDS for word in ("-e", field)]
        done = judges.ask(self.client, ["tshark", "-r", self.path, "-d", OF_NTP, "-Y",
                                        display_filter, "-T", "fields", *fields])
        self.assertEqual(done.returncode, 0, done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def test_it_reads_both_streams_and_both_sides_of_an_exchange_as_ntp(self):
        rows = self.rows("ntp")
        self.assertNotIn(None, self.heard)
        self.assertIn(["4", "123", "123", PLAIN, "4", "5", "10", "", ""], rows)
        self.assertIn(["4", "11123", "11123", PRECISE, "4", "5", "10", *OUR_FIELD], rows)
        for version, port in self.ports.items():
            self.assertIn([version, port, "11123", PRECISE, "4", "3", "0", *OUR_FIELD], rows)
            self.assertIn([version, "11123", port, PRECISE, "4", "4", "10", *OUR_FIELD], rows)

    def test_it_finds_fault_with_the_control_alone(self):
        lengths = [row[3] for row in self.rows("udp and (_ws.malformed or _ws.expert)")]
        self.assertEqual(lengths, [str(8 + CONTROL_OCTETS)])

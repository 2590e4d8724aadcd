# SPDX-License-Identifier: MIT
"""Asking the listener's doctor, on hosts of one link."""

from doctors import Doctors
from lab import Link

SYNCHRONISED_S = 20


class DoctorTest(Doctors):
    def setUp(self):
        self.link = Link()

    def ask(self, host, *options, listener=None, within=()):
        """What it finds, by name."""
        socket = host.state / "nobody"
        if listener:
            listener.await_line("to listen", lambda line: line["type"] == "estimate")
            socket = listener.control
        findings = self.findings_of(host, "timecast-listener", "--socket", socket, *options,
                                    within=within)
        if not within:
            for name in ("clock-rivals", "clock-unsynchronised"):
                findings.pop(name, None)  # the daemons of tests that run beside this one
        return findings

    def synchronised_pair(self):
        announcing, listening = self.link.host(["192.0.2.1/24"]), self.link.host(["192.0.2.2/24"])
        announcer = self.start(announcing.announcer)
        listener = self.start(listening.listener)
        listener.await_state("synchronised", within=SYNCHRONISED_S)
        return announcer, listener

# SPDX-License-Identifier: MIT
"""Asking the doctors of both programs."""

import json

from lab import LabTest
from programs import PATHS

LISTEN_S = "2.5"  # two or three announcements: in two seconds there may be one alone
# A doctor that sees no other machine's programs: some of them may set this machine's clock.
ALONE = ("unshare", "--pid", "--fork", "--mount-proc")


class Doctors(LabTest):
    def findings_of(self, host, program, *options, within=()):
        """By name. What there is besides is in `notes`."""
        if "--seconds" not in options:
            options += ("--seconds", LISTEN_S)
        done = host.command(*within, str(PATHS[program]), "doctor", "--json", *options)
        self.assertEqual(done.stderr, "")
        *lines, summary = [json.loads(line) for line in done.stdout.splitlines()]
        self.notes = [line for line in lines if line["type"] == "note"]
        findings = {line["finding"]: line for line in lines if line["type"] == "finding"}
        for finding in findings.values():
            self.assertTrue(finding["text"] and finding["evidence"] and finding["way_out"], finding)
        self.assertEqual(done.returncode, 1 if findings else 0)
        self.assertEqual(summary["type"], "summary")
        self.assertEqual(summary["findings"], sum(line["type"] == "finding" for line in lines))
        return findings

    def note(self, about):
        return [note["text"] for note in self.notes if note["about"] == about]

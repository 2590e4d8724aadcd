# SPDX-License-Identifier: MIT
"""Asking the doctors of both programs."""

import json
import os
import pathlib
import threading

from lab import LabTest
from programs import PATHS

# Where scripts/transcripts --findings has it recorded, if it does.
RECORD = pathlib.Path(os.environ["TIMECAST_RECORD"]) if "TIMECAST_RECORD" in os.environ else None
LISTEN_S = "2.5"  # two or three announcements: in two seconds there may be one alone
# A doctor that sees no other machine's programs: some of them may set this machine's clock.
ALONE = ("unshare", "--pid", "--fork", "--mount-proc")


class Doctors(LabTest):
    def findings_of(self, host, program, *options, within=()):
        """By name. What there is besides is in `notes`."""
        if "--seconds" not in options:
            options += ("--seconds", LISTEN_S)
        command = (*within, str(PATHS[program]), "doctor", *options)
        said = host.command(*command).stdout if RECORD else ""
        done = host.command(*command, "--json")
        self.assertEqual(done.stderr, "")
        *lines, summary = [json.loads(line) for line in done.stdout.splitlines()]
        self.notes = [line for line in lines if line["type"] == "note"]
        findings = {line["finding"]: line for line in lines if line["type"] == "finding"}
        if RECORD:
            self.record(program, said, {name: line["text"] for name, line in findings.items()})
        for finding in findings.values():
            self.assertTrue(finding["text"] and finding["evidence"] and finding["way_out"], finding)
        self.assertEqual(done.returncode, 1 if findings else 0)
        self.assertEqual(summary["type"], "summary")
        self.assertEqual(summary["findings"], sum(line["type"] == "finding" for line in lines))
        return findings

    def record(self, program, said, findings):
        """What it says to people, and by which names to programs, for docs/findings.md."""
        with open(RECORD / f"{self.id()}.json", "a", encoding="utf-8") as file:
            file.write(json.dumps({"program": program, "test": self.id(), "said": said,
                                   "findings": findings}) + "\n")

    def note(self, about):
        return [note["text"] for note in self.notes if note["about"] == about]

    def again_and_again(self, every_s, act):
        """Until the test ends."""
        end = threading.Event()

        def repeat():
            while not end.wait(every_s):
                act()

        thread = threading.Thread(target=repeat)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(end.set)

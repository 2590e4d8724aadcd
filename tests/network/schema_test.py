# SPDX-License-Identifier: MIT
"""Every line that any program prints with --json is one that docs/json.md describes."""

import json
import sys
import time
import unittest

import ntp
from lab import Link
from macs import CMAC, put_keys
from programs import ROOT
from udp import Socket

sys.path.append(str(ROOT / "tests/monitor"))

import schema  # noqa: E402

DOCUMENT = schema.read()
SILENT_S = 5  # the announcer's end is an alarm, and a change of the listener's state


def what_is_said():
    """Of each program all lines, of a short life with something of everything."""
    link = Link()
    hosts = [link.host() for _ in range(3)]
    stranger = Socket(hosts[2])
    watch = hosts[1].start("timecast-listener", "watch", "--hex")
    listener = hosts[1].listener("--keys", put_keys(hosts[1]), "--hear",
                                 f"{ntp.PLAIN_GROUP}:{ntp.PLAIN_PORT},key={CMAC}")
    watch.await_line("to hear", lambda line: line["type"] == "state")
    searching = asked(hosts[1], "status", "--socket", listener.control)
    announcer = hosts[0].announcer("--keys", put_keys(hosts[0]), "--plain",
                                   f"{ntp.PLAIN_GROUP},key={CMAC}")
    listener.await_state("synchronised", within=20)
    stranger.send(b"no NTP", ntp.PRECISE_GROUP, ntp.PRECISE_PORT)
    stranger.send(ntp.request(), ntp.PLAIN_GROUP, ntp.PLAIN_PORT)
    at_listener = ("--socket", listener.control)
    said = {f"timecast-listener {command} --json": asked(hosts[1], command, *options)
            for command, options in (
                ("status", at_listener), ("now", at_listener), ("wait", at_listener),
                ("query", ("192.0.2.1", "--port", "11123")),
                ("doctor", (*at_listener, "--seconds", "0.2", "--interface", "eth9")))}
    said["timecast-listener keys list --json"] = keys_of(hosts[1], announcer.status()["key"])
    said["timecast-listener status --json"] += searching
    said["timecast-listener query --json"] += asked(hosts[1], "query", "192.0.2.1")
    for command, options in (("status", ("--socket", announcer.control)),
                             ("doctor", ("--socket", announcer.control, "--seconds", "0.2"))):
        said[f"timecast-announcer {command} --json"] = asked(
            hosts[0], command, *options, program="timecast-announcer")
    announcer.stop()
    time.sleep(SILENT_S)
    for program in (watch, listener):
        program.terminate()
        program.wait()
        program.stop()
    stranger.close()
    return {**said, "timecast-listener watch --json": watch.lines,
            "timecast-listener --json": listener.lines,
            "timecast-announcer --json": announcer.lines}


def keys_of(host, key):
    there = ("--state-dir", host.state / "keys")
    host.command("timecast-listener", "keys", "add", key, *there)
    done = host.command("timecast-listener", "keys", "list", "--json", *there)
    return [json.loads(line) for line in done.stdout.splitlines()]


def asked(host, command, *options, program="timecast-listener"):
    done = host.command(program, command, "--json", *options)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.said = what_is_said()

    def test_each_line_is_what_the_document_says(self):
        for program, lines in self.said.items():
            for line in lines:
                line.pop("seen", None)  # when the test read it
                with self.subTest(program):
                    self.assertEqual(schema.complaints(DOCUMENT, program, line), [], line)

    def test_each_type_of_the_document_was_said(self):
        for program, types in DOCUMENT.items():
            with self.subTest(program):
                self.assertTrue(self.said[program])
                self.assertEqual({line["type"] for line in self.said[program]}, set(types))

    def test_each_program_of_the_document_was_asked(self):
        self.assertEqual(set(self.said), set(DOCUMENT))

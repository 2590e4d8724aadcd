# SPDX-License-Identifier: MIT
"""The listener in a program's own libuv loop: examples/uv_listener_example.cpp."""

import unittest

from lab import Link, lonely_host
from programs import BIN

EXAMPLE = str(BIN / "uv_listener_example")


class InAProgramOfOnesOwn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        link = Link()
        cls.announcer = link.host().announcer()
        cls.host = link.host()

    def test_the_example_tells_the_time_until_it_is_synchronised_and_ends(self):
        done = self.host.command(EXAMPLE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^tentative by ")
        self.assertRegex(lines[-2] + lines[-1], r"^synchronised by .*, offset .*, bound ")
        self.assertRegex(lines[-1], r"^\d{10}\.\d{6} s since 1970, \+-0\.\d{6} s$")

    def test_one_interface_can_be_named(self):
        self.assertEqual(self.host.command(EXAMPLE, "eth0").returncode, 0)

    def test_an_interface_that_is_not_there_is_said_in_words(self):
        done = self.host.command(EXAMPLE, "eth7")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn('there is no interface "eth7" on this host', done.stderr)

    def test_where_nothing_is_announced_it_waits(self):
        done = lonely_host().command("timeout", "3", EXAMPLE, "lo")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (124, "", ""))

# SPDX-License-Identifier: MIT
"""Whose announcements count."""

import unittest

from lab import Link

HEARD = 3  # announcements that a listener has heard when it had every chance to follow


class Trust(unittest.TestCase):
    """Two announcers on one link."""

    @classmethod
    def setUpClass(cls):
        cls.link = Link()
        hosts = [cls.link.host() for _ in range(2)]
        cls.keys = [host.command("timecast-announcer", "key", "new", "--state-dir",
                                 host.state).stdout.strip() for host in hosts]
        cls.announcers = [host.announcer() for host in hosts]

    def listener(self, *options):
        listener = self.link.host().listener(*options)
        self.addCleanup(listener.stop)
        return listener

    def file_of(self, *keys):
        """A file of trusted keys."""
        path = self.announcers[0].host.state / f"{self.id()}.keys"
        path.write_text("# whom we trust\n" + "".join(f"{key} lab\n" for key in keys))
        return path

    def await_refusals(self, listener, reason):
        return listener.await_line(
            f"to refuse some as {reason}", lambda line: line["type"] == "estimate" and
            line["refused"].get(reason, 0) >= HEARD)

    def test_both_announcers_are_heard_and_one_is_followed(self):
        listener = self.listener()
        listener.await_line("to hear both over both families",
                            lambda line: line["streams"] == 4 and
                            line["state"] == "synchronised", within=20)
        self.assertIn(listener.status()["key"], self.keys)

    def test_with_a_pinned_key_nobody_else_counts(self):
        for key in self.keys:
            with self.subTest(key=key):
                listener = self.listener("--signatures", "pinned", "--keys", self.file_of(key))
                listener.await_state("synchronised", within=20)
                self.await_refusals(listener, "unknown_key")
                self.assertEqual({line["key"] for line in listener.lines if "key" in line}, {key})

    def test_where_no_key_is_trusted_there_is_no_time_and_the_reason_is_told(self):
        stranger = self.announcers[0].host.command(
            "timecast-announcer", "key", "new", "--state-dir",
            self.announcers[0].host.state / "stranger").stdout.strip()
        listener = self.listener("--keys", self.file_of(stranger))
        line = self.await_refusals(listener, "unknown_key")
        self.assertEqual(line["state"], "searching")
        self.assertIn("refused", line["reason"])


class ListenOnly(unittest.TestCase):
    def test_a_listener_that_only_listens_sends_nothing_and_stays_tentative(self):
        link = Link()
        announcer, listener = link.host().announcer(), link.host().listener("--listen-only")
        listener.await_line("to hear some", lambda line: line["announcements"] >= HEARD)
        status = listener.status()
        self.assertEqual((status["state"], status["lateness_bounded"], status["queries"]),
                         ("tentative", False, 0))
        asked = announcer.status()
        self.assertEqual((asked["replies"], asked["refused"]), (0, {}))

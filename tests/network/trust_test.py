# SPDX-License-Identifier: MIT
"""Whose announcements count."""

import json
import os
import pathlib
import unittest

from lab import LabTest, Link

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


class FirstUse(LabTest):
    """Whom a listener has met when it was new, and whom it meets afterwards."""

    takes_s = 40

    def setUp(self):
        self.link = Link()
        self.host = self.link.host()

    def announcer(self):
        announcer = self.start(self.link.host().announcer)
        return announcer, announcer.await_line("to announce", lambda line: True) and \
            announcer.status()["key"]

    def listener(self, *options, **keywords):
        return self.start(self.host.listener, *options, **keywords)

    def keys(self, command, *words):
        return self.host.command("timecast-listener", "keys", command, *words)

    def test_a_key_of_first_use_is_kept_and_a_later_one_needs_leave(self):
        first, key = self.announcer()
        listener = self.listener()
        listener.await_state("synchronised", within=20)
        self.assertEqual(self.keys("list").stdout, f"{key}  trusted on first use\n")
        for program in (listener, first):
            program.stop()
        _, stranger = self.announcer()
        listener = self.listener()
        listener.await_log(f"timecast-listener keys add {stranger}")
        self.assertEqual(listener.status()["state"], "searching")
        self.assertEqual(self.keys("add", stranger).returncode, 0)
        listener.hang_up()
        listener.await_state("synchronised", within=20)
        self.assertEqual(listener.status()["key"], stranger)
        self.assertEqual({line["key"] for line in
                          json.loads(self.keys("list", "--json").stdout)["keys"]}, {key, stranger})

    def test_a_key_that_is_forgotten_is_met_anew(self):
        _, key = self.announcer()
        listener = self.listener()
        listener.await_state("synchronised", within=20)
        floors = self.host.state / "timecast" / "listener.floors"
        heard = listener.status()["announcements"]
        listener.await_line("to have heard more",
                            lambda line: line["announcements"] > heard + 4)
        self.assertIn(key, floors.read_text())  # at once: it may be killed
        kept = floors.read_text()
        listener.hang_up()
        listener.await_log("settings read again: nothing is new")
        listener.stop()
        self.assertGreater(floors.read_text(), kept)
        self.assertEqual(self.keys("forget", key).returncode, 0)
        self.assertIn("no key is trusted yet", self.keys("list").stdout)
        self.assertEqual(self.keys("forget", key).returncode, 1)
        self.listener().await_state("synchronised", within=20)
        self.assertIn(key, self.keys("list").stdout)

    def test_a_key_that_is_renewed_is_followed_by_those_who_trusted_the_old_one(self):
        first, old = self.announcer()
        once = self.listener()
        once.await_state("synchronised", within=20)
        once.stop()
        listener = self.listener()  # first use is over
        listener.await_state("synchronised", within=20)
        first.stop()
        renewed = first.host.command("timecast-announcer", "key", "renew", "--state-dir",
                                     first.host.state)
        new = renewed.stdout.strip()
        seen = len(listener.lines)
        self.start(first.host.announcer)
        listener.await_log(f"{old} endorses it")
        listener.await_line("to follow the new key", lambda line:
                            line.get("key") == new and line["state"] == "synchronised",
                            within=20, after=seen)
        listener.stop()
        self.assertIn(f"{new}  endorsed by {old}\n", self.keys("list").stdout)
        self.listener().await_state("synchronised", within=20)  # and it is remembered

    def test_a_ninth_key_is_not_taken_and_the_next_listener_starts(self):
        first, old = self.announcer()
        others = [self.host.command("timecast-announcer", "key", "new", "--state-dir",
                                    self.host.state / f"other{i}").stdout.strip()
                  for i in range(7)]
        path = self.host.state / "eight.keys"
        path.write_text("".join(f"{key}\n" for key in (old, *others)))
        options = "--signatures", "pinned", "--keys", path
        listener = self.listener(*options)
        listener.await_state("synchronised", within=20)
        first.stop()
        first.host.command("timecast-announcer", "key", "renew", "--state-dir", first.host.state)
        self.start(first.host.announcer)
        listener.await_log("there is no room")
        listener.hang_up()
        listener.await_log("settings read again: nothing is new")
        listener.stop()
        self.assertNotIn("endorsed", self.keys("list", *options).stdout)
        # One of before wrote it down.
        book = self.host.state / "timecast" / "listener.keys"
        book.parent.mkdir(exist_ok=True)
        book.write_text("".join(f"{key} added\n" for key in (*others, old)) +
                        f"{self.stranger()} added\n")
        again = self.listener()
        again.await_log("count no more")
        again.await_state("searching")

    def stranger(self):
        return self.host.command("timecast-announcer", "key", "new", "--state-dir",
                                 self.host.state / "stranger").stdout.strip()

    def test_trusted_keys_beside_the_settings_are_read_first(self):
        _, key = self.announcer()
        settings = self.host.state / "etc"
        settings.mkdir()
        (settings / "trusted-keys").write_text(f"{key} the one in the cellar\n")
        listener = self.listener("--signatures", "pinned",
                                 environment={"CONFIGURATION_DIRECTORY": str(settings)})
        listener.await_state("synchronised", within=20)
        listed = self.host.command("timecast-listener", "keys", "list", "--signatures", "pinned",
                                   environment={"CONFIGURATION_DIRECTORY": str(settings)})
        self.assertEqual(listed.stdout, f"{key}  {settings}/trusted-keys\n")

    def test_a_state_directory_that_cannot_be_written_costs_the_memory_alone(self):
        self.announcer()
        (self.host.state / "timecast").write_text("in the way")
        listener = self.listener()
        listener.await_state("synchronised", within=20)
        listener.await_log("it will be forgotten when this listener ends")


class WithoutSignatures(unittest.TestCase):
    def test_whose_answers_anybody_could_write_bounds_no_lateness_and_says_so(self):
        link = Link()
        link.host().announcer()
        listener = link.host().listener("--signatures", "off")
        listener.await_state("synchronised", within=20)
        self.assertIs(listener.status()["lateness_bounded"], False)
        self.assertIn("if announcements are not held back", listener.ask("status").stdout)


class LeastPrivilege(LabTest):
    """What the programs may still do once they run, without a unit of systemd's."""

    ANY_OWNER, ANY_FILE, LOW_PORTS = 0, 1, 10
    NOBODY = 65534

    def rights(self, program):
        lines = pathlib.Path(f"/proc/{program.pid}/status").read_text(encoding="ascii").splitlines()
        values = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        self.assertEqual(values["NoNewPrivs"], "1")
        return {number for name in ("CapEff", "CapPrm", "CapInh") for number in range(64)
                if int(values[name], 16) >> number & 1}

    def test_nothing_is_left_but_low_ports(self):
        link = Link()
        announcer = self.start(link.host().announcer)
        listener = self.start(link.host().listener)
        listener.await_state("synchronised", within=20)  # it works with what is left
        for program in (announcer, listener):
            with self.subTest(program=program.name):
                self.assertLessEqual(self.rights(program), {self.LOW_PORTS})

    def test_in_a_directory_of_another_users_the_right_to_his_files_is_kept_and_they_stay_his(self):
        link = Link()
        announcing, listening = link.host(), link.host()
        # Without root there is no other user: then each directory is this one's.
        may_give = self.give(announcing.state) and self.give(listening.state)
        allowed = {self.LOW_PORTS} | ({self.ANY_OWNER, self.ANY_FILE} if may_give else set())
        announcer = self.start(announcing.announcer)
        listener = self.start(listening.listener, "--state-dir", listening.state)
        listener.await_state("synchronised", within=20)
        listener.await_log("is trusted from now on")
        for program, file in ((announcer, "announcer.key"), (listener, "listener.keys")):
            with self.subTest(program=program.name):
                self.assertLessEqual(self.rights(program), allowed)
                if may_give:
                    self.assertIn(self.ANY_FILE, self.rights(program))
                state = program.host.state
                self.assertEqual((state / file).stat().st_uid, state.stat().st_uid)

    def give(self, directory):
        try:
            os.chown(directory, self.NOBODY, self.NOBODY)
        except OSError:
            return False
        return True

    def test_the_private_key_can_be_read_by_its_owner_alone(self):
        link = Link()
        announcer = self.start(link.host().announcer)
        announcer.await_line("to announce", lambda line: True)
        key = announcer.host.state / "announcer.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        # And no descriptor to it stays open.
        for descriptor in pathlib.Path(f"/proc/{announcer.pid}/fd").iterdir():
            self.assertNotEqual(descriptor.readlink(), key)


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

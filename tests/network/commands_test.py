# SPDX-License-Identifier: MIT
"""What an operator types, what is printed, and with which status it ends."""

import concurrent.futures
import json
import re
import time
import unittest

from judges import WITHOUT_CLOCK
from lab import LabTest, Link, run
from programs import Program
from secret import Secret

PROGRAMS = ("timecast-announcer", "timecast-listener")
END_S = 2
NOW = (r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \+-\S+ \S+, error \S+ \S+; "
       r"synchronised: .+\n$")
BOUNDED = NOW.replace("synchronised", "(synchronised|tentative)")


class RunningDaemons(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        link = Link()
        cls.announcer = link.host().announcer()
        cls.listener = link.host().listener()
        cls.listener.await_state("synchronised", within=15)

    def answer(self, program, *command):
        done = program.ask(*command)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_status_is_a_table_for_people(self):
        for program, names in ((self.announcer, ("state", "key", "precise", "plain", "answered")),
                               (self.listener, ("state", "offset", "error", "bound", "announcer",
                                                "group", "heard"))):
            with self.subTest(program=program.name):
                lines = self.answer(program, "status").splitlines()
                begun = {line.split()[0].rstrip(":") for line in lines}
                self.assertLessEqual(set(names), begun)

    def test_status_json_is_one_line_that_names_the_program(self):
        for program in (self.announcer, self.listener):
            with self.subTest(program=program.name):
                text = self.answer(program, "status", "--json")
                self.assertEqual(text.count("\n"), 1)
                status = json.loads(text)
                self.assertEqual((status["schema"], status["type"], status["program"]),
                                 (1, "summary", program.name))
                self.assertAlmostEqual(status["time_s"], time.time(), delta=5)

    def test_now_is_the_time_with_its_bound_and_why_it_is_known(self):
        text = self.answer(self.listener, "now")
        self.assertRegex(text, NOW)

    def test_now_json_has_the_time_in_both_forms(self):
        now = json.loads(self.answer(self.listener, "now", "--json"))
        self.assertAlmostEqual(now["now_s"], time.time(), delta=5)
        self.assertEqual(now["now"][:19],
                         time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now["now_s"])))
        self.assertEqual(now["state"], "synchronised")

    def test_now_in_a_format_is_that_alone(self):
        text = self.answer(self.listener, "now", "--format", "%s")
        self.assertRegex(text, r"^\d+\n$")
        self.assertAlmostEqual(int(text), time.time(), delta=5)

    def test_wait_returns_at_once_with_what_now_prints(self):
        text = self.answer(self.listener, "wait")
        self.assertRegex(text, NOW)
        line = json.loads(self.answer(self.listener, "wait", "--json"))
        self.assertEqual(line["state"], "synchronised")
        self.assertAlmostEqual(line["now_s"], time.time(), delta=5)

    def test_a_listener_without_time_says_so(self):
        lonely = Link().host().listener()
        self.addCleanup(lonely.stop)
        lonely.await_line("to search", lambda line: line["type"] == "estimate")
        now = lonely.ask("now")
        self.assertEqual((now.returncode, now.stdout), (1, ""))
        self.assertRegex(now.stderr, "there is no time to trust: searching: ")


class Sets(LabTest):
    """What `wait --set` does where nobody may set a clock; where one may: tests/guests."""

    def wait(self, ahead_ns):
        link = Link()
        ahead = link.host().announcer(program="timecast-shifted-announcer",
                                      environment={"TIMECAST_SHIFT": f"{ahead_ns},0,0"})
        self.addCleanup(ahead.stop)
        host = link.host()
        listener = self.start(host.listener)
        listener.await_state("synchronised", within=15)
        words = ["timecast-listener", "wait", "--set", "--socket", listener.control]
        return run(*Program.command_in(host, words, WITHOUT_CLOCK), check=False,
                   env=Program.environment_in(host))

    def test_what_it_may_not_set_it_says_with_the_way_out(self):
        done = self.wait(12_300_000)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        # Where somebody's chronyd runs, another test's for one, a line before says so.
        *others, last = done.stderr.splitlines()
        self.assertEqual(last, "timecast-listener: cannot set this host's clock: operation not "
                               "permitted; run this as root, or with CAP_SYS_TIME")
        for line in others:
            self.assertIn("keeps this host's clock too", line)


class Waits(unittest.TestCase):
    """For time, by a socket that need not be there yet."""

    def setUp(self):
        self.link = Link()
        self.host = self.link.host()
        self.socket = self.host.state / "socket"

    def wait(self, timeout_s):
        """What it did, and after how many seconds."""
        begun = time.monotonic()
        done = self.host.command("timecast-listener", "wait", "--timeout", timeout_s, "--socket",
                                 self.socket)
        return done, time.monotonic() - begun

    def start_listener(self):
        listener = self.host.listener()
        self.addCleanup(listener.stop)
        self.socket.symlink_to(listener.control)
        return listener

    def test_it_has_bounded_time_within_two_announcements(self):
        secret = Secret.draw()
        announcer = self.link.host().announcer("--interval", "16", environment=secret.environment,
                                               program="timecast-shifted-announcer")
        self.addCleanup(announcer.stop)
        listener = self.start_listener()
        done = self.host.command("timecast-listener", "wait", "--json", "--timeout", "40",
                                 "--socket", self.socket)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        line = json.loads(done.stdout)
        self.assertLessEqual(line["announcements"], 2 * line["streams"])
        self.assertLessEqual(abs(line["offset_s"] - secret.truth(line["time_s"])), line["bound_s"])
        self.assertLess(line["bound_s"], 0.1)
        self.assertEqual(listener.status()["state"], "tentative")

    def test_within_makes_it_wait_for_the_clock_itself(self):
        ahead = self.link.host().announcer(program="timecast-shifted-announcer",
                                           environment={"TIMECAST_SHIFT": "250000000,0,0"})
        self.addCleanup(ahead.stop)
        self.start_listener().await_state("synchronised", within=15)
        words = ("timecast-listener", "wait", "--socket", self.socket, "--timeout", "1")
        self.assertEqual(self.host.command(*words, "--within", "1").returncode, 0)
        done = self.host.command(*words, "--within", "0.1")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"within 1 s: this host's clock is still \+2\d\d\S* ms off")

    def check_gives_up(self, *words):
        done, after_s = self.wait(1.5)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in ("within 1.5 s", *words):
            self.assertIn(word, done.stderr)
        self.assertTrue(1 < after_s < 3, after_s)

    def test_a_listener_and_its_announcer_may_start_later(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = pool.submit(self.wait, 20)
            listener = self.start_listener()
            listener.await_state("searching")
            self.assertFalse(waiting.done())
            announcer = self.link.host().announcer()
            self.addCleanup(announcer.stop)
            done, _ = waiting.result()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, BOUNDED)

    def test_without_an_announcer_it_gives_up_in_time_and_says_what_the_listener_says(self):
        self.start_listener().await_state("searching")
        self.check_gives_up("searching: no announcement heard yet")

    def test_without_a_listener_it_gives_up_in_time_and_names_the_socket(self):
        self.check_gives_up(str(self.socket), "is it running?")

    def test_a_listener_that_hangs_is_given_up_too(self):
        listener = self.start_listener()
        listener.await_state("searching")
        with listener.stopped():
            self.check_gives_up(str(self.socket), "timed out")


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = Link().host()

    def key(self, command, directory):
        return self.host.command("timecast-announcer", "key", command, "--state-dir",
                                 self.host.state / directory)

    def test_a_new_key_is_shown_and_used_and_never_replaced(self):
        made = self.key("new", "one")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertRegex(made.stdout, r"^[A-Za-z0-9+/]{43}=\n$")
        self.assertEqual(self.key("show", "one").stdout, made.stdout)
        again = self.key("new", "one")
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertEqual(self.key("show", "one").stdout, made.stdout)
        announcer = self.host.start("timecast-announcer", "--state-dir", self.host.state / "one")
        self.addCleanup(announcer.stop)
        announcer.await_log("announcing to")
        self.assertEqual(announcer.status()["key"] + "\n", made.stdout)

    def test_the_private_key_is_for_its_owner_alone(self):
        self.key("new", "two")
        file = self.host.state / "two" / "announcer.key"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertIn("BEGIN PRIVATE KEY", file.read_text(encoding="ascii"))

    def test_a_missing_key_is_named_with_its_path(self):
        shown = self.key("show", "three")
        self.assertEqual((shown.returncode, shown.stdout), (1, ""))
        self.assertIn(str(self.host.state / "three" / "announcer.key"), shown.stderr)


class Complaints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = Link().host()

    def check_fails(self, status, words, *command):
        done = self.host.command(*command, environment={"XDG_RUNTIME_DIR": "/run/user"})
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_a_wrong_option_is_one_line_that_names_it_and_its_limit(self):
        announcer, listener = PROGRAMS
        for words, command in (
                (("--port", "65535"), (announcer, "--port", "65536")),
                (("--interval", "0.125", "1024"), (announcer, "--interval", "0.1")),
                (("--island", "1 to 15"), (announcer, "--island=16")),
                (("--stratum", "15"), (announcer, "--stratum", "0")),
                (("--rate-limit", "off", "0.001 to 100000"), (announcer, "--rate-limit", "fast")),
                (("--allow", "192.0.2.0/33"), (announcer, "--allow", "192.0.2.0/33")),
                (("--plain", "nowhere"), (announcer, "--plain", "nowhere")),
                (("--group", "192.0.2.1", "multicast"), (announcer, "--group", "192.0.2.1")),
                (("--port", "123", "--no-plain"), (announcer, "--port", "123")),
                (("--port", "65535"), (listener, "--port", "0")),
                (("--delay", "0", "1"), (listener, "--delay", "1.5")),
                (("--max-bound", "3600"), (listener, "--max-bound", "0")),
                (("--clock", "none"), (listener, "--clock", "sun")),
                (("--signatures", "first-use"), (listener, "--signatures", "maybe")),
                (("--keys",), (listener, "--signatures", "pinned")),
                (("query: needs HOST",), (listener, "query")),
                (("one HOST",), (listener, "query", "192.0.2.1", "192.0.2.2")),
                (("--port", "65535"), (listener, "query", "192.0.2.1", "--port", "0")),
                (("--format", "--json"), (listener, "query", "::1", "--format", "%s", "--json")),
                (("--timeout", "0 to 86400"), (listener, "wait", "--timeout", "soon")),
                (("--no-such",), (announcer, "--no-such")),
                (("--no-such",), (listener, "--no-such"))):
            with self.subTest(command=command):
                self.check_fails(2, (*words, command[0]), *command)

    def test_without_a_daemon_the_places_tried_are_listed(self):
        for program, commands in zip(PROGRAMS, (("status",), ("status", "now"))):
            for command in commands:
                with self.subTest(program=program, command=command):
                    places = (f"/run/{program}/control", f"/run/user/{program}/control")
                    self.check_fails(1, places, program, command)

    def test_an_unknown_interface_is_named_beside_those_that_exist(self):
        for program in PROGRAMS:
            for unknown in ("wlan7", "192.0.2.99"):
                with self.subTest(program=program, unknown=unknown):
                    self.check_fails(1, (f'"{unknown}"', "lo, eth0"), program, "--interface",
                                     unknown)


class Ends(unittest.TestCase):
    def test_sigterm_ends_both_programs_with_status_0_within_two_seconds(self):
        link = Link()
        announcer, listener = link.host().announcer(), link.host().listener()
        listener.await_line("an estimate", lambda line: "offset_s" in line)
        for program in (announcer, listener):
            with self.subTest(program=program.name):
                program.terminate()
                self.assertEqual(program.wait(END_S), 0)
                self.assertTrue(re.search("^timecast-.*: stopped", program.log, re.MULTILINE))

# SPDX-License-Identifier: MIT
"""The settings files of both programs, at the start and while they run."""

import json
import unittest

import kernel_clock
from lab import Link

PROGRAMS = ("timecast-announcer", "timecast-listener")
AGAIN = "settings read again: "
REFUSED = "settings stay as they were: "


class SettingsFile:
    def __init__(self, host, name, **settings):
        self.path = host.state / f"{name}.json"
        self.write(**settings)

    def __str__(self):
        return str(self.path)

    def write(self, **settings):
        """Keys by their names with _ for -."""
        named = {key.replace("_", "-"): value for key, value in settings.items()}
        self.write_text(json.dumps(named, indent=2))

    def write_text(self, text):
        self.path.write_text(text)


class Reloading(unittest.TestCase):
    def reload(self, program, expected):
        """Has a program read its settings again, and waits for what it logs of that."""
        logged = len(program.log)
        program.hang_up()
        program.await_log(expected, after=logged)


class AnnouncerReloads(Reloading):
    def setUp(self):
        self.link = Link()
        self.host = self.link.host()
        self.file = SettingsFile(self.host, "announcer", interval=0.25, island=True)
        self.announcer = self.host.start("timecast-announcer", "--settings", self.file)
        self.addCleanup(self.announcer.stop)
        self.announcer.await_line("to announce", lambda line: line["type"] == "announcement")

    def announcements(self, after=0):
        return [line for line in self.announcer.lines[after:]
                if line["type"] == "announcement" and line["stream"] == "precise"]

    def destinations(self):
        return {each["to"] for socket in self.announcer.status()["sockets"]
                for each in socket["destinations"]}

    def test_a_bad_file_changes_nothing_and_the_log_says_where(self):
        self.assertEqual(self.announcer.status()["interval_s"], 0.25)
        for text, refusal in (
                ('{\n  "interval": 5000\n}',
                 '2: interval: "5000" is no number of 0.125 to 1024'),
                ('{\n\n  "intervall": 2\n}',
                 '3: intervall: there is no such setting; did you mean interval?'),
                ('{ "interval": 2,\n  "interval": 2 }',
                 '2: interval: is in line 1 already; leave one out'),
                ('{ "interval": 2, }',
                 "1: column 18: unexpected '}'; expected string literal; no comma stands behind "
                 "the last"),
                ('{ "interval": 2, "port": 123 }',
                 '1: port: 123 is a port of the plain stream; choose another, or say --no-plain'),
        ):
            with self.subTest(text=text):
                self.file.write_text(text)
                self.reload(self.announcer, f"{REFUSED}{self.file}:{refusal}\n")
                self.assertEqual(self.announcer.status()["interval_s"], 0.25)
        self.file.write(interval=2, interface=["wlan7"])
        self.reload(self.announcer, f'{REFUSED}{self.file}: interface: ')
        self.assertEqual(self.announcer.status()["interval_s"], 0.25)

    def test_another_interval_is_followed_by_who_listens(self):
        listener = self.link.host().listener()
        self.addCleanup(listener.stop)
        listener.await_state("synchronised", within=15)
        seen = len(listener.lines)
        before = self.announcements()[-1]["sequence"]
        self.file.write(interval=1, island=True)
        self.reload(self.announcer, AGAIN + "interval 0.25 -> 1\n")
        self.assertEqual(self.announcer.status()["interval_s"], 1)
        listener.await_line("to know the interval",
                            lambda line: line.get("interval_s") == 1, after=seen)
        self.assertEqual({line["state"] for line in listener.lines[seen:]}, {"synchronised"})
        self.assertLessEqual({line["streams"] for line in listener.lines[seen:]}, {1, 2})
        self.assertGreater(self.announcements()[-1]["sequence"], before)

    def test_destinations_interfaces_and_stratum_change_while_it_runs(self):
        self.assertEqual(self.announcer.status()["stratum"], 10)
        self.file.write(interval=0.25, island=True, stratum=5, plain=["192.0.2.255", "224.0.1.1"])
        self.reload(self.announcer, AGAIN + 'plain [] -> ["192.0.2.255:123", "224.0.1.1:123"], '
                    "stratum default -> 5\n")
        seen = len(self.announcer.lines)
        self.announcer.await_line("to announce", lambda line: line["type"] == "announcement" and
                                  line["stratum"] == 5, after=seen)
        self.assertLessEqual({"192.0.2.255:123", "224.0.1.1:123"}, self.destinations())
        self.file.write(interval=0.25, island=True, no_plain=True, interface=["192.0.2.1"])
        self.reload(self.announcer, AGAIN + 'interface [] -> ["192.0.2.1"], ')
        self.assertEqual(self.destinations(), {"239.255.123.124:11123"})
        self.assertNotIn("it is gone", self.announcer.log)

    def test_an_island_can_be_left(self):
        self.file.write(interval=0.25)
        self.reload(self.announcer, AGAIN + "island true -> false\n")
        right = kernel_clock.is_synchronised()
        status = self.announcer.status()
        self.assertEqual((status["state"], status["reason"]), (
            "synchronised" if right else "unsynchronised",
            f"the kernel says that this host's clock is {'' if right else 'not '}synchronised"))
        self.file.write(interval=0.25, island=7)
        self.reload(self.announcer, AGAIN + "island false -> true, stratum default -> 7\n")
        self.assertEqual(self.announcer.status()["state"], "synchronised")

    def test_what_needs_a_restart_is_told_and_the_rest_changes(self):
        self.file.write(interval=0.5, island=True, state_dir="/elsewhere")
        self.reload(self.announcer, AGAIN + "interval 0.25 -> 0.5; not before a restart: state-dir "
                    'default -> "/elsewhere"\n')
        self.assertEqual(self.announcer.status()["interval_s"], 0.5)
        self.file.write(interval=0.5, island=True)
        self.reload(self.announcer, AGAIN + "nothing is new\n")

    def test_a_file_that_has_gone_changes_nothing(self):
        self.file.path.unlink()
        self.reload(self.announcer, f"{REFUSED}cannot read {self.file}: no such file")
        self.assertEqual(self.announcer.status()["interval_s"], 0.25)


class ListenerReloads(Reloading):
    def setUp(self):
        self.link = Link()
        self.announcer = self.link.host().announcer("--interval", "0.25")
        self.host = self.link.host()
        self.file = SettingsFile(self.host, "listener", max_bound=0.5)
        self.listener = self.host.listener("--settings", self.file)
        for program in (self.announcer, self.listener):
            self.addCleanup(program.stop)
        self.key = self.listener.await_state("synchronised", within=15)["key"]

    def keys_of(self, *keys):
        path = self.host.state / "keys"
        path.write_text("".join(f"{key}\n" for key in keys))
        return str(path)

    def test_a_bad_file_changes_nothing_and_the_log_says_where(self):
        seen = len(self.listener.lines)
        for text, refusal in (
                ('{\n  "max-bound": 0\n}',
                 '2: max-bound: "0" is no number of 0.000001 to 3600'),
                ('{ "max_bound": 1 }',
                 "1: max_bound: there is no such setting; did you mean max-bound?"),
                ('{\n  "port": 1,\n  "signatures": "pinned"\n}',
                 "3: signatures: pinned needs keys; name their file with --keys"),
        ):
            with self.subTest(text=text):
                self.file.write_text(text)
                self.reload(self.listener, f"{REFUSED}{self.file}:{refusal}\n")
        self.file.write(port=1, keys=self.keys_of(self.key, "no key"))
        self.reload(self.listener, f"{REFUSED}{self.host.state}/keys:2: ")
        self.assertEqual({group["group"].rpartition(":")[2]
                          for group in self.listener.status()["groups"]}, {"11123"})
        self.listener.await_line("to go on", lambda line: line["type"] == "estimate", after=seen)
        self.assertEqual({line["state"] for line in self.listener.lines[seen:]}, {"synchronised"})

    def test_it_keeps_its_estimate_when_trust_and_groups_stay(self):
        heard = self.listener.status()["announcements"]
        seen = len(self.listener.lines)
        self.file.write(max_bound=0.25, interface=["eth0"])
        self.reload(self.listener, AGAIN + 'interface [] -> ["eth0"], max-bound 0.5 -> 0.25\n')
        status = self.listener.status()
        self.assertEqual(status["state"], "synchronised")
        self.assertGreaterEqual(status["announcements"], heard)
        self.file.write(max_bound=0.000001)
        self.reload(self.listener, AGAIN)
        self.listener.await_state("lost", after=seen)
        self.file.write(max_bound=0.5)
        self.reload(self.listener, AGAIN + "max-bound 0.000001 -> 0.5\n")
        self.listener.await_state("synchronised", within=1, after=len(self.listener.lines) - 1)

    def test_other_trust_starts_it_anew(self):
        seen = len(self.listener.lines)
        anew = "; what was measured is forgotten, the listener starts anew\n"
        keys = self.keys_of(self.key)
        self.file.write(max_bound=0.5, keys=keys)
        self.reload(self.listener, AGAIN + f'keys default -> "{keys}", other keys{anew}')
        self.listener.await_state("searching", after=seen)
        self.listener.await_state("synchronised", within=15, after=seen + 1)
        self.reload(self.listener, AGAIN + "nothing is new\n")
        self.assertEqual(self.listener.status()["state"], "synchronised")
        self.keys_of("A" * 43 + "=")
        seen = len(self.listener.lines)
        self.reload(self.listener, AGAIN + f"other keys{anew}")
        self.listener.await_line("to refuse the announcer", lambda line:
                                 line.get("refused", {}).get("unknown_key", 0) > 1, after=seen)
        self.assertEqual(self.listener.status()["state"], "searching")

    def test_it_moves_to_another_port_and_back(self):
        for port in (11124, 11123):
            self.file.write(port=port)
            self.reload(self.listener, f"-> {port}, max-bound " if port == 11124 else
                        f"-> {port}; what was measured")
            self.assertEqual({group["group"].rpartition(":")[2]
                              for group in self.listener.status()["groups"]}, {str(port)})
        self.listener.await_state("synchronised", within=15, after=len(self.listener.lines) - 1)


class AtTheStart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = Link().host()

    def run_with(self, program, file, *options):
        done = self.host.command(program, *options, "--settings", file)
        self.assertEqual(done.stdout, "")
        return done.returncode, done.stderr

    def test_a_bad_file_ends_both_programs_with_status_3_and_one_line(self):
        for program in PROGRAMS:
            with self.subTest(program=program):
                file = SettingsFile(self.host, "bad")
                file.write_text('{\n  "port": 70000\n}\n')
                self.assertEqual(self.run_with(program, file), (
                    3, f'{program}: {file}:2: port: "70000" is no number of 1 to 65535\n'))
                missing = self.host.state / "missing.json"
                self.assertEqual(self.run_with(program, missing), (
                    3, f"{program}: cannot read {missing}: no such file or directory; name another "
                    f"with --settings, or make one by `{program} print-settings`\n"))

    def test_the_usual_file_is_read_if_it_is_there(self):
        folder = self.host.state / "etc"
        folder.mkdir()
        environment = {"CONFIGURATION_DIRECTORY": str(folder)}
        for program, name in zip(PROGRAMS, ("announcer", "listener")):
            with self.subTest(program=program):
                def printed():
                    done = self.host.command(program, "print-settings", environment=environment)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    return done.stdout
                self.assertIn('  "port": 11123', printed())
                (folder / f"{name}.json").write_text('{ "port": 1123 } // another')
                self.assertIn('  "port": 1123', printed())

    def test_what_is_printed_and_read_again_is_the_same(self):
        for program in PROGRAMS:
            with self.subTest(program=program):
                file = SettingsFile(self.host, "printed", port=1123)
                options = ("--interface", "eth0", "--socket", "/s")
                first = self.host.command(program, "print-settings", "--settings", file, *options)
                self.assertEqual((first.returncode, first.stderr), (0, ""))
                for setting in ('"port": 1123', '"interface": ["eth0"]', '"socket": "/s"'):
                    self.assertIn(f"\n  {setting}", first.stdout)
                file.write_text(first.stdout)
                second = self.host.command(program, "print-settings", "--settings", file)
                self.assertEqual((second.returncode, second.stdout), (0, first.stdout))

# SPDX-License-Identifier: MIT
"""The shared page of a real listener, read by other programs: libtimecast-now and the examples.

The announcer's clock is this machine's, so that what is read can be held against the truth.
"""

import ctypes
import errno
import json
import threading
import time
import unittest

from lab import STATE, LabTest, Link, run
from programs import BIN, ROOT

SHARED = BIN.parent / "libtimecast-now.so"
SYNCHRONISED_S = 20
SILENT_S = 5      # a daemon that writes no more is noticed after 3
EXAMPLE = "now_c_example"
SEARCHING, TENTATIVE, SYNCHRONISED, HOLDOVER, LOST = range(5)
DAEMON_SILENT = 101


class Time(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("size", "state", "reason", "leap")] + [
        (name, ctypes.c_int64) for name in (
            "time_ns", "earliest_ns", "latest_ns", "error_ns", "bound_ns", "valid_until_ns",
            "age_ns", "daemon_started_ns")] + [
        (name, ctypes.c_uint32) for name in ("lateness_bounded", "reserved")]


def library():
    if not SHARED.exists():
        raise unittest.SkipTest(f"{SHARED}: builds with sanitizers have no shared library")
    loaded = ctypes.CDLL(str(SHARED))
    loaded.timecast_open.restype = ctypes.c_void_p
    loaded.timecast_open.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    loaded.timecast_now.argtypes = [ctypes.c_void_p, ctypes.POINTER(Time)]
    loaded.timecast_close.argtypes = [ctypes.c_void_p]
    loaded.timecast_reason_text.restype = ctypes.c_char_p
    return loaded


class Reader:
    def __init__(self, path):
        self.calls = library()
        self.error = ctypes.c_int(1)
        self.clock = self.calls.timecast_open(str(path).encode(), ctypes.byref(self.error))

    def now(self):
        """Its error, the time, and this host's clock before and after."""
        read = Time(size=ctypes.sizeof(Time))
        before = time.clock_gettime_ns(time.CLOCK_REALTIME)
        error = self.calls.timecast_now(self.clock, ctypes.byref(read))
        return error, read, before, time.clock_gettime_ns(time.CLOCK_REALTIME)

    def close(self):
        self.calls.timecast_close(self.clock)


class Watch(threading.Thread):
    """Reads all the time, and keeps what changes and what is wrong."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.reader = Reader(path)
        self.seen = []   # (error, state, reason, daemon_started_ns), each once until it changes
        self.lies = []
        self.reads = 0
        self.ends = False

    def run(self):
        while not self.ends:
            error, read, before, after = self.reader.now()
            self.reads += 1
            now = (error, read.state, read.reason, read.daemon_started_ns)
            if not self.seen or self.seen[-1] != now:
                self.seen.append(now)
            if error == 0 and (read.earliest_ns > after or read.latest_ns < before):
                self.lies.append((read.time_ns, read.bound_ns, before, after))
            time.sleep(0)
        self.reader.close()

    def await_seen(self, what, accept, within):
        deadline = time.monotonic() + within
        while not any(accept(*each) for each in list(self.seen)):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {within} s; seen {self.seen}")
            time.sleep(0.02)


class OnALink(LabTest):
    @classmethod
    def setUpClass(cls):
        library()
        cls.link = Link()
        cls.link.host().announcer()

    def listener(self, host, *options):
        """A synchronised one, and its page."""
        started = self.start(host.listener, *options)
        started.await_state("synchronised", within=SYNCHRONISED_S)
        return started, host.state / "page"

    def watch(self, path):
        watch = Watch(path)
        watch.start()

        def end():
            watch.ends = True
            watch.join()
        self.addCleanup(end)
        return watch


class Read(OnALink):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.host = cls.link.host()
        cls.daemon = cls.host.listener()
        cls.daemon.await_state("synchronised", within=SYNCHRONISED_S)
        cls.page = cls.host.state / "page"

    def test_the_page_says_what_the_command_now_says(self):
        reader = Reader(self.page)
        self.addCleanup(reader.close)
        readings = [reader.now() for _ in range(100)]
        said = json.loads(self.daemon.ask("now", "--json").stdout)
        error, read, before, after = min(readings, key=lambda reading: reading[3] - reading[2])
        self.assertEqual(error, 0)
        offset_s = (read.time_ns - (before + after) / 2) / 1e9
        slack_s = (after - before) / 1e9 + (read.error_ns / 1e9 + said["error_s"]) / 2
        self.assertLess(abs(offset_s - said["offset_s"]), slack_s)
        self.assertAlmostEqual(read.error_ns / 1e9, said["error_s"], delta=0.3 * said["error_s"])
        self.assertAlmostEqual(read.bound_ns / 1e9, said["bound_s"], delta=0.1 * said["bound_s"])
        self.assertEqual(said["state"], "synchronised")
        self.assertEqual(read.state, SYNCHRONISED)
        self.assertEqual(reader.calls.timecast_reason_text(read.reason).decode(),
                         said["reason"])
        self.assertEqual(read.lateness_bounded, 1)
        boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        valid_for_s = (read.valid_until_ns - boot_ns) / 1e9
        self.assertAlmostEqual(valid_for_s, min(said["valid_for_s"], 86400),
                               delta=0.1 * said["valid_for_s"])

    def test_it_is_written_every_second(self):
        reader = Reader(self.page)
        self.addCleanup(reader.close)
        oldest = 0
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            oldest = max(oldest, reader.now()[1].age_ns)
            time.sleep(0.005)
        self.assertLess(oldest, 1.5e9)

    def test_the_status_names_it_and_anybody_may_read_it(self):
        self.assertEqual(self.daemon.status()["page"], str(self.page))
        self.assertEqual(self.page.stat().st_mode & 0o777, 0o644)

    def test_the_example_in_c_needs_a_c_compiler_alone(self):
        program = str(STATE / EXAMPLE)
        run("cc", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I",
            ROOT / "listener/include", ROOT / f"examples/{EXAMPLE}.c",
            BIN.parent / "libtimecast-now.a", "-o", program)
        done = self.host.command(program, self.page)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^\d{10}\.\d{9} s since 1970, between \d+ ns earlier and "
                                      r"later\nsynchronised: announcements agree .*\n$")
        refused = self.host.command(program, "/nowhere/page")
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("there is no page; start timecast-listener", refused.stderr)

    def test_the_example_in_cpp_says_the_same(self):
        done = self.host.command(str(BIN / "now_example"), self.page)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^\d{10}\.\d{6} s since 1970, \+-0\.\d{9} s; "
                                      r"synchronised: announcements agree .*\n$")
        refused = self.host.command(str(BIN / "now_example"), "/nowhere/page")
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("there is no page; start timecast-listener", refused.stderr)

    def test_a_second_listener_in_the_same_directory_leaves_the_page_to_the_first(self):
        reader = Reader(self.page)
        self.addCleanup(reader.close)
        started = reader.now()[1].daemon_started_ns
        second = self.start(self.host.listener)
        second.await_log("another program writes")
        self.assertIn("name a socket in another directory with --socket", second.log)
        second.await_state("synchronised", within=SYNCHRONISED_S)
        self.assertEqual(reader.now()[1].daemon_started_ns, started)
        self.assertIn("another program writes", second.status()["page_failure"])


class Restarted(OnALink):
    def restart(self, between=lambda page: None):
        """Kills a listener while somebody reads, and starts another. Returns who has read."""
        host = self.link.host()
        first, page = self.listener(host)
        watch = self.watch(page)
        watch.await_seen("to be synchronised", lambda error, state, *_: state == SYNCHRONISED, 5)
        first.kill()
        watch.await_seen("to miss the daemon", lambda error, state, reason, _:
                         (error, state, reason) == (0, HOLDOVER, DAEMON_SILENT), SILENT_S)
        started = watch.seen[-1][3]
        between(page)
        self.listener(host)
        watch.await_seen("to read of the new daemon", lambda error, state, reason, daemon:
                         (error, state) == (0, SYNCHRONISED) and daemon != started,
                         SYNCHRONISED_S)
        return watch

    def check(self, watch):
        self.assertEqual(watch.lies, [])
        # Until the new one has a time of its own it says that there is none.
        self.assertLessEqual({error for error, *_ in watch.seen}, {0, -errno.ENODATA})
        self.assertGreater(watch.reads, 1000)

    def test_in_the_same_file_its_readers_go_on(self):
        self.check(self.restart())

    def test_in_another_file_its_readers_find_it(self):
        self.check(self.restart(between=lambda page: page.unlink()))


class Killed(OnALink):
    def test_again_and_again_while_it_writes_no_reader_sees_a_lie(self):
        host = self.link.host()
        first, page = self.listener(host)
        watch = self.watch(page)
        first.kill()
        for _ in range(5):
            daemon = self.start(host.listener)
            daemon.await_state("tentative", "synchronised", within=SYNCHRONISED_S)
            daemon.kill()
        self.listener(host)
        watch.await_seen("the last", lambda *seen: seen[:2] == (0, SYNCHRONISED) and
                         seen == watch.seen[-1], SYNCHRONISED_S)
        self.assertEqual(watch.lies, [])
        self.assertLessEqual({error for error, *_ in watch.seen}, {0, -errno.ENODATA})


class NoRoom(OnALink):
    def test_a_page_that_cannot_be_written_is_said_once_and_the_daemon_goes_on(self):
        host = self.link.host()
        (host.state / "page").mkdir()
        listener, _ = self.listener(host)
        lines = [line for line in listener.log.splitlines() if "page" in line]
        self.assertEqual(len(lines), 1, listener.log)
        self.assertRegex(lines[0], r"other programs cannot read the time here: cannot write .*/page:"
                                   r" .*; name a socket in another directory with --socket$")


class Silent(OnALink):
    @classmethod
    def setUpClass(cls):
        library()
        cls.link = Link()

    def test_where_nothing_is_announced_there_is_a_reason_and_no_time(self):
        host = self.link.host()
        listener = self.start(host.listener)
        listener.await_line("to say what it knows", lambda line: line["type"] == "estimate")
        reader = Reader(host.state / "page")
        self.addCleanup(reader.close)
        error, read, *_ = reader.now()
        self.assertEqual((error, read.state, read.time_ns), (-errno.ENODATA, SEARCHING, 0))
        self.assertEqual(reader.error.value, 0)

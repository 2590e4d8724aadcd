# SPDX-License-Identifier: MIT
"""The scenes that are shown in docs/operations.md: who types what on which host.

Two hosts on one link: `clock` announces, `lab` listens. Both run as an operator would run them, so
what is shown can be typed. Where a second announcer is seen, a third host runs it, on another link.
"""

import contextlib
import pathlib
import signal
import time

import judges
from bad_days import BAD_DAYS
from lab import Link
from terminals import LIMIT_S, SETTLED_S, Table, Terminal, announcing, output_of

FOLLOWED_S = 60  # until chronyd follows who feeds it
FOLLOWED_WELL_S = 12
SOURCES = "chronyc -n sources"
CHRONY_CONTROL = "/run/chrony/chronyd.sock"  # /run is this process's own
REFCLOCK = "refid CAST poll 2 filter 4 stratum 10 delay 0.002"


class World:
    """Both hosts with their daemons at work."""

    def __init__(self):
        link = Link()
        self.clock = Terminal(link.host(), "clock")
        self.lab = Terminal(link.host(), "lab")
        self.daemons = {}

    def start(self):
        for terminal, line in ((self.clock, "timecast-announcer --island"),
                               (self.lab, "timecast-listener")):
            self.daemons[line] = (terminal, terminal.start(line))
            time.sleep(0.5)
        time.sleep(SETTLED_S)

    def stop(self):
        """Ends the daemons; returns what each has said, by its command."""
        said = {}
        for line, (terminal, process) in self.daemons.items():
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=LIMIT_S)
            said[line] = terminal.shown(line, output)
        self.daemons = {}
        return said


# ---- The scenes: each gets the world with its daemons at work, and returns what is seen ----


def in_clock(line, seconds=None):
    return lambda world: world.clock.types(line, seconds)


def in_lab(line, seconds=None):
    return lambda world: world.lab.types(line, seconds)


def greeting_heard(world):
    """What somebody sends to a group that has nothing to do with time."""
    shout = ("import socket, time\n"
             "s = socket.socket(type=socket.SOCK_DGRAM)\n"
             "s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, bytes([192, 0, 2, 1]))\n"
             "while not time.sleep(0.7): s.sendto(b'hello, world', ('224.0.0.100', 10001))")
    sender = world.clock.start(f'/usr/bin/python3 -c "{shout}"')
    try:
        return world.lab.types("timecast-listener watch --group 224.0.0.100 --port 10001", 1.5)
    finally:
        sender.kill()
        sender.communicate(timeout=LIMIT_S)


def another_link():
    """A right announcer, one that is ahead, and `lab`: nobody on the first link hears them."""
    link = Link()
    return [Terminal(link.host(), name) for name in ("clock", "other", "lab")]


def second_announcer_on_the_table(_):
    clock, other, lab = another_link()
    with announcing(clock):
        table = Table(lab, "timecast-monitor")
        table.run(6)
        with announcing(other, "timecast-shifted-announcer"):
            table.run(14)
            return lab.shown("timecast-monitor", table.stop())


def second_announcer_comes_and_goes(_):
    line = "timecast-listener watch --group 239.255.123.124 --port 11123"
    clock, other, lab = another_link()
    with announcing(clock):
        time.sleep(0.5)
        watch = lab.start(line)
        time.sleep(1.5)
        with announcing(other, "timecast-shifted-announcer"):
            time.sleep(2.5)
        time.sleep(4)  # until it is missed
        watch.send_signal(signal.SIGINT)
        output, _ = watch.communicate(timeout=LIMIT_S)
    return lab.shown(line, output)


DROPS = ("add table inet filter; add chain inet filter input { type filter hook input priority 0; };"
         " add rule inet filter input udp dport 11123 drop")


@contextlib.contextmanager
def listening(terminal):
    """A listener that is there meanwhile, and settled; the place where it is asked."""
    place = f"{terminal.host.state}/control"
    process = terminal.start(f"timecast-listener --socket {place}")
    try:
        time.sleep(SETTLED_S)
        yield place
    finally:
        process.terminate()
        process.communicate(timeout=LIMIT_S)


def asked_after(act, line):
    """What a doctor says of a host that listens to an announcer, once that has been done to it."""
    clock, _, lab = another_link()
    with announcing(clock), listening(lab) as place:
        act(lab.host)
        output, _ = lab.start(f"{line} --socket {place}").communicate(timeout=LIMIT_S)
    return lab.shown(line, output)


def firewall_in_the_way(_):
    return asked_after(lambda host: host.command("nft", DROPS), "timecast-listener doctor")


def access_point_that_isolates(_):
    return asked_after(lambda host: host.link.ip(
        f"link set {host.port} type bridge_slave mcast_flood off"), "timecast-listener doctor")


def spare_takes_over(_):
    clock, other, lab = another_link()
    with contextlib.ExitStack() as spare:
        with announcing(clock):
            time.sleep(1)
            listener = lab.start(f"timecast-listener --socket {lab.host.state}/control")
            time.sleep(SETTLED_S)
            spare.enter_context(announcing(other))
            time.sleep(SETTLED_S)
        time.sleep(20)  # until it is missed, and the other one is followed
        return lab.shown("timecast-listener", output_of(listener))


def clock_is_set_while_it_announces(_):
    line = "timecast-listener watch --group 239.255.123.124 --port 11123"
    clock, _, lab = another_link()
    with announcing(clock):
        time.sleep(0.5)
        watch = lab.start(line)
        time.sleep(2)
    with announcing(clock, "timecast-shifted-announcer", 2_500_000_000):
        time.sleep(2.5)
        return lab.shown(line, output_of(watch))


def settings_with_a_slip(world):
    path = world.clock.host.state / "announcer.json"
    path.write_text('{\n  // twice a second\n  "intervall": 0.5\n}\n', encoding="ascii")
    return world.clock.types(f"cat {path}") + world.clock.types(
        f"timecast-announcer --settings {path}")


@contextlib.contextmanager
def fed_by(clock):
    """`lab` on a link of its own, with a listener that feeds whoever takes this clock."""
    announcer, _, lab = another_link()
    with announcing(announcer):
        listener = lab.start(f"timecast-listener --clock {clock} --socket {lab.host.state}/control")
        try:
            yield lab
        finally:
            listener.terminate()
            listener.communicate(timeout=LIMIT_S)


@contextlib.contextmanager
def chronyd_on(terminal, refclock):
    """A chronyd of Debian's that only looks: its right to set the clock is gone."""
    pathlib.Path(CHRONY_CONTROL).parent.mkdir(mode=0o700, exist_ok=True)
    chronyd = judges.Chronyd(terminal.host, f"bindcmdaddress {CHRONY_CONTROL}", "port 0", refclock)
    try:
        yield
    finally:
        chronyd.stop()


def await_output(terminal, line, accept):
    """What the line printed as soon as that was accepted."""
    deadline = time.monotonic() + FOLLOWED_S
    while time.monotonic() < deadline:
        shown = terminal.types(line)
        if accept(shown):
            return shown
        time.sleep(0.5)
    raise AssertionError(f"{line}: {shown}")


def chronyd_follows(refclock, clock):
    """The sources of a chronyd that is fed, once it has selected ours and knows it well."""
    with fed_by(clock) as lab, chronyd_on(lab, refclock):
        await_output(lab, SOURCES, lambda shown: "#* CAST" in shown)
        time.sleep(FOLLOWED_WELL_S)
        return await_output(lab, SOURCES, lambda shown: "#* CAST" in shown)


def shared_memory_seen(_):
    with fed_by("ntp-shm:2") as lab:
        time.sleep(SETTLED_S)
        return lab.types("ntpshmmon -n 5 -t 10")


# The life of a daemon is known when it has ended.
LIVES = {
    "announcer-run": "timecast-announcer --island",
    "listener-run": "timecast-listener",
}

SCENES = {
    **dict.fromkeys(LIVES),
    "announcer-status": in_clock("timecast-announcer status"),
    "announcer-key": in_clock("timecast-announcer key show"),
    "announcer-key-new": in_clock("timecast-announcer key new --state-dir /run/spare"),
    "announcer-print-settings": in_clock("timecast-announcer print-settings --island"),
    "settings-with-a-slip": settings_with_a_slip,
    "listener-wait": in_lab("timecast-listener wait --timeout 10"),
    "listener-now": in_lab("timecast-listener now"),
    "listener-now-format": in_lab("timecast-listener now --format '%A %d %B %Y, %H:%M:%S'"),
    "listener-status": in_lab("timecast-listener status"),
    "listener-watch": in_lab("timecast-listener watch", 4),
    "listener-watch-hex": in_lab(
        "timecast-listener watch --hex --group 239.255.123.124 --port 11123", 1.5),
    "listener-watch-anything": greeting_heard,
    "listener-watch-alarms": second_announcer_comes_and_goes,
    "listener-query": in_lab("timecast-listener query 192.0.2.1"),
    "listener-query-format": in_lab(
        "timecast-listener query 192.0.2.1 --format '%d.%m.%Y %H:%M:%S'"),
    "monitor": in_lab("timecast-monitor", 3),
    "monitor-live": second_announcer_on_the_table,
    "monitor-check": in_lab("timecast-monitor --check --warn 1ms --crit 10ms"),
    "promtool-check": in_lab("promtool check config packaging/prometheus/prometheus.yml"),
    "promtool-test": in_lab("promtool test rules tests/fleet/rules.yml"),
    "chronyc-sources": lambda _: chronyd_follows(
        f"refclock SOCK /run/chrony.timecast.sock {REFCLOCK}", "chrony"),
    "chronyc-sources-shm": lambda _: chronyd_follows(
        f"refclock SHM 2:perm=0666 {REFCLOCK}", "ntp-shm:2"),
    "ntpshmmon": shared_memory_seen,
    "listener-doctor": in_lab("timecast-listener doctor"),
    "bad-day-spare": spare_takes_over,
    "bad-day-step": clock_is_set_while_it_announces,
    **BAD_DAYS,
    "announcer-doctor": in_clock("timecast-announcer doctor"),
    "listener-doctor-firewall": firewall_in_the_way,
    "listener-doctor-isolated": access_point_that_isolates,
    "listener-doctor-findings": in_lab("timecast-listener doctor --port 11124"),
    **{name: in_lab(line) for name, line in judges.COMMANDS.items()},
    "listener-print-settings": in_lab("timecast-listener print-settings --max-bound 0.1"),
}


def play(names):
    """The named scenes' transcripts, by their names."""
    world = World()
    world.start()
    try:
        played = {name: SCENES[name](world) for name in names if name not in LIVES}
    finally:
        said = world.stop()
    played.update({name: said[line] for name, line in LIVES.items() if name in names})
    return played

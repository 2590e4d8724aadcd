# SPDX-License-Identifier: MIT
"""What the pictures show: real programs on hosts of one link, and a browser on one of them."""

import contextlib
import signal
import subprocess
import time

import chromium
import fleet
from cells import page
from scenes import DROPS, another_link, listening
from terminals import AHEAD_NS, LIMIT_S, Table, Terminal, announcing

UNPACKED_SHARE = fleet.UNPACKED / "prometheus/usr/share"
PORT = 11180
ALONE_S, BOTH_S = 40, 45  # one announcer, then two
SECOND_AHEAD_NS = 250_000
TERMINAL = (120, 22)
CELL_PX, LINE_PX, EDGE_PX = 9.1, 19.5, 40
WIDE, PHONE = {"width": 1000, "height": 900}, {"width": 390, "height": 844}
PAGE_HEIGHT = 1330
EXPORTER_PORT = 9100
EXPECTED = {"TimecastAnnouncersDisagree", "TimecastListenerUnsynchronised"}
# Answers too: who only misses announcements asks for the time.
SHUT = f"{DROPS}; add rule inet filter input udp sport 11123 drop"
ALERTS = {"width": 1100, "height": 700}
# What fires alone, and all that it says.
OPEN_FIRING = """
document.querySelector("#inactiveAlerts").parentElement.click();
document.querySelector("div.show-annotations").click();
for (const row of document.querySelectorAll("tr.alert_header.alert-danger")) row.click();
"""


class Stage:
    """Stands in for a test: what is started ends with it, and a failure is one."""

    def __init__(self, stack):
        self.addCleanup = stack.callback

    @staticmethod
    def fail(why):
        raise AssertionError(why)


def stop(process):
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=LIMIT_S)[0]


def photograph(stage, host, url, file, up_to=None, click=None, **options):
    with host.inside():
        browser = chromium.Browser(stage, **options)
    browser.open(url)
    browser.await_value(stage, "document.body.innerText.length", lambda count: count > 100,
                        f"{url} stays empty")
    time.sleep(2)  # until what it asks for has come
    if click:
        browser.value(click)
        time.sleep(1)
    browser.picture(file, up_to)
    subprocess.run(["pngquant", "--force", "--strip", "--output", file, "64", file], check=True)


# ---- The monitor: its table, its page, its report ----


def photograph_pages(stage, host, names, folder):
    url = f"http://127.0.0.1:{PORT}/"
    for name, options in (("page-light", WIDE), ("page-dark", {**WIDE, "is_dark": True}),
                          ("page-phone", PHONE)):
        if name in names:
            photograph(stage, host, url, folder / f"{name}.png", PAGE_HEIGHT, **options)


def monitor_pictures(names, folder):
    clock, other, lab = another_link()
    report, cells = lab.host.state / "report.html", lab.host.state / "terminal.html"
    columns, lines = TERMINAL
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        stack.enter_context(announcing(clock))
        place = stack.enter_context(listening(lab))
        monitor = lab.start(f"timecast-monitor --serve {PORT} --report {report} --socket {place}")
        table = Table(lab, "timecast-monitor", TERMINAL, NO_COLOR="")
        table.run(ALONE_S)
        stack.enter_context(announcing(other, "timecast-shifted-announcer", SECOND_AHEAD_NS))
        table.run(BOTH_S)
        drawn = table.stop(with_colours=True)
        photograph_pages(stage, lab.host, names, folder)
        print(stop(monitor), end="")
        if "terminal" in names:
            cells.write_text(page(drawn, columns, lines), encoding="utf-8")
            photograph(stage, lab.host, f"file://{cells}", folder / "terminal.png",
                       width=round(columns * CELL_PX) + EDGE_PX,
                       height=round(lines * LINE_PX) + EDGE_PX)
        if "report" in names:
            photograph(stage, lab.host, f"file://{report}", folder / "report.png", **WIDE)


# ---- Prometheus, with an alert ----


def export(stack, terminal):
    """A listener that writes its file, and Debian's node_exporter that tells of it."""
    folder = terminal.host.state / "metrics"
    folder.mkdir()
    for line in (f"timecast-listener --socket {terminal.host.state}/control "
                 f"--textfile {folder}/timecast.prom",
                 f"{fleet.program('prometheus-node-exporter')} --collector.disable-defaults "
                 f"--collector.textfile --collector.textfile.directory={folder} "
                 f"--web.listen-address=:{EXPORTER_PORT}"):
        process = terminal.start(line)
        stack.callback(process.wait)
        stack.callback(process.kill)


def alerts_picture(_, folder):
    """Two announcers that contradict each other, and a listener behind a new firewall."""
    clock, other, lab = another_link()
    shut = Terminal(lab.host.link.host(), "shut")  # the third and the fourth host of the link
    hosts = {"lab3": (lab, "192.0.2.3"), "lab4": (shut, "192.0.2.4")}
    with contextlib.ExitStack() as stack:
        stage = Stage(stack)
        stack.enter_context(announcing(clock))
        stack.enter_context(announcing(other, "timecast-shifted-announcer", AHEAD_NS))
        for terminal, _ in hosts.values():
            export(stack, terminal)
        monitor = lab.start(f"timecast-monitor --serve {PORT} --socket {lab.host.state}/control")
        stack.callback(monitor.wait)
        stack.callback(monitor.kill)
        targets = [{"targets": [f"{address}:{EXPORTER_PORT}"], "labels": {"instance": name}}
                   for name, (_, address) in hosts.items()]
        with lab.host.inside():
            prometheus = fleet.Prometheus(stage, targets, f"localhost:{PORT}")
            prometheus.wait_for(stage, lambda: prometheus.value(
                "timecast:listeners_in_sync:count") == len(hosts), "they are not in sync")
            shut.host.command("nft", SHUT)
            prometheus.wait_for(stage, lambda: {name for name, _ in prometheus.firing()} >=
                                EXPECTED, "no alerts")
        photograph(stage, lab.host, f"http://{prometheus.place}/classic/alerts",
                   folder / "alerts.png", click=OPEN_FIRING, **ALERTS)


OF_MONITOR = ("terminal", "page-light", "page-dark", "page-phone", "report")
PICTURES = {**dict.fromkeys(OF_MONITOR, monitor_pictures), "alerts": alerts_picture}


def take(names, folder):
    for draw in dict.fromkeys(PICTURES[name] for name in names):
        draw(names, folder)
    print("\n".join(f"{folder / name}.png" for name in names))

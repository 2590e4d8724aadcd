# SPDX-License-Identifier: MIT
"""The loops: lines in, a table or a log out, until somebody ends it; or a verdict after a while."""

import os
import signal
import time

from timecast_monitor import announcers, check, lines, table, terminal, words

REDRAW_S = 1.0
FIRST_DRAW_S = 0.1  # after the first line: nobody waits a second to see that it works
START_S = 5.0  # for a listener to say its first word


def take(feed, network, wait_s, wake):
    """Reads for at most `wait_s`; returns the records of what was read."""
    records = []
    for text in feed.read(wait_s, wake):
        try:
            record = lines.parse(text)
        except lines.BrokenLine as broken:
            network.on_broken_line(str(broken))
            continue
        network.observe(record, feed.time_of(record))
        records.append(record)
    return records


class TableView:
    """A terminal's table; what it showed last stays on the terminal when it is over."""

    def __init__(self, output, colours):
        self._screen = terminal.Screen(output.fileno())
        self._output = output
        self._colours = colours
        self._last = None

    def __enter__(self):
        self._screen.__enter__()
        return self

    def __exit__(self, *_):
        self._screen.__exit__()
        if self._last:
            columns, _ = self._screen.size()
            with terminal.writing():
                print("\n".join(table.render(self._last, columns, colours=self._colours)),
                      file=self._output, flush=True)

    def events(self, records):
        pass  # they are in the view

    def show(self, view):
        self._last = view
        columns, lines = self._screen.size()
        self._screen.draw(table.render(view, columns, lines, self._colours))

    def suspend(self):
        self._screen.suspend()


class LogView:
    """Plain lines as things happen; of lines that are there already, the table at their end."""

    def __init__(self, output, is_whole):
        self._output = output
        self._log = words.Log()
        self._is_whole = is_whole
        self._last = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._is_whole and self._last:
            self._print(table.render(self._last, 120))

    def events(self, records):
        if not self._is_whole:
            self._print(filter(None, map(words.event, records)))

    def show(self, view):
        self._last = view
        if not self._is_whole:
            self._print(self._log.tick(view))

    def suspend(self):
        os.kill(os.getpid(), signal.SIGSTOP)

    def _print(self, lines):
        with terminal.writing():
            for line in lines:
                print(line, file=self._output)
            self._output.flush()


def watch(feed, view, signals):
    """Shows until a signal or the lines' end. Returns what is known then."""
    network = announcers.Network()
    next_at = time.monotonic()
    while not feed.over and signals.end is None:
        was_empty = network.good == 0
        view.events(take(feed, network, next_at - time.monotonic(), signals.wake))
        if was_empty and network.good:
            next_at = min(next_at, time.monotonic() + FIRST_DRAW_S)
        resized = signals.drain()
        if signals.suspend:
            signals.suspend = False
            view.suspend()
        if resized or feed.over or time.monotonic() >= next_at:
            view.show(network.view(feed.now()))
            next_at = time.monotonic() + REDRAW_S
    return network


def listen(feed, network, signals, least_s):
    """Reads for as long as a verdict needs."""
    first_at = None
    latest_start = time.monotonic() + START_S
    while not feed.over and signals.end is None:
        begun = latest_start if first_at is None else first_at
        left = begun + max(check.wait_s(network), least_s) - time.monotonic()
        if left <= 0 and not feed.is_whole:
            break
        if take(feed, network, left, signals.wake) and first_at is None:
            first_at = time.monotonic()


def verdict(feed, limits, signals, least_s):
    network = announcers.Network()
    listen(feed, network, signals, least_s)
    if signals.end is not None:
        return check.Verdict(check.UNKNOWN, f"ended by {signal.Signals(signals.end).name}")
    if feed.failure:
        return check.no_listener(network, feed.now(), feed.failure)
    waited_s = None if feed.over else max(check.wait_s(network), least_s)
    return check.judge(network, feed.now(), limits, waited_s)


def is_terminal(output):
    return output.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def view_for(output, feed):
    if is_terminal(output):
        return TableView(output, colours=not os.environ.get("NO_COLOR"))
    return LogView(output, feed.is_whole)

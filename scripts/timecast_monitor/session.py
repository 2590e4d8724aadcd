# SPDX-License-Identifier: MIT
"""The loops: lines in, a table or a log out, until somebody ends it; or a verdict after a while."""

import locale
import math
import os
import signal
import time

from timecast_monitor import announcers, check, lines, table, terminal, words

REDRAW_S = 1.0
PROGRESS_S = 2.0  # nobody waits longer without a word
FIRST_DRAW_S = 0.1  # after the first line: nobody waits a second to see that it works
START_S = 5.0  # for a listener to say its first word


def take(feed, network, wait_s, *wakes):
    """Reads for at most `wait_s`; returns the records of what was read."""
    records = []
    for text in feed.read(wait_s, *wakes):
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

    def __init__(self, output, colours, is_ascii=False):
        self._is_ascii = is_ascii
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
                print("\n".join(self._render(columns)), file=self._output, flush=True)

    def events(self, records):
        pass  # they are in the view

    def show(self, view):
        self._last = view
        self._screen.draw(self._render(*self._screen.size()))

    def _render(self, columns, height=table.ANY_HEIGHT):
        rendered = table.render(self._last, columns, height, self._colours)
        return [line.translate(table.AS_ASCII) for line in rendered] if self._is_ascii else rendered

    def suspend(self):
        self._screen.suspend()


class LogView:
    """Plain lines as things happen; of lines that are there already, the table at their end, and
    `say_meanwhile` how far it is."""

    def __init__(self, output, is_whole, is_brief=False, say_meanwhile=lambda _: None):
        self._say_meanwhile = say_meanwhile
        self._say_at = time.monotonic() + PROGRESS_S
        self._is_brief = is_brief
        self._has_blocks = (output.encoding or "").lower() == "utf-8"
        self._output = output
        self._log = words.Log()
        self._is_whole = is_whole
        self._last = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._is_whole and self._last:
            self._print(table.render(self._last.whole(), 120))

    def events(self, records):
        if not self._is_whole:
            self._print(filter(None, map(words.event, records)))

    def show(self, view):
        self._last = view
        if not self._is_whole:
            self._print(self._log.tick(view, self._is_brief))
        elif time.monotonic() >= self._say_at:
            self._say_at = time.monotonic() + PROGRESS_S
            self._say_meanwhile(f"reading: {table.headline(view)} so far")

    def suspend(self):
        os.kill(os.getpid(), signal.SIGSTOP)

    def _print(self, lines):
        with terminal.writing():
            for line in lines:
                print(line if self._has_blocks else line.translate(table.AS_ASCII),
                      file=self._output)
            self._output.flush()


def watch(feed, network, view, signals, longest_s=None):
    """Shows until a signal, the lines' end, or that time."""
    next_at = time.monotonic()
    end_at = next_at + longest_s if longest_s is not None else math.inf
    while not feed.over and signals.end is None and time.monotonic() < end_at:
        was_empty = network.good == 0
        wait_s = min(next_at, end_at) - time.monotonic()
        view.events(take(feed, network, wait_s, signals.wake, *view.wakes))
        view.attend()
        if was_empty and network.good:
            next_at = min(next_at, time.monotonic() + FIRST_DRAW_S)
        resized = signals.drain()
        if signals.suspend:
            signals.suspend = False
            view.suspend()
        if resized or feed.over or time.monotonic() >= min(next_at, end_at):
            add(view.asked(), feed, network, view)
            view.show(network.view(feed.now()))
            next_at = time.monotonic() + REDRAW_S
    view.finish(network.view(feed.now()))


def add(record, feed, network, view):
    if record is not None:
        network.observe(record, feed.now())
        view.events([record])


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


def view_for(output, feed, is_brief=False, say_meanwhile=lambda _: None):
    """Brief is a log without a line a second for every source."""
    if is_terminal(output):
        is_ascii = locale.nl_langinfo(locale.CODESET) != "UTF-8"
        return TableView(output, not os.environ.get("NO_COLOR"), is_ascii)
    return LogView(output, feed.is_whole, is_brief, say_meanwhile)

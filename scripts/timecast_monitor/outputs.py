# SPDX-License-Identifier: MIT
"""Where the view goes beside the terminal: a web page and metrics, a file of metrics, a report."""

import contextlib
import json
import sys
import time

from timecast_monitor import document, feed, files, history, metrics, server, table, words

PAGE_SHOWS_S = 600.0
FRESH_S = 0.5  # for as long an answer is given again, whoever asks
TEXTFILE_EVERY_S = 5.0
SCRIPT = document.TEMPLATE.replace(".html", ".js")


class Page:
    """The server, and what is behind its paths. `look` gives the view."""

    def __init__(self, place, look):
        page = document.template()
        with open(SCRIPT, encoding="utf-8") as file:
            page = page.replace("<!--live-->", f"<script>{file.read()}</script>")
        self._page = page.encode()
        self._policy = (f"Content-Security-Policy: {document.policy(page)}",)
        self._look = look
        self._history = history.History(PAGE_SHOWS_S)
        self._kept = {}  # name: (until, octets)
        self.server = server.Server(*place, {
            "/": self._root, "/live": self._live, "/metrics": self._metrics})

    def events(self, records):
        for record in records:
            self._history.observe(record)

    def show(self, view):
        pass  # who asks is shown it

    def close(self, _):
        self.server.close()

    def _keep(self, name, make):
        until, octets = self._kept.get(name, (0.0, b""))
        if time.monotonic() >= until:
            octets = make(self._look()).encode()
            self._kept[name] = (time.monotonic() + FRESH_S, octets)
        return octets

    def _root(self):
        return server.Answer(200, "text/html; charset=utf-8", self._page, self._policy)

    def _metrics(self):
        return server.Answer(200, metrics.OPEN_METRICS, self._keep("metrics", metrics.open_metrics))

    def _live(self):
        return server.Answer(200, "application/json", self._keep("live", self._state))

    def _state(self, view):
        state = {"headline": document.escape(f"{words.stamp(view.time_s)}: {table.headline(view)}"),
                 "notes": document.notes(view),
                 "estimate": document.estimate_block(view, self._history),
                 "offsets": document.offsets_block(self._history),
                 "cards": document.cards(view, self._history), "alarms": document.alarms(view)}
        return json.dumps(state)


class TextFile:
    """One that cannot be written at first is a failure; later it is told once, and tried again."""

    def __init__(self, name):
        self._name = name
        self._next_at = 0.0
        self._last = None
        self._is_good = None

    def events(self, records):
        pass

    def show(self, view):
        self._last = view
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + TEXTFILE_EVERY_S
            self._write(view)

    def close(self, is_good):
        if is_good and self._last:
            self._write(self._last)

    def _write(self, view):
        try:
            files.replace(self._name, metrics.text_format(view))
        except OSError as error:
            why = f"--textfile: {self._name}: {error.strerror.lower()}"
            if self._is_good is None:
                raise feed.Failure(why) from None
            if self._is_good:
                print(f"timecast-monitor: {why}", file=sys.stderr, flush=True)
            self._is_good = False
        else:
            self._is_good = True


class Report:
    def __init__(self, name):
        self._name = name
        self._history = history.History()
        self._first_s = None
        self._last = None

    def events(self, records):
        for record in records:
            if self._first_s is None:
                self._first_s = record.time_s
            self._history.observe(record)

    def show(self, view):
        self._last = view.whole()

    def close(self, is_good):
        if not is_good:
            return
        if self._last is None or self._first_s is None:
            raise feed.Failure(f"--report: {self._name}: not written, since no line came")
        try:
            files.replace(self._name, self._text(self._last))
        except OSError as error:
            raise feed.Failure(f"--report: {self._name}: {error.strerror.lower()}") from None

    def _text(self, view):
        period = f"{words.stamp(self._first_s)} to {words.stamp(view.time_s)}"
        cards = "".join(f'<article class="card">{card}</article>'
                        for _, card in document.cards(view, self._history))
        alarms = "".join(f"<li>{alarm}</li>" for _, alarm in document.alarms(view))
        page = document.template()
        for name, text in (
                ("headline", document.escape(f"{period}: {table.headline(view)}")),
                ("notes", document.notes(view)),
                ("estimate", document.estimate_block(view, self._history)),
                ("offsets", document.offsets_block(self._history)),
                ("cards", cards), ("alarms", alarms)):
            page = page.replace(f"<!--{name}-->", text, 1)
        if alarms:
            page = page.replace('<p id="none" class="quiet">None so far.</p>', "", 1)
        if not document.notes(view):
            page = page.replace('<section id="notes" aria-label="Notes"></section>', "", 1)
        page = page.replace("<!--live-->\n", "")
        return page.replace("<title>timecast-monitor", f"<title>timecast-monitor, {period}", 1)


class Outputs:
    """The terminal or the log, and others beside it. What `asker` says is in all of them."""

    def __init__(self, view, others=(), asker=None):
        self._view = view
        self._others = others
        self._asker = asker
        self._page = next((each for each in others if isinstance(each, Page)), None)
        self.wakes = [self._page.server] if self._page else []

    def __enter__(self):
        self._view.__enter__()
        return self

    def __exit__(self, kind, *_):
        with contextlib.ExitStack() as stack:
            for each in self._others:
                stack.callback(each.close, kind is None)
            self._view.__exit__()

    def events(self, records):
        self._view.events(records)
        for each in self._others:
            each.events(records)

    def asked(self):
        """What has to be added to the lines that came: a record or None."""
        return self._asker.ask() if self._asker else None

    def attend(self):
        if self._page:
            self._page.server.serve()

    def show(self, view):
        for each in self._others:
            each.show(view)
        self._view.show(view._replace(served=self._page.server.place) if self._page else view)

    def finish(self, view):
        """What came after it was shown for the last time is in no file else."""
        for each in self._others:
            each.show(view)

    def suspend(self):
        self._view.suspend()

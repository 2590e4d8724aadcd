# SPDX-License-Identifier: MIT
"""The view as pieces of HTML, for the live page and for the report.

Whatever comes from outside passes `escape`.
"""

import base64
import hashlib
import html
import os
import re

from timecast_monitor import plot, spans, table, words

escape = html.escape
TEMPLATE = os.path.join(os.path.dirname(__file__), "page.html")
MOST_CARDS = 64
MOST_ALARMS = 50
BAD = ("bad signature", "silent", "backwards")
STATE_MARKS = {"synchronised": "good", "tentative": "fair", "holdover": "fair"}


def template():
    with open(TEMPLATE, encoding="utf-8") as file:
        return file.read()


def policy(page):
    """What a browser may do with the page: run its own script and ask its own server."""
    def digests(tag):
        found = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.S)
        return " ".join("'sha256-" + base64.b64encode(
            hashlib.sha256(each.encode()).digest()).decode() + "'" for each in found) or "'none'"

    return (f"default-src 'none'; script-src {digests('script')}; style-src {digests('style')}; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'")


def _figures(pairs):
    found = "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in pairs
                    if text is not None)
    return f'<dl class="figures">{found}</dl>'


def _mark(kind, text):
    """Colour is never all that tells."""
    sign = {"good": "\u2713", "fair": "!", "bad": "\u2717"}[kind]
    return f'<span class="mark {kind}"><span aria-hidden="true">{sign}</span> {escape(text)}</span>'


# ---- This host's time ----


def estimate_block(view, history):
    estimate = view.estimate
    if view.unanswered_s is not None:
        return (f"<p>{_mark('bad', 'gone')} {escape(table.unanswered(view))}</p>"
                f"{_estimate_plots(history)}")
    if estimate is None:
        return ('<p class="quiet">No timecast-listener runs here as a daemon, so this host\u2019s '
                "error and bound are not known. Offsets below are as packets arrive.</p>")
    mark = _mark(STATE_MARKS.get(estimate.state, "bad"), estimate.state)

    def shown(value, show=spans.show):
        return None if value is None else show(value)

    figures = _figures((
        ("offset", shown(estimate.offset_s, table.offset)), ("error", shown(estimate.error_s)),
        ("bound", shown(estimate.bound_s)), ("by", estimate.announcer or None)))
    return (f"<p>{mark} {escape(estimate.reason)}</p>{_dissent(estimate)}{figures}"
            f"{_estimate_plots(history)}")


def _dissent(estimate):
    """That announcers contradict each other, as the listener sees it."""
    if not estimate.disagreeing:
        return ""
    furthest = ""
    if estimate.dissenter and estimate.dissent_s is not None:
        furthest = f"; {estimate.dissenter} is {table.offset(estimate.dissent_s)} from it"
    return (f"<p>{_mark('bad', 'announcers disagree')} {estimate.disagreeing} of "
            f"{estimate.announcers} contradict the one that is followed{escape(furthest)}</p>")


def _estimate_plots(history):
    offsets, errors = tuple(history.offset.points), tuple(history.error.points)
    bounds = tuple(history.bound.points)
    if not offsets or not errors or not bounds:
        return ""
    band = tuple((at.time_s, at.value - error.high, at.value + error.high)
                 for at, error in zip(offsets, errors))
    axis = plot.linear_axis([edge for _, low, high in band for edge in (low, high)])
    limits = plot.log_axis([each.high for each in errors + bounds])
    return ('<figure><figcaption>Offset of this host, with its error</figcaption>'
            + plot.chart("offset over time, with the error around it", axis,
                         [plot.Line("s0", offsets)], [plot.Band("s0", band)])
            + '</figure><figure><figcaption><span class="key s0"></span>Error (99.9 %) and '
            '<span class="key s1"></span>bound (always)</figcaption>'
            + plot.chart("error and bound over time, by decades", limits,
                         [plot.Line("s0", errors), plot.Line("s1", bounds)]) + "</figure>")


# ---- Announcers ----


def offsets_block(history):
    traces = sorted((number, identity, trace) for identity, (number, trace)
                    in history.sources.items() if trace.points)
    if not traces:
        return '<p class="quiet">No offsets yet.</p>'
    lines = [plot.Line(f"s{number}", tuple(trace.points)) for number, _, trace in traces]
    axis = plot.linear_axis([point.value for line in lines for point in line.points])
    keys = "".join(f'<li><span class="key s{number}"></span>{escape(_source_name(identity))}</li>'
                   for number, identity, _ in traces)
    return (plot.chart("offsets of all announcers to this host, over time", axis, lines)
            + f'<ul class="legend">{keys}</ul>')


def _source_name(identity):
    address, interface, stream, _, _ = identity
    return f"{address} on {interface}" + (", plain" if stream == "plain" else "")


def _worst(rows):
    conditions = list(dict.fromkeys(word for row in rows for word in row.conditions))
    if any(word in BAD for word in conditions):
        return "bad", conditions
    return ("fair", conditions) if conditions else ("good", ["announces"])


def _stream(row, number):
    key = f'<span class="key s{number}"></span>' if number is not None else ""
    name = f"{row.address} on {row.interface}"
    figures = _figures((
        ("offset", None if row.offset_s is None else table.offset(row.offset_s)),
        ("to median", None if row.to_median_s is None else table.offset(row.to_median_s)),
        ("jitter", None if row.jitter_s is None else spans.show(row.jitter_s)),
        ("loss", None if row.loss is None else table.loss(row.loss)),
        ("every", None if row.interval_s is None else spans.show(row.interval_s)),
        ("age", table.age(row.age_s))))
    return (f'<section><h4>{key}{escape(name)} <small>{escape(row.stream)}</small></h4>'
            f'{figures}</section>')


def _is_forged(row):
    return "bad signature" in row.conditions


def _by_announcer(view):
    """An address that signs one stream is whoever signs it, also with its other streams."""
    signers = {(row.address, row.interface): row.announcer for row in view.rows
               if len(row.announcer) == 1 and not _is_forged(row)}
    groups = {}
    for row in view.rows:
        forged = _is_forged(row)
        who = row.announcer if forged else signers.get((row.address, row.interface), row.announcer)
        groups.setdefault((who, forged), []).append(row)
    return groups


def cards(view, history):
    """Of each announcer: (what it is known by, HTML)."""
    groups = _by_announcer(view)
    found = []
    for (announcer, forged), rows in list(groups.items())[:MOST_CARDS]:
        kind, conditions = _worst(rows)
        marks = " ".join(_mark(kind, word.replace("-", " ")) for word in conditions)
        last = max(rows, key=lambda row: (row.key is not None, row.last_s))
        key = (f'<p class="base64">key {escape(last.key)}</p>' if last.key
               else '<p class="quiet">signs nothing</p>')
        streams = "".join(_stream(row, history.number_of(row.identity)) for row in rows)
        facts = f"stratum {last.stratum}, {last.reference or 'no reference'}, leap {last.leap}"
        found.append((repr((announcer, forged)),
                      f"<h3>{escape(rows[0].address)}</h3><p>{marks}</p>{key}"
                      f"<p>{escape(facts)}</p>{streams}"))
    return found


# ---- Words ----


def alarms(view):
    """The latest first: (number, HTML)."""
    first = view.alarm_count - len(view.alarms)
    found = []
    for number, each in reversed(list(enumerate(view.alarms, first))):
        found.append((number, f'<time>{escape(words.stamp(each.time_s))}</time> '
                              f'<b>{escape(each.alarm)}</b> {escape(each.text)}'))
    return found[:MOST_ALARMS]


def notes(view):
    return "".join(f"<p>{escape(note.text)}</p>" for note in table.notes(view))

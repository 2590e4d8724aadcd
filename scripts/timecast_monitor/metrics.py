# SPDX-License-Identifier: MIT
"""The view as metrics: OpenMetrics for who scrapes, and the older text format for a file.

No label counts listeners: each tells of itself alone.
"""

from typing import NamedTuple

from timecast_monitor import announcers, lines

OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
MOST_SOURCES = 64  # that get series of their own: those heard most
STATES = ("searching", "tentative", "synchronised", "holdover", "lost")
UNITS = ("seconds", "ratio")
# The listener of the same host has them in a file of its own, and node_exporter refuses what is in
# two files.
LISTENERS = "timecast_listener_"


class Family(NamedTuple):
    name: str  # without _total and _info
    kind: str  # gauge, counter, info
    help: str
    samples: tuple  # (labels, value)


def _gauge(name, help_text, *samples):
    return Family(name, "gauge", help_text, tuple(each for each in samples if each[1] is not None))


def _counter(name, help_text, *samples):
    return Family(name, "counter", help_text, samples)


# ---- What there is ----


def _labels(row):
    return {"announcer": row.address, "interface": row.interface, "stream": row.stream,
            "key": row.key or ""}


def shown_rows(view):
    """Nobody's who signs badly: its key is a claim."""
    rows = [row for row in view.rows if "bad signature" not in row.conditions]
    return sorted(rows, key=lambda row: -row.heard)[:MOST_SOURCES]


def _sources(view):
    rows = [(_labels(row), row) for row in shown_rows(view)]

    def of(value):
        return [(labels, value(row)) for labels, row in rows]

    leaps = [({**labels, "leap": leap}, int(row.leap == leap))
             for labels, row in rows for leap in lines.LEAPS]
    names = [({**labels, "reference": row.reference}, 1) for labels, row in rows]
    return [
        _gauge("timecast_announcer_up", "Whether it announces now, and has the time.",
               *of(lambda row: int(not {"silent", "unsynchronised"} & set(row.conditions)))),
        Family("timecast_announcer", "info", "What an announcer says of itself.", tuple(names)),
        _gauge("timecast_announcer_stratum", "Its stratum, 0 while it is unsynchronised.",
               *of(lambda row: row.stratum)),
        _gauge("timecast_announcer_leap", "1 at what it announces of leap seconds.", *leaps),
        _gauge("timecast_announcer_offset_seconds",
               "Announcer minus this host, the delay of packets in it.", *of(lambda r: r.offset_s)),
        _gauge("timecast_announcer_offset_to_median_seconds",
               "Announcer minus the median of all announcers.", *of(lambda row: row.to_median_s)),
        _gauge("timecast_announcer_jitter_seconds",
               "How far its offsets are from their median, by the median of 60.",
               *of(lambda row: row.jitter_s)),
        _gauge("timecast_announcer_loss_ratio",
               "Of its last 60 announcements, the part that did not arrive.",
               *of(lambda row: row.loss)),
        _gauge("timecast_announcer_last_packet_timestamp_seconds",
               "Unix time of its last announcement.", *of(lambda row: row.last_s)),
        _counter("timecast_announcer_announcements", "Announcements that were heard from it.",
                 *of(lambda row: row.heard)),
    ]


def _monitor(view):
    # From the beginning: a counter that appears at 1 has increased by nothing, to Prometheus.
    alarms = [({"alarm": name}, view.alarm_counts.get(name, 0))
              for name in (*announcers.ALARMS, "other")]
    known = None if view.host_synchronised is None else int(view.host_synchronised)
    forged = sum("bad signature" in row.conditions for row in view.rows)
    return [
        _gauge("timecast_announcers_seen", "Announcers that are known, by key or address.",
               ({}, view.announcers)),
        _gauge("timecast_monitor_announcers", "The same, as the monitor knows them.",
               ({}, view.announcers)),
        _gauge("timecast_forged_sources", "Sources whose signature is bad.", ({}, forged)),
        _counter("timecast_alarms", "Alarms, by name.", *alarms),
        _gauge("timecast_monitor_groups", "Groups that can be heard, and that cannot.",
               ({"state": "hearing"}, len(view.hearing)), ({"state": "deaf"}, len(view.deaf))),
        _counter("timecast_monitor_other_packets", "Packets that announced nothing.",
                 ({}, view.packets)),
        _counter("timecast_monitor_unreadable_lines", "Lines that could not be read.",
                 ({}, view.broken)),
        _gauge("timecast_host_synchronised", "Whether the kernel calls this host's clock so.",
               ({}, known)),
    ]


def _listener(view):
    """Nothing of one that never was; of one that is gone, that alone."""
    estimate = view.estimate
    if estimate is None and view.unanswered_s is None:
        return []
    is_up = _gauge("timecast_monitor_listener_up", "Whether the listener of this host answers.",
                   ({}, int(estimate is not None)))
    return [is_up] if estimate is None else [is_up, *_estimate(estimate)]


def _estimate(estimate):
    results = {"accepted": estimate.announcements, **estimate.refused}
    frequency = estimate.frequency_ppb
    return [
        _gauge("timecast_listener_state", "1 at the state that the listener is in.",
               *[({"state": state}, int(state == estimate.state)) for state in STATES]),
        _gauge("timecast_listener_offset_seconds", "Announced time minus this host's clock.",
               ({}, estimate.offset_s)),
        _gauge("timecast_listener_error_seconds", "The offset is right within it, 99.9 % of all "
               "times.", ({}, estimate.error_s)),
        _gauge("timecast_listener_error_bound_seconds", "The offset is right within it, always.",
               ({}, estimate.bound_s)),
        _gauge("timecast_listener_frequency_ratio",
               "How fast this host's clock should run of what it runs now.",
               ({}, None if frequency is None else 1 + frequency * 1e-9)),
        _counter("timecast_listener_packets", "Packets by what became of them.",
                 *[({"result": name}, count) for name, count in sorted(results.items())]),
    ]


def families(view):
    found = _monitor(view) + _sources(view) + _listener(view)
    return [family for family in found if family.samples]


# ---- As text ----


def _escaped(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _sample(name, labels, value):
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inside}}} {value!r}" if inside else f"{name} {value!r}"


def _full_name(family):
    return family.name + {"counter": "_total", "info": "_info"}.get(family.kind, "")


def _samples(family):
    return [_sample(_full_name(family), labels, value) for labels, value in family.samples]


def open_metrics(view):
    """For /metrics."""
    found = []
    for family in families(view):
        unit = next((unit for unit in UNITS if family.name.endswith(f"_{unit}")), None)
        found.append(f"# TYPE {family.name} {family.kind}")
        found += [f"# UNIT {family.name} {unit}"] if unit else []
        found.append(f"# HELP {family.name} {_escaped(family.help)}")
        found += _samples(family)
    return "\n".join([*found, "# EOF", ""])


def text_format(view):
    """For node_exporter's collector of files, which knows the older form alone."""
    found = []
    for family in families(view):
        if family.name.startswith(LISTENERS):
            continue
        name = _full_name(family)
        kind = "gauge" if family.kind == "info" else family.kind
        found += [f"# HELP {name} {family.help}", f"# TYPE {name} {kind}", *_samples(family)]
    return "\n".join([*found, ""])

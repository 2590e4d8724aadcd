# SPDX-License-Identifier: MIT
"""What it costs to be asked: tables, and the goals."""

import dataclasses
import statistics

import figures
from goal import Goal
from serving_scene import CHRONYD, FLOOR, INTERVAL_S, LOADS, OURS

US = 1e3  # nanoseconds in a microsecond
ONE = "one at a time"
SUBNET = "1000/s"  # a thousand machines, each once a second
OVERLOADS = ("300 000/s", "600 000/s", "900 000/s")


def table(rows, markdown):
    """The first row is the head."""
    if markdown:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in rows]


class Report:
    def __init__(self, measured):
        self.measured = measured
        self.servers = list(dict.fromkeys(name for name, _ in measured.loads))
        self.goals = self.judge()

    # ---- Figures ----

    def median(self, server, load, figure):
        return statistics.median(figure(run) for run in self.measured.loads[server, load])

    def ratio(self, above, below, load, figure):
        """Of runs of the same repetition."""
        pairs = zip(self.measured.loads[above, load], self.measured.loads[below, load])
        return statistics.median(figure(a) / figure(b) for a, b in pairs)

    @staticmethod
    def cpu(run):
        return run["cpu_ns"]

    @staticmethod
    def wait(run):
        return run["wait_ns"]["p50"]

    @staticmethod
    def lost_percent(run):
        return 100 * (1 - run["answered"] / max(run["asked"], 1))

    @staticmethod
    def replies(run):
        return run["replies_a_second"]

    def offered_percent(self, load):
        """How much of what should be asked of ours was asked: less is another, easier load."""
        nominal = LOADS[load].amount
        return self.median(OURS, load, lambda run: 100 * run["asked_a_second"] / nominal)

    def wrong(self):
        return sum(run["wrong"] + run["unsynchronised"] for (server, _), runs in self.measured.loads.items()
                   for run in runs if server == OURS)

    def judge(self):
        announced = self.measured.announced
        kept = self.ratio_of_loads(OURS, "900 000/s", "600 000/s")
        return [
            Goal("CPU of a reply, saturated: chronyd's over ours",
                 self.ratio(CHRONYD, OURS, "saturated", self.cpu), 1.08, "", True),
            Goal("the floor's over ours", self.ratio(FLOOR, OURS, "saturated", self.cpu), 0.93,
                 "", True),
            Goal("one at a time, p50 of the wait: ours over chronyd's",
                 self.ratio(OURS, CHRONYD, ONE, self.wait), 1, ""),
            Goal("one at a time, CPU: ours over chronyd's",
                 self.ratio(OURS, CHRONYD, ONE, self.cpu), 0.95, ""),
            *(Goal(f"asked of ours at {load}, of that", self.offered_percent(load), 95, "%", True)
              for load in OVERLOADS),
            Goal("lost at 300 000/s offered",
                 self.median(OURS, "300 000/s", self.lost_percent), 0.1, "%"),
            Goal("replies at 900 000/s offered, of those at 600 000/s", 100 * kept, 95, "%", True),
            Goal("offset that a client sees, idle, p50",
                 abs(self.median(OURS, ONE, lambda run: run["offset_ns"]["p50"])) / US, 1.5, "us"),
            Goal("announcements under 300 000/s: from due to the wire, p99",
                 figures.percentile(announced.beyond_s, 99) * 1e3, 1, "ms"),
            Goal("announcements missed", announced.expected - announced.seen, 0, ""),
            Goal("replies that were wrong", self.wrong(), 0, ""),
            Goal("anonymous memory", self.measured.anonymous_kb_crowd / 1024, 3, "MB"),
            Goal("grown by 65 000 more clients",
                 self.measured.anonymous_kb_crowd - self.measured.anonymous_kb, 64, "KB"),
        ]

    def ratio_of_loads(self, server, above, below):
        pairs = zip(self.measured.loads[server, above], self.measured.loads[server, below])
        return statistics.median(self.replies(a) / self.replies(b) for a, b in pairs)

    def goals_are_met(self):
        return all(goal.met for goal in self.goals)

    # ---- Tables ----

    def costs(self):
        rows = [("server", "replies/s", "CPU ns", "x chronyd", "x floor", "one: CPU ns",
                 "one: p50 / p99 us", "offset, one: p50 us", "offset, saturated")]
        for name in self.servers:
            waits = [self.median(name, ONE, lambda run, p=p: run["wait_ns"][p]) / US
                     for p in ("p50", "p99")]
            offsets = [self.median(name, load, lambda run: run["offset_ns"]["p50"]) / US
                       for load in (ONE, "saturated")]
            rows.append((name, f"{self.median(name, 'saturated', self.replies) / 1e3:.0f} k",
                         f"{self.median(name, 'saturated', self.cpu):.0f}",
                         f"{self.ratio(CHRONYD, name, 'saturated', self.cpu):.2f}",
                         f"{self.ratio(FLOOR, name, 'saturated', self.cpu):.2f}",
                         f"{self.median(name, ONE, self.cpu):.0f}",
                         f"{waits[0]:.1f} / {waits[1]:.0f}", f"{offsets[0]:+.1f}",
                         f"{offsets[1]:+.1f}"))
        return rows

    def overload(self):
        rows = [("server", *(f"at {load}: asked, answered, lost" for load in OVERLOADS))]
        for name in self.servers:
            cells = []
            for load in OVERLOADS:
                asked = self.median(name, load, lambda run: run["asked_a_second"]) / 1e3
                answered = self.median(name, load, self.replies) / 1e3
                lost = self.median(name, load, self.lost_percent)
                cells.append(f"{asked:.0f} k, {answered:.0f} k, {lost:.2f} %")
            rows.append((name, *cells))
        return rows

    def subnet(self):
        rows = [("a thousand machines, each once a second", "packets/s", "CPU")]
        for name in self.servers:
            share = self.median(name, SUBNET, lambda run: run["cpu_share"])
            rows.append((f"asked: {name}", "2000", f"{100 * share:.2f} %"))
        rows.append(("all hear one announcement of each family", "2",
                     f"{100 * self.measured.announcing_share:.3f} %"))
        return rows

    def words(self):
        m = self.measured
        beyond = m.announced.beyond_s
        words = [f"{m.machine}; receive buffer: {m.buffer}.", f"{m.reply_ns}.",
                 f"Announcements every {INTERVAL_S * 1e3:.0f} ms under 300 000/s: {m.announced.seen} of "
                 f"{m.announced.expected}, from due to the wire p50 "
                 f"{figures.percentile(beyond, 50) * 1e6:.0f} us, p99 "
                 f"{figures.percentile(beyond, 99) * 1e6:.0f} us, worst {max(beyond) * 1e6:.0f} us.",
                 f"Anonymous memory {m.anonymous_kb} KB, after 65 000 more clients "
                 f"{m.anonymous_kb_crowd} KB."]
        if m.absent:
            words.append(f"Not here: {', '.join(m.absent)}.")
        return words

    def goal_rows(self):
        return [("goal", "found", "limit", ""), *(goal.columns() for goal in self.goals)]

    def rendered(self, markdown):
        repetitions = len(next(iter(self.measured.loads.values())))
        lines = [f"Medians of {repetitions} repetitions; CPU by reply, ratios above 1: cheaper than it.",
                 ""]
        for rows in (self.costs(), self.overload(), self.subnet(), self.goal_rows()):
            lines += [*table(rows, markdown), ""]
        return lines + self.words()

    def text(self):
        return "\n".join(self.rendered(markdown=False))

    def markdown(self):
        return "\n".join(self.rendered(markdown=True)) + "\n"

    def lines(self):
        measured = dataclasses.asdict(self.measured)
        measured["loads"] = [{"server": server, "load": load, "runs": runs}
                             for (server, load), runs in self.measured.loads.items()]
        return {"schema": 2, "loads": list(LOADS), **measured,
                "goals": [{**dataclasses.asdict(goal), "met": goal.met} for goal in self.goals]}

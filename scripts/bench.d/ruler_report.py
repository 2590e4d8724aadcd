# SPDX-License-Identifier: MIT
"""What the ruler found: a table, and the goals."""

import dataclasses

import figures
from goal import Goal
from ruler_scene import OURS

UNSETTLED_S = 30  # after the change of rate, which is told by itself
NEAR_S = 5e-6
US = 1e6


@dataclasses.dataclass
class Row:
    name: str
    span: str
    samples: int
    bias_s: float
    p50_s: float
    p99_s: float
    worst_s: float
    errors_broken: int
    bounds_broken: int


def row_of(name, span, samples):
    if not samples:
        raise SystemExit(f"ruler: {name}: not one sample while {span}")
    wrong = [sample.wrong_s for sample in samples]
    off = [abs(each) for each in wrong]
    with_error = [sample for sample in samples if sample.error_s is not None]
    return Row(name, span, len(samples), sum(wrong) / len(wrong), figures.percentile(off, 50),
               figures.percentile(off, 99), max(off),
               sum(abs(sample.wrong_s) > sample.error_s for sample in with_error),
               sum(abs(sample.wrong_s) > sample.bound_s for sample in with_error))


class Report:
    def __init__(self, measured):
        self.measured = measured
        self.changed = measured.secret.changed_ns / 1e9
        self.rows = {(name, span): row_of(name, span, self.within(samples, span))
                     for name, samples in measured.samples.items() for span in measured.spans}
        self.goals = self.judge()

    def within(self, samples, span):
        begin, end = self.measured.spans[span]
        return [sample for sample in samples if begin <= sample.at <= end
                and not self.changed <= sample.at < self.changed + UNSETTLED_S]

    def after_the_change(self):
        return [sample for sample in self.measured.samples[OURS]
                if self.changed <= sample.at < self.changed + UNSETTLED_S]

    def settled_after_s(self):
        """From the change of rate until the estimate is near and stays there."""
        far = [sample.at for sample in self.after_the_change() if abs(sample.wrong_s) > NEAR_S]
        return max(far, default=self.changed) - self.changed

    def judge(self):
        idle = {name: row for (name, span), row in self.rows.items() if span == "idle"}
        ours, alone = idle[OURS], idle[f"{OURS}, each announcement alone"]
        bounds = sum(row.bounds_broken for row in self.rows.values())
        bounds += sum(abs(sample.wrong_s) > sample.bound_s for sample in self.after_the_change())
        kinds = self.measured.asked_by_chronyd
        basic = 1 - kinds.get("4I", 0) / max(sum(kinds.values()), 1)
        goals = [
            Goal("p99 of our estimate, at most chronyd's clock's", ours.p99_s * US,
                 idle["chronyd, its clock"].p99_s * US, "us"),
            Goal("p99 of each announcement alone, at most ptp4l's", alone.p99_s * US,
                 idle["ptp4l -S"].p99_s * US, "us"),
            Goal("bias, interleaved", abs(ours.bias_s) * US, 0.2, "us"),
            Goal("bias, basic", abs(idle[f"{OURS}, basic"].bias_s) * US, 0.5, "us"),
            Goal("bounds broken, the change of rate included", bounds, 0, ""),
            Goal("chronyd's answers from us that are not interleaved", basic * 100, 5, "%"),
        ]
        busy = self.rows.get((OURS, "busy"))
        if busy:
            goals.append(Goal("p99 of our estimate with one processor busy, at most 3 x idle",
                              busy.p99_s * US, 3 * ours.p99_s * US, "us"))
        return goals

    def goals_are_met(self):
        return all(goal.met for goal in self.goals)

    def text(self):
        lines = [f"{'error, us':<36} {'':4} {'n':>5} {'bias':>7} {'p50':>7} {'p99':>7} {'worst':>7}"
                 f" {'> error':>8} {'> bound':>8}"]
        for row in self.rows.values():
            lines.append(f"{row.name:<36} {row.span:4} {row.samples:5} {row.bias_s * US:7.2f} "
                         f"{row.p50_s * US:7.2f} {row.p99_s * US:7.2f} {row.worst_s * US:7.2f} "
                         f"{row.errors_broken:8} {row.bounds_broken:8}")
        worst = max((abs(sample.wrong_s) for sample in self.after_the_change()), default=0)
        lines += ["", f"the secret: {self.measured.secret}",
                  f"the change of rate: worst {worst * US:.1f} us; within {NEAR_S * US:.0f} us "
                  f"again after {self.settled_after_s():.0f} s",
                  f"listener: {self.measured.cpu_s_an_hour:.1f} s of CPU an hour", ""]
        for goal in self.goals:
            lines.append(f"{goal.text:<60} {goal.found:8.2f} {goal.limit:8.2f} {goal.unit:2} "
                         f"{'met' if goal.met else 'MISSED'}")
        return "\n".join(lines)

    def lines(self):
        return {"schema": 1, "secret": dataclasses.asdict(self.measured.secret),
                "rows": [dataclasses.asdict(row) for row in self.rows.values()],
                "goals": [{**dataclasses.asdict(goal), "met": goal.met} for goal in self.goals],
                "cpu_s_an_hour": self.measured.cpu_s_an_hour,
                "chronyd": self.measured.asked_by_chronyd}

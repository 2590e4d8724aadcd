# SPDX-License-Identifier: MIT
"""The judgement of --check: what was heard for a while becomes one line and an exit status.

The conventions are those of Nagios plugins: "SERVICE STATUS: text | performance data".
"""

from typing import NamedTuple

from timecast_monitor import announcers, spans, table

OK, WARNING, CRITICAL, UNKNOWN = range(4)
STATUS_NAMES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")

LEAST_WAIT_S = announcers.LEAST_SILENCE_S
INTERVALS = announcers.SILENT_INTERVALS
UNHEARD_WAIT_S = 9.0  # with nothing heard: an interval of 8 s is usual, more is rare
MOST_WAIT_S = 30.0  # half of what Nagios gives a plugin
PLAIN_PORT = 123
PLAIN_INTERVAL_S = 9.0  # of our announcers; nobody says theirs before the first packet

MOST_ALARM_TEXTS = 3
GRAVE_ALARMS = ("backwards", "bad-signature")
SHOWN_BY_ROWS = ("silence", "unsynchronised", *announcers.GOOD_NEWS)


class Limits(NamedTuple):
    warn_s: float
    crit_s: float
    announcers: int | None = None  # how many there should be


class Finding(NamedTuple):
    status: int
    text: str


class Verdict(NamedTuple):
    status: int
    text: str
    figures: tuple = ()

    def line(self):
        """The one line. Only its own bar may be in it."""
        text = f"TIMECAST {STATUS_NAMES[self.status]}: {self.text.replace('|', '/')}"
        return f"{text} | {' '.join(self.figures)}" if self.figures else text


# ---- How long to listen ----


def _unheard_wait_s(network):
    """For the first announcement. Its interval is known once it is here."""
    hearing = [group for group in network.groups.values() if group.state != "deaf"]
    if network.groups and not hearing:
        return LEAST_WAIT_S  # nothing can come
    only_plain = hearing and all(group.port == PLAIN_PORT for group in hearing)
    return INTERVALS * PLAIN_INTERVAL_S if only_plain else UNHEARD_WAIT_S


def wait_s(network):
    """max(3 s, 3 intervals), by what was heard until now.

    The plain stream's long intervals count only where there is no precise one.
    """
    heard = [source for source in network.sources.values() if not source.is_forged]
    heard = [source for source in heard if source.stream == "precise"] or heard
    if not heard:
        return _unheard_wait_s(network)
    longest = max(source.last.interval_s or 0.0 for source in heard)
    return min(max(LEAST_WAIT_S, INTERVALS * longest), MOST_WAIT_S)


# ---- One thing each ----


def judged_offsets(network, now):
    """The median of all that was heard of each announcer.

    Beside the precise stream a packet or two of a plain one cannot be told from jitter.
    """
    offsets = network.offsets(now, announcers.MOST_ANNOUNCEMENTS)
    if not any(source.stream == "precise" for _, source in offsets.values()):
        return offsets
    return {who: (offset, source) for who, (offset, source) in offsets.items()
            if source.stream == "precise" or len(source.offsets) >= INTERVALS}


def _graded(value_s, limits):
    if value_s > limits.crit_s:
        return CRITICAL
    return WARNING if value_s > limits.warn_s else OK


def _limit_text(status, limits):
    limit = {WARNING: limits.warn_s, CRITICAL: limits.crit_s}.get(status)
    return f" (limit {spans.show(limit)})" if limit else ""


def _name(source, offsets):
    """Its address; where others sign, whether it does."""
    signed = any(other.is_signed for _, other in offsets.values())
    return f"{source.address} (unsigned)" if signed and not source.is_signed else source.address


def _offset(offsets, limits, view):
    """Of the announcer that is farthest from this host."""
    worst, source = max(offsets.values(), key=lambda each: (abs(each[0]), each[1].is_signed))
    name = _name(source, offsets)
    if view.host_synchronised is False:
        return [Finding(OK, f"{name} announces the time")] if announcers.are_alone(offsets) else []
    status = _graded(abs(worst), limits)
    return [Finding(status, f"offset {table.offset(worst)} to {name}"
                            f"{_limit_text(status, limits)}")]


def spread_s(offsets):
    found = [offset for offset, _ in offsets.values()]
    return max(found) - min(found)


def _disagreement(offsets, limits):
    if len(offsets) < 2:
        return []
    spread = spread_s(offsets)
    status = _graded(spread, limits)
    if status == OK:
        return [] if announcers.are_alone(offsets) else [
            Finding(OK, f"{len(offsets)} announcers within {spans.show(spread)}")]
    if len(offsets) == 2:
        (_, first), (_, second) = sorted(offsets.values(), key=lambda each: each[0])
        text = (f"{_name(second, offsets)} is {spans.show(spread)} ahead of "
                f"{_name(first, offsets)}")
    else:
        median = announcers.median_of(offsets)
        worst, source = max(offsets.values(), key=lambda each: abs(each[0] - median))
        text = (f"announcers are {spans.show(spread)} apart, {_name(source, offsets)} is "
                f"{table.offset(worst - median)} from their median")
    return [Finding(status, text + _limit_text(status, limits))]


def _is_forged(row):
    return "bad signature" in row.conditions


def _conditions(view):
    """What is wrong with single sources."""
    found = []
    for word, status in (("bad signature", CRITICAL), ("silent", WARNING),
                         ("unsynchronised", WARNING)):
        rows = [row for row in view.rows
                if word in row.conditions and _is_forged(row) == (word == "bad signature")]
        if rows:
            places = ", ".join(dict.fromkeys(row.address for row in rows))
            found.append(Finding(status, f"{word}: {places}"))
    return found


def _is_told_otherwise(alarm, view, limits):
    if alarm.alarm == "bad-signature":
        return any(_is_forged(row) for row in view.rows)
    if alarm.alarm == "second-announcer":
        return limits.announcers is not None
    return alarm.alarm in SHOWN_BY_ROWS


def _alarms(view, limits):
    """One of each kind and address."""
    texts = {}
    for alarm in view.alarms:
        if not _is_told_otherwise(alarm, view, limits):
            status = CRITICAL if alarm.alarm in GRAVE_ALARMS else WARNING
            texts[alarm.alarm, alarm.address] = Finding(
                status, f"{alarm.alarm}: {alarm.text.rstrip('.')}")
    found = sorted(texts.values(), key=lambda each: -each.status)
    more = len(found) - MOST_ALARM_TEXTS
    if more > 0:
        found[MOST_ALARM_TEXTS:] = [Finding(WARNING, f"{table.plural(more, 'more alarm')}")]
    return found


def _number(view, limits):
    if limits.announcers in (None, view.announcers):
        return []
    return [Finding(WARNING, f"{table.plural(view.announcers, 'announcer')} heard, "
                             f"{limits.announcers} expected")]


def _remarks(view, offsets):
    """What belongs to an honest answer and is nobody's fault."""
    found = []
    if view.host_synchronised is False:
        alone = ", and there is only one" if announcers.are_alone(offsets) else ""
        found.append("this host's clock is unsynchronised: judged is only the disagreement "
                     f"between announcers{alone}")
    deaf = [group for group in view.deaf if group.port != PLAIN_PORT or not view.hearing]
    if deaf:  # to hear port 123 takes a privilege that a check need not have
        more = f", and {len(deaf) - 1} more" if len(deaf) > 1 else ""
        found.append(f"cannot hear {table.group_name(deaf[0])}: {deaf[0].reason}{more}")
    if view.broken:
        found.append(f"{table.plural(view.broken, 'line')} could not be read "
                     f"({view.last_broken})")
    return [Finding(OK, text) for text in found]


# ---- Together ----


def _figure(label, value, limits=None, least=""):
    thresholds = (f"{spans.decimal(limits.warn_s)};{spans.decimal(limits.crit_s)}"
                  if limits else ";")
    return f"'{label}'={value};{thresholds};{least}".rstrip(";")


def _figures(view, offsets, limits):
    found = []
    if offsets:
        worst = max(abs(offset) for offset, _ in offsets.values())
        judged = None if view.host_synchronised is False else limits
        found.append(_figure("offset", f"{spans.decimal(worst)}s", judged))
    if not announcers.are_alone(offsets):
        found.append(_figure("disagreement", f"{spans.decimal(spread_s(offsets))}s", limits))
    found.append(_figure("announcers", view.announcers))
    losses = [row.loss for row in view.rows if row.loss is not None and not _is_forged(row)]
    if losses:
        found.append(_figure("loss", f"{100 * max(losses):.1f}%"))
    return tuple(found)


def _deafness(view):
    """Why no group at all can be heard, or None."""
    if view.deaf and not view.hearing and not view.announcements:
        return f"cannot hear {table.group_name(view.deaf[0])}: {view.deaf[0].reason}"
    return None


def _honest(view):
    return [row for row in view.rows if not _is_forged(row)]


def _silence(view):
    """What to say if nobody is heard now; None if somebody is."""
    honest = _honest(view)
    if not view.time_s:
        return "silence: there is no line at all"
    if not honest:
        return f"silence: no announcement in {table.age(view.span_s)}"
    if all("silent" in row.conditions for row in honest):
        last = min(row.age_s for row in honest)
        return f"silence: the last announcement came {table.age(last)} ago"
    return None


def no_listener(network, now, failure):
    """The verdict if the lines ended by a failure; why it hears nothing says more than its end."""
    return Verdict(UNKNOWN, _deafness(network.view(now)) or failure)


def _way_out(view, waited_s):
    """Of a silence that may be a long interval."""
    if waited_s is None or not view.time_s or _honest(view):
        return []
    return [Finding(OK, f"for intervals over {spans.show(waited_s)} say --wait")]


def judge(network, now, limits, waited_s=None):
    """The verdict on all that was heard until now, in `waited_s` if somebody had to wait."""
    view = network.view(now).whole()
    why_not = _deafness(view) or network.why_unreadable()
    if why_not:
        return Verdict(UNKNOWN, why_not)
    offsets = judged_offsets(network, now)
    silence = _silence(view)
    if silence:
        findings = [Finding(CRITICAL, silence)]
    elif not offsets:
        findings = [Finding(CRITICAL, "no announcer has the time")]
    else:
        findings = _disagreement(offsets, limits) + _offset(offsets, limits, view)
        findings += _number(view, limits)
    findings += _conditions(view) + _alarms(view, limits) + _remarks(view, offsets)
    findings += _way_out(view, waited_s)
    findings.sort(key=lambda each: -each.status)  # stable
    return Verdict(findings[0].status, "; ".join(each.text for each in findings),
                   _figures(view, offsets, limits))

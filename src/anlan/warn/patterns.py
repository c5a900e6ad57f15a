"""What the course of a gauge shows: duration, repeat, rate of change, silence.

Pure, and folded from the archive's window each time like plain levels. Each kind first makes a
course of its own from the readings (a rise, a count) and then waits over that
course by the same hold and hysteresis: `anlan.warn.observed.active`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from anlan.warn.colour import COLOURS, Colour, highest
from anlan.warn.observed import Hold, Observed, Sample, active, levels_state


def rises(samples: Sequence[Sample], span: timedelta, max_gap: timedelta) -> list[Sample]:
    """How far each value lies above the lowest of the ``span`` before it.

    After a silence longer than ``max_gap`` it begins anew: what happened meanwhile is not known.
    """
    found: list[Sample] = []
    first = 0
    for number, sample in enumerate(samples):
        if number and sample.at - samples[number - 1].at > max_gap:
            first = number
        while sample.at - samples[first].at > span:
            first += 1
        lowest = min(each.value for each in samples[first : number + 1])
        found.append(sample._replace(value=sample.value - lowest))
    return found


def rate_state(
    samples: Sequence[Sample],
    amounts: Mapping[Colour, float],
    span: timedelta,
    hold: Hold,
    now: datetime,
    *,
    falling: bool = False,
    before: Colour = Colour.NONE,
) -> Observed:
    """Rise within ``span`` against an amount for each colour, in the unit of the values.

    Falling: the same downward. ``value`` of the answer is the newest reading, as everywhere.
    """
    known = [each for each in samples if each.at <= now]
    turned = [each._replace(value=-each.value) for each in known] if falling else known
    course = rises(turned, span, hold.max_gap)
    found = levels_state(course, amounts, hold, now, before=before)
    return replace(found, value=known[-1].value if known else None)


def duration_state(
    samples: Sequence[Sample],
    wanted: Mapping[Colour, tuple[float, timedelta]],
    hold: Hold,
    now: datetime,
    *,
    before: Colour = Colour.NONE,
) -> Observed:
    """At or above a value without a break for as long as its colour wants.

    A silence longer than ``hold.max_gap`` breaks it, for nobody knows what happened meanwhile.
    ``wanted``: colour -> (value, span). ``hold.rise`` is not used.
    """
    known = [each for each in samples if each.at <= now]
    if not known:
        return Observed(before, present=False)
    stand, grounds = [], [known[-1].ground]
    since: datetime | None = None
    for each in COLOURS:
        if each not in wanted:
            continue
        value, span = wanted[each]
        on, made_by = active(known, value, replace(hold, rise=span), before >= each)
        if on:
            stand.append(each)
            since = made_by.at if made_by else None
            grounds += [made_by.ground] if made_by else []
    newest = known[-1]
    return Observed(
        highest(stand),
        now - newest.at <= hold.max_gap,
        value=newest.value,
        at=newest.at,
        since=since,
        grounds=tuple(dict.fromkeys(grounds)),
    )


def begun(samples: Sequence[Sample], threshold: float, fall_by: float) -> list[Sample]:
    """The samples at which a crossing begins: at or above, after one clearly below.

    What was above from the first sample on began nobody knows when, and is not among them.
    """
    found = []
    ready = False
    for sample in samples:
        if ready and sample.value >= threshold:
            found.append(sample)
            ready = False
        elif sample.value < threshold - fall_by:
            ready = True
    return found


def repeat_state(
    samples: Sequence[Sample],
    threshold: float,
    fall_by: float,
    times: Mapping[Colour, int],
    span: timedelta,
    hold: Hold,
    now: datetime,
    *,
    before: Colour = Colour.NONE,
) -> Observed:
    """Crossings begun within the last ``span`` against a number for each colour.

    A silence neither raises nor ends anything.
    """
    known = [each for each in samples if each.at <= now]
    starts = begun(known, threshold, fall_by)
    counts = [
        each._replace(value=float(sum(each.at - span < one.at <= each.at for one in starts)))
        for each in known
    ]
    found = levels_state(
        counts, {name: float(least) for name, least in times.items()}, hold, now, before=before
    )
    grounds = [each.ground for each in starts if now - span < each.at]
    return replace(
        found,
        value=known[-1].value if known else None,
        grounds=tuple(dict.fromkeys([*found.grounds, *grounds])),
    )


def silence_state(
    samples: Sequence[Sample],
    silences: Mapping[Colour, timedelta],
    back: timedelta,
    now: datetime,
    since: datetime,
    *,
    before: Colour = Colour.NONE,
) -> Observed:
    """How long a station has been silent, against a span for each colour.

    Over only once it has reported for ``back`` without such a silence again: it is data that end
    this, as everywhere.

    Args:
        samples: usable readings in order of valid time.
        since: the beginning of what was read; a station without any reading was silent all along.
    """
    known = [each for each in samples if each.at <= now]
    last = known[-1].at if known else since
    silent = now - last
    stand = []
    for each, span in silences.items():
        if silent >= span or (before >= each and now - _back_since(known, span) < back):
            stand.append(each)
    top = highest(stand)
    return Observed(
        top,
        present=bool(known) and silent < min(silences.values(), default=timedelta.max),
        at=last if known else None,
        since=last + silences[top] if top and silent >= silences[top] else None,
        grounds=(known[-1].ground,) if known else (),
    )


def _back_since(known: Sequence[Sample], span: timedelta) -> datetime:
    """Since when a station has reported without a silence of ``span``."""
    found = known[-1].at
    for sample in reversed(known):
        if found - sample.at >= span:
            break
        found = sample.at
    return found

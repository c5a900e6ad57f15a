"""Conditions of a combined rule, at the same time: rain, river and tide. Pure.

Each condition makes a course of how far it is met; together they stand once all are met, by the
same hold as any other rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from anlan.warn.colour import Colour
from anlan.warn.observed import Hold, Observed, RainSum, Sample, active

MET, BETWEEN, UNMET = 1.0, 0.5, 0.0


def met(value: float, threshold: float, fall_by: float) -> float:
    """How far one value meets a threshold: `MET`, `UNMET`, or `BETWEEN` within the margin."""
    if value >= threshold:
        return MET
    return UNMET if value < threshold - fall_by else BETWEEN


def high_course(samples: Sequence[Sample], threshold: float, fall_by: float) -> list[Sample]:
    """How far each level meets the threshold."""
    return [each._replace(value=met(each.value, threshold, fall_by)) for each in samples]


def wet_course(sums: Sequence[RainSum], hours: float, mm: float, fall_by: float) -> list[Sample]:
    """How far the rain of the last ``hours`` meets ``mm``, at the end of each sum.

    Only sums wholly inside the hours count.
    """
    span = timedelta(hours=hours)
    found = []
    first = 0
    for number, each in enumerate(sums):
        while sums[first].start < each.end - span and first < number:
            first += 1
        fallen = sum(one.mm for one in sums[first : number + 1] if one.start >= each.end - span)
        found.append(Sample(each.end, met(fallen, mm, fall_by), each.ground))
    return found


def any_of(courses: Sequence[Sequence[Sample]], max_gap: timedelta) -> list[Sample]:
    """One course of several stations: the one that meets the condition best speaks.

    A station not heard of for ``max_gap`` does not count; where none is left, none speaks.
    """
    if len(courses) == 1:
        return list(courses[0])
    marked = sorted(
        ((sample.at, number, sample) for number, course in enumerate(courses) for sample in course),
        key=lambda each: each[:2],
    )
    newest: dict[int, Sample] = {}
    found: list[Sample] = []
    for at, number, sample in marked:
        newest[number] = sample
        fresh = [each for each in newest.values() if at - each.at <= max_gap]
        best = max(fresh, key=lambda each: each.value)._replace(at=at)
        if found and found[-1].at == at:
            found[-1] = best
        else:
            found.append(best)
    return found


def together_state(
    courses: Sequence[Sequence[Sample]],
    hold: Hold,
    now: datetime,
    which: Colour,
    *,
    before: bool = False,
) -> Observed:
    """Conditions that must hold at the same time: ``which`` once all have, as long as none fell.

    Args:
        courses: one for each condition, of `MET`, `BETWEEN` and `UNMET`.
        hold: the waits; a condition not heard of for ``hold.max_gap`` is neither met nor ended.
        which: the colour that it supports.
        before: whether it stood before the first sample.
    """
    moments = sorted({sample.at for course in courses for sample in course if sample.at <= now})
    places = [0] * len(courses)
    all_met: list[Sample] = []
    present = bool(courses)
    grounds: list[str] = []
    for at in [*moments, now] if moments else []:
        worst, present, grounds = MET, True, []
        for number, course in enumerate(courses):
            while places[number] < len(course) and course[places[number]].at <= at:
                places[number] += 1
            newest = course[places[number] - 1] if places[number] else None
            if newest is None or at - newest.at > hold.max_gap:
                present = False
                continue
            worst = min(worst, newest.value)
            grounds.append(newest.ground)
        all_met.append(Sample(at, worst if present else BETWEEN, grounds[0] if grounds else ""))
    if not all_met:
        return Observed(which if before else Colour.NONE, present=False)
    # the last moment is now; waits run from reading to reading, so it is told apart
    stand, made_by = active(all_met[:-1], MET, replace(hold, fall_by=BETWEEN), before)
    return Observed(
        which if stand else Colour.NONE,
        present,
        at=moments[-1],
        since=made_by.at if made_by else None,
        grounds=tuple(grounds),
    )

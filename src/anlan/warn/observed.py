"""What gauges say about a threshold: hold before rise, hysteresis and longer hold before fall.

Pure. A state is folded from the archive's window each time, so that late, repeated or disordered
arrival of readings cannot change the answer: only the readings themselves can.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from anlan.warn.colour import COLOURS, Colour, highest


class Sample(NamedTuple):
    """A usable value: valid time (UTC), value in the rule's unit on the city's datum, ground id."""

    at: datetime
    value: float
    ground: str


@dataclass(frozen=True)
class Hold:
    """How long a crossing must last.

    Attributes:
        rise: at or above T before it counts (h1).
        fall: below T - ``fall_by`` before it no longer counts (h2 > h1).
        fall_by: how far below T it must be, in the unit of the values (d).
        max_gap: a longer silence restarts both waits; nothing counts as data beyond it.
    """

    rise: timedelta
    fall: timedelta
    fall_by: float
    max_gap: timedelta


@dataclass(frozen=True)
class Observed:
    """What a gauge supports now.

    Attributes:
        colour: highest active colour.
        present: whether there is data fresh enough to speak of now.
        near: highest colour whose threshold the newest value comes within the rule's margin of.
        value, at: the newest value and its valid time, None without any.
        since: when the colour became active, None when that lies before the samples.
        grounds: ids of the newest reading and of the one that made the colour active.
        set_aside: readings that would have counted but for the quality rules: id and rules.
        armed: colour that it supports once a forecast says so too; NONE where it asks for none.
    """

    colour: Colour
    present: bool
    near: Colour = Colour.NONE
    value: float | None = None
    at: datetime | None = None
    since: datetime | None = None
    grounds: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    armed: Colour = Colour.NONE

    @property
    def kept(self) -> Colour:
        """What to remember for the next time."""
        return max(self.colour, self.armed)


NOTHING = Observed(Colour.NONE, present=False)


def active(
    samples: Sequence[Sample], threshold: float, hold: Hold, before: bool
) -> tuple[bool, Sample | None]:
    """Whether a threshold is active after the samples (in time order), and what made it so."""
    active = before
    made_by: Sample | None = None
    above: datetime | None = None
    below: datetime | None = None
    last: datetime | None = None
    for sample in samples:
        if last is not None and sample.at - last > hold.max_gap:
            above = below = None
        last = sample.at
        if sample.value >= threshold:
            below = None
            above = above or sample.at
            if not active and sample.at - above >= hold.rise:
                active, made_by = True, sample
        elif sample.value < threshold - hold.fall_by:
            above = None
            below = below or sample.at
            if active and sample.at - below >= hold.fall:
                active, made_by = False, None
        else:
            above = below = None
    return active, made_by


def levels_state(
    samples: Sequence[Sample],
    levels: Mapping[Colour, float],
    hold: Hold,
    now: datetime,
    *,
    before: Colour = Colour.NONE,
    margin: float = 0.0,
) -> Observed:
    """Fold the samples of one level gauge.

    Args:
        samples: usable values in order of valid time; those after ``now`` are left out.
        levels: threshold of each colour, on the city's datum.
        hold: the waits.
        now: the present; data older than ``hold.max_gap`` are no data.
        before: the colour that was active before the first sample.
        margin: how close below a threshold counts as near it.
    """
    known = [sample for sample in samples if sample.at <= now]
    if not known:
        return Observed(before, present=False)
    stand, grounds = [], [known[-1].ground]
    since: datetime | None = None
    for each in COLOURS:
        if each not in levels:
            continue
        on, made_by = active(known, levels[each], hold, before >= each)
        if on:
            stand.append(each)
            since = made_by.at if made_by else None
            if made_by and made_by.ground not in grounds:
                grounds.append(made_by.ground)
    newest = known[-1]
    present = now - newest.at <= hold.max_gap
    near = [each for each, level in levels.items() if present and newest.value >= level - margin]
    return Observed(
        highest(stand), present, highest(near), newest.value, newest.at, since, tuple(grounds)
    )


class RainSum(NamedTuple):
    """A sum of rain: ``start`` to ``end`` (UTC), mm, ground id."""

    start: datetime
    end: datetime
    mm: float
    ground: str


def rain_state(
    sums: Sequence[RainSum],
    thresholds: Mapping[Colour, tuple[float, float]],
    near: Mapping[Colour, tuple[float, float]],
    now: datetime,
    max_gap: timedelta,
) -> Observed:
    """What one rain gauge supports: trailing sums that end now against (hours, mm) pairs.

    Args:
        sums: intervals in order of their end; only those wholly inside the hours count, so that
            a sum is never larger than what fell in them.
        thresholds: colour -> (hours, mm) that raises it by itself.
        near: colour -> (hours, mm) that lends weight to a forecast of it.
        now: the present; a gauge silent for longer than ``max_gap`` says nothing.
        max_gap: the longest silence.
    """
    known = sums[: bisect_right(sums, now, key=attrgetter("end"))]
    if not known:
        return NOTHING
    newest = known[-1]
    if now - newest.end > max_gap:
        return Observed(Colour.NONE, present=False, value=None, at=newest.end)

    @cache
    def fallen(hours: float) -> float:
        start = now - timedelta(hours=hours)
        # what ended by then began before; several colours share their hours
        first = bisect_right(known, start, key=attrgetter("end"))
        return sum([each.mm for each in known[first:] if each.start >= start])

    raised = [each for each, (hours, mm) in thresholds.items() if fallen(hours) >= mm]
    close = [each for each, (hours, mm) in near.items() if fallen(hours) >= mm]
    top = highest(raised)
    reach = now - timedelta(hours=thresholds[top][0] if top else 1)
    grounds = [newest.ground]
    if top:
        grounds = [each.ground for each in known if each.start >= reach and each.mm > 0][-24:]
    return Observed(
        top, True, highest([*raised, *close]), fallen(1), newest.end, grounds=tuple(grounds)
    )

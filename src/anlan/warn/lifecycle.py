"""When a warning is drafted, raised, lowered, cleared or left alone. Pure.

Rising goes at once; falling waits and needs data; no data never clears. While a draft waits for
an officer it is brought up to date, never doubled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from anlan.warn.colour import Colour, highest


@dataclass(frozen=True)
class Evidence:
    """What is known about one rule in one area.

    Attributes:
        observed: colour that the gauges support by themselves.
        near: colour that a gauge lends weight to.
        forecasts: colour that each usable run supports, newest first, ``runs`` at most.
        runs: so many in a row must agree before forecasts alone raise or end anything.
        gauge_present: data of the area's gauges are there and fresh.
        has_gauge: the area has a gauge at all.
        grounds: ids of readings, runs and the rule; ``aside:`` before a reading that was looked
            at and set aside.
        set_aside: readings that would have counted but for the quality rules: id and rules.
        onset, until: from when and until when, UTC.
        facts: numbers for the texts, by slot.
    """

    observed: Colour = Colour.NONE
    near: Colour = Colour.NONE
    forecasts: tuple[Colour, ...] = ()
    runs: int = 2
    gauge_present: bool = False
    has_gauge: bool = False
    grounds: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    onset: datetime | None = None
    until: datetime | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def raise_to(self) -> Colour:
        """What may be warned of now: seen by a gauge, by ``runs`` runs, or by a run and a gauge."""
        agreed = [self.observed]
        if self.forecasts:
            agreed.append(min(self.forecasts[0], self.near))
        if self.runs_speak:
            agreed.append(min(self.forecasts[: self.runs]))
        return highest(agreed)

    @property
    def keep_at(self) -> Colour:
        """What cannot yet be ruled out: anything a gauge or any of the runs still supports."""
        return highest([self.observed, *self.forecasts])

    @property
    def runs_speak(self) -> bool:
        """Whether there are as many runs as must agree."""
        return len(self.forecasts) >= self.runs


@dataclass(frozen=True)
class Standing:
    """What is out and what waits for one rule in one area.

    Attributes:
        issued: colour of the alert in force, NONE without one.
        issued_until: when it expires.
        forecast_based: whether it rested on a forecast.
        waiting: colour of the draft that waits, None without one (NONE: an all-clear).
        lower_since: since when everything known lies below ``issued`` (or below the draft).
        rejected: colour that an officer turned down while the evidence was as it is.
    """

    issued: Colour = Colour.NONE
    issued_until: datetime | None = None
    forecast_based: bool = False
    waiting: Colour | None = None
    lower_since: datetime | None = None
    rejected: Colour = Colour.NONE


# What is said lasts so long unless the evidence says more; a renewal says nothing new: once a day
# is enough, or people stop reading.
DEFAULT_LIFE = timedelta(hours=12)
RENEWED_LIFE = timedelta(hours=24)
LEAST_LIFE = timedelta(hours=1)


class Step(StrEnum):
    """What to do about it."""

    NOTHING = "nothing"
    NEW = "new"
    RAISE = "raise"
    LOWER = "lower"
    CLEAR = "clear"
    EXTEND = "extend"
    REFRESH = "refresh"
    LAPSE = "lapse"


@dataclass(frozen=True)
class Decision:
    """The step, the colour it leads to, why, and the waits to remember."""

    step: Step
    colour: Colour
    reason: str
    lower_since: datetime | None
    rejected: Colour = Colour.NONE


def expiry(
    evidence: Evidence, step: Step, issued_until: datetime | None, now: datetime
) -> datetime:
    """Until when a message decided now is good."""
    until = evidence.until or now + DEFAULT_LIFE
    if step is Step.EXTEND and issued_until is not None:
        until = max(until, issued_until + RENEWED_LIFE)
    return max(until, now + LEAST_LIFE)


def rests_on_forecast(before: bool, evidence: Evidence, decision: Decision, standing: bool) -> bool:
    """Whether what stands after a decision rests on a forecast and not on gauges alone.

    Args:
        before: whether it did so far.
        standing: a warning or a draft was there before the decision.
    """
    drafted = decision.step in (Step.NEW, Step.RAISE, Step.EXTEND)
    based = before and (standing or drafted)
    if drafted or decision.step is Step.REFRESH:
        based = based or evidence.observed < decision.colour
    return based


def knows(evidence: Evidence, standing: Standing, now: datetime, margin: timedelta) -> bool:
    """Whether there is enough data to say that the danger is less than was warned of.

    The gauge must report. If the warning rested on a forecast, enough later runs must be there, or
    its time must be over but for ``margin``, so that with no more runs the gauges decide
    whether it ends, instead of its being renewed on nothing.
    """
    if evidence.has_gauge and not evidence.gauge_present:
        return False
    if not standing.forecast_based:
        return evidence.has_gauge or evidence.runs_speak
    over = standing.issued_until is not None and now >= standing.issued_until - margin
    return evidence.runs_speak or (over and evidence.gauge_present)


def decide(
    standing: Standing,
    evidence: Evidence,
    now: datetime,
    lower_hold: timedelta,
    extend_before: timedelta,
) -> Decision:
    """The next step for one rule in one area at ``now``."""
    rising = evidence.raise_to
    keep = max(rising, evidence.keep_at)
    # A refusal by an officer holds only while the evidence stays what the officer saw.
    rejected = standing.rejected if rising == standing.rejected else Colour.NONE
    known = knows(evidence, standing, now, extend_before + lower_hold)

    def answer(step: Step, colour: Colour, reason: str, since: datetime | None = None) -> Decision:
        return Decision(step, colour, reason, since, rejected)

    if standing.waiting is not None:
        return _with_draft(standing, rising, keep, known, now, lower_hold, answer)
    if rising > standing.issued and rising != rejected:
        step = Step.NEW if standing.issued is Colour.NONE else Step.RAISE
        return answer(step, rising, "first issue" if step is Step.NEW else "severity raised")
    if standing.issued is Colour.NONE:
        return answer(Step.NOTHING, Colour.NONE, "below every threshold")
    if keep < standing.issued and known:
        since = standing.lower_since or now
        if now - since < lower_hold:
            return answer(Step.NOTHING, standing.issued, "falling, waiting", since)
        if keep is Colour.NONE:
            return answer(Step.CLEAR, keep, "condition down, data present", since)
        return answer(Step.LOWER, keep, "severity lowered", since)
    if standing.issued_until is not None and now >= standing.issued_until - extend_before:
        return answer(Step.EXTEND, standing.issued, "still in force at its expiry")
    return answer(Step.NOTHING, standing.issued, "unchanged" if known else "no data, kept")


def _with_draft(
    standing: Standing,
    rising: Colour,
    keep: Colour,
    known: bool,
    now: datetime,
    lower_hold: timedelta,
    answer: Callable[..., Decision],
) -> Decision:
    """The step while a draft waits: bring it up to date, let it lapse, or leave it."""
    waiting, issued = standing.waiting, standing.issued
    assert waiting is not None
    if waiting < issued:
        if rising > issued:
            return answer(Step.REFRESH, rising, "rising again")
        if keep >= issued or not known:
            return answer(Step.LAPSE, issued, "no longer falling, or no data")
        if keep != waiting:
            return answer(Step.REFRESH, keep, "still falling", standing.lower_since)
        return answer(Step.NOTHING, waiting, "waiting for an officer", standing.lower_since)
    if rising > waiting:
        return answer(Step.REFRESH, rising, "severity raised")
    if keep < waiting and known:
        since = standing.lower_since or now
        if now - since < lower_hold:
            return answer(Step.NOTHING, waiting, "draft falling, waiting", since)
        if keep > issued:
            return answer(Step.REFRESH, keep, "severity lowered before issue")
        return answer(Step.LAPSE, issued, "condition gone before issue")
    return answer(Step.NOTHING, waiting, "waiting for an officer")

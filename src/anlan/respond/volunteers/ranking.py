"""Who is asked first: skill × distance × past answers, each factor shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.respond.volunteers.rules import Call
from anlan.respond.volunteers.showing import Expected, Past, expected, how_many, rate

SOON = timedelta(days=30)
SOON_FACTOR = 0.8
"""A training that ends within `SOON` counts a little less: its holder is asked after others."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A volunteer as far as asking is concerned: no name, no number.

    ``skill``: ``valid``, ``expired``, ``unverified``, ``missing`` or ``not_needed``;
    ``skill_until`` its end (UTC; None: for good); ``distance_km`` from home village to the work;
    ``hours_out`` in the 24 hours before the work.
    """

    id: str
    skill: str
    skill_until: datetime | None
    distance_km: float
    past: Past
    free: bool
    engaged: bool
    hours_out: float
    reachable: bool
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with what speaks for asking: factors 0 to 1, and their product."""

    candidate: Candidate
    skill: float
    distance: float
    yes: float
    show: float

    @property
    def score(self) -> float:
        """The order of asking."""
        return self.skill * self.distance * self.yes * self.show

    @property
    def chance(self) -> float:
        """Probability that the person comes when asked."""
        return self.yes * self.show

    def reasons(self) -> dict[str, object]:
        """Why this rank, as kept with the call and shown."""
        one = self.candidate
        return {
            "skill": one.skill,
            "skill_until": None if one.skill_until is None else one.skill_until.isoformat(),
            "distance_km": round(one.distance_km, 1),
            "asked": one.past.asked,
            "yes": one.past.yes,
            "promised": one.past.promised,
            "came": one.past.came,
            "p_yes": round(self.yes, 3),
            "p_show": round(self.show, 3),
            "factors": {
                "skill": round(self.skill, 3),
                "distance": round(self.distance, 3),
                "answers": round(self.chance, 3),
            },
            "score": round(self.score, 4),
        }


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom a call would ask, in order; who is left over; who is left out, and why."""

    chosen: tuple[Ranked, ...]
    spare: tuple[Ranked, ...]
    left_out: tuple[tuple[str, str], ...]
    expected: Expected
    confidence: float

    @property
    def short(self) -> bool:
        """Whether even all of them will probably not be enough."""
        return self.expected.enough < self.confidence


def why_not(one: Candidate, call: Call) -> str | None:
    """Why a person is not asked at all, or None."""
    if one.skill not in ("valid", "not_needed"):
        return f"skill_{one.skill}"
    if one.asked:
        return "asked_before"
    if one.engaged:
        return "engaged"
    if not one.free:
        return "not_free"
    if one.hours_out >= call.rest_after_h:
        return "resting"
    if not one.reachable:
        return "unreachable"
    return None


def ranked(one: Candidate, call: Call, at: datetime) -> Ranked:
    """The factors of one candidate for work that begins at ``at`` (UTC)."""
    soon = one.skill_until is not None and one.skill_until < at + SOON
    return Ranked(
        one,
        SOON_FACTOR if soon else 1.0,
        call.near_km / (call.near_km + one.distance_km),
        rate(one.past.yes, one.past.asked, call.prior_yes),
        rate(one.past.came, one.past.promised, call.prior_show),
    )


def selection(
    candidates: Iterable[Candidate],
    call: Call,
    at: datetime,
    needed: int,
    confidence: float | None = None,
    only: Sequence[str] | None = None,
) -> Selection:
    """Whom to ask so that ``needed`` come with ``confidence`` (default: the rules' own).

    ``only`` names the persons to ask instead of letting the number decide; whoever may not be
    asked is left out all the same. Equal ranks go by id, so that two runs choose alike.
    """
    wished = call.confidence if confidence is None else confidence
    left_out: list[tuple[str, str]] = []
    fit: list[Ranked] = []
    for one in candidates:
        reason = why_not(one, call)
        if reason is None:
            fit.append(ranked(one, call, at))
        else:
            left_out.append((one.id, reason))
    fit.sort(key=lambda each: (-each.score, each.candidate.id))
    if only is None:
        number = how_many([each.chance for each in fit[: call.most]], needed, wished)
        chosen, spare = fit[:number], fit[number:]
    else:
        chosen = [each for each in fit if each.candidate.id in only][: call.most]
        spare = [each for each in fit if each not in chosen]
    return Selection(
        tuple(chosen),
        tuple(spare),
        tuple(sorted(left_out)),
        expected([each.chance for each in chosen], needed),
        wished,
    )

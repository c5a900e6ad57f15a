"""The three-colour state of a firm 三色: worked out from facts, each with its reason.

Green: nothing known against its work. Yellow: the team should look after it. Red: it stands
still, or water is likely to reach it. A person may set another colour with a reason, for a
time; what the facts say stays visible beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from anlan.respond.firms.settings import Colours

Colour = Literal["green", "yellow", "red"]
COLOURS: tuple[Colour, ...] = ("green", "yellow", "red")
Operation = Literal["running", "reduced", "stopped"]
OPERATIONS: dict[str, str] = {"running": "正常生产", "reduced": "部分停产", "stopped": "停产"}


@dataclass(frozen=True)
class Threat:
    """Water that the assessment expects at or near the firm.

    ``probability``: share of members; ``ref``: id of the hazard place or code of the village.
    """

    ref: str
    danger: bool
    probability: float


@dataclass(frozen=True)
class OpenCase:
    """A case of the firm that has no outcome yet."""

    id: str
    kind: str
    late: bool


@dataclass(frozen=True)
class Facts:
    """What is known of one firm now.

    Attributes:
        wet: ids of trusted reports of water near it, in force now.
        cases: its cases without an outcome.
        refused_shots: pictures of remote checks that were not accepted and not sent again.
        overdue_measures: measures of its plan whose time has passed.
        visited_at: when somebody last visited or checked it; None: never.
        responding: whether a response level is set.
        known_since: when the desk began to look after firms: an unvisited firm is overdue
            from then on.
    """

    operation: Operation
    threats: Sequence[Threat] = ()
    wet: Sequence[str] = ()
    cases: Sequence[OpenCase] = ()
    refused_shots: int = 0
    overdue_measures: int = 0
    visited_at: datetime | None = None
    responding: bool = False
    known_since: datetime | None = None


@dataclass(frozen=True)
class Reason:
    """Why a firm is not green: a code, the id it rests on, and a number where one counts."""

    colour: Colour
    code: str
    ref: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Standing:
    """The colour that the facts give, with every reason, the gravest first."""

    colour: Colour
    reasons: tuple[Reason, ...]


def stand(facts: Facts, rules: Colours, now: datetime) -> Standing:
    """The colour of a firm at ``now`` (UTC) and why."""
    reasons: list[Reason] = []
    if facts.operation == "stopped":
        reasons.append(Reason("red", "stopped"))
    elif facts.operation == "reduced":
        reasons.append(Reason("yellow", "reduced"))
    for threat in facts.threats:
        if threat.danger and threat.probability >= rules.danger_probability:
            reasons.append(Reason("red", "danger", threat.ref, threat.probability))
        elif not threat.danger and threat.probability >= rules.attention_probability:
            reasons.append(Reason("yellow", "attention", threat.ref, threat.probability))
    reasons += [Reason("red", "water_reported", ref) for ref in facts.wet]
    for case in facts.cases:
        late = "late_case" if case.late else "open_case"
        reasons.append(Reason("red" if case.late else "yellow", late, case.id))
    if facts.refused_shots:
        reasons.append(Reason("yellow", "refused_shots", value=facts.refused_shots))
    if facts.overdue_measures:
        reasons.append(Reason("yellow", "measures_overdue", value=facts.overdue_measures))
    days = rules.visit_days_in_response if facts.responding else rules.visit_days
    since = facts.visited_at or facts.known_since
    if since is not None and now - since > timedelta(days=days):
        gone = (now - since) / timedelta(days=1)
        code = "visit_overdue" if facts.visited_at else "never_visited"
        reasons.append(Reason("yellow", code, value=round(gone, 1)))
    reasons.sort(key=lambda reason: (-COLOURS.index(reason.colour), reason.code, reason.ref))
    return Standing(reasons[0].colour if reasons else "green", tuple(reasons))

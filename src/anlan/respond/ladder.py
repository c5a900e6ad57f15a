"""Who is asked, and who is told when nobody answers: people found by role and territory.

Pure: officers and the territory's chain of ancestors come in, account ids go out. Order is
fixed (nearest territory first, then account id), so that two replays choose alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BY_DEPARTMENT = frozenset({"crew", "liaison"})
"""Roles that answer for a department rather than for a territory alone."""
LAST_RESORT = ("duty_officer", "commander")
"""Told when the plan names no ladder for a role: silence must end at a person."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A named account as far as routing is concerned. ``territory`` is a 12-digit code."""

    id: str
    role: str
    territory: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of an escalation: the role that is told and the accounts that hold it."""

    role: str
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Escalation:
    """What one unanswered deadline leads to. ``skipped`` learn that others were asked."""

    step: int
    role: str
    told: tuple[str, ...]
    skipped: tuple[str, ...]


def holders(
    officers: Sequence[Officer], role: str, lineage: Sequence[str], department: str = ""
) -> tuple[str, ...]:
    """Accounts with ``role`` at the nearest unit of ``lineage`` (the place's own unit first).

    For roles in `BY_DEPARTMENT` and a named department, only that department's.
    """
    fitting = [
        officer
        for officer in officers
        if officer.role == role
        and (not department or role not in BY_DEPARTMENT or officer.department == department)
    ]
    for code in lineage:
        here = sorted(officer.id for officer in fitting if officer.territory == code)
        if here:
            return tuple(here)
    return ()


def assignee(
    officers: Sequence[Officer],
    roles: Sequence[str],
    lineage: Sequence[str],
    department: str = "",
    loads: Mapping[str, int] | None = None,
) -> tuple[str, str | None]:
    """The first role of ``roles`` that somebody holds here, and the least busy who holds it.

    ``loads``: unfinished tasks by account; of equally busy ones the first by id.
    ``(first role, None)`` when nobody holds any of them: the work is then offered.
    """
    busy = loads or {}
    for role in roles:
        people = holders(officers, role, lineage, department)
        if people:
            return role, min(people, key=lambda account: (busy.get(account, 0), account))
    return roles[0], None


def rungs(
    ladders: Mapping[str, Sequence[str]],
    role: str,
    officers: Sequence[Officer],
    lineage: Sequence[str],
    department: str = "",
) -> list[Rung]:
    """The ladder above ``role`` for this place; roles that nobody holds are left out."""
    found = [Rung(above, holders(officers, above, lineage, department)) for above in ladders[role]]
    return [rung for rung in found if rung.accounts]


def climb(step: int, assignee: str | None, above: Sequence[Rung]) -> Escalation | None:
    """Escalation number ``step`` (0 is the first), or None when the ladder is at its end."""
    if step >= len(above):
        return None
    told = above[step].accounts
    before = [assignee] if assignee else []
    before += [account for rung in above[:step] for account in rung.accounts]
    skipped = tuple(dict.fromkeys(account for account in before if account not in told))
    return Escalation(step, above[step].role, told, skipped)

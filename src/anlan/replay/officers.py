"""Replay officers: they approve drafts and set the response level, after a human while.

They do nothing that a person at the desk could not do: every act goes through the actions of
`warn` and `respond` under a named account, and the journal marks it ``on_behalf = "replay"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from anlan import respond, warn
from anlan.city import City
from anlan.journal import Act
from anlan.replay.attempt import attempt
from anlan.replay.cast import EVERYBODY, Cast
from anlan.replay.chance import Chance
from anlan.replay.habits import People
from anlan.respond.plan import rank
from anlan.store import schema

A, V, I, J = schema.alert, schema.approval, schema.incident, schema.journal  # noqa: E741
REPLAY = "replay"
APPROVERS = ("duty_officer", "commander")
#: A level is lowered only after the lower proposal has stood for so long.
LOWER_AFTER = timedelta(hours=6)


@dataclass(frozen=True)
class ReplayedAct(Act):
    """An act of a person whom the replay moves.

    The stages see the person alone, with their own rights and nobody else's; the journal adds
    that it was the replay that moved them.
    """

    def record(
        self,
        kind: str,
        subject: str,
        *,
        grounds: Sequence[str] = (),
        content: object = None,
        valid_at: datetime | None = None,
    ) -> int:
        """As `Act.record`, marked ``on_behalf = "replay"``."""
        marked = Act(self.tx, self.now, self.actor, on_behalf=REPLAY)
        return marked.record(kind, subject, grounds=grounds, content=content, valid_at=valid_at)


def holding(city: City, *roles: str) -> list[str]:
    """Accounts of the whole city with one of the roles, in the order of the roles, then by id."""
    return [
        account.id
        for role in roles
        for account in sorted(city.accounts.values(), key=lambda a: a.id)
        if account.role == role
    ]


def approve_drafts(
    tx: Connection,
    now: datetime,
    city: City,
    people: People,
    chance: Chance,
    cast: Cast = EVERYBODY,
) -> list[str]:
    """Approve what waits, one officer after the other; returns an alert's id per approval.

    The delay runs from when the draft was last brought up to date: an officer reads it anew.
    """
    officers = [each for each in holding(city, *APPROVERS) if cast.moves(each)]
    acted = []
    for alert in tx.execute(
        select(A.c.id, A.c.drafted_at, A.c.approvals_needed)
        .where(A.c.state == "draft")
        .order_by(A.c.drafted_at, A.c.id)
    ).all():
        # an approval made void by a change of colour no longer counts, and may be given anew
        valid = (V.c.alert == alert.id, V.c.decision == "approved")
        given = set(tx.execute(select(V.c.officer).where(*valid)).scalars())
        due = alert.drafted_at + chance.delay(people.approve_min, "approve", alert.id)
        for number in range(alert.approvals_needed):
            if number > 0:
                due += chance.delay(people.second_approve_min, "approve", alert.id, str(number))
            if number < len(given):
                continue
            free = [officer for officer in officers if officer not in given]
            if not cast.comes(due, now) or not free:
                break
            officer = free[0] if given else chance.pick(free, "who approves", alert.id)
            with attempt(tx, officer, alert.id):
                act = ReplayedAct(tx, now, officer)
                warn.actions.approve(act, city, alert.id, note="核对无误，同意发布")
                given.add(officer)
                acted.append(str(alert.id))
            if officer not in given:
                break
    return acted


def _proposed_since(tx: Connection, incident: str) -> datetime | None:
    found: datetime | None = tx.execute(
        select(func.max(J.c.recorded_at)).where(
            J.c.kind == "incident.level_proposed", J.c.subject == incident
        )
    ).scalar_one()
    return found


def set_level(
    tx: Connection,
    now: datetime,
    city: City,
    people: People,
    chance: Chance,
    cast: Cast = EVERYBODY,
) -> str | None:
    """The commander follows the proposal: up after a while, down only when it has stood.

    Returns the level set, or None when nothing was.
    """
    commanders = holding(city, "commander") or holding(city, "duty_officer")
    commanders = [each for each in commanders if cast.moves(each)]
    if not commanders:
        return None
    incident = tx.execute(
        select(I).where(I.c.state == "open").order_by(I.c.id.desc()).limit(1)
    ).first()
    if incident is None:
        made = schema.assessment
        newest = tx.execute(
            select(made.c.run, made.c.made_at, made.c.level)
            .order_by(made.c.made_at.desc(), made.c.run.desc())
            .limit(1)
        ).first()
        if newest is None or not newest.level:
            return None
        due = newest.made_at + chance.delay(people.level_min, "level", newest.run)
        wanted, present, name = newest.level, "", None
    else:
        since = _proposed_since(tx, incident.id) or incident.opened_at
        wanted, present, name = incident.proposed_level, incident.level, incident.id
        rising = rank(wanted) > rank(present)
        wait = chance.delay(people.level_min, "level", incident.id, since.isoformat())
        due = since + (wait if rising else max(wait, LOWER_AFTER))
    if wanted == present or not cast.comes(due, now):
        return None
    with attempt(tx, commanders[0], name or "level"):
        act = ReplayedAct(tx, now, commanders[0])
        respond.actions.set_level(act, city, name, wanted, "按系统建议，会商同意")
        return str(wanted)
    return None


def close_incident(tx: Connection, now: datetime, city: City) -> str | None:
    """Close the incident when its level is off and every case has an outcome."""
    commanders = holding(city, "commander", "duty_officer")
    C = schema.case_item
    incident = tx.execute(select(I).where(I.c.state == "open", I.c.level == "")).first()
    if incident is None or incident.level_set_at is None or not commanders:
        return None
    open_cases: Sequence[str] = (
        tx.execute(
            select(C.c.id).where(
                C.c.incident == incident.id, C.c.state.not_in(("closed", "cancelled", "merged"))
            )
        )
        .scalars()
        .all()
    )
    in_force = tx.execute(
        select(A.c.id).where(A.c.state.in_(("issued", "draft")), A.c.official.is_(False))
    ).first()
    if open_cases or in_force or now - incident.level_set_at < LOWER_AFTER:
        return None
    with attempt(tx, commanders[0], incident.id):
        respond.actions.close_incident(
            ReplayedAct(tx, now, commanders[0]), city, incident.id, "险情解除，事项已办结"
        )
        return str(incident.id)
    return None

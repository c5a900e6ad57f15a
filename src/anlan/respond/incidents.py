"""The incident 事件: opened by hand or by a serious alert, closed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.machine import Event
from anlan.respond.payload import LONGEST_NAME, LONGEST_TEXT, require_words
from anlan.respond.records import (
    CITY_SUPERVISORS,
    AnyRow,
    I,
    case_event,
    officer,
)
from anlan.store import ids, schema


def current(conn: Connection) -> AnyRow | None:
    """The open incident (the newest, should there be several), or None."""
    return conn.execute(select(I).where(I.c.state == "open").order_by(I.c.id.desc())).first()


def command_post(act: Act, what: str, engine: bool = False) -> None:
    """Refuse (forbidden) whoever is neither commander, duty officer nor administrator.

    ``engine``: the engine itself may as well.
    """
    if engine and act.actor == "system":
        return
    person = officer(act.tx, act.actor)
    if person is None or person.role not in CITY_SUPERVISORS:
        raise Refusal(
            f"{act.actor} may not {what}; a commander or duty officer may",
            field="actor",
            value=act.actor,
            remedy="ask the duty officer",
            kind="forbidden",
            zh="只有指挥长或值班员能这样做。",
        )


def open_incident(
    act: Act,
    city: City,
    name: str,
    event: str = "",
    *,
    reason: str = "",
    grounds: Sequence[str] = (),
) -> str:
    """Open an incident, by hand or by the engine, with or without any forecast; returns its id.

    ``event`` is the id of the event being replayed or drilled, if any. The proposal of the
    newest assessment, where there is one, stands in it from the start.
    """
    command_post(act, "open an incident", engine=True)
    if not name.strip():
        raise Refusal(
            "an incident needs a name people will know it by",
            field="name",
            value=name,
            remedy="such as 台风烟花防御",
            zh="请给事件起个名称，例如“台风烟花防御”。",
        )
    require_words("name", name, LONGEST_NAME)
    require_words("reason", reason, LONGEST_TEXT)
    incident_id = ids.next_id(act.tx, "I")
    proposal = latest_assessment(act.tx)
    act.tx.execute(
        I.insert().values(
            id=incident_id,
            name=name.strip(),
            event=event,
            state="open",
            level="",
            proposed_level=proposal.level if proposal else "",
            proposed_reason=proposal.reason if proposal else "",
            proposed_run=proposal.run if proposal else "",
            opened_at=act.now,
        )
    )
    content: dict[str, object] = {"name": name, "event": event}
    if reason.strip():
        content["reason_note"] = keep_note(act, "incident.open", reason)
    act.record("incident.opened", incident_id, grounds=grounds, content=content)
    return incident_id


def latest_assessment(conn: Connection) -> AnyRow | None:
    """The newest assessment made, or None."""
    A = schema.assessment
    return conn.execute(select(A).order_by(A.c.made_at.desc(), A.c.run.desc())).first()


def alerts_in_force(conn: Connection, now: datetime) -> Sequence[AnyRow]:
    """Issued alerts, relayed official ones too, neither replaced, ended nor past their time.

    An all-clear is an issued message as well, but warns of nothing.
    """
    A = schema.alert
    standing = (A.c.state == "issued", A.c.msg_type != "Cancel", A.c.expires_at > now)
    return conn.execute(select(A).where(*standing).order_by(A.c.id)).all()


def speaks(assessment: AnyRow, now: datetime) -> bool:
    """Whether ``now`` lies within the horizon of an assessment; beyond it, it says nothing."""
    content = assessment.content
    return within(assessment.made_at, content.get("horizon_h"), content.get("issued"), now)


def within(made_at: datetime, horizon_h: float | None, issued: str | None, now: datetime) -> bool:
    horizon = timedelta(hours=48.0 if horizon_h is None else float(horizon_h))
    return now <= (datetime.fromisoformat(issued) if issued else made_at) + horizon


def must_be_open(incident: AnyRow) -> None:
    """Refuse (conflict) an incident that is closed."""
    if incident.state != "open":
        raise Refusal(
            f"incident {incident.id} is closed; open a new one",
            field="incident",
            value=incident.id,
            remedy="an open incident",
            kind="conflict",
            zh=f"事件 {incident.id} 已结束，请另建事件。",
        )


def cancel(act: Act, case: AnyRow, cause: str) -> None:
    """Cancel a case, for a cause in our own words."""
    payload: dict[str, Any] = {"cause": cause}
    case_event(act, case, Event("cancelled", "cancel", case.state, "cancelled", payload))

"""What the plan proposes: reconsidered when alerts or assessments come, go or grow old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act
from anlan.respond.incidents import (
    alerts_in_force,
    current,
    latest_assessment,
    open_incident,
    speaks,
    within,
)
from anlan.respond.levels import extend
from anlan.respond.plan import COLOURS, Plan, load, propose, rank
from anlan.respond.records import I
from anlan.store import get_meta, schema, set_meta

OPENING_COLOUR = "orange"
"""An alert of this colour or a higher one opens an incident of itself."""
BASIS = "respond.basis"
"""Under this key: what the standing proposal rests on."""


def on_alert(act: Act, city: City, alert_id: str, event: str = "") -> str | None:
    """After an alert was issued: propose a level, open an incident if it is serious enough.

    Returns the id of an incident opened by this alert, or None.
    """
    A = schema.alert
    alert = act.tx.execute(select(A).where(A.c.id == alert_id)).one()
    engine = Act(act.tx, act.now, "system")
    opened = None
    serious = alert.colour in COLOURS[COLOURS.index(OPENING_COLOUR) :]
    if (
        alert.state == "issued"
        and alert.msg_type != "Cancel"
        and serious
        and current(act.tx) is None
    ):
        name = f"{alert.area_name}{alert.event_name}"
        opened = open_incident(engine, city, name, event, grounds=[f"alert:{alert_id}"])
    _reconsider(engine, city, [f"alert:{alert_id}"])
    return opened


def on_assessments(act: Act, city: City, run_ids: Sequence[str] = ()) -> list[str]:
    """Reconsider level and steps when assessments came, alerts came or went, or both aged.

    Called at every step of the chain; with nothing changed it reads a few rows and is done.
    Returns the cases opened.
    """
    basis = [_speaking(act.tx, act.now)]
    basis += [alert.id for alert in alerts_in_force(act.tx, act.now)]
    if not run_ids and get_meta(act.tx, BASIS) == basis:
        return []
    set_meta(act.tx, BASIS, basis)
    return _reconsider(Act(act.tx, act.now, "system"), city, [f"run:{run}" for run in run_ids])


def _speaking(conn: Connection, now: datetime) -> str:
    """The run of the newest assessment if ``now`` lies within its horizon, else nothing."""
    A = schema.assessment
    # two values of its content, not the whole: this is asked at every step
    newest = conn.execute(
        select(
            A.c.run,
            A.c.made_at,
            A.c.content["horizon_h"].as_float().label("horizon_h"),
            A.c.content["issued"].as_string().label("issued"),
        )
        .order_by(A.c.made_at.desc(), A.c.run.desc())
        .limit(1)
    ).first()
    if newest is None:
        return ""
    return str(newest.run) if within(newest.made_at, newest.horizon_h, newest.issued, now) else ""


def _reconsider(engine: Act, city: City, grounds: Sequence[str]) -> list[str]:
    level, reason = proposal(engine.tx, load(city.folder), engine.now)
    newest = latest_assessment(engine.tx)
    run = newest.run if newest else ""
    incident = propose_level(engine, city, level, reason, run, grounds=grounds)
    return extend(engine, city, incident) if incident else []


def proposal(conn: Connection, plan: Plan, now: datetime) -> tuple[str, str]:
    """What the plan proposes now, from the alerts in force and the newest assessment."""
    newest = latest_assessment(conn)
    document = newest.content if newest and speaks(newest, now) else None
    alerts = [{"event": a.event, "colour": a.colour} for a in alerts_in_force(conn, now)]
    return propose(plan, {"alerts": alerts, "assessment": document})


def propose_level(
    act: Act, city: City, level: str, reason: str, run_id: str, *, grounds: Sequence[str] = ()
) -> str | None:
    """Put a proposed level before the command post; returns the open incident, or None.

    A proposal decides nothing. With no open incident it stays with its assessment, from
    where `open_incident` takes it. The same proposal again is not put down twice.
    """
    rank(level)
    incident = current(act.tx)
    if incident is None:
        return None
    changed = level != incident.proposed_level
    values = {"proposed_level": level, "proposed_reason": reason, "proposed_run": run_id}
    act.tx.execute(update(I).where(I.c.id == incident.id).values(**values))
    if changed:
        based_on = [*([f"run:{run_id}"] if run_id else []), *grounds]
        content = {"level": level, "reason": reason}
        act.record("incident.level_proposed", incident.id, grounds=based_on, content=content)
    return str(incident.id)

"""The incident 事件: opened by hand or by a serious alert; its level sets the plan in motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond import opening
from anlan.respond import task as tasks
from anlan.respond.expand import Target, expand, forecast, mark
from anlan.respond.machine import Event
from anlan.respond.plan import COLOURS, Plan, load, propose, rank
from anlan.respond.records import (
    CITY_SUPERVISORS,
    AnyRow,
    C,
    I,
    case_event,
    get_incident,
    lineage,
    officer,
    tasks_of,
)
from anlan.store import get_meta, ids, schema, set_meta

OPENING_COLOUR = "orange"
"""An alert of this colour or a higher one opens an incident of itself."""
BASIS = "respond.basis"
"""Under this key: what the standing proposal rests on."""
UNBEGUN = frozenset({"draft", "open", "assigned"})


@dataclass(frozen=True, slots=True)
class LevelSet:
    """What a level brought: cases opened, and cases not begun that it withdrew."""

    incident: str
    level: str
    opened: tuple[str, ...]
    withdrawn: tuple[str, ...]


def current(conn: Connection) -> AnyRow | None:
    """The open incident (the newest, should there be several), or None."""
    return conn.execute(select(I).where(I.c.state == "open").order_by(I.c.id.desc())).first()


def _command_post(act: Act, what: str, engine: bool = False) -> None:
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
    _command_post(act, "open an incident", engine=True)
    if not name.strip():
        raise Refusal(
            "an incident needs a name people will know it by",
            field="name",
            value=name,
            remedy="such as 台风烟花防御",
        )
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
    return str(newest.run) if _within(newest.made_at, newest.horizon_h, newest.issued, now) else ""


def _reconsider(engine: Act, city: City, grounds: Sequence[str]) -> list[str]:
    level, reason = proposal(engine.tx, load(city.folder), engine.now)
    newest = latest_assessment(engine.tx)
    run = newest.run if newest else ""
    incident = propose_level(engine, city, level, reason, run, grounds=grounds)
    return extend(engine, city, incident) if incident else []


def _speaks(assessment: AnyRow, now: datetime) -> bool:
    """Whether ``now`` lies within the horizon of an assessment; beyond it, it says nothing."""
    content = assessment.content
    return _within(assessment.made_at, content.get("horizon_h"), content.get("issued"), now)


def _within(made_at: datetime, horizon_h: float | None, issued: str | None, now: datetime) -> bool:
    horizon = timedelta(hours=48.0 if horizon_h is None else float(horizon_h))
    return now <= (datetime.fromisoformat(issued) if issued else made_at) + horizon


def proposal(conn: Connection, plan: Plan, now: datetime) -> tuple[str, str]:
    """What the plan proposes now, from the alerts in force and the newest assessment."""
    newest = latest_assessment(conn)
    document = newest.content if newest and _speaks(newest, now) else None
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


def set_level(
    act: Act, city: City, incident_id: str | None, level: str, reason: str = ""
) -> LevelSet:
    """A commander or duty officer sets the response level; the plan's steps become cases.

    Without an incident one is opened. Raising opens the steps not opened yet, lowering
    withdraws those that nobody has begun and lets the rest run on; the level as it is opens
    what a wider forecast asks for. Raises `Refusal`: forbidden, unknown level, closed.
    """
    _command_post(act, "set the response level")
    rank(level)
    if incident_id is None:
        found = current(act.tx)
        name = f"{city.name}应急响应"
        incident_id = found.id if found else open_incident(act, city, name)
    incident = get_incident(act.tx, incident_id)
    _must_be_open(incident)
    if level != incident.level:
        act.tx.execute(
            update(I).where(I.c.id == incident_id).values(level=level, level_set_at=act.now)
        )
        content: dict[str, object] = {"from": incident.level, "to": level}
        if reason.strip():
            content["reason_note"] = keep_note(act, "incident.level", reason)
        run = [f"run:{incident.proposed_run}"] if incident.proposed_run else []
        in_force = [f"alert:{alert.id}" for alert in alerts_in_force(act.tx, act.now)]
        act.record("incident.level_set", incident_id, grounds=[*run, *in_force], content=content)
    withdrawn = _withdraw_above(act, incident_id, level)
    return LevelSet(incident_id, level, tuple(extend(act, city, incident_id)), withdrawn)


def _must_be_open(incident: AnyRow) -> None:
    if incident.state != "open":
        raise Refusal(
            f"incident {incident.id} is closed; open a new one",
            field="incident",
            value=incident.id,
            remedy="an open incident",
            kind="conflict",
        )


def extend(act: Act, city: City, incident_id: str) -> list[str]:
    """Open what the present level asks for and has not been opened; returns the new cases.

    Called when the level is set, and by the engine when a new assessment or alert may have
    widened what is affected.
    """
    incident = get_incident(act.tx, incident_id)
    if not incident.level or incident.state != "open":
        return []
    plan = load(city.folder)
    rows = act.tx.execute(
        select(C).where(C.c.incident == incident_id, C.c.plan_step.is_not(None))
    ).all()
    # a case withdrawn when the level fell may be opened again when it rises
    opened = {(row.plan_step, row.data["target"]) for row in rows if row.state != "cancelled"}
    engine = Act(act.tx, act.now, "system", on_behalf=None if act.actor == "system" else act.actor)
    found = expand(plan, incident.level, _targets(act, city, plan), opened)
    return [
        opening.open_case(
            engine,
            city,
            plan,
            opening.case_for(item, incident_id),
            [f"incident:{incident_id}", f"plan:{plan.plan.id}#{item.step.id}"],
        )
        for item in found
    ]


def _targets(act: Act, city: City, plan: Plan) -> list[Target]:
    units = city.territory.units()
    lineages = {unit.code: lineage(city, unit.code) for unit in units}
    spots = {unit.code: unit for unit in units}
    targets = [Target(u.level, u.code, u.name, u.code, u.lon, u.lat) for u in units]
    targets += [
        Target("place", p.id, p.name, p.territory, p.lon, p.lat, p.kind, p.department)
        for p in city.places.values()
    ]
    targets += [
        Target("shelter", s.id, s.name, s.territory, s.lon, s.lat) for s in city.shelters.values()
    ]
    for team in city.teams.values():
        spot = spots[team.territory]
        targets.append(
            Target(
                "team", team.id, team.name, team.territory, spot.lon, spot.lat, team.kind,
                team.department, team.account or None,
            )
        )  # fmt: skip
    newest = latest_assessment(act.tx)
    pointed = None
    if newest and _speaks(newest, act.now):
        pointed = forecast(newest.content, lineages, plan.plan.probability)
    # an alert's area is the codes of its units, joined by blanks
    areas = [c for a in alerts_in_force(act.tx, act.now) if not a.official for c in a.area.split()]
    return mark(targets, lineages, pointed, areas)


def _withdraw_above(act: Act, incident_id: str, level: str) -> tuple[str, ...]:
    """Cancel the plan's cases above ``level`` that nobody has answered for yet."""
    rows = act.tx.execute(
        select(C).where(C.c.incident == incident_id, C.c.state.in_(UNBEGUN)).order_by(C.c.id)
    ).all()
    withdrawn = []
    for row in rows:
        waiting = all(task.state in tasks.WAITING for task in tasks_of(act.tx, row.id))
        if row.plan_step and rank(row.data["level"]) > rank(level) and waiting:
            _cancel(act, row, f"level set to {level or 'none'}")
            withdrawn.append(str(row.id))
    return tuple(withdrawn)


def _cancel(act: Act, case: AnyRow, cause: str) -> None:
    payload: dict[str, Any] = {"cause": cause}
    case_event(act, case, Event("cancelled", "cancel", case.state, "cancelled", payload))


def close_incident(
    act: Act, city: City, incident_id: str, reason: str, *, cancel_open: bool = False
) -> list[str]:
    """Close an incident once every case in it has an outcome; returns cases cancelled by it.

    ``cancel_open`` cancels what is still open, each with its own entry.
    Raises `Refusal` (conflict) naming the first open cases otherwise.
    """
    _command_post(act, "close an incident")
    incident = get_incident(act.tx, incident_id)
    _must_be_open(incident)
    rows = act.tx.execute(select(C).where(C.c.incident == incident_id).order_by(C.c.id)).all()
    still_open = [row for row in rows if row.state not in cases.ENDED]
    if still_open and not cancel_open:
        named = ", ".join(row.id for row in still_open[:5])
        raise Refusal(
            f"incident {incident_id} has {len(still_open)} cases without outcome ({named}…); "
            "close or cancel them first, or cancel all that is open with it",
            field="incident",
            value=incident_id,
            remedy="close the cases, or cancel_open",
            kind="conflict",
        )
    for row in still_open:
        _cancel(act, row, "incident closed")
    content: dict[str, object] = {"cancelled": [row.id for row in still_open]}
    if reason.strip():
        content["reason_note"] = keep_note(act, "incident.close", reason)
    act.tx.execute(
        update(I).where(I.c.id == incident_id).values(state="closed", level="", closed_at=act.now)
    )
    act.record("incident.closed", incident_id, content=content)
    return [row.id for row in still_open]

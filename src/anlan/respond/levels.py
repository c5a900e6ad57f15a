"""Raising and lowering the response level: which steps start, which stop, what stands down.

`foresee` tells it beforehand, `set_level` does the same. Deciding is `change` in `expand`'s terms:
pure, from the plan, the targets and the cases that the incident has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.respond import case as cases
from anlan.respond import opening, orders
from anlan.respond import task as tasks
from anlan.respond.expand import DOWN, Opening, Target, expand, forecast, mark, stand_down
from anlan.respond.incidents import (
    alerts_in_force,
    cancel,
    command_post,
    current,
    latest_assessment,
    must_be_open,
    open_incident,
    speaks,
)
from anlan.respond.payload import LONGEST_TEXT, require_words
from anlan.respond.plan import Plan, load, rank
from anlan.respond.posts import holders
from anlan.respond.records import AnyRow, C, I, T, get_incident, lineage

UNBEGUN = frozenset({"draft", "open", "assigned"})
STILL_TO_DO = UNBEGUN | {"accepted", "working", "returned", "blocked"}


@dataclass(frozen=True, slots=True)
class LevelSet:
    """What a level brought.

    Attributes:
        opened: cases opened, those that stand something down among them.
        withdrawn: cases taken back: not begun, or of a step that stops when the level falls.
    """

    incident: str
    level: str
    opened: tuple[str, ...]
    withdrawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What setting a level would do to the steps of an incident.

    Attributes:
        starts: steps for targets, to be opened. stands_down: the same, to undo what was done.
        withdrawn: cases that nobody has begun; stopped: begun ones of steps that stop at once;
            runs_on: begun ones that are finished all the same.
    """

    starts: tuple[Opening, ...]
    stands_down: tuple[Opening, ...]
    withdrawn: tuple[AnyRow, ...]
    stopped: tuple[AnyRow, ...]
    runs_on: tuple[AnyRow, ...]


def change(
    plan: Plan, level: str, targets: Sequence[Target], rows: Sequence[AnyRow], begun: set[str]
) -> Change:
    """What ``level`` does, given the incident's cases of the plan (``rows``, oldest first).

    ``begun``: ids of cases that somebody has answered for. A step is opened for a target unless
    its last case there still stands for it; one that was stood down since may be opened again.
    """
    reached = rank(level)
    steps = {step.id: step for step in plan.step}
    withdrawn, stopped, runs_on = [], [], []
    gone: set[str] = set()
    for row in rows:
        step = steps.get(row.plan_step.removesuffix(DOWN))
        down = row.plan_step.endswith(DOWN)
        above = rank(row.data["level"]) > reached
        # to undo is called for while the level is below the step's, the step itself from it upwards
        if row.state not in STILL_TO_DO or above != (not down):
            continue
        if row.id not in begun:
            withdrawn.append(row)
            gone.add(row.id)
        elif not down and step is not None and step.when_lowered == "stop":
            stopped.append(row)
            gone.add(row.id)
        else:
            runs_on.append(row)
    last = {
        (row.plan_step.removesuffix(DOWN), row.data["target"]): row
        for row in rows
        if row.state != "cancelled" and row.id not in gone
    }
    standing = {key for key, row in last.items() if not row.plan_step.endswith(DOWN)}
    worked = {key for key in standing if last[key].id in begun or last[key].state in cases.SETTLED}
    worked |= {(row.plan_step, row.data["target"]) for row in stopped}
    return Change(
        tuple(expand(plan, level, targets, standing)),
        tuple(stand_down(plan, level, targets, worked)),
        tuple(withdrawn),
        tuple(stopped),
        tuple(runs_on),
    )


def set_level(
    act: Act, city: City, incident_id: str | None, level: str, reason: str = ""
) -> LevelSet:
    """A commander or duty officer sets the response level; the plan's steps become cases.

    Without an incident one is opened. Raising opens the steps not opened yet; lowering withdraws
    those that nobody has begun, opens what stands down the others, and lets the rest run on; the
    level as it is opens what a wider forecast asks for. Raises `Refusal`: forbidden, unknown
    level, closed.
    """
    command_post(act, "set the response level")
    require_words("reason", reason, LONGEST_TEXT)
    rank(level)
    if incident_id is None:
        found = current(act.tx)
        name = f"{city.name}应急响应"
        incident_id = found.id if found else open_incident(act, city, name)
    incident = get_incident(act.tx, incident_id)
    must_be_open(incident)
    foreseen = foresee(act.tx, act.now, city, incident_id, level)
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
        orders.give(act, city, incident_id, _said(incident.level, level, reason), kind="decision")
    withdrawn = (*foreseen.withdrawn, *foreseen.stopped)
    for row in withdrawn:
        cancel(act, row, f"level set to {level or 'none'}")
    opened = _open(act, city, incident_id, (*foreseen.starts, *foreseen.stands_down))
    return LevelSet(incident_id, level, tuple(opened), tuple(str(row.id) for row in withdrawn))


def _said(before: str, level: str, reason: str) -> str:
    """The decision as the command log keeps it."""
    if not level:
        said = f"终止应急响应（原 {before} 级）"
    elif not before:
        said = f"启动 {level} 级应急响应"
    else:
        said = f"应急响应由 {before} 级调整为 {level} 级"
    words = reason.replace("\x00", "\ufffd")
    return f"{said}：{words}"[:LONGEST_TEXT] if reason.strip() else said


def extend(act: Act, city: City, incident_id: str) -> list[str]:
    """Open what the present level asks for and has not been opened; returns the new cases.

    Called by the engine when a new assessment or alert may have widened what is affected.
    """
    incident = get_incident(act.tx, incident_id)
    if not incident.level or incident.state != "open":
        return []
    found = foresee(act.tx, act.now, city, incident_id, incident.level).starts
    return _open(act, city, incident_id, found)


def foresee(conn: Connection, now: datetime, city: City, incident_id: str, level: str) -> Change:
    """What setting ``level`` now would do; changes nothing. Raises `Refusal` (unknown level)."""
    plan = load(city.folder)
    rows = conn.execute(
        select(C)
        .where(C.c.incident == incident_id, C.c.plan_step.is_not(None))
        .order_by(C.c.opened_at, C.c.id)
    ).all()
    answered = conn.execute(
        select(T.c.case_id)
        .join(C, C.c.id == T.c.case_id)
        .where(C.c.incident == incident_id, T.c.state.not_in(tasks.WAITING))
    ).scalars()
    begun = {row.id for row in rows if row.state not in UNBEGUN} | set(answered)
    return change(plan, level, targets_of(conn, now, city, plan), rows, begun)


def _open(act: Act, city: City, incident_id: str, found: Sequence[Opening]) -> list[str]:
    if not found:
        return []
    plan = load(city.folder)
    engine = Act(act.tx, act.now, "system", on_behalf=None if act.actor == "system" else act.actor)
    held = holders(act.tx, incident_id)
    return [
        opening.open_case(
            engine,
            city,
            opening.case_for(item, incident_id, held.get(item.step.post)),
            [f"incident:{incident_id}", f"plan:{plan.plan.id}#{item.step.id}"],
        )
        for item in found
    ]


def targets_of(conn: Connection, now: datetime, city: City, plan: Plan) -> list[Target]:
    """Everything that a step may be done for, with what forecast and alerts say of it."""
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
    newest = latest_assessment(conn)
    pointed = None
    if newest and speaks(newest, now):
        pointed = forecast(newest.content, lineages, plan.plan.probability)
    # an alert's area is the codes of its units, joined by blanks
    areas = [c for a in alerts_in_force(conn, now) if not a.official for c in a.area.split()]
    return mark(targets, lineages, pointed, areas)

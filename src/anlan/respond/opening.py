"""Opening cases and giving them their first tasks; what waits for other steps, waits visibly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.respond import case as cases
from anlan.respond import hours, ladder, packs
from anlan.respond.expand import DOWN, Opening
from anlan.respond.machine import Event
from anlan.respond.pack import Pack
from anlan.respond.plan import StandDown, Step
from anlan.respond.records import (
    AnyRow,
    C,
    T,
    append,
    case_event,
    get_case,
    history_of,
    lineage,
    loads,
    lowest_rung,
    officers,
    start_timer,
)
from anlan.store import ids, timers


@dataclass(frozen=True, slots=True)
class Order:
    """Work to be given: to ``assignee`` if named, else to the first of ``roles`` found."""

    title: str
    instruction: str
    roles: tuple[str, ...]
    ack_min: float
    done_min: float
    assignee: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As kept with a case that waits."""
        return {
            "title": self.title,
            "instruction": self.instruction,
            "roles": list(self.roles),
            "ack_min": self.ack_min,
            "done_min": self.done_min,
            "assignee": self.assignee,
        }

    @staticmethod
    def of_json(row: Mapping[str, Any]) -> Order:
        """Back from `as_json`."""
        return Order(**{**row, "roles": tuple(row["roles"])})


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case about to be opened. ``text`` is free text (a report's words); it may be erased."""

    kind: str
    title: str
    territory: str
    orders: tuple[Order, ...] = ()
    incident: str | None = None
    place: str | None = None
    lon: float | None = None
    lat: float | None = None
    department: str | None = None
    source: str = "desk"
    reporter: str | None = None
    plan_step: str | None = None
    target: str | None = None
    after: tuple[str, ...] = ()
    wait_min: float = 60
    text: str = ""
    photos: tuple[str, ...] = ()
    form: Mapping[str, Any] = field(default_factory=dict)
    due_min: float | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


def orders_of(pack: Pack, answers: Mapping[str, Any]) -> tuple[Order, ...]:
    """The work that a kind of case starts with; ``answers`` name whom the form gives it to."""
    return tuple(
        Order(
            work.title,
            work.instruction,
            work.roles or pack.owner.roles,
            work.ack_min,
            work.done_min,
            answers.get(work.to) if work.to else None,
        )
        for work in pack.task
    )


def case_for(opening: Opening, incident: str, holder: str | None = None) -> NewCase:
    """A plan step for one target, as the case to be opened; ``holder`` of its post gets the task.

    A team's own account comes before the holder of the post.
    """
    step, target = opening.step, opening.target
    down = step.stand_down if opening.down else None
    words: StandDown | Step = down or step
    title = f"{words.title}：{target.name}"
    order = Order(
        title, words.text, step.roles, words.ack_min, words.done_min, target.account or holder
    )
    return NewCase(
        kind=step.kind,
        title=title,
        territory=target.territory,
        orders=(order,),
        incident=incident,
        place=target.place,
        lon=target.lon,
        lat=target.lat,
        department=step.department or target.department or None,
        source="plan",
        plan_step=step.id + (DOWN if down else ""),
        target=target.key,
        after=(step.id,) if down else step.after,
        wait_min=step.wait_min,
        due_min=words.done_min,
        extra={"level": step.level, "title_en": words.title_en},
    )


def open_case(act: Act, city: City, new: NewCase, grounds: Sequence[str] = ()) -> str:
    """Write a case with its owner, tasks and timers; returns its id.

    A case whose earlier steps nearby have not come to anything yet stays a draft with its
    orders kept, until `release` or its waiting time lets it start.
    """
    pack = packs.of_kind(city.folder, new.kind)
    case_id = ids.next_id(act.tx, "C")
    waits = [] if not new.after else _unsettled(act, city, new)
    data: dict[str, object] = {
        "verify_min": pack.deadlines.verify_min,
        "escalation": 0,
        "orders": [order.as_json() for order in new.orders],
        "after": list(new.after),
        "target": new.target,
        **new.extra,
    }
    if new.text.strip():
        data["text_note"] = keep_note(act, new.kind, new.text)
    if new.photos:
        data["photos"] = list(new.photos)
    if new.form:
        data["form"] = dict(new.form)
    due_min = new.due_min or pack.deadlines.due_min
    clock = hours.of_kind(city, new.kind)
    data["due_min"] = due_min
    act.tx.execute(
        C.insert().values(
            id=case_id,
            incident=new.incident,
            kind=new.kind,
            title=new.title,
            state="draft",
            territory=city.territory.unit(new.territory).code,
            place=new.place,
            lon=new.lon,
            lat=new.lat,
            owner_role=(new.orders[0].roles if new.orders else pack.owner.roles)[0],
            owner=None,
            department=new.department,
            opened_at=act.now,
            due_at=hours.after(clock, act.now, due_min),
            priority=pack.pack.priority,
            source=new.source,
            reporter=new.reporter,
            plan_step=new.plan_step,
            data=data,
        )
    )
    drafted = {"to": "draft", "waits_for": waits, **({"form": new.form} if new.form else {})}
    append(act, case_id, "case.drafted", drafted, grounds=grounds)
    if waits:
        start_timer(act, "case.wait", case_id, new.wait_min)
    else:
        begin(act, city, case_id)
    return case_id


def _unsettled(act: Act, city: City, case: NewCase | AnyRow) -> list[str]:
    """Cases of the steps that come first, in the same incident and at or around the same
    territory, that have not come to anything yet."""
    after = case.after if isinstance(case, NewCase) else case.data["after"]
    rows = act.tx.execute(
        select(C).where(C.c.incident == case.incident, C.c.plan_step.in_(after)).order_by(C.c.id)
    )
    own = lineage(city, case.territory)
    return [
        row.id
        for row in rows
        if row.state not in cases.SETTLED
        and (row.territory in own or city.territory.is_within(row.territory, case.territory))
    ]


def begin(act: Act, city: City, case_id: str) -> None:
    """Submit a draft, find its owner, give out its tasks and start its clock."""
    case = get_case(act.tx, case_id)
    timers.stop(act.tx, case_id, ["case.wait"])
    engine = Act(act.tx, act.now, "system")
    due_at = hours.after(hours.of_kind(city, case.kind), act.now, case.data["due_min"])
    begun = {"due_at": due_at.isoformat()}
    case_event(engine, case, Event("submitted", "submit", "draft", "open", begun))
    start_clock(act, city, case)
    for row in case.data["orders"]:
        give(act, city, case_id, Order.of_json(row))


def start_clock(act: Act, city: City, case: AnyRow) -> None:
    """Give a case its full time from now on."""
    clock = hours.of_kind(city, case.kind)
    due_at = hours.after(clock, act.now, case.data["due_min"])
    act.tx.execute(C.update().where(C.c.id == case.id).values(due_at=due_at))
    lowest_rung(act, case.id)
    timers.stop(act.tx, case.id, ["case.due"])
    start_timer(act, "case.due", case.id, case.data["due_min"], clock)


def give(act: Act, city: City, case_id: str, order: Order) -> str:
    """One task in a case: assigned to the person found, or offered when nobody is.

    The first person given work in an open case becomes its owner. Returns the task's id.
    """
    case = get_case(act.tx, case_id)
    people, above = officers(act.tx), lineage(city, case.territory)
    busy = loads(act.tx)
    role, person = ladder.assignee(people, order.roles, above, case.department or "", busy)
    named = next((found for found in people if found.id == order.assignee), None)
    if named is not None:
        role, person = named.role, named.id
    task_id = ids.next_id(act.tx, "T")
    clock = hours.of_kind(city, case.kind)
    ack_due_at = hours.after(clock, act.now, order.ack_min)
    due_at = hours.after(clock, act.now, order.done_min)
    act.tx.execute(
        T.insert().values(
            id=task_id,
            case_id=case_id,
            title=order.title,
            instruction=order.instruction,
            state="assigned" if person else "offered",
            assignee=person,
            role=role,
            territory=case.territory,
            opened_at=act.now,
            ack_due_at=ack_due_at,
            due_at=due_at,
            escalation=0,
            late=False,
            evidence={},
        )
    )
    engine = Act(act.tx, act.now, "system")
    append(
        engine,
        case_id,
        "task.assigned" if person else "task.offered",
        {
            "to": "assigned" if person else "offered",
            "assignee": person,
            "role": role,
            "ack_due_at": ack_due_at.isoformat(),
            "due_at": due_at.isoformat(),
        },
        task_id=task_id,
    )
    start_timer(act, "task.ack", task_id, order.ack_min, clock)
    start_timer(act, "task.done", task_id, order.done_min, clock)
    if person and case.state == "open":
        case_event(engine, case, Event("assigned", "assign", "open", "assigned", {"owner": person}))
    return task_id


def times_of(act: Act, city: City, task: AnyRow) -> tuple[float, float]:
    """Minutes for the answer and for the work that a task gave when it was opened.

    Not from its present deadlines: these move with every new holder and every stopped clock.
    """
    first = next(row for row in history_of(act.tx, task.case_id) if row.task_id == task.id)
    dues = (first.payload.get("ack_due_at"), first.payload.get("due_at"))
    kept = (task.ack_due_at, task.due_at)
    clock = hours.of_kind(city, get_case(act.tx, task.case_id).kind)
    ack_min, done_min = (
        hours.between(clock, task.opened_at, datetime.fromisoformat(due) if due else now)
        for due, now in zip(dues, kept, strict=True)
    )
    return ack_min, done_min


def release(act: Act, city: City, case: AnyRow) -> list[str]:
    """Begin the drafts of the same incident that waited for this case alone; returns their ids."""
    if case.plan_step is None or case.incident is None:
        return []
    drafts = act.tx.execute(
        select(C).where(C.c.incident == case.incident, C.c.state == "draft").order_by(C.c.id)
    ).all()
    started = []
    for draft in drafts:
        if case.plan_step in draft.data["after"] and not _unsettled(act, city, draft):
            begin(act, city, draft.id)
            started.append(draft.id)
    return started

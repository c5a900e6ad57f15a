"""Rows of cases and tasks, the history beside them, and who stands in which relation to them.

Every change goes through `case_event` or `task_event`: one history row, one journal entry,
one row changed, in the transaction of the act. Folding a history gives the state again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import booking, hours, packs
from anlan.respond import case as cases
from anlan.respond import task as tasks
from anlan.respond.hours import Hours
from anlan.respond.ladder import BY_DEPARTMENT, Officer
from anlan.respond.machine import Event, Who
from anlan.respond.pack import Verification
from anlan.store import schema, timers

C, T, H, I = schema.case_item, schema.task, schema.history, schema.incident  # noqa: E741

CITY_SUPERVISORS = frozenset({"commander", "duty_officer", "admin"})
LOCAL_SUPERVISORS = frozenset({"town_officer", "village_officer"})
AnyRow = Row[Any]


def officers(conn: Connection) -> list[Officer]:
    """The accounts that may be given work or told of it (disabled ones left out), by id."""
    A = schema.account
    rows = conn.execute(select(A).where(A.c.disabled.is_(False)).order_by(A.c.id))
    return [Officer(r.id, r.role, r.territory, r.department or "") for r in rows]


def officer(conn: Connection, account: str) -> Officer | None:
    """The account, or None for the engine and for accounts that are gone or disabled."""
    A = schema.account
    r = conn.execute(select(A).where(A.c.id == account, A.c.disabled.is_(False))).first()
    return None if r is None else Officer(r.id, r.role, r.territory, r.department or "")


def loads(conn: Connection) -> dict[str, int]:
    """How many unfinished tasks each account has."""
    open_tasks = T.c.state.not_in(tasks.ENDED) & T.c.assignee.is_not(None)
    rows = conn.execute(
        select(T.c.assignee, func.count()).where(open_tasks).group_by(T.c.assignee)
    ).all()
    return {row[0]: row[1] for row in rows}


def lineage(city: City, code: str) -> list[str]:
    """A unit's own code and those above it, nearest first."""
    return [city.territory.unit(code).code, *(u.code for u in city.territory.ancestors(code))]


def _get(conn: Connection, table: Any, name: str, what: str) -> AnyRow:
    row = conn.execute(select(table).where(table.c.id == name)).first()
    if row is None:
        raise Refusal(
            f"there is no {what} {name}; see the list of {what}s",
            field=what,
            value=name,
            remedy=f"the id of a {what} that exists",
            kind="not_found",
        )
    return row


def get_case(conn: Connection, case_id: str) -> AnyRow:
    """The row of a case; raises `Refusal` (not_found)."""
    return _get(conn, C, case_id, "case")


def get_task(conn: Connection, task_id: str) -> AnyRow:
    """The row of a task; raises `Refusal` (not_found)."""
    return _get(conn, T, task_id, "task")


def get_incident(conn: Connection, incident_id: str) -> AnyRow:
    """The row of an incident; raises `Refusal` (not_found)."""
    return _get(conn, I, incident_id, "incident")


def tasks_of(conn: Connection, case_id: str) -> Sequence[AnyRow]:
    """The tasks of a case, oldest first."""
    return conn.execute(select(T).where(T.c.case_id == case_id).order_by(T.c.id)).all()


def counting_tasks(conn: Connection, case_id: str) -> Sequence[AnyRow]:
    """The tasks of a case without those done before it was last sent back or reopened."""
    stale: set[str] = set()
    finished: set[str] = set()
    for row in history_of(conn, case_id):
        if row.type == "task.done":
            finished.add(row.task_id)
        elif row.type in ("case.rejected", "case.reopened"):
            stale = set(finished)
    return [task for task in tasks_of(conn, case_id) if task.id not in stale]


def history_of(conn: Connection, case_id: str) -> Sequence[AnyRow]:
    """All that happened to a case and its tasks, in order."""
    return conn.execute(select(H).where(H.c.case_id == case_id).order_by(H.c.seq)).all()


def append(
    act: Act,
    case_id: str,
    type_: str,
    payload: Mapping[str, object],
    *,
    task_id: str | None = None,
    grounds: Sequence[str] = (),
    valid_at: datetime | None = None,
) -> None:
    """One history row and one journal entry for something that happened to a case or task.

    ``valid_at``: when it happened, for what is told later than it was done.
    """
    seq = act.tx.execute(
        select(func.coalesce(func.max(H.c.seq), 0)).where(H.c.case_id == case_id)
    ).scalar_one()
    act.tx.execute(
        H.insert().values(
            case_id=case_id,
            seq=seq + 1,
            task_id=task_id,
            type=type_,
            at=act.now,
            actor=act.actor,
            on_behalf=act.on_behalf,
            payload=dict(payload),
        )
    )
    based_on = [*grounds, f"case:{case_id}"] if task_id else list(grounds)
    act.record(
        type_, task_id or case_id, grounds=based_on, content=dict(payload), valid_at=valid_at
    )


FREE_TEXT = ("text", "reason")


def set_apart(act: Act, kind: str, payload: Mapping[str, object]) -> dict[str, object]:
    """The payload with its free text moved to erasable notes, named by ``<key>_note``.

    Raises `Refusal` for a key that already claims to name a note.
    """
    kept: dict[str, object] = {}
    for key, value in payload.items():
        if key.endswith("_note"):
            raise Refusal(
                f"'{key}' may not be given; notes are made here from {' and '.join(FREE_TEXT)}",
                field=key,
                value=str(value)[:40],
                remedy=f"give the words as {key.removesuffix('_note')}",
            )
        if key in FREE_TEXT and isinstance(value, str):
            if value.strip():
                kept[f"{key}_note"] = keep_note(act, kind, value)
        else:
            kept[key] = value
    return kept


def check_photos(act: Act, photos: Iterable[object]) -> None:
    """Raise `Refusal` for a photo, named by its digest, that was not uploaded."""
    A = schema.attachment
    for photo in photos:
        found = act.tx.execute(select(A.c.digest).where(A.c.digest == str(photo))).first()
        if found is None:
            raise Refusal(
                f"photo {photo} was not uploaded; upload it first and give its digest",
                field="photos",
                value=photo,
                remedy="the digest that the upload answered",
            )


def _relations(
    actor: str, person: Officer | None, city: City, case: AnyRow, holder: str | None
) -> set[str]:
    """Relations to a case as far as they come from role and territory."""
    if actor == "system":
        return {"system"}
    if person is None:
        return set()
    above = lineage(city, case.territory)
    relations = set()
    covers = person.territory in above
    if covers and actor != holder:
        own_department = person.role == "liaison" and person.department == (case.department or "")
        local = person.role in LOCAL_SUPERVISORS
        if person.role in CITY_SUPERVISORS or local or own_department:
            relations.add("supervisor")
    if case.reporter == actor:
        relations.add("reporter")
    return relations


def who_for_case(act: Act, city: City, case: AnyRow) -> Who:
    """The actor as seen by a case, and whether its pack bars them from checking it.

    The doer is who claimed it done or completed a task of it.
    """
    person = officer(act.tx, act.actor)
    relations = _relations(act.actor, person, city, case, None)
    if case.owner == act.actor:
        relations.add("owner")
    pack = packs.load(city.folder).get(case.kind)
    check = pack.verification if pack else Verification()
    if person is not None and person.role in check.roles and _answers_for(person, city, case):
        relations.add("checker")
    did = {
        name
        for row in history_of(act.tx, case.id)
        if row.type in ("case.done_claimed", "task.done")
        for name in (row.actor, row.on_behalf)
        if name and name != "system"
    }
    if "reporter" in check.another_than and case.reporter:
        did.add(case.reporter)
    return Who(act.actor, frozenset(relations), bool({act.actor, act.on_behalf} & did))


def _answers_for(person: Officer, city: City, case: AnyRow) -> bool:
    """Whether a person's territory, and department where the role has one, covers a case."""
    other_department = (
        person.role in BY_DEPARTMENT and case.department and person.department != case.department
    )
    return not other_department and person.territory in lineage(city, case.territory)


def who_for_task(act: Act, city: City, case: AnyRow, task: AnyRow) -> Who:
    """The actor as seen by a task: nobody supervises their own work."""
    return as_seen_by_task(act.actor, officer(act.tx, act.actor), city, case, task)


def as_seen_by_task(
    actor: str, person: Officer | None, city: City, case: AnyRow, task: AnyRow
) -> Who:
    """`who_for_task` for an account already loaded; reads nothing from the store."""
    relations = _relations(actor, person, city, case, task.assignee)
    if task.assignee == actor:
        relations.add("assignee")
    if person is not None and person.role == task.role and _answers_for(person, city, case):
        relations.add("eligible")
    return Who(actor, frozenset(relations))


def case_event(
    act: Act,
    case: AnyRow,
    event: Event,
    grounds: Sequence[str] = (),
    clock: Hours | None = None,
) -> None:
    """Carry out what was decided about a case; an ended case withdraws its open tasks.

    ``clock``: the hours of its kind, for what may claim it done.
    """
    payload = set_apart(act, f"case.{event.command}", event.payload)
    values: dict[str, object] = {"state": event.target}
    if event.command == "assign":
        values["owner"] = payload["owner"]
    if event.target in cases.ENDED and event.source not in cases.ENDED:
        values["closed_at"] = act.now
    elif event.source in cases.ENDED and event.target not in cases.ENDED:
        values["closed_at"] = None
    act.tx.execute(update(C).where(C.c.id == case.id).values(**values))
    payload |= {"from": event.source, "to": event.target}
    append(act, case.id, f"case.{event.type}", payload, grounds=grounds)
    if event.source == "done_claimed":
        timers.stop(act.tx, case.id, ["case.verify"])
    if event.target == "done_claimed":
        timers.stop(act.tx, case.id, ["case.due"])
        lowest_rung(act, case.id)
        minutes = case.data.get("verify_min")
        if minutes:
            start_timer(act, "case.verify", case.id, minutes, clock)
    if event.target in cases.ENDED:
        timers.stop(act.tx, case.id)
        if event.target != "closed":
            booking.give_back(act, case.id)
        for task in tasks_of(act.tx, case.id):
            if task.state not in tasks.ENDED:
                ended = {"text": "", "cause": f"case {event.target}"}
                task_event(act, task, Event("expired", "withdraw", task.state, "expired", ended))


def lowest_rung(act: Act, case_id: str) -> None:
    """Let the next clock of a case climb its ladder from the start."""
    data = {**get_case(act.tx, case_id).data, "rung": 0}
    act.tx.execute(update(C).where(C.c.id == case_id).values(data=data))


def moment_of(act: Act, payload: Mapping[str, object], earliest: datetime) -> datetime:
    """When it was done: ``age_s`` seconds ago for what a phone kept, never before ``earliest``."""
    age = payload.get("age_s")
    seconds = float(age) if isinstance(age, int | float) else 0.0
    return min(act.now, max(earliest, act.now - timedelta(seconds=seconds)))


def task_event(act: Act, task: AnyRow, event: Event) -> None:
    """Carry out what was decided about a task.

    What was done without a signal counts from when it was done; escalations that happened
    meanwhile stay in the history.
    """
    payload = set_apart(act, f"task.{event.command}", event.payload)
    values: dict[str, object] = {"state": event.target}
    moment = moment_of(act, payload, task.acknowledged_at or task.opened_at)
    if event.target in ("acknowledged", "done") and task.acknowledged_at is None:
        values["acknowledged_at"] = moment
    if event.command == "assign":
        values |= {"assignee": payload["assignee"], "acknowledged_at": None}
    elif event.command == "claim":
        values["assignee"] = act.actor
    elif event.target == "done":
        values["done_at"] = moment
        values["late"] = bool(task.late or moment > task.due_at)
        values["evidence"] = {
            key: payload[key]
            for key in ("text_note", "photos", "lon", "lat", "depth_m")
            if key in payload
        }
    act.tx.execute(update(T).where(T.c.id == task.id).values(**values))
    payload |= {"from": event.source, "to": event.target}
    append(act, task.case_id, f"task.{event.type}", payload, task_id=task.id, valid_at=moment)
    if event.target in tasks.ENDED:
        timers.stop(act.tx, task.id)
    elif event.target == "acknowledged":
        timers.stop(act.tx, task.id, ["task.ack"])


def start_timer(
    act: Act, kind: str, subject: str, minutes: float, clock: Hours | None = None
) -> None:
    """Set the next timer of this kind: steps are never used twice, so each fires once.

    ``clock``: the hours in which the minutes count; None: day and night.
    """
    column = schema.timer.c
    used = act.tx.execute(
        select(func.max(column.step)).where(column.kind == kind, column.subject == subject)
    ).scalar_one()
    due = hours.after(clock, act.now, minutes)
    timers.start(act.tx, kind, subject, due, 0 if used is None else used + 1)


def rebuild(history: Sequence[AnyRow]) -> tuple[str, dict[str, str]]:
    """The case's state and its tasks' states, from nothing but the history."""
    state, of_task = "", {}
    for row in history:
        if "to" not in row.payload:
            continue
        if row.task_id is None:
            state = row.payload["to"]
        else:
            of_task[row.task_id] = row.payload["to"]
    return state, of_task

"""What people do to cases and tasks: load, decide, record, and let the case follow its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from anlan.access.vault import Vault
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond import (
    duplicates,
    filling,
    hours,
    joint,
    opening,
    outcome,
    packs,
    pausing,
    points,
)
from anlan.respond import task as tasks
from anlan.respond.deadlines import escalate_task
from anlan.respond.machine import Event, Who
from anlan.respond.pack import Pack
from anlan.respond.payload import checked
from anlan.respond.records import (
    AnyRow,
    T,
    append,
    case_event,
    check_photos,
    counting_tasks,
    get_case,
    get_task,
    officer,
    start_timer,
    task_event,
    who_for_case,
    who_for_task,
)
from anlan.store import timers

Payload = Mapping[str, object]
UNSOLVED = "报告人评价：未解决"


def _check_account(act: Act, case_id: str, field: str, account: object) -> None:
    if not isinstance(account, str) or officer(act.tx, account) is None:
        raise Refusal(
            f"{field} {account} is not an account that may be given work",
            field=field,
            value=account,
            remedy="the id of an account that is not disabled",
        )
    joint.require_part(act.tx, case_id, account)


def case_command(
    act: Act,
    city: City,
    case_id: str,
    command: str,
    payload: Payload | None = None,
    vault: Vault | None = None,
) -> str:
    """Carry out one command on a case; returns its new state.

    Commands and what they need are the table `case.CASE`, narrowed by the case's pack.
    ``payload`` keys: ``owner``, ``reason``, ``text``, ``photos`` (digests), ``into``, ``cause``,
    ``verdict``, ``rating``, ``form``; ``vault`` seals personal answers. Raises `Refusal`.
    """
    given = checked(payload or {}, command)
    case = get_case(act.tx, case_id)
    pack = packs.standing(city.folder, case.kind)
    if command == "block":
        outcome.listed_cause(pack, given)
    who = who_for_case(act, city, case)
    event = cases.command(case_id, case.state, command, who, given, cases.machine_of(pack))
    _check(act, city, case, pack, command, given)
    kept = outcome.answers(act, city, pack, case, command, given, vault)
    filling.put(act, case_id, kept)
    counted = counting_tasks(act.tx, case_id)
    if command == "claim_done":
        evidence = [given, *(task.evidence for task in counted)]
        outcome.refuse_lacking(case_id, outcome.lacking(pack, get_case(act.tx, case_id), evidence))
    if case.state == "blocked":
        pausing.run_clock(act, city, case_id, "moved")
    _carry_out(act, city, get_case(act.tx, case_id), event, kept)
    _after(act, city, pack, get_case(act.tx, case_id), event, counted)
    _follow(act, city, case_id)
    return str(get_case(act.tx, case_id).state)


def _check(act: Act, city: City, case: AnyRow, pack: Pack, command: str, given: Payload) -> None:
    """What a command names must be there, and it must not come too late."""
    if command == "assign":
        _check_account(act, case.id, "owner", given["owner"])
    elif command == "merge":
        _check_survivor(act, city, case, str(given["into"]))
    elif command in ("rate", "reopen"):
        outcome.in_time(act, pack, case, command)
    elif command == "close":
        joint.require_signed(act.tx, city, case.id)
    photos = given.get("photos")
    if isinstance(photos, list | tuple):
        check_photos(act, photos)


def _check_survivor(act: Act, city: City, case: AnyRow, into: str) -> None:
    survivor = get_case(act.tx, into)
    duplicates.must_supervise(act, city, survivor, "into")
    if survivor.id == case.id or survivor.state in cases.ENDED:
        raise Refusal(
            f"case {case.id} cannot merge into {survivor.id} ({survivor.state}); "
            "name another case that is still open",
            field="into",
            value=survivor.id,
            remedy="a case that has not ended",
            kind="conflict",
        )


def _carry_out(act: Act, city: City, case: AnyRow, event: Event, kept: Payload) -> None:
    if event.command == "submit":
        opening.begin(act, city, case.id)
        return
    payload = {**event.payload, **({"form": kept} if kept else {})}
    clock = hours.of_kind(city, case.kind)
    if event.command in _ANEW:
        payload["due_at"] = hours.after(clock, act.now, case.data["due_min"]).isoformat()
    case_event(act, case, replace(event, payload=payload), clock=clock)


_ANEW = frozenset({"reject", "reopen"})
"""Commands after which the work is done once more, in a time of its own."""


def _after(
    act: Act, city: City, pack: Pack, case: AnyRow, event: Event, counted: Sequence[AnyRow]
) -> None:
    """What follows of itself from a command."""
    pause = pack.pause_of(event.payload.get("cause")) if event.command == "block" else None
    if event.command in _ANEW:
        opening.start_clock(act, city, case)
        _do_again(act, city, case.id, counted)
    elif pause is not None:
        pausing.stop_clock(act, case, pause)
    elif event.command == "merge":
        absorbed = str(event.payload["into"])
        append(_engine(act), absorbed, "case.absorbed", {"other": case.id})
    elif event.command == "close":
        points.settle(act, city, case, "closed")
    if event.command == "reopen":
        points.take_back(act, case)
    elif event.command == "rate":
        points.settle(act, city, case, "rated")
        _heed_verdict(act, city, case, event)


def _heed_verdict(act: Act, city: City, case: AnyRow, event: Event) -> None:
    """A reporter who says that nothing is solved brings the case back."""
    if event.payload.get("verdict") != "unsolved":
        return
    command = "reopen" if case.state == "closed" else "reject"
    target = "open" if command == "reopen" else "working"
    words = str(event.payload.get("text") or UNSOLVED)
    done = "reopened" if command == "reopen" else "rejected"
    back = Event(done, command, case.state, target, {"reason": words})
    counted = counting_tasks(act.tx, case.id)
    _carry_out(act, city, case, back, {})
    pack = packs.standing(city.folder, case.kind)
    _after(act, city, pack, get_case(act.tx, case.id), back, counted)


def _do_again(act: Act, city: City, case_id: str, counted: Sequence[AnyRow]) -> None:
    """The task done last is given once more to who held it, unless work is still open."""
    done = [task for task in counted if task.state == "done"]
    if not done or any(task.state not in tasks.ENDED for task in counted):
        return
    last = max(done, key=lambda task: (task.done_at, task.id))
    ack_min, done_min = opening.times_of(act, city, last)
    order = opening.Order(
        last.title, last.instruction, (last.role,), ack_min, done_min, last.assignee
    )
    opening.give(act, city, case_id, order)


def task_command(
    act: Act,
    city: City,
    task_id: str,
    command: str,
    payload: Payload | None = None,
    vault: Vault | None = None,
) -> str:
    """Carry out one command on a task; returns its new state.

    Commands and what they need are the table `task.TASK`. ``payload`` keys: ``assignee``,
    ``reason``, ``text``, ``photos`` (digests), ``lon``, ``lat``, ``depth_m``, ``age_s``,
    ``ack_min`` (with ``assign``, default the time the task gave before), ``form`` (with
    ``complete``: the part of the pack's form that is asked for the work done). Raises `Refusal`.
    """
    given = checked(payload or {}, command)
    task = get_task(act.tx, task_id)
    case = get_case(act.tx, task.case_id)
    event = tasks.command(task_id, task.state, command, who_for_task(act, city, case, task), given)
    if command == "assign":
        _check_account(act, case.id, "assignee", given["assignee"])
    photos = given.get("photos")
    if isinstance(photos, list | tuple):
        check_photos(act, photos)
    pack = packs.standing(city.folder, case.kind)
    kept = outcome.answers(act, city, pack, case, command, given, vault)
    filling.put(act, case.id, kept)
    payload_kept = {**event.payload, **({"form": kept} if kept else {})}
    if command == "assign":
        payload_kept["ack_due_at"] = _restart_acknowledgement(act, city, case, task, given)
    task_event(act, task, replace(event, payload=payload_kept))
    if command == "decline":
        # a no is an answer, but the work still needs somebody: the next rung hears at once
        timers.stop(act.tx, task_id, ["task.ack"])
        escalate_task(act, city, get_task(act.tx, task_id), "task.ack", "declined")
    holder = get_task(act.tx, task_id).assignee or act.actor
    if case.state == "open" and event.target in ("claimed", "assigned", "done"):
        owner = {"owner": holder}
        case_event(_engine(act), case, Event("assigned", "assign", "open", "assigned", owner))
    _follow(act, city, case.id, finishing=command == "complete")
    return event.target


def _restart_acknowledgement(
    act: Act, city: City, case: AnyRow, task: AnyRow, given: Payload
) -> str:
    """Give the new holder time to answer, by default as much as the task gave at first."""
    minutes = given.get("ack_min")
    if not isinstance(minutes, int | float) or minutes <= 0:
        minutes, _ = opening.times_of(act, city, task)
    timers.stop(act.tx, task.id, ["task.ack"])
    clock = hours.of_kind(city, case.kind)
    start_timer(act, "task.ack", task.id, minutes, clock)
    due = hours.after(clock, act.now, minutes)
    act.tx.execute(T.update().where(T.c.id == task.id).values(ack_due_at=due))
    return due.isoformat()


def give_task(
    act: Act,
    city: City,
    case_id: str,
    title: str,
    *,
    assignee: str | None = None,
    roles: Sequence[str] = ("grid_worker",),
    instruction: str = "",
    ack_min: float = 15,
    done_min: float = 120,
) -> str:
    """A supervisor or the owner gives one more task in a case; returns the task's id.

    Raises `Refusal` when the case has ended, the person may not, or nothing says what to do.
    """
    case = get_case(act.tx, case_id)
    who = who_for_case(act, city, case)
    if case.state in cases.ENDED or case.state == "draft":
        raise Refusal(
            f"case {case_id} is '{case.state}'; tasks go to cases that are open",
            field="case",
            value=case_id,
            remedy="submit the draft, or open a new case",
            kind="conflict",
        )
    if not who.relations & {"supervisor", "owner", "system"}:
        raise Refusal(
            f"{act.actor} may not give tasks in case {case_id}; its owner or supervisor may",
            field="actor",
            value=act.actor,
            remedy="ask the owner or supervisor",
            kind="forbidden",
        )
    if not title.strip() or ack_min <= 0 or done_min <= 0:
        raise Refusal(
            f"a task needs a title and times over 0 min; got '{title}', {ack_min}, {done_min}",
            field="title",
            value=title,
            remedy="say what is to be done, and by when",
        )
    if assignee is not None:
        _check_account(act, case_id, "assignee", assignee)
    order = opening.Order(title, instruction, tuple(roles), ack_min, done_min, assignee)
    return opening.give(act, city, case_id, order)


def _engine(act: Act) -> Act:
    return Act(act.tx, act.now, "system")


def _follow(act: Act, city: City, case_id: str, *, finishing: bool = False) -> None:
    """Let the case come along with its tasks, and start what waited for it.

    A task done before the last rejection says nothing any more. What the pack asks for of the
    work must be there before the case counts as done: who finishes it (``finishing``) is refused
    without; in any other way it stays under way, until somebody claims it done with the rest.
    """
    engine = Who("system", frozenset({"system"}))
    rows = counting_tasks(act.tx, case_id)
    done = {"tasks": [row.id for row in rows if row.state == "done"]}
    for command in cases.follow(get_case(act.tx, case_id).state, [row.state for row in rows]):
        case = get_case(act.tx, case_id)
        if command == "claim_done":
            pack = packs.standing(city.folder, case.kind)
            missing = outcome.lacking(pack, case, [row.evidence for row in rows])
            if finishing:
                outcome.refuse_lacking(case_id, missing)
            elif missing:
                break
        payload = done if command == "claim_done" else {}
        event = cases.command(case_id, case.state, command, engine, payload)
        case_event(_engine(act), case, event, clock=hours.of_kind(city, case.kind))
    case = get_case(act.tx, case_id)
    if case.state in cases.SETTLED:
        opening.release(act, city, case)

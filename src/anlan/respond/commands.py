"""What people do to cases and tasks: load, decide, record, and let the case follow its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond import opening
from anlan.respond import task as tasks
from anlan.respond.deadlines import escalate_task
from anlan.respond.machine import Event, Who
from anlan.respond.payload import checked
from anlan.respond.plan import load
from anlan.respond.records import (
    AnyRow,
    T,
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
AROUND_DEG = 0.5  # a report may lie this far from the outermost villages: about 50 km


def open_case(
    act: Act,
    city: City,
    kind: str,
    title: str = "",
    *,
    territory: str = "",
    lon: float | None = None,
    lat: float | None = None,
    place: str | None = None,
    text: str = "",
    photos: Sequence[str] = (),
    incident: str | None = None,
    department: str | None = None,
    source: str = "desk",
    reporter: str | None = None,
    grounds: Sequence[str] = (),
) -> str:
    """Open a case of a kind that the plan knows, with that kind's tasks; returns its id.

    Where it lies: ``place`` (an id of the city), else ``territory``, else the village that
    (lon, lat; degrees, EPSG:4326) falls in. ``text`` is free text and goes to an erasable
    note; ``title`` must hold none of a resident's words. Needs neither forecast nor incident.

    Raises:
        Refusal: unknown kind, place or territory; a point given by half, off the globe or
            far from the city; a text too long; a photo that was not uploaded.
    """
    plan = load(city.folder)
    if kind not in plan.kinds:
        raise Refusal(
            f"kind '{kind}' is not in plan.toml; known: {', '.join(plan.kinds)}",
            field="kind",
            value=kind,
            remedy=", ".join(plan.kinds),
        )
    if lon is not None or lat is not None:
        _check_point(city, lon, lat)
    if place is not None:
        if place not in city.places:
            raise Refusal(
                f"place {place} is not a hazard place of {city.name}; see places.csv",
                field="place",
                value=place,
                remedy="an id of places.csv, or a territory code",
                kind="not_found",
            )
        spot = city.places[place]
        territory, lon, lat = spot.territory, spot.lon, spot.lat
        department = department or spot.department
    elif not territory:
        if lon is None or lat is None:
            raise Refusal(
                "where is it? name a place, a territory code, or lon and lat in degrees",
                field="territory",
                value=territory,
                remedy="place, territory, or lon and lat",
            )
        territory = city.territory.locate(lon, lat).code
    unit = city.territory.unit(territory)
    checked({"text": text, "photos": photos})
    check_photos(act, photos)
    known = plan.kinds[kind]
    new = opening.NewCase(
        kind=kind,
        title=title or f"{known.title}：{unit.name}",
        territory=territory,
        orders=opening.orders_of(known),
        incident=incident,
        place=place,
        lon=lon,
        lat=lat,
        department=department,
        source=source,
        reporter=reporter,
        text=text,
        photos=tuple(photos),
    )
    based_on = [*([f"incident:{incident}"] if incident else []), *grounds]
    return opening.open_case(act, city, plan, new, based_on)


def _check_point(city: City, lon: float | None, lat: float | None) -> None:
    """Refuse a point (degrees, EPSG:4326) by half, off the globe, or away from the city."""
    given = {"lon": (lon, 180), "lat": (lat, 90)}
    for name, (value, most) in given.items():
        # NaN fails the comparison
        if value is None or not -most <= value <= most:
            raise Refusal(
                f"where is it? {name} {value} gives no point; "
                f"give lon and lat in degrees, {name} within -{most} to {most}",
                field=name,
                value=value,
                remedy=f"lon and lat in degrees, {name} within -{most} to {most}",
            )
    for name, (value, _) in given.items():
        of_villages = [getattr(village, name) for village in city.territory.villages()]
        low, high = min(of_villages) - AROUND_DEG, max(of_villages) + AROUND_DEG
        if value is not None and not low <= value <= high:
            raise Refusal(
                f"{name} {value} is not in or near {city.name}; "
                f"{name} there is {low:.2f} to {high:.2f}",
                field=name,
                value=value,
                remedy=f"{name} of {low:.2f} to {high:.2f} degrees",
            )


def _check_account(act: Act, field: str, account: object) -> None:
    if not isinstance(account, str) or officer(act.tx, account) is None:
        raise Refusal(
            f"{field} {account} is not an account that may be given work",
            field=field,
            value=account,
            remedy="the id of an account that is not disabled",
        )


def case_command(
    act: Act, city: City, case_id: str, command: str, payload: Payload | None = None
) -> str:
    """Carry out one command on a case; returns its new state.

    Commands and what they need are the table `case.CASE`. ``payload`` keys: ``owner``,
    ``reason``, ``text``, ``photos`` (digests), ``into``. Raises `Refusal`.
    """
    given = checked(payload or {}, command)
    case = get_case(act.tx, case_id)
    event = cases.command(case_id, case.state, command, who_for_case(act, city, case), given)
    if command == "assign":
        _check_account(act, "owner", given["owner"])
    if command == "merge":
        survivor = get_case(act.tx, str(given["into"]))
        if survivor.id == case_id or survivor.state in cases.ENDED:
            raise Refusal(
                f"case {case_id} cannot merge into {survivor.id} ({survivor.state}); "
                "name another case that is still open",
                field="into",
                value=survivor.id,
                remedy="a case that has not ended",
                kind="conflict",
            )
    photos = given.get("photos")
    if isinstance(photos, list | tuple):
        check_photos(act, photos)
    counted = counting_tasks(act.tx, case_id)
    if command == "submit":
        opening.begin(act, city, case_id)
    else:
        case_event(act, case, event)
    if command == "reject":
        # the clock starts anew for what has to be done again
        start_timer(act, "case.due", case_id, load(city.folder).kinds[case.kind].due_min)
        _do_again(act, city, case_id, counted)
    _follow(act, city, case_id)
    return str(get_case(act.tx, case_id).state)


def _do_again(act: Act, city: City, case_id: str, counted: Sequence[AnyRow]) -> None:
    """The task done last is given once more to who held it, unless work is still open."""
    done = [task for task in counted if task.state == "done"]
    if not done or any(task.state not in tasks.ENDED for task in counted):
        return
    last = max(done, key=lambda task: (task.done_at, task.id))
    ack_min, done_min = (
        (due - last.opened_at).total_seconds() / 60 for due in (last.ack_due_at, last.due_at)
    )
    order = opening.Order(
        last.title, last.instruction, (last.role,), ack_min, done_min, last.assignee
    )
    opening.give(act, city, case_id, order)


def task_command(
    act: Act, city: City, task_id: str, command: str, payload: Payload | None = None
) -> str:
    """Carry out one command on a task; returns its new state.

    Commands and what they need are the table `task.TASK`. ``payload`` keys: ``assignee``,
    ``reason``, ``text``, ``photos`` (digests), ``lon``, ``lat``, ``depth_m``, ``age_s``,
    ``ack_min`` (with ``assign``, default the time the task gave before). Raises `Refusal`.
    """
    given = checked(payload or {}, command)
    task = get_task(act.tx, task_id)
    case = get_case(act.tx, task.case_id)
    event = tasks.command(task_id, task.state, command, who_for_task(act, city, case, task), given)
    if command == "assign":
        _check_account(act, "assignee", given["assignee"])
    photos = given.get("photos")
    if isinstance(photos, list | tuple):
        check_photos(act, photos)
    task_event(act, task, event)
    if command == "assign":
        _restart_acknowledgement(act, task_id, given)
    if command == "decline":
        # a no is an answer, but the work still needs somebody: the next rung hears at once
        timers.stop(act.tx, task_id, ["task.ack"])
        escalate_task(act, city, get_task(act.tx, task_id), "task.ack", "declined")
    holder = get_task(act.tx, task_id).assignee or act.actor
    if case.state == "open" and event.target in ("claimed", "assigned", "done"):
        owner = {"owner": holder}
        case_event(_engine(act), case, Event("assigned", "assign", "open", "assigned", owner))
    _follow(act, city, case.id)
    return event.target


def _restart_acknowledgement(act: Act, task_id: str, given: Payload) -> None:
    task = get_task(act.tx, task_id)
    minutes = given.get("ack_min")
    if not isinstance(minutes, int | float) or minutes <= 0:
        minutes = (task.ack_due_at - task.opened_at).total_seconds() / 60
    timers.stop(act.tx, task_id, ["task.ack"])
    start_timer(act, "task.ack", task_id, minutes)
    due = act.now + timedelta(minutes=minutes)
    act.tx.execute(T.update().where(T.c.id == task_id).values(ack_due_at=due))


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
        _check_account(act, "assignee", assignee)
    order = opening.Order(title, instruction, tuple(roles), ack_min, done_min, assignee)
    return opening.give(act, city, case_id, order)


def _engine(act: Act) -> Act:
    return Act(act.tx, act.now, "system")


def _follow(act: Act, city: City, case_id: str) -> None:
    """Let the case come along with its tasks, and start what waited for it.

    A task done before the last rejection says nothing any more.
    """
    engine = Who("system", frozenset({"system"}))
    rows = counting_tasks(act.tx, case_id)
    done = {"tasks": [row.id for row in rows if row.state == "done"]}
    for command in cases.follow(get_case(act.tx, case_id).state, [row.state for row in rows]):
        case = get_case(act.tx, case_id)
        payload = done if command == "claim_done" else {}
        case_event(_engine(act), case, cases.command(case_id, case.state, command, engine, payload))
    case = get_case(act.tx, case_id)
    if case.state in cases.SETTLED:
        opening.release(act, city, case)

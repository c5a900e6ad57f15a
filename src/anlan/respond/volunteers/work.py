"""Work offered to volunteers, and who claims it: places, waiting list, what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import commands, reporting
from anlan.respond.records import get_case, start_timer, tasks_of
from anlan.respond.volunteers import claiming
from anlan.respond.volunteers.records import (
    CL,
    AnyRow,
    S,
    W,
    skill_state,
    volunteer_of,
    words,
    work_of,
)
from anlan.respond.volunteers.rules import load
from anlan.respond.volunteers.skills import date_of
from anlan.respond.volunteers.telling import tell
from anlan.store import ids

END = "volunteer.end"
LONGEST = timedelta(hours=24)
FAREST = timedelta(days=90)


def offer(act: Act, city: City, given: Mapping[str, object], status: str) -> str:
    """Offer work; returns its id. It is kept as a case of the kind that the rules name.

    Args:
        given: ``title``, ``detail``, ``territory`` or ``place``, ``lon``, ``lat`` (degrees,
            EPSG:4326), ``skill``, ``starts_at``, ``ends_at``, ``needed``, ``safe_min``,
            ``self_claim``, ``drill``.
        status: ``Actual`` or ``Exercise``, for every message about it; a drill is an exercise.

    Raises:
        Refusal: naming the field.
    """
    rules = load(city.folder)
    title, detail = words("title", given.get("title"), 80), words(
        "detail", given.get("detail"), needed=False
    )  # fmt: skip
    skill = str(given["skill"]) if given.get("skill") else None
    if skill is not None:
        rules.skill(skill)
    starts = date_of("starts_at", given.get("starts_at"), None)
    ends = date_of("ends_at", given.get("ends_at"), None)
    if not (act.now < ends and starts < ends <= starts + LONGEST and starts < act.now + FAREST):
        raise Refusal(
            "ends_at must lie ahead, after starts_at and within 24 hours of it; split longer work",
            field="ends_at",
            value=ends.isoformat(),
            remedy="a span of at most 24 hours that has not ended",
        )
    needed = _count("needed", given.get("needed"), 1, rules.work.most_places)
    safe_min = _count("safe_min", given.get("safe_min") or rules.safety.safe_min, 5, 1440)
    place = str(given["place"]) if given.get("place") else None
    lon, lat = _degrees(given.get("lon")), _degrees(given.get("lat"))
    drill = given.get("drill") is True
    name = ids.next_id(act.tx, "W")
    case = reporting.open_case(
        act,
        city,
        rules.work.pack,
        f"志愿服务：{title}",
        territory=str(given.get("territory") or ""),
        lon=lon,
        lat=lat,
        place=place,
        text=detail,
        source="desk",
        reporter=act.actor,
        grounds=[f"work:{name}"],
    )
    kept = get_case(act.tx, case)
    unit = city.territory.unit(kept.territory)
    act.tx.execute(
        W.insert().values(
            id=name,
            case_id=case,
            title=title,
            detail_note=keep_note(act, "volunteer.work", detail) if detail else None,
            territory=unit.code,
            place=place,
            lon=unit.lon if kept.lon is None else kept.lon,
            lat=unit.lat if kept.lat is None else kept.lat,
            skill=skill,
            starts_at=starts,
            ends_at=ends,
            needed=needed,
            places=needed,
            taken=0,
            safe_min=safe_min,
            self_claim=given.get("self_claim") is not False,
            drill=drill,
            status="Exercise" if drill else status,
            state="open",
            by=act.actor,
            at=act.now,
        )
    )
    act.record("volunteer.work_offered", name, grounds=[f"case:{case}"])
    _answer_for(act, city, case)
    start_timer(act, END, name, (ends - act.now).total_seconds() / 60)
    return name


def _answer_for(act: Act, city: City, case: str) -> None:
    """Who offers work answers for it: its task is theirs, and taken on."""
    if act.actor == "system":
        return
    engine = Act(act.tx, act.now, "system")
    for task in tasks_of(act.tx, case):
        if task.assignee != act.actor:
            mine = {"assignee": act.actor}
            commands.task_command(engine, city, task.id, "assign", mine)
        commands.task_command(act, city, task.id, "acknowledge")


def claim(act: Act, city: City, work: str, volunteer: str, call: str | None = None) -> str:
    """Take a place or wait for one; returns ``claimed`` or ``waiting``.

    Raises:
        Refusal: for work that is over or not for claiming, a skill that does not hold, other work
            at the same time, a second claim.
    """
    row, who = work_of(act.tx, work), volunteer_of(act.tx, volunteer)
    if row.state != "open" or row.ends_at <= act.now or (call is None and not row.self_claim):
        raise Refusal(
            f"{work} is not open for claiming (该项工作不再接受认领)",
            field="work",
            value=row.state,
            remedy="work of your list",
            kind="conflict",
        )
    _check_skill(act, row, who)
    _check_time(act, row, volunteer)
    before = board(act, row)
    return _write(act, city, row, before, claiming.claim(before, volunteer), call)[volunteer]


def withdraw(act: Act, city: City, work: str, volunteer: str) -> None:
    """Give one's place back; the first who waits moves up and is told."""
    row = work_of(act.tx, work)
    before = board(act, row)
    _write(act, city, row, before, claiming.withdraw(before, volunteer), None)


def set_places(act: Act, city: City, work: str, places: int) -> None:
    """Take more volunteers; those who wait move up. Never fewer than hold a place."""
    row = work_of(act.tx, work)
    before = board(act, row)
    wide = claiming.Board(max(places, before.taken), before.states)
    act.tx.execute(update(W).where(W.c.id == work).values(places=wide.places))
    act.record("volunteer.places_set", work, content=wide.places)
    _write(act, city, row, before, claiming.move_up(wide), None)


def board(act: Act, row: AnyRow) -> claiming.Board:
    """The claims of a piece of work as they stand."""
    rows = act.tx.execute(
        select(CL.c.volunteer, CL.c.state).where(CL.c.work == row.id).order_by(CL.c.seq)
    )
    return claiming.Board(row.places, {one.volunteer: one.state for one in rows})


def _write(
    act: Act,
    city: City,
    row: AnyRow,
    before: claiming.Board,
    after: claiming.Board,
    call: str | None,
) -> dict[str, str]:
    """Put down what changed; who moved up from the waiting list is told. Returns the states."""
    # two writers at once: the second finds other numbers than it decided on
    won = act.tx.execute(
        update(W).where(W.c.id == row.id, W.c.taken == before.taken).values(taken=after.taken)
    )
    if won.rowcount != 1 or after.taken > after.places:
        raise Refusal(
            f"somebody else claimed {row.id} at the same moment; try again",
            field="work",
            value=row.id,
            remedy="try again",
            kind="conflict",
        )
    order = {name: number for number, name in enumerate(after.states)}
    moved_up: list[str] = []
    for name, state in after.states.items():
        known = before.states.get(name)
        if known == state:
            continue
        if known is None or known == "withdrawn":
            _place(act, row.id, name, state, order[name], call, known is None)
        else:
            act.tx.execute(
                update(CL).where(CL.c.work == row.id, CL.c.volunteer == name).values(state=state)
            )
        if known == "waiting" and state == "claimed":
            moved_up.append(name)
        kind = {"claimed": "claimed", "waiting": "waits", "withdrawn": "withdrew"}[state]
        act.record(f"volunteer.{kind}", name, grounds=[f"work:{row.id}"])
    if moved_up:
        tell(act, city, row, moved_up, "moved_up")
    return dict(after.states)


def _place(
    act: Act, work: str, volunteer: str, state: str, seq: int, call: str | None, new: bool
) -> None:
    values: dict[str, object] = {"state": state, "call": call, "claimed_at": act.now}
    last = act.tx.execute(
        select(CL.c.seq).where(CL.c.work == work).order_by(CL.c.seq.desc()).limit(1)
    ).scalar()
    values["seq"] = 0 if last is None else last + 1
    if new:
        fresh = {"id": ids.next_id(act.tx, "CL"), "work": work, "volunteer": volunteer}
        act.tx.execute(CL.insert().values(**fresh, **values))
    else:
        mine = update(CL).where(CL.c.work == work, CL.c.volunteer == volunteer)
        act.tx.execute(mine.values(**values))


def _check_skill(act: Act, row: AnyRow, who: AnyRow) -> None:
    if row.skill is None:
        return
    have = act.tx.execute(select(S).where(S.c.volunteer == who.id, S.c.skill == row.skill)).first()
    state = skill_state(have, row.starts_at)
    if state != "valid":
        raise Refusal(
            f"{row.id} needs the skill {row.skill}, and yours is {state}; renew or have it "
            "verified first (需要有效且已核验的技能)",
            field="skill",
            value=state,
            remedy="a verified skill that is valid at the time",
            kind="conflict",
        )


def _check_time(act: Act, row: AnyRow, volunteer: str) -> None:
    other = act.tx.execute(
        select(W.c.id)
        .join(CL, CL.c.work == W.c.id)
        .where(
            CL.c.volunteer == volunteer,
            CL.c.state.in_(("claimed", "waiting", "on_site")),
            W.c.id != row.id,
            W.c.starts_at < row.ends_at,
            W.c.ends_at > row.starts_at,
        )
        .limit(1)
    ).scalar()
    if other is not None:
        raise Refusal(
            f"you are down for {other} at that time; withdraw there first (时间与 {other} 冲突)",
            field="work",
            value=other,
            remedy=f"withdraw from {other}",
            kind="conflict",
        )


def _count(field: str, value: object, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refusal(
            f"{field} {str(value)[:20]} is outside {low} to {high}",
            field=field,
            value=str(value)[:20],
            remedy=f"a whole number, {low} to {high}",
        )
    return value


def _degrees(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None

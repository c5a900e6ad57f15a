"""Accepting an evacuation plan: it is kept, and its work is given to villages as tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import actions as respond
from anlan.respond import case as cases
from anlan.respond.dispatch.needs import Evacuation
from anlan.respond.evacuation.changes import changes
from anlan.respond.evacuation.proposal import accepted, digest
from anlan.respond.evacuation.withdrawing import needless, withdraw
from anlan.respond.records import AnyRow, C
from anlan.store import ids, schema

E = schema.evacuation_plan
ROLES = ("village_officer", "town_officer")
ACK_MIN = 15
DONE_MIN = 240


def accept(
    act: Act, city: City, rules: Evacuation, plan: Mapping[str, Any], run: str | None, seen: str
) -> dict[str, Any]:
    """Keep the plan and give its work out; ``seen``: digest of what the person looked at.

    Each place gets a case (the one it has, if that is open) and a task for its village; a plan
    that follows another gives tasks only where something changed, and withdraws what it makes
    needless. Raises `Refusal` (conflict) when the water, the shelters or the roads have changed
    the plan since it was shown.
    """
    if seen != digest(plan):
        raise Refusal(
            "the plan has changed since it was shown (a newer forecast, or shelters filled); "
            "look at it again and accept that (方案已更新，请重新查看后再采纳)",
            field="seen",
            value=seen[:16],
            remedy="the digest of the plan as it is now",
            kind="conflict",
        )
    last = accepted(act.tx)
    old = dict(last.content) if last is not None else None
    if not plan["groups"] and not (old and old["groups"]):
        raise Refusal(
            "nobody is in reach of the forecast water; there is nothing to accept",
            field="seen",
            value=seen[:16],
            remedy="wait for a forecast that reaches somebody",
        )
    differs = changes(old["groups"], plan["groups"]) if old else []
    changed = {each["group"] for each in differs} if old else None
    over = needless(act.tx, old, plan["groups"], differs) if old else []
    held: dict[str, str] = dict(old["cases"]) if old else {}
    opened: list[str] = list(old["opened"]) if old else []
    work: dict[str, list[str]] = dict(old.get("tasks", {})) if old else {}
    incident = respond.current(act.tx)
    given = []
    for group in plan["groups"]:
        if not group["moves"] or (changed is not None and group["id"] not in changed):
            continue
        case = _case_of(act, group, rules, held)
        if case is None:
            case = _open(act, city, rules, group, incident, run)
            opened.append(case)
        held[group["id"]] = case
        task = respond.give_task(
            act,
            city,
            case,
            f"转移安置：{group['name'].split('（')[0]}",
            roles=ROLES,
            instruction=words(city, group),
            ack_min=ACK_MIN,
            done_min=_minutes(group, act.now),
        )
        work[group["id"]] = [*work.get(group["id"], []), task]
        given.append({"group": group["id"], "case": case, "task": task})
    withdrawn = withdraw(act, city, over, opened)
    still = {group["id"] for group in plan["groups"]}
    held = {group: case for group, case in held.items() if group in still}
    act.tx.execute(update(E).where(E.c.state == "accepted").values(state="replaced"))
    name = ids.next_id(act.tx, "EV")
    content = {
        "vehicle": plan["vehicle"],
        "groups": plan["groups"],
        "persons": plan["persons"],
        "moved": plan["moved"],
        "cases": held,
        "opened": opened,
        "tasks": work,
    }
    act.tx.execute(
        E.insert().values(
            id=name,
            run=run,
            state="accepted",
            accepted_by=act.actor,
            accepted_at=act.now,
            content=content,
        )
    )
    act.record("evacuation.accepted", name, grounds=[f"run:{run}"] if run else [], content=content)
    return {"id": name, "tasks": given, "withdrawn": withdrawn}


def _case_of(
    act: Act, group: Mapping[str, Any], rules: Evacuation, held: Mapping[str, str]
) -> str | None:
    """The open case of the group's place: of the plan before, or of a step named in the rules."""
    open_ = C.c.state.not_in([*cases.SETTLED, "draft"])
    if group["id"] in held:
        row = act.tx.execute(select(C.c.id).where(C.c.id == held[group["id"]], open_)).first()
        if row is not None:
            return str(row.id)
    row = act.tx.execute(
        select(C.c.id)
        .where(C.c.place == group["id"], C.c.plan_step.in_(rules.steps), open_)
        .order_by(C.c.id)
        .limit(1)
    ).first()
    return None if row is None else str(row.id)


def _open(
    act: Act,
    city: City,
    rules: Evacuation,
    group: Mapping[str, Any],
    incident: AnyRow | None,
    run: str | None,
) -> str:
    return respond.open_case(
        act,
        city,
        rules.kind,
        f"转移安置：{group['name'].split('（')[0]}",
        place=group["id"],
        incident=None if incident is None else incident.id,
        grounds=[f"run:{run}"] if run else [],
    )


def words(city: City, group: Mapping[str, Any]) -> str:
    """What the village has to do: how many, to where, and by when to leave."""
    to = "；".join(f"{move['shelter_name']} {move['persons']} 人" for move in group["moves"])
    text = f"转移 {group['persons']} 人：{to}。"
    if group["leave_by"]:
        leave = datetime.fromisoformat(group["leave_by"]).astimezone(city.zone)
        text += f"最迟 {leave:%m月%d日 %H:%M} 出发。"
    if group["late"]:
        text += "水先到，立即转移，涉水处须有人护送；大巴不通改用冲锋舟。"
    if group["left"]:
        text += f"另有 {group['left']} 人尚无安置去处，报镇街道统筹。"
    return text + "逐户核对，到点交接后回报人数。"


def _minutes(group: Mapping[str, Any], now: datetime) -> float:
    if not group["leave_by"]:
        return DONE_MIN
    return max(30.0, (datetime.fromisoformat(group["leave_by"]) - now).total_seconds() / 60)

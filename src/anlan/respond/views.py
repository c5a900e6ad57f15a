"""Cases, tasks and incidents as JSON-able dicts: what the desk, the phone and the API show.

Times are ISO 8601 in UTC. Free text is joined back from its note; None once erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, cast, func, select

from anlan.city import City
from anlan.journal import Act
from anlan.respond import case as cases_
from anlan.respond import filling, machine, outcome, packs
from anlan.respond import task as tasks_
from anlan.respond.records import (
    C,
    H,
    I,
    T,
    as_seen_by_task,
    get_case,
    history_of,
    officer,
    tasks_of,
    who_for_case,
)
from anlan.store import schema

View = dict[str, Any]
MOST_ENDED = 200


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _notes(conn: Connection, digests: Iterable[str]) -> dict[str, str | None]:
    wanted = sorted(set(digests))
    if not wanted:
        return {}
    N = schema.note
    rows = conn.execute(select(N.c.digest, N.c.body).where(N.c.digest.in_(wanted)))
    return {row.digest: row.body for row in rows}


def _with_text(payload: Mapping[str, Any], notes: Mapping[str, str | None]) -> View:
    shown: View = {}
    for key, value in payload.items():
        if key.endswith("_note"):
            shown[key.removesuffix("_note")] = notes.get(str(value))
        elif key == "form" and isinstance(value, Mapping):
            shown[key] = filling.shown(value, notes)
        else:
            shown[key] = value
    return shown


def _digests(payloads: Iterable[Mapping[str, Any]]) -> list[str]:
    found: list[str] = []
    for payload in payloads:
        found += [str(value) for key, value in payload.items() if key.endswith("_note")]
        found += filling.digests(payload.get("form") or {})
    return found


def _task(row: Row[Any], notes: Mapping[str, str | None]) -> View:
    return {
        "id": row.id,
        "case": row.case_id,
        "title": row.title,
        "instruction": row.instruction,
        "state": row.state,
        "state_zh": tasks_.STATES[row.state],
        "assignee": row.assignee,
        "role": row.role,
        "territory": row.territory,
        "opened_at": _iso(row.opened_at),
        "ack_due_at": _iso(row.ack_due_at),
        "due_at": _iso(row.due_at),
        "acknowledged_at": _iso(row.acknowledged_at),
        "done_at": _iso(row.done_at),
        "escalation": row.escalation,
        "late": row.late,
        "evidence": _with_text(row.evidence, notes),
    }


def tasks(
    conn: Connection,
    *,
    assignee: str | None = None,
    incident: str | None = None,
    territory: Sequence[str] | None = None,
    states: Sequence[str] | None = None,
    most: int = 500,
) -> list[View]:
    """Tasks, most urgent first: unfinished by deadline, then ended, newest first.

    At most ``most`` that are unfinished and `MOST_ENDED` that have ended.
    ``territory``: codes of units whose tasks are wanted (the caller's rights).
    Each carries ``place``, ``lon``, ``lat`` and ``kind`` of its case.
    """
    query = select(T, C.c.incident, C.c.place, C.c.lon, C.c.lat, C.c.kind, C.c.priority)
    query = query.join(C, C.c.id == T.c.case_id)
    if assignee is not None:
        query = query.where(T.c.assignee == assignee)
    if incident is not None:
        query = query.where(C.c.incident == incident)
    if territory is not None:
        query = query.where(T.c.territory.in_(territory))
    if states is not None:
        query = query.where(T.c.state.in_(states))
    ended = T.c.state.in_(tasks_.ENDED)
    rows = [
        *conn.execute(query.where(~ended).order_by(T.c.due_at.nulls_first(), T.c.id).limit(most)),
        *conn.execute(
            query.where(ended)
            .order_by(func.coalesce(T.c.done_at, T.c.due_at).desc(), T.c.id.desc())
            .limit(MOST_ENDED)
        ),
    ]
    notes = _notes(conn, _digests(row.evidence for row in rows))
    return [
        _task(row, notes)
        | {
            "incident": row.incident,
            "place": row.place,
            "lon": row.lon,
            "lat": row.lat,
            "kind": row.kind,
            "priority": row.priority,
        }
        for row in rows
    ]


def _case(row: Row[Any], notes: Mapping[str, str | None]) -> View:
    return {
        "id": row.id,
        "incident": row.incident,
        "kind": row.kind,
        "title": row.title,
        "state": row.state,
        "state_zh": cases_.STATES[row.state],
        "territory": row.territory,
        "place": row.place,
        "lon": row.lon,
        "lat": row.lat,
        "owner_role": row.owner_role,
        "owner": row.owner,
        "department": row.department,
        "opened_at": _iso(row.opened_at),
        "due_at": _iso(row.due_at),
        "closed_at": _iso(row.closed_at),
        "priority": row.priority,
        "source": row.source,
        "reporter": row.reporter,
        "plan_step": row.plan_step,
        "late": bool(row.data.get("late")),
        "escalation": int(row.data.get("escalation", 0)),
        "photos": row.data.get("photos", []),
        "text": notes.get(row.data.get("text_note", "")),
        "form": filling.shown(row.data.get("form", {}), notes),
        "paused": (row.data.get("paused") or {}).get("cause"),
    }


def cases(
    conn: Connection,
    *,
    incident: str | None = None,
    kind: str | None = None,
    territory: Sequence[str] | None = None,
    reporter: str | None = None,
    states: Sequence[str] | None = None,
    most: int = 500,
) -> list[View]:
    """Cases, those without outcome first, by priority (1 first) and deadline."""
    query = select(C)
    if incident is not None:
        query = query.where(C.c.incident == incident)
    if kind is not None:
        query = query.where(C.c.kind == kind)
    if territory is not None:
        query = query.where(C.c.territory.in_(territory))
    if reporter is not None:
        query = query.where(C.c.reporter == reporter)
    if states is not None:
        query = query.where(C.c.state.in_(states))
    ended = C.c.state.in_(cases_.ENDED)
    rows = conn.execute(
        query.order_by(ended, C.c.priority, C.c.due_at.nulls_first(), C.c.id).limit(most)
    ).all()
    notes = _notes(conn, _digests(row.data for row in rows))
    return [_case(row, notes) for row in rows]


def case(conn: Connection, case_id: str) -> View:
    """One case with its tasks and its whole history; raises `Refusal` (not_found)."""
    row = get_case(conn, case_id)
    history, work = history_of(conn, case_id), tasks_of(conn, case_id)
    payloads = [row.data, *(h.payload for h in history), *(t.evidence for t in work)]
    notes = _notes(conn, _digests(payloads))
    return _case(row, notes) | {
        "tasks": [_task(found, notes) for found in work],
        "history": [_happening(found, notes) for found in history],
    }


def _happening(row: Row[Any], notes: Mapping[str, str | None]) -> View:
    return {
        "case": row.case_id,
        "seq": row.seq,
        "task": row.task_id,
        "type": row.type,
        "at": _iso(row.at),
        "actor": row.actor,
        "on_behalf": row.on_behalf,
        "payload": _with_text(row.payload, notes),
    }


def notices(conn: Connection, account: str, most: int = 100) -> list[View]:
    """Escalations that this account was told of, or skipped by; newest first."""
    rows = conn.execute(
        select(H)
        .where(H.c.type.in_(("task.escalated", "case.escalated")))
        .order_by(H.c.at.desc(), H.c.case_id, H.c.seq.desc())
    ).all()
    mine = [
        row for row in rows if account in row.payload["told"] or account in row.payload["skipped"]
    ]
    return [_happening(row, {}) for row in mine[:most]]


def incidents(conn: Connection) -> list[View]:
    """Incidents, newest first, with counts of their cases and tasks."""
    shown = []
    for row in conn.execute(select(I).order_by(I.c.id.desc())):
        work = conn.execute(
            select(T.c.state, T.c.late, T.c.escalation)
            .join(C, C.c.id == T.c.case_id)
            .where(C.c.incident == row.id)
        ).all()
        states = conn.execute(select(C.c.state).where(C.c.incident == row.id)).scalars().all()
        shown.append(
            {
                "id": row.id,
                "name": row.name,
                "event": row.event,
                "state": row.state,
                "level": row.level,
                "level_set_at": _iso(row.level_set_at),
                "proposed_level": row.proposed_level,
                "proposed_reason": row.proposed_reason,
                "proposed_run": row.proposed_run,
                "opened_at": _iso(row.opened_at),
                "closed_at": _iso(row.closed_at),
                "cases": {
                    "opened": len(states),
                    "closed": sum(state == "closed" for state in states),
                },
                "tasks": {
                    "opened": len(work),
                    "done": sum(task.state == "done" for task in work),
                    "late": sum(task.late for task in work),
                    "escalated": sum(task.escalation > 0 for task in work),
                },
            }
        )
    return shown


def case_buttons(act: Act, city: City, case_id: str) -> list[str]:
    """Commands that the actor could give this case now."""
    row = get_case(act.tx, case_id)
    pack = packs.standing(city.folder, row.kind)
    able = cases_.machine_of(pack)
    found = machine.possible(able, row.state, who_for_case(act, city, row))
    return outcome.open_to(act, pack, row, found)


def case_outcome(conn: Connection, case_id: str) -> View:
    """How a case stands with its reporter and its like.

    ``rating``, ``verdict`` as last given; ``merged_into`` the survivor and its state;
    ``absorbed`` the cases merged into this one.
    """
    found: View = {"rating": None, "verdict": None, "absorbed": []}
    found |= {"merged_into": None, "merged_state": None}
    for row in history_of(conn, case_id):
        if row.type == "case.rated":
            found |= {"rating": row.payload["rating"], "verdict": row.payload["verdict"]}
        elif row.type in ("case.reopened", "case.rejected"):
            found |= {"rating": None, "verdict": None}
        elif row.type == "case.merged":
            into = row.payload["into"]
            # whoever reported the one learns from it what became of the other
            found |= {"merged_into": into, "merged_state": get_case(conn, into).state}
        elif row.type == "case.absorbed":
            found["absorbed"].append(row.payload["other"])
    return found


def buttons_of_tasks(act: Act, city: City, task_ids: Sequence[str]) -> dict[str, list[str]]:
    """Commands that the actor could give each of these tasks now; ended ones are left out.

    Three queries, however many the tasks.
    """
    open_ = T.c.state.not_in(tasks_.ENDED)
    work = act.tx.execute(select(T).where(T.c.id.in_(task_ids), open_)).all()
    named = {row.case_id for row in work}
    found = {row.id: row for row in act.tx.execute(select(C).where(C.c.id.in_(named)))}
    person = officer(act.tx, act.actor)
    return {
        row.id: machine.possible(
            tasks_.TASK,
            row.state,
            as_seen_by_task(act.actor, person, city, found[row.case_id], row),
        )
        for row in work
    }


def cases_with_photo(conn: Connection, digest: str) -> list[str]:
    """Ids of the cases that name a photo, in the report or in what was done since.

    The evidence of a task comes from the history, so it need not be looked at by itself.
    """

    def named(content: Mapping[str, Any]) -> bool:
        photos = content.get("photos")
        if isinstance(photos, list) and digest in photos:
            return True
        return digest in filling.listed(content.get("form") or {})

    # the text narrows the rows down, the list decides
    of_cases = conn.execute(
        select(C.c.id, C.c.data).where(cast(C.c.data, String).contains(digest, autoescape=True))
    )
    of_history = conn.execute(
        select(H.c.case_id, H.c.payload).where(
            cast(H.c.payload, String).contains(digest, autoescape=True)
        )
    )
    found = {row.id for row in of_cases if named(row.data)}
    found |= {row.case_id for row in of_history if named(row.payload)}
    return sorted(found)


def counts(conn: Connection) -> dict[str, dict[str, int]]:
    """``cases`` {opened, closed, escalated} and ``tasks`` {opened, done, late, escalated}."""
    rows = conn.execute(select(C.c.id, C.c.state, C.c.data)).all()
    work = conn.execute(select(T.c.case_id, T.c.state, T.c.late, T.c.escalation)).all()
    climbed = {row.id for row in rows if row.data.get("escalation", 0) > 0}
    climbed |= {row.case_id for row in work if row.escalation > 0}
    return {
        "cases": {
            "opened": len(rows),
            "closed": sum(row.state == "closed" for row in rows),
            "escalated": len(climbed),
        },
        "tasks": {
            "opened": len(work),
            "done": sum(row.state == "done" for row in work),
            "late": sum(row.late for row in work),
            "escalated": sum(row.escalation > 0 for row in work),
        },
    }

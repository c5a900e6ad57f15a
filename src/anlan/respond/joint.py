"""Joint team of neighbouring cities 两地联合工作组: two territory roots, one case.

The case stays one: one history, one deadline, one owner. What is added is which cities take
part. Partners of a neighbouring city see that case and no other, may be given its tasks, and
sign for their city; the case is closed only when every city that takes part has signed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select, update

from anlan.city import City, Unit
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond.payload import LONGEST_TEXT
from anlan.respond.records import CITY_SUPERVISORS, H, append, get_case, officer, tasks_of
from anlan.store import insert, schema

J = schema.joint_root
KIND = "joint_team"
PARTNER = "partner"


def roots(conn: Connection, case_id: str) -> list[Any]:
    """The cities that take part in a case, in the order of joining; empty for any other case."""
    return list(
        conn.execute(select(J).where(J.c.case_id == case_id).order_by(J.c.joined_at, J.c.root))
    )


def unsigned(conn: Connection, case_id: str) -> list[str]:
    """The cities that have not signed since the work was last verified."""
    verified = conn.execute(
        select(func.max(H.c.at)).where(H.c.case_id == case_id, H.c.type == "case.verified")
    ).scalar_one()
    return [
        row.root
        for row in roots(conn, case_id)
        if row.signed_at is None or verified is None or row.signed_at < verified
    ]


def takes_part(conn: Connection, case_id: str, root: str) -> bool:
    """Whether the city with this code takes part in the case."""
    return any(row.root == root for row in roots(conn, case_id))


def cases_of(conn: Connection, root: str) -> list[str]:
    """Ids of the cases in which a city takes part, newest first."""
    rows = conn.execute(select(J.c.case_id).where(J.c.root == root).order_by(J.c.joined_at.desc()))
    return list(rows.scalars())


def _neighbour(city: City, code: str) -> Unit:
    found = next((unit for unit in city.territory.neighbours() if unit.code == code), None)
    if found is None:
        known = ", ".join(f"{unit.code} {unit.name}" for unit in city.territory.neighbours())
        raise Refusal(
            f"{code[:20]} is not a neighbouring city of {city.name}; known: {known or 'none'}",
            field="root",
            value=code[:20],
            remedy=known or "add the city to neighbours.csv",
        )
    return found


def join(act: Act, city: City, case_id: str, code: str) -> None:
    """Ask a neighbouring city into a case of kind ``joint_team``; this city takes part by that.

    Raises `Refusal` for another kind, an ended case, an unknown neighbour, or a person who is
    not at the city's desk.
    """
    neighbour = _neighbour(city, code)
    case = get_case(act.tx, case_id)
    person = officer(act.tx, act.actor)
    if person is None or person.role not in CITY_SUPERVISORS:
        raise Refusal(
            f"{act.actor} may not ask another city in; the city's desk does",
            field="actor",
            value=act.actor,
            remedy=f"ask one of: {', '.join(sorted(CITY_SUPERVISORS))}",
            kind="forbidden",
        )
    if case.kind != KIND or case.state in cases.ENDED:
        raise Refusal(
            f"case {case_id} is a '{case.kind}' in state '{case.state}'; cities join open cases "
            f"of kind '{KIND}'",
            field="case",
            value=case_id,
            remedy=f"open a case of kind {KIND}",
            kind="conflict",
        )
    if takes_part(act.tx, case_id, code):
        return
    for root in (city.territory.root.code, neighbour.code):
        row = {"case_id": case_id, "root": root, "joined_at": act.now, "joined_by": act.actor}
        act.tx.execute(insert(act.tx, J).values(row).on_conflict_do_nothing())
    append(act, case_id, "case.joined", {"root": code})


def may_sign_for(conn: Connection, city: City, account: str, case_id: str) -> str | None:
    """The city that an account may sign for in a case now: its own, if not signed yet.

    A partner signs for theirs, the city's desk for this one. Nobody signs before the work is
    verified.
    """
    person = officer(conn, account)
    if person is None or get_case(conn, case_id).state != "verified":
        return None
    own = city.territory.root.code
    root = (
        person.territory
        if person.role == PARTNER
        else own
        if person.role in CITY_SUPERVISORS
        else None
    )
    return root if root in unsigned(conn, case_id) else None


def sign(act: Act, city: City, case_id: str, text: str) -> str:
    """Sign for one's city that the matter is settled; returns the city's code."""
    root = may_sign_for(act.tx, city, act.actor, case_id)
    if root is None:
        raise Refusal(
            f"{act.actor} has nothing to sign in case {case_id}: each city signs once, after "
            "the work was verified",
            field="case",
            value=case_id,
            remedy="wait until the case is 'verified', or leave it to your city's partner",
            kind="conflict",
        )
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Refusal(
            f"say what was settled, in 1 to {LONGEST_TEXT} characters",
            field="text",
            value=text[:40],
            remedy="what your city agrees to",
        )
    note = keep_note(act, "case.signed", text.strip())
    act.tx.execute(
        update(J)
        .where(J.c.case_id == case_id, J.c.root == root)
        .values(signed_at=act.now, signed_by=act.actor, signed_note=note)
    )
    append(act, case_id, "case.signed", {"root": root, "text_note": note})
    return root


def require_signed(conn: Connection, city: City, case_id: str) -> None:
    """Raise `Refusal` (conflict) while a city that takes part in the case has not signed."""
    missing = unsigned(conn, case_id)
    if missing:
        names = "、".join(city.territory.named(code).name for code in missing)
        raise Refusal(
            f"joint case {case_id} is closed when every city has signed; {names} has not",
            field="case",
            value=case_id,
            remedy=f"have {names} sign",
            kind="conflict",
        )


def require_part(conn: Connection, case_id: str, account: str) -> None:
    """Raise `Refusal` (conflict) for a partner whose city takes no part in the case."""
    A = schema.account
    row = conn.execute(select(A.c.role, A.c.territory).where(A.c.id == account)).first()
    if row is None or row.role != PARTNER or takes_part(conn, case_id, row.territory):
        return
    raise Refusal(
        f"{account}'s city takes no part in case {case_id}; ask it into a joint case first",
        field="assignee",
        value=account,
        remedy="ask the city in, or name somebody of a city that takes part",
        kind="conflict",
    )


def view(conn: Connection, city: City, case_id: str) -> list[dict[str, Any]]:
    """The cities of a joint case as JSON, this one first, with the partners who can be given
    tasks and how many each has."""
    A = schema.account
    people = conn.execute(
        select(A.c.id, A.c.name, A.c.territory).where(A.c.role == PARTNER, A.c.disabled.is_(False))
    ).all()
    work = tasks_of(conn, case_id)
    own = city.territory.root.code
    missing = unsigned(conn, case_id)
    return [
        {
            "root": row.root,
            "name": city.territory.named(row.root).name,
            "name_en": city.territory.named(row.root).name_en,
            "joined_at": row.joined_at.isoformat(),
            "signed_at": None if row.root in missing else row.signed_at.isoformat(),
            "signed_by": row.signed_by,
            "partners": [
                {
                    "id": one.id,
                    "name": one.name,
                    "tasks": sum(task.assignee == one.id for task in work),
                }
                for one in people
                if one.territory == row.root
            ],
        }
        for row in sorted(roots(conn, case_id), key=lambda row: row.root != own)
    ]

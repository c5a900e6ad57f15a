"""Who may ask, who may hand out, and refusals in one form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, select

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.records import (
    CITY_SUPERVISORS,
    LOCAL_SUPERVISORS,
    get_case,
    officer,
    tasks_of,
    who_for_case,
)

AnyRow = Row[Any]
MOST = 1e6


def one(conn: Connection, table: Any, name: str, what: str) -> AnyRow:
    """The row with this id; raises `Refusal` (not_found)."""
    row = conn.execute(select(table).where(table.c.id == name)).first()
    if row is None:
        raise Refusal(
            f"there is no {what} {name[:40]}; see /api/v1/resources",
            field=what,
            value=name[:40],
            remedy=f"the id of a {what} of /api/v1/resources",
            kind="not_found",
        )
    return row


def amount(value: float, most: float = MOST) -> float:
    """``value`` if it is a quantity; raises `Refusal`."""
    # NaN fails the comparison
    if not 0 < value <= most:
        raise Refusal(
            f"quantity {value:g} is not over 0 and at most {most:g}",
            field="quantity",
            value=value,
            remedy=f"a number over 0, at most {most:g}",
        )
    return float(value)


def require_holder(act: Act, city: City, territory: str, department: str, keeper: str) -> None:
    """Raise `Refusal` (forbidden) unless the actor has a say over what lies or stands there.

    The city's commanders and duty officers have it over everything, a liaison over what is the
    department's, a town or village over what is its own, a keeper over what is kept.
    """
    if act.actor == "system" or act.actor == keeper:
        return
    person = officer(act.tx, act.actor)
    if person is not None:
        if person.role in CITY_SUPERVISORS:
            return
        if person.role == "liaison" and department and person.department == department:
            return
        if person.role in LOCAL_SUPERVISORS and city.territory.is_within(
            territory, person.territory
        ):
            return
    raise Refusal(
        f"{act.actor} has no say over this; its keeper, its department or the city's desk has",
        field="custody",
        value=act.actor,
        remedy="ask who keeps it, or the duty officer",
        kind="forbidden",
    )


def require_keeper(act: Act, city: City, depot: str) -> None:
    """`require_holder` for what lies in a depot."""
    known = city.stores.depots.get(depot)
    if known is None:
        require_holder(act, city, city.territory.root.code, "", "")
    else:
        require_holder(act, city, known.territory, known.department, known.account)


def has_part(act: Act, city: City, case_id: str) -> bool:
    """Whether the actor supervises or owns the case, or works in it."""
    if act.actor == "system":
        return True
    who = who_for_case(act, city, get_case(act.tx, case_id))
    return bool(who.relations & {"supervisor", "owner"}) or any(
        task.assignee == act.actor for task in tasks_of(act.tx, case_id)
    )


def require_part(act: Act, city: City, case_id: str) -> None:
    """Raise `Refusal` (not_found) for a case that the actor has no part in."""
    try:
        mine = has_part(act, city, case_id)
    except Refusal:
        mine = False
    if not mine:
        raise Refusal(
            f"there is no case {case_id[:40]} that you may ask for; give one of yours",
            field="case",
            value=case_id[:40],
            remedy="a case that you own, supervise or work in",
            kind="not_found",
        )


def changed(result: Any, refusal: Callable[[], Refusal]) -> None:
    """Raise ``refusal`` unless a conditional UPDATE found its row as it wanted it."""
    if result.rowcount != 1:
        raise refusal()

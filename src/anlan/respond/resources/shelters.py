"""Shelters 避灾安置点: open or closed, and how many places are taken."""

from __future__ import annotations

from sqlalchemy import update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import giving_way
from anlan.respond.resources import custody
from anlan.respond.resources.custody import changed, one
from anlan.store import schema

S = schema.shelter_use
MOST_AT_ONCE = 5000


def set_open(act: Act, city: City, shelter: str, is_open: bool) -> list[str]:
    """Open or close a shelter; bookings of it give way, the cases cancelled are returned.

    Raises `Refusal` (conflict) when it is to be closed with people still in it.
    """
    row = _held(act, city, shelter)
    query = update(S).where(S.c.id == shelter)
    if not is_open:
        query = query.where(S.c.taken == 0)
    changed(
        act.tx.execute(query.values(open=is_open, since=act.now)),
        lambda: Refusal(
            f"{row.taken} people are in shelter {shelter}; it closes when all have left",
            field="shelter",
            value=shelter,
            remedy="first put down who left",
            kind="conflict",
            zh=f"还有 {row.taken} 人在内，登记离开后才能关闭。",
        ),
    )
    act.record("shelter.opened" if is_open else "shelter.closed", shelter)
    return giving_way.opened(act, city, shelter) if is_open else []


def move(act: Act, city: City, shelter: str, persons: int) -> int:
    """People who came (positive) or left (negative); returns the places taken now.

    Never more than the shelter holds, never fewer than none; only an open one takes people in.
    """
    if not 0 < abs(persons) <= MOST_AT_ONCE:
        raise Refusal(
            f"persons {persons} is not 1 to {MOST_AT_ONCE}",
            field="persons",
            value=persons,
            remedy=f"1 to {MOST_AT_ONCE}",
        )
    row = _held(act, city, shelter)
    query = update(S).where(
        S.c.id == shelter, S.c.taken + persons >= 0, S.c.taken + persons <= S.c.capacity
    )
    if persons > 0:
        query = query.where(S.c.open.is_(True))
    changed(
        act.tx.execute(query.values(taken=S.c.taken + persons)),
        lambda: _full(row, shelter, persons),
    )
    taken = int(one(act.tx, S, shelter, "shelter").taken)
    act.record("shelter.moved", shelter, content={"persons": persons, "taken": taken})
    return taken


def _full(row: custody.AnyRow, shelter: str, persons: int) -> Refusal:
    taken, capacity = row.taken, row.capacity
    if persons > 0 and not row.open:
        words, remedy = f"shelter {shelter} is not open", "open it first"
        zh = "这个避灾场所还没有开放，请先开放。"
    elif persons > 0:
        words = f"shelter {shelter} has {capacity - taken} free places of {capacity}"
        remedy = f"at most {capacity - taken}, the others elsewhere"
        zh = f"只剩 {capacity - taken} 个位置（共 {capacity}），其余请安排到别处。"
    else:
        words, remedy = f"shelter {shelter} holds {taken} people", f"at most {taken}"
        zh = f"里面只有 {taken} 人。"
    return Refusal(words, field="persons", value=persons, remedy=remedy, kind="conflict", zh=zh)


def _held(act: Act, city: City, shelter: str) -> custody.AnyRow:
    row = one(act.tx, S, shelter, "shelter")
    known = city.shelters.get(shelter)
    custody.require_holder(
        act, city, known.territory if known else city.territory.root.code, "", ""
    )
    return row

"""HTTP for learning items: pushed to a group, counted as read and understood."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import select

from anlan.access import Caller
from anlan.access.desk import DeskHere, needs
from anlan.access.repeats import Key, once
from anlan.refusal import Refusal
from anlan.respond.routes.seeing import no_such
from anlan.respond.volunteers import learning
from anlan.warn.drafting import status_of

router = APIRouter(tags=["volunteers"])
Organiser = Annotated[Caller, Depends(needs("command"))]


class Item(BaseModel):
    """A learning item and the group it is for."""

    title: str
    body: str
    territory: str
    role: str = ""
    skill: str = ""
    tell: bool = False


@router.get("/learning")
def learning_items(desk: DeskHere, caller: Organiser) -> list[dict[str, Any]]:
    """Learning items of the caller's part of the city: how many they are for, read, understood."""
    L, R = learning.L, learning.R
    with desk.store.read() as conn:
        newest = select(L).order_by(L.c.at.desc()).limit(learning.MOST_LOOKED_AT)
        rows = [
            row for row in conn.execute(newest) if caller.sees(desk.city, row.group["territory"])
        ][: learning.MOST_SHOWN]
        groups = learning.audiences(conn, desk.city, [row.group for row in rows])
        found = []
        for row, group in zip(rows, groups, strict=True):
            marks = conn.execute(select(R).where(R.c.item == row.id)).all()
            mine = [one for one in marks if one.account in group]
            found.append(
                {
                    "id": row.id, "title": row.title, "body": row.body, "group": row.group,
                    "territory_name": desk.city.territory.unit(row.group["territory"]).name,
                    "at": row.at, "withdrawn_at": row.withdrawn_at, "people": len(group),
                    "read": len(mine),
                    "understood": sum(one.understood_at is not None for one in mine),
                }
            )  # fmt: skip
    return found


@router.post("/learning")
def push_item(given: Item, desk: DeskHere, caller: Organiser, key: Key = None) -> dict[str, Any]:
    """Put an item before a group of the caller's part of the city; ``tell``: by message too."""
    if not caller.sees(desk.city, given.territory):
        raise no_such("territory", given.territory)
    status = status_of(desk.city, desk.clock.real) if given.tell else None
    return once(
        desk,
        caller,
        key,
        lambda act: {"id": learning.push(act, desk.city, given.model_dump(), status)},
    )


@router.post("/learning/{item}/withdraw")
def withdraw_item(item: str, desk: DeskHere, caller: Organiser) -> dict[str, Any]:
    """Show an item to nobody any more."""
    with desk.act(caller) as act:
        try:
            row = learning.item_of(act.tx, item)
        except Refusal as refusal:
            raise no_such("item", item) from refusal
        if not caller.sees(desk.city, row.group["territory"]):
            raise no_such("item", item)
        learning.withdraw(act, item)
    return {"result": None}

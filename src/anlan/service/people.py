"""People: masked in lists, opened one by one for a purpose; who looked at whom."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select

from anlan.access import CITY_WIDE, privacy
from anlan.access.desk import Account, Desk, DeskHere, JournalReader, PersonalReader
from anlan.access.rights import Caller
from anlan.access.vault import Vault, masked_name
from anlan.store import schema

router = APIRouter(tags=["people"])
P = schema.person
MOST = 500


class Purpose(BaseModel):
    """Why somebody's name and number are wanted; ``subject``: for which case, task or alert."""

    purpose: str = Field(max_length=1000)
    subject: str | None = Field(None, max_length=80)


def _within(desk: Desk, caller: Caller) -> list[str] | None:
    if caller.role in CITY_WIDE:
        return None
    known = desk.city.territory
    return [u.code for u in known.units() if known.is_within(u.code, caller.territory)]


@router.get("/people")
def people(
    desk: DeskHere,
    caller: PersonalReader,
    territory: str = "",
    role: str = "",
    account: str = "",
    find: str = "",
) -> list[dict[str, Any]]:
    """People of the caller's part of the city, names masked, without numbers; 500 at most."""
    query = select(P).where(P.c.erased_at.is_(None)).order_by(P.c.territory, P.c.id)
    mine = _within(desk, caller)
    if mine is not None:
        query = query.where(P.c.territory.in_(mine))
    if role:
        query = query.where(P.c.role == role)
    if account:
        query = query.where(P.c.account == account)
    if territory:
        known = desk.city.territory
        codes = [u.code for u in known.units() if known.is_within(u.code, territory)]
        query = query.where(P.c.territory.in_(codes))
    if find:
        # ids, roles and places; a name is not searched for: that would open it letter by letter
        places = [u.code for u in desk.city.territory.units() if find in u.name]
        query = query.where(
            P.c.id.contains(find, autoescape=True)
            | P.c.account.contains(find, autoescape=True)
            | P.c.territory.in_(places)
        )
    vault = Vault.of(desk.store)
    with desk.store.read() as conn:
        rows = conn.execute(query.limit(MOST)).all()
    return [
        {
            "person": row.id,
            "person_masked": masked_name(vault.open(row.name_enc)),
            "account": row.account,
            "role": row.role,
            "territory": row.territory,
            "territory_name": desk.city.territory.unit(row.territory).name,
            "synthetic": row.synthetic,
        }
        for row in rows
    ]


@router.post("/people/{person}/open")
def open_person(
    person: str, given: Purpose, desk: DeskHere, caller: PersonalReader
) -> dict[str, Any]:
    """Name and number of one person, for a purpose; to be hidden again after ``seconds``."""
    vault, wall = Vault.of(desk.store), desk.wall.now()
    with desk.act(caller) as act:
        home = act.tx.execute(select(P.c.territory).where(P.c.id == person)).scalar_one_or_none()
        if home is None or not caller.sees(desk.city, home):
            raise privacy.no_such(person)
        found = privacy.open_person(act, vault, person, given.purpose, wall, subject=given.subject)
    return {
        "id": found.id,
        "name": found.name,
        "phone": found.phone,
        "until": found.until,
        "seconds": int((found.until - wall).total_seconds()),
    }


def _named(desk: Desk, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for one in found:
        by = desk.city.accounts.get(one["by"])
        one["by_name"] = by.name if by else one["by"]
    return found


@router.get("/openings")
def openings(desk: DeskHere, caller: JournalReader) -> list[dict[str, Any]]:
    """Who looked at whose name and number, when and why, newest first."""
    with desk.store.read() as conn:
        return _named(desk, privacy.openings(conn))


@router.get("/me/openings")
def my_openings(desk: DeskHere, caller: Account) -> list[dict[str, Any]]:
    """Who looked at the caller's own name and number, when and why."""
    with desk.store.read() as conn:
        return _named(desk, privacy.openings(conn, account=caller.id))

"""HTTP for the kinds of case: their forms, the points they earn, the rooms they book."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from anlan.access import CITY_WIDE
from anlan.access.desk import Commander, Desk, DeskHere, PhoneUser
from anlan.refusal import Refusal
from anlan.respond import booking, pack_view, points
from anlan.respond.routes.seeing import names_of

router = APIRouter(tags=["respond"])
MOST_DAYS = 31


@router.get("/packs")
def packs(desk: DeskHere, caller: PhoneUser) -> list[dict[str, Any]]:
    """Every kind of case with its form (open, done, check) and the answers to choose from."""
    root = desk.city.territory.root.code
    territory = root if caller.role in CITY_WIDE else caller.territory
    with desk.store.read() as conn:
        return pack_view.packs_for(conn, desk.city, caller.role, territory)


@router.get("/points")
def own_points(desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """The caller's points: their sum, and the entries of the journal that give it."""
    with desk.store.read() as conn:
        balance, lines = points.ledger(conn, caller.id)
    return {
        "account": caller.id,
        "balance": balance,
        "lines": [
            {
                "seq": line.seq,
                "at": line.at.isoformat(),
                "case": line.case,
                "kind": line.kind,
                "points": line.points,
                **points.words(desk.city, line),
            }
            for line in lines
        ],
    }


@router.get("/points/board")
def board(desk: DeskHere, caller: Commander) -> list[dict[str, Any]]:
    """Sums of the people in the caller's part of the city, the highest first."""
    # accounts of a neighbouring city answer for no unit of this one
    own = {unit.code for unit in desk.city.territory.units()}
    accounts = [
        account
        for account in desk.city.accounts.values()
        if account.territory in own and caller.sees(desk.city, account.territory)
    ]
    with desk.store.read() as conn:
        sums = points.balances(conn, [account.id for account in accounts])
    names = names_of(desk)
    units = desk.city.territory
    listed = [
        {
            "account": account.id,
            "name": names[account.id],
            "role": account.role,
            "territory_name": units.unit(account.territory).name,
            "points": sums[account.id],
        }
        for account in accounts
        if account.id in sums
    ]
    return sorted(listed, key=lambda row: (-int(str(row["points"])), str(row["account"])))


def _span(desk: Desk, begin: date, days: int) -> tuple[datetime, datetime]:
    start = datetime.combine(begin, time(), desk.city.zone)
    return start, start + timedelta(days=days)


@router.get("/bookings")
def bookings(
    desk: DeskHere,
    caller: PhoneUser,
    day: date | None = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 1,
    venue: str | None = None,
) -> dict[str, Any]:
    """Rooms, and when they are taken, from ``day`` of the city (today) on; ``venue``: one room."""
    known = {
        room.id: room
        for _, rule in booking.bookable(desk.city)
        for room in booking.rooms(desk.city, rule)
    }
    if venue is not None and venue not in known:
        raise Refusal(
            f"there is no room {venue[:40]} to book",
            field="venue",
            value=venue[:40],
            remedy=", ".join(known) or "no pack books rooms",
            kind="not_found",
        )
    asked = [venue] if venue is not None else list(known)
    today = desk.clock.now().astimezone(desk.city.zone).date()
    begin, end = _span(desk, day or today, days)
    length = {
        room.id: timedelta(minutes=rule.slot_min)
        for _, rule in booking.bookable(desk.city)
        for room in booking.rooms(desk.city, rule)
    }
    with desk.store.read() as conn:
        held = booking.taken_between(conn, asked, begin, end)
    spans: list[dict[str, Any]] = []
    for name, at, case in held:
        last = spans[-1] if spans else None
        if last and (last["venue"], last["case"], last["ends"]) == (name, case, at):
            last["ends"] = at + length[name]
        else:
            spans.append({"venue": name, "case": case, "starts": at, "ends": at + length[name]})
    desk_user = "view" in caller.rights
    return {
        "rooms": [
            {
                "id": room.id,
                "name": room.name,
                "name_en": room.name_en,
                "territory_name": desk.city.territory.unit(room.territory).name,
                "seats": room.seats,
                "shelter": room.shelter,
                "synthetic": room.synthetic,
            }
            for room in (known[name] for name in asked)
        ],
        # whose booking it is stays with the desk
        "taken": [
            {
                "venue": span["venue"],
                "starts": span["starts"].isoformat(),
                "ends": span["ends"].isoformat(),
                "case": span["case"] if desk_user else None,
            }
            for span in spans
        ],
    }

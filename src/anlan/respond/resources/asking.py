"""Asking for items and things for a case, and new lots put into a depot."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond.records import get_case
from anlan.respond.resources import custody
from anlan.respond.resources.custody import amount, changed, one
from anlan.store import ids, schema

L, A, R = schema.stock_lot, schema.asset, schema.resource_request
LONGEST_ITEM = 40


def request(act: Act, city: City, case_id: str, item: str, quantity: float, note: str = "") -> str:
    """Ask for an item of the depots or a kind of thing for a case; returns the request's id.

    Raises `Refusal`: a case that is not the actor's or has ended, an item nobody keeps, a
    quantity that is none.
    """
    custody.require_part(act, city, case_id)
    case = get_case(act.tx, case_id)
    if case.state in cases.ENDED:
        raise Refusal(
            f"case {case_id} is '{case.state}'; resources go to cases that are open",
            field="case",
            value=case_id,
            remedy="a case that has not ended",
            kind="conflict",
        )
    unit = unit_of(act, item)
    name = ids.next_id(act.tx, "RQ")
    act.tx.execute(
        R.insert().values(
            id=name,
            case_id=case_id,
            item=item,
            unit=unit,
            quantity=amount(quantity),
            filled=0.0,
            state="open",
            territory=case.territory,
            department=case.department,
            requested_by=act.actor,
            requested_at=act.now,
            note=keep_note(act, "resource.request", note) if note.strip() else None,
        )
    )
    act.record(
        "resource.requested", name, grounds=[f"case:{case_id}"], content=[item, quantity, unit]
    )
    return name


def unit_of(act: Act, item: str) -> str:
    """The unit that an item is counted in; pieces for kinds of things."""
    known = act.tx.execute(select(L.c.unit).where(L.c.item == item).limit(1)).scalar()
    if known is not None:
        return str(known)
    if act.tx.execute(select(A.c.id).where(A.c.kind == item).limit(1)).first() is not None:
        return "pieces"
    raise Refusal(
        f"item '{item[:LONGEST_ITEM]}' is neither kept in a depot nor a kind of equipment or "
        "team; see /api/v1/resources",
        field="item",
        value=item[:LONGEST_ITEM],
        remedy="an item of /api/v1/resources",
    )


def cancel(act: Act, city: City, request_id: str, reason: str) -> None:
    """Nothing more is wanted; what was sent already comes back by the usual way."""
    wanted = one(act.tx, R, request_id, "request")
    custody.require_part(act, city, wanted.case_id)
    if not reason.strip():
        raise Refusal(
            "say why nothing more is wanted", field="reason", value="", remedy="a few words"
        )
    changed(
        act.tx.execute(
            update(R)
            .where(R.c.id == request_id, R.c.state.in_(("open", "partly")))
            .values(state="cancelled")
        ),
        lambda: Refusal(
            f"request {request_id} is '{wanted.state}'; only open ones can be cancelled",
            field="request",
            value=request_id,
            remedy="a request that is open or partly filled",
            kind="conflict",
        ),
    )
    note = keep_note(act, "resource.cancel", reason)
    act.record("resource.cancelled", request_id, content=note)


def stock(
    act: Act,
    city: City,
    depot: str,
    item: str,
    unit: str,
    quantity: float,
    expires: datetime | None = None,
) -> str:
    """Put a new lot into a depot; returns its id. Raises `Refusal`."""
    if depot not in city.stores.depots:
        raise Refusal(
            f"depot {depot[:40]} is not in depots.csv",
            field="depot",
            value=depot[:40],
            remedy=", ".join(city.stores.depots) or "a city with depots.csv",
            kind="not_found",
        )
    custody.require_keeper(act, city, depot)
    for field, word in (("item", item), ("unit", unit)):
        if not 0 < len(word.strip()) <= LONGEST_ITEM or not word.isprintable():
            raise Refusal(
                f"{field} '{word[:LONGEST_ITEM]}' is no name; give 1 to {LONGEST_ITEM} characters",
                field=field,
                value=word[:LONGEST_ITEM],
                remedy="a short name",
            )
    held = act.tx.execute(select(L.c.unit).where(L.c.item == item.strip()).limit(1)).scalar()
    if held is not None and held != unit.strip():
        raise Refusal(
            f"{item} is counted in {held} here, not in {unit}",
            field="unit",
            value=unit,
            remedy=str(held),
        )
    if expires is not None and expires.tzinfo is None:
        raise Refusal(
            f"expires {expires} has no offset from UTC; write it as 2022-07-26T00:00:00+08:00",
            field="expires",
            value=expires,
            remedy="a time with its offset",
        )
    name = ids.next_id(act.tx, "LT")
    act.tx.execute(
        L.insert().values(
            id=name,
            depot=depot,
            item=item.strip(),
            unit=unit.strip(),
            quantity=amount(quantity),
            expires_at=expires,
            stocked_at=act.now,
            synthetic=False,
        )
    )
    act.record("resource.stocked", name, content=[depot, item, quantity, unit])
    return name

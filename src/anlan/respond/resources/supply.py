"""Requests for items and things, what fills them, and how it comes back.

A request stands open until it is filled, in parts and from several depots and departments if
need be. What was sent is received, and in the end each piece is returned or used up.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond.records import get_case
from anlan.respond.resources import assets, custody
from anlan.respond.resources.custody import amount, changed, one
from anlan.store import ids, schema

L, A = schema.stock_lot, schema.asset
R, F = schema.resource_request, schema.resource_fill
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


def fill(act: Act, city: City, request_id: str, source: str, quantity: float | None = None) -> str:
    """Send so much of a lot, or one thing, for a request; returns the id of what was sent.

    Nothing more is sent than is still wanted and there. Raises `Refusal` (conflict) when
    somebody else was faster.
    """
    wanted = one(act.tx, R, request_id, "request")
    left = wanted.quantity - wanted.filled
    lot = act.tx.execute(select(L).where(L.c.id == source)).first()
    if lot is None:
        thing = one(act.tx, A, source, "source")
        _fits(wanted, thing.kind, source)
        custody.require_holder(act, city, thing.territory, thing.department, thing.account or "")
        sent = 1.0
        depot = ""
    else:
        _fits(wanted, lot.item, source)
        _require_keeper(act, city, lot.depot)
        if lot.expires_at is not None and lot.expires_at <= act.now:
            raise Refusal(
                f"lot {lot.id} expired on {lot.expires_at.astimezone(city.zone):%Y-%m-%d}; "
                "send another lot and have this one replaced",
                field="source",
                value=lot.id,
                remedy="a lot that has not expired",
                kind="conflict",
            )
        sent = amount(min(left, lot.quantity) if quantity is None else quantity)
        depot = lot.depot
    name = ids.next_id(act.tx, "FL")
    changed(
        act.tx.execute(
            update(R)
            .where(
                R.c.id == request_id,
                R.c.state.in_(("open", "partly")),
                R.c.quantity - R.c.filled >= sent,
            )
            .values(filled=R.c.filled + sent)
        ),
        lambda: Refusal(
            f"request {request_id} is '{wanted.state}' and wants {left:g} {wanted.unit} more; "
            f"{sent:g} cannot be sent for it",
            field="quantity",
            value=sent,
            remedy=f"at most {left:g}, for a request that is open",
            kind="conflict",
        ),
    )
    if lot is None:
        assets.take(act, source, case_id=wanted.case_id, fill=name)
    else:
        changed(
            act.tx.execute(
                update(L)
                .where(L.c.id == source, L.c.quantity >= sent)
                .values(quantity=L.c.quantity - sent)
            ),
            lambda: Refusal(
                f"lot {source} has only {lot.quantity:g} {lot.unit}; {sent:g} cannot be taken",
                field="quantity",
                value=sent,
                remedy=f"at most {lot.quantity:g}, or another lot as well",
                kind="conflict",
            ),
        )
    act.tx.execute(
        F.insert().values(
            id=name,
            request=request_id,
            source_kind="asset" if lot is None else "lot",
            source=source,
            depot=depot,
            quantity=sent,
            returned=0.0,
            consumed=0.0,
            state="sent",
            sent_by=act.actor,
            sent_at=act.now,
        )
    )
    _restate(act, request_id)
    act.record(
        "resource.sent",
        name,
        grounds=[f"request:{request_id}", f"case:{wanted.case_id}"],
        content=[source, sent],
    )
    return name


def _fits(wanted: Any, item: str, source: str) -> None:
    if item != wanted.item:
        raise Refusal(
            f"{source} is {item}, and request {wanted.id} asks for {wanted.item}",
            field="source",
            value=source,
            remedy=f"a lot or thing of {wanted.item}",
        )


def _require_keeper(act: Act, city: City, depot: str) -> None:
    known = city.stores.depots.get(depot)
    if known is None:
        custody.require_holder(act, city, city.territory.root.code, "", "")
    else:
        custody.require_holder(act, city, known.territory, known.department, known.account)


def _restate(act: Act, request_id: str) -> None:
    """Open, partly or filled, by what was sent and did not come back unused."""
    row = one(act.tx, R, request_id, "request")
    if row.state != "cancelled":
        state = "filled" if row.filled >= row.quantity else "partly" if row.filled else "open"
        act.tx.execute(update(R).where(R.c.id == request_id).values(state=state))


def receive(act: Act, city: City, fill_id: str) -> None:
    """What was sent has arrived. Raises `Refusal` (conflict) when it had before."""
    row, wanted = _fill_for(act, city, fill_id)
    changed(
        act.tx.execute(
            update(F)
            .where(F.c.id == fill_id, F.c.state == "sent")
            .values(state="received", received_at=act.now)
        ),
        lambda: Refusal(
            f"{fill_id} is '{row.state}' already; only what is under way can arrive",
            field="fill",
            value=fill_id,
            remedy="what is 'sent'",
            kind="conflict",
        ),
    )
    act.record("resource.received", fill_id, grounds=[f"case:{wanted.case_id}"])


def give_back(act: Act, city: City, fill_id: str, quantity: float | None = None) -> None:
    """So much comes back (all that is left, if not said); a thing comes back as a whole."""
    row, wanted = _fill_for(act, city, fill_id)
    back = _settle(act, row, "returned", quantity)
    if row.source_kind == "asset":
        assets.release(act, row.source, fill_id)
    else:
        act.tx.execute(update(L).where(L.c.id == row.source).values(quantity=L.c.quantity + back))
    if row.state == "sent":  # it never arrived: the request wants it still
        act.tx.execute(update(R).where(R.c.id == row.request).values(filled=R.c.filled - back))
        _restate(act, row.request)
    act.record("resource.returned", fill_id, grounds=[f"case:{wanted.case_id}"], content=back)


def consume(act: Act, city: City, fill_id: str, quantity: float | None = None) -> None:
    """So much was used up (all that is left, if not said). A thing is not used up."""
    row, wanted = _fill_for(act, city, fill_id)
    if row.source_kind == "asset":
        raise Refusal(
            f"{row.source} is a thing and not used up; return it, or set it out of service",
            field="fill",
            value=fill_id,
            remedy="return it",
        )
    used = _settle(act, row, "consumed", quantity)
    act.record("resource.consumed", fill_id, grounds=[f"case:{wanted.case_id}"], content=used)


def _settle(act: Act, row: Any, column: str, quantity: float | None) -> float:
    """Put so much of what was sent down as returned or consumed; closed once nothing is left."""
    left = row.quantity - row.returned - row.consumed
    part = amount(left if quantity is None and left > 0 else quantity or 0.0)
    changed(
        act.tx.execute(
            update(F)
            .where(
                F.c.id == row.id,
                F.c.state != "closed",
                F.c.quantity - F.c.returned - F.c.consumed >= part,
            )
            .values(**{column: F.c[column] + part})
        ),
        lambda: Refusal(
            f"of {row.id} only {left:g} are still out; {part:g} cannot be {column}",
            field="quantity",
            value=part,
            remedy=f"at most {left:g}",
            kind="conflict",
        ),
    )
    act.tx.execute(
        update(F)
        .where(F.c.id == row.id, F.c.returned + F.c.consumed >= F.c.quantity)
        .values(state="closed", closed_at=act.now)
    )
    return part


def _fill_for(act: Act, city: City, fill_id: str) -> tuple[Any, Any]:
    """What was sent and its request; who has a part in the case or keeps the source may act."""
    row = one(act.tx, F, fill_id, "fill")
    wanted = one(act.tx, R, row.request, "request")
    if not custody.has_part(act, city, wanted.case_id):
        if row.source_kind == "asset":
            thing = one(act.tx, A, row.source, "source")
            custody.require_holder(
                act, city, thing.territory, thing.department, thing.account or ""
            )
        else:
            _require_keeper(act, city, row.depot)
    return row, wanted


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
    act: Act, city: City, depot: str, item: str, unit: str, quantity: float, expires: Any = None
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
    _require_keeper(act, city, depot)
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

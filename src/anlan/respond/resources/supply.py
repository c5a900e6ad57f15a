"""What fills a request, and how it comes back.

A request stands open until it is filled, in parts and from several depots and departments if
need be. What was sent is received, and in the end each piece is returned or used up.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.resources import assets, custody
from anlan.respond.resources.custody import amount, changed, one
from anlan.store import ids, schema

L, A = schema.stock_lot, schema.asset
R, F = schema.resource_request, schema.resource_fill


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
        custody.require_keeper(act, city, lot.depot)
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
            custody.require_keeper(act, city, row.depot)
    return row, wanted

"""Who has to be moved from a village: masked, and in clear only for a purpose that is logged."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from anlan.access.vault import Vault, masked_name
from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.store import schema

P = schema.person
PURPOSE = (2, 200)


def listed(
    act: Act, city: City, village: str, places: Collection[str], vault: Vault, purpose: str | None
) -> list[dict[str, Any]]:
    """Residents of ``places`` in a village, by place.

    Without a purpose names are masked and numbers left out; with one both are in clear, and the
    journal holds who opened how many, when, and the purpose's digest.

    Raises:
        Refusal: for a village that is none here, or a purpose too short or too long.
    """
    unit = city.territory.unit(village)
    if purpose is not None and not PURPOSE[0] <= len(purpose.strip()) <= PURPOSE[1]:
        raise Refusal(
            f"a purpose has {PURPOSE[0]} to {PURPOSE[1]} characters; say what the names are for",
            field="purpose",
            value=purpose[:40],
            remedy="such as 电话通知转移",
        )
    rows = act.tx.execute(
        select(P)
        .where(P.c.territory == unit.code, P.c.place.in_(sorted(places)), P.c.role == "resident")
        .order_by(P.c.place, P.c.id)
    ).all()
    if purpose is not None:
        note = keep_note(act, "evacuation.purpose", purpose.strip())
        act.record(
            "people.opened",
            unit.code,
            content={"people": [row.id for row in rows], "purpose_note": note},
        )
    return [
        {
            "id": row.id,
            "place": row.place,
            "place_name": city.places[row.place].name if row.place in city.places else row.place,
            "name": _name(vault.open(row.name_enc), purpose) if row.name_enc else "—",
            "phone": vault.open(row.phone_enc) if purpose is not None and row.phone_enc else None,
            "reachable": bool(row.phone_enc) and not row.opted_out,
            "language": row.language,
            "synthetic": row.synthetic,
        }
        for row in rows
    ]


def _name(name: str, purpose: str | None) -> str:
    return masked_name(name) if purpose is None else name

"""Who has to be moved from a village: masked, and in clear only for a purpose that is logged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from anlan.access.privacy import open_person
from anlan.access.vault import Vault, masked_name
from anlan.city import City
from anlan.journal import Act
from anlan.respond.records import AnyRow
from anlan.store import schema

P = schema.person


def masked(
    conn: Connection, city: City, village: str, places: Collection[str], vault: Vault
) -> list[dict[str, Any]]:
    """Residents of ``places`` in a village, by place: names masked, no numbers."""
    return [
        _shown(city, row, masked_name(vault.open(row.name_enc)), None)
        for row in _residents(conn, village, places)
    ]


def opened(
    act: Act,
    city: City,
    village: str,
    places: Collection[str],
    vault: Vault,
    purpose: str,
    wall: datetime,
) -> list[dict[str, Any]]:
    """The same in clear; the journal says for each of them who looked, when and what for.

    Raises `Refusal`: for a purpose that says nothing, and for too many within an hour, as
    `open_person` does.
    """
    found = []
    for row in _residents(act.tx, village, places):
        seen = open_person(act, vault, row.id, purpose, wall, subject=village)
        found.append(_shown(city, row, seen.name, seen.phone or None))
    return found


def _residents(conn: Connection, village: str, places: Collection[str]) -> list[AnyRow]:
    kept = select(P).where(
        P.c.territory == village,
        P.c.place.in_(sorted(places)),
        P.c.role == "resident",
        P.c.erased_at.is_(None),
    )
    return list(conn.execute(kept.order_by(P.c.place, P.c.id)))


def _shown(city: City, row: AnyRow, name: str, phone: str | None) -> dict[str, Any]:
    place = city.places.get(row.place)
    return {
        "id": row.id,
        "place": row.place,
        "place_name": place.name if place else row.place,
        "name": name,
        "phone": phone,
        "reachable": bool(row.phone_enc) and not row.opted_out,
        "language": row.language,
        "synthetic": row.synthetic,
    }

"""People as the desk shows them: masked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from anlan.access.desk import Desk
from anlan.access.vault import Vault, masked_name
from anlan.store import schema

P = schema.person


def masked(conn: Connection, desk: Desk, vault: Vault, row: dict[str, Any]) -> dict[str, Any]:
    """``row`` with the territory's name and a masked name in place of the person."""
    found = conn.execute(
        select(P.c.name_enc, P.c.territory, P.c.role).where(P.c.id == row["person"])
    ).first()
    if found is not None:
        row["person_masked"] = masked_name(vault.open(found.name_enc))
        row["role"] = found.role
        row["territory_name"] = desk.city.territory.unit(found.territory).name
    return row

"""INSERT that may meet a row that is there already, in the words of the engine."""

from __future__ import annotations

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(tx: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT into ``table`` with ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if tx.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)

"""INSERT in the words of the engine: where a row may be there already, and of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(tx: Connection | str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT into ``table`` with ``on_conflict_do_nothing`` and ``on_conflict_do_update``.

    ``tx`` is the connection, or the name of its dialect where the statement is kept.
    """
    if (tx if isinstance(tx, str) else tx.dialect.name) == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_many(tx: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows whose values are in the order of the columns and as the engine keeps them.

    Moments are milliseconds (`schema.milliseconds`), words hold no NUL: what `Table.insert`
    would see to, value by value, at three times the time.
    """
    mark = "%s" if tx.dialect.name == "postgresql" else "?"
    names, marks = ", ".join(table.columns.keys()), ", ".join([mark] * len(table.columns))
    tx.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))

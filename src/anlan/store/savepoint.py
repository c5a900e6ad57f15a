"""A part of a transaction that may fail without the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def savepoint(tx: Connection) -> Iterator[None]:
    """Inside `Store.transaction`: what the block wrote is undone when it raises; it raises on.

    Savepoints nest; each undoes its own block alone.
    """
    # by hand, as the transaction of SQLite itself is: see Store.transaction
    tx.exec_driver_sql("SAVEPOINT part")
    try:
        yield
    except BaseException:
        tx.exec_driver_sql("ROLLBACK TO part")
        tx.exec_driver_sql("RELEASE part")
        raise
    tx.exec_driver_sql("RELEASE part")

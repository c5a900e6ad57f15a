"""A full disk: SQLite undoes the whole transaction, and nothing of it may stay."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from anlan.store import Store, get_meta, savepoint, set_meta


def fill(store: Store) -> None:
    """From now on the database may grow no more."""

    def bound(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(store.engine, "checkout", bound)


def test_a_full_disk_is_told_by_its_name(store: Store) -> None:
    fill(store)
    with pytest.raises(OperationalError, match="disk is full"), store.transaction() as tx:
        set_meta(tx, "long", "x" * 1_000_000)
    with store.read() as conn:
        assert get_meta(conn, "long") is None


def test_what_follows_a_part_that_filled_the_disk_is_not_kept(store: Store) -> None:
    fill(store)
    with pytest.raises(OSError, match="disk full"), store.transaction() as tx:
        set_meta(tx, "before", 1)
        with suppress(OperationalError), savepoint(tx):
            set_meta(tx, "long", "x" * 1_000_000)
        set_meta(tx, "after", 1)
    with store.read() as conn:
        assert [get_meta(conn, key) for key in ("before", "long", "after")] == [None] * 3
    with store.transaction() as tx:  # and the connection is as good as before
        set_meta(tx, "short", 1)

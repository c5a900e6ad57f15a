"""Names that come out the same every time: digests, seeds and running numbers."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import Connection, select, update

from anlan.store import schema
from anlan.store.inserting import insert


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical JSON form")


def canonical(value: object) -> str:
    """``value`` as JSON text with sorted keys and no spaces: one text per meaning."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    )


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON of ``value``, in hex (of the bytes themselves for bytes)."""
    raw = value if isinstance(value, bytes) else canonical(value).encode()
    return hashlib.sha256(raw).hexdigest()


def seed(*parts: object) -> int:
    """A 64-bit seed that depends on nothing but ``parts``."""
    return int.from_bytes(hashlib.sha256(canonical(parts).encode()).digest()[:8], "big")


def next_id(tx: Connection, prefix: str) -> str:
    """The next running number for ``prefix``: ``C0001``, ``C0002``, … within ``tx``."""
    tx.execute(insert(tx, schema.counter).values(name=prefix, value=0).on_conflict_do_nothing())
    tx.execute(
        update(schema.counter)
        .where(schema.counter.c.name == prefix)
        .values(value=schema.counter.c.value + 1)
    )
    number = tx.execute(
        select(schema.counter.c.value).where(schema.counter.c.name == prefix)
    ).scalar_one()
    return f"{prefix}{number:04d}"

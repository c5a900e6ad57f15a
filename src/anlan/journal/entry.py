"""Journal entries: who decided what, when and on which grounds; each chained to the last.

The hash of an entry covers all its fields and the hash of the entry before, so that a
changed, missing or inserted row shows. Entries hold ids and digests only; free text and
personal data live in erasable rows elsewhere (table ``note`` and the stages' own tables).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, func, select

from anlan.store import get_meta, ids, insert, schema, set_meta

J = schema.journal
GENESIS = "0" * 64
HEAD = "journal.head"
# Built once: an entry is written for nearly everything that happens.
_LAST = select(J.c.seq, J.c.hash).order_by(J.c.seq.desc()).limit(1)
_ADD = J.insert()


def entry_hash(fields: dict[str, object], prev_hash: str) -> str:
    """SHA-256 over the canonical JSON of all fields but the hashes, then the previous hash."""
    return hashlib.sha256((ids.canonical(fields) + prev_hash).encode()).hexdigest()


def _fields(row: Row[tuple[object, ...]]) -> dict[str, object]:
    return {
        column.name: getattr(row, column.name)
        for column in J.columns
        if column.name not in ("hash", "prev_hash")
    }


@dataclass(frozen=True)
class Act:
    """Someone acting at a moment inside one transaction.

    ``now`` is the Clock's present (UTC), ``actor`` an account id ("system" for the engine
    itself), ``on_behalf`` the account stood in for, if any.
    """

    tx: Connection
    now: datetime
    actor: str
    on_behalf: str | None = None

    def record(
        self,
        kind: str,
        subject: str,
        *,
        grounds: Sequence[str] = (),
        content: object = None,
        valid_at: datetime | None = None,
    ) -> int:
        """Write one journal entry and return its number.

        ``kind`` is ``stage.verb`` (``alert.approved``); ``subject`` the id decided upon;
        ``grounds`` the ids it rests on; only the digest of ``content`` is kept.
        """
        last = self.tx.execute(_LAST).first()
        seq, prev_hash = (last.seq + 1, last.hash) if last else (1, GENESIS)
        fields: dict[str, object] = {
            "seq": seq,
            "valid_at": _to_millisecond(valid_at or self.now),
            "recorded_at": _to_millisecond(self.now),
            "kind": kind,
            "subject": subject,
            "actor": self.actor,
            "on_behalf": self.on_behalf,
            "grounds": list(grounds),
            "digest": ids.digest(content),
        }
        own_hash = entry_hash(fields, prev_hash)
        self.tx.execute(_ADD, {**fields, "prev_hash": prev_hash, "hash": own_hash})
        set_meta(self.tx, HEAD, {"seq": seq, "hash": own_hash})
        return int(seq)


def _to_millisecond(moment: datetime) -> datetime:
    """In UTC and as the store keeps it, so that the hash is the same when read back."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def keep_note(act: Act, kind: str, body: str) -> str:
    """Keep free text in an erasable row; returns its digest, which the journal may name."""
    name = ids.digest({"kind": kind, "body": body, "author": act.actor, "at": act.now})
    act.tx.execute(
        insert(act.tx, schema.note)
        .values(digest=name, kind=kind, body=body, author=act.actor, at=act.now)
        .on_conflict_do_nothing()
    )
    return name


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found: how many entries, and the first wrong one, if any."""

    entries: int
    verified: bool
    row: int | None = None
    problem: str = ""


def verify(conn: Connection) -> Verdict:
    """Walk the whole chain; names the first row that was changed, removed or slipped in."""
    prev_hash, count = GENESIS, 0
    for row in conn.execute(select(J).order_by(J.c.seq)):
        count += 1
        if row.seq != count:
            return Verdict(count, False, count, f"entry {count} is missing; found {row.seq}")
        if row.prev_hash != prev_hash:
            return Verdict(count, False, row.seq, f"entry {row.seq} does not follow the one before")
        if entry_hash(_fields(row), prev_hash) != row.hash:
            return Verdict(
                count, False, row.seq, f"entry {row.seq} ({row.kind} {row.subject}) was changed"
            )
        prev_hash = row.hash
    # a chain cut off at its end is still a chain: compare with the head that was kept
    head = get_meta(conn, HEAD)
    if head is not None and head != {"seq": count, "hash": prev_hash}:
        return Verdict(count, False, count + 1, f"entries {count + 1} to {head['seq']} are missing")
    return Verdict(count, True)


def last_seq(conn: Connection) -> int:
    """Number of the newest entry, 0 when the journal is empty."""
    return int(conn.execute(select(func.coalesce(func.max(J.c.seq), 0))).scalar_one())

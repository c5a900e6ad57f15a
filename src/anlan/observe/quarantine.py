"""What a source gave that cannot be taken, kept with the reason; so much a day and no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from anlan.journal import Act
from anlan.store import Store, schema

Q = schema.quarantine
MOST_A_DAY = 500
"""Of one source: one that floods must not fill the disk."""
SHOWN = 4000


def put_aside(act: Act, source: str, raw: str, error: str) -> bool:
    """Keep the beginning of ``raw`` with its ``error``; False when the source has had its day."""
    since = act.now - timedelta(days=1)
    count = select(func.count()).where(Q.c.source == source, Q.c.received_at > since)
    if act.tx.execute(count).scalar_one() >= MOST_A_DAY:
        return False
    act.tx.execute(
        Q.insert().values(received_at=act.now, source=source, raw=raw[:SHOWN], error=error[:2000])
    )
    return True


def forget(
    store: Store, before: datetime, now: datetime, dry_run: bool
) -> tuple[datetime, int] | None:
    """Let go of what was refused before a moment: the first of it and how many, if there is any."""
    old = Q.c.received_at < before
    with store.read() if dry_run else store.transaction() as conn:
        query = select(func.min(Q.c.received_at), func.count()).where(old)
        first, count = conn.execute(query).one()
        if not count:
            return None
        if not dry_run:
            conn.execute(Q.delete().where(old))
            content = {"before": before, "rows": count}
            Act(conn, now, "system").record(
                "observe.thinned", "quarantine", valid_at=before, content=content
            )
    return first, count

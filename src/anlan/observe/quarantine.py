"""What a source gave that cannot be taken, kept with the reason; so much a day and no more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from anlan.journal import Act
from anlan.store import schema

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

"""From any message back to the run and the readings that caused it."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from anlan.journal.entry import J


def trace(conn: Connection, subject: str, most: int = 400) -> list[dict[str, object]]:
    """Journal entries about ``subject`` and, step by step, about all its grounds.

    ``subject`` may be bare (``T0001``) or prefixed (``task:T0001``). Entries come oldest
    first; readings (``obs:…``) end a branch, since they rest on nothing but the station.
    """
    seen: set[str] = set()
    entries: dict[int, dict[str, object]] = {}
    waiting = [subject]
    while waiting and len(entries) < most:
        name = waiting.pop()
        bare = name.split(":", 1)[1] if ":" in name and not name.startswith("obs:") else name
        if bare in seen:
            continue
        seen.add(bare)
        for row in conn.execute(
            select(J).where(or_(J.c.subject == bare, J.c.subject == name)).order_by(J.c.seq)
        ):
            entries[row.seq] = {
                "seq": row.seq,
                "valid_at": row.valid_at.isoformat(),
                "recorded_at": row.recorded_at.isoformat(),
                "kind": row.kind,
                "subject": row.subject,
                "actor": row.actor,
                "on_behalf": row.on_behalf,
                "grounds": row.grounds,
            }
            waiting.extend(ground for ground in row.grounds if not ground.startswith("obs:"))
    return [entries[seq] for seq in sorted(entries)]

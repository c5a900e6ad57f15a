"""Hours of service 志愿服务时长: derived from the journal's check-ins and check-outs.

The journal is the source: a claim's own columns are for showing who is out. A correction is a
row beside it, with its reason, by another person than the volunteer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from anlan.store import schema

IN, OUT = "volunteer.checked_in", "volunteer.checked_out"
MOST_MINUTES = 24 * 60
J, H, CL = schema.journal, schema.hours_correction, schema.volunteer_claim


def minutes_of(entries: Iterable[tuple[str, datetime]]) -> int:
    """Whole minutes between check-ins and the check-outs that follow. Pure.

    ``entries`` are (kind, valid time) of one claim in the journal's order. A check-out without a
    check-in counts nothing, and who is still out has no time yet.
    """
    total, since = 0.0, None
    for kind, at in entries:
        if kind == IN and since is None:
            since = at
        elif kind == OUT and since is not None:
            total += max(0.0, (at - since).total_seconds())
            since = None
    return round(total / 60)


def corrected(minutes: int, corrections: Iterable[int]) -> int:
    """Minutes with their corrections; never less than none. Pure."""
    return max(0, minutes + sum(corrections))


def of_claims(conn: Connection, claims: Iterable[str]) -> Mapping[str, tuple[int, int]]:
    """claim -> (minutes by the journal, minutes once corrected)."""
    names = sorted(set(claims))
    entries: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    changes: dict[str, list[int]] = defaultdict(list)
    for start in range(0, len(names), 500):
        part = names[start : start + 500]
        rows = conn.execute(
            select(J.c.subject, J.c.kind, J.c.valid_at)
            .where(J.c.subject.in_(part), J.c.kind.in_((IN, OUT)))
            .order_by(J.c.seq)
        )
        for row in rows:
            entries[row.subject].append((row.kind, row.valid_at))
        for change in conn.execute(select(H.c.claim, H.c.minutes).where(H.c.claim.in_(part))):
            changes[change.claim].append(change.minutes)
    found = {name: minutes_of(entries[name]) for name in names}
    return {name: (own, corrected(own, changes[name])) for name, own in found.items()}


def of_volunteers(conn: Connection, volunteers: Iterable[str]) -> Mapping[str, int]:
    """volunteer -> minutes of all their claims, corrected."""
    rows = conn.execute(
        select(CL.c.id, CL.c.volunteer).where(CL.c.volunteer.in_(list(volunteers)))
    ).all()
    by_claim = of_claims(conn, (row.id for row in rows))
    total: dict[str, int] = defaultdict(int)
    for row in rows:
        total[row.volunteer] += by_claim[row.id][1]
    return total

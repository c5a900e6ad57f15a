"""Points 积分 for grid workers and residents: a ledger that the journal alone gives.

What a pack promises (``[[points]]``) is put down when it is earned, as an entry of the journal
about the account, whose grounds name the case, the rule and the number: ``points:5``. Nothing else
is stored; a balance is the sum of these entries, so that everybody who can read the journal can
count again. A case that is reopened takes its points back, in entries of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.journal import Act
from anlan.respond import packs
from anlan.respond.pack import Pack
from anlan.respond.records import AnyRow, history_of, officer
from anlan.store import schema

J = schema.journal
EARNED, RETURNED = "points.earned", "points.returned"
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the ledger; ``points`` is negative for what was taken back."""

    seq: int
    at: datetime
    account: str
    case: str
    kind: str
    rule: int
    points: int


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule of a pack gives to one account for one case."""

    account: str
    rule: int
    points: int


def due(
    pack: Pack,
    on: Literal["closed", "rated"],
    reporter: str | None,
    history: Sequence[AnyRow],
    roles: Mapping[str, str],
) -> list[Due]:
    """What a case has earned by its history, once per rule and account. Pure.

    ``roles``: of the accounts that are still there; nobody else earns anything.
    """
    since = _last_round(history)
    doers = {row.actor for row in since if row.type in ("task.done", "case.done_claimed")}
    verifiers = [row.actor for row in since if row.type == "case.verified"][-1:]
    stars = [row.payload["rating"] for row in history if row.type == "case.rated"][-1:]
    people = {
        "reporter": [reporter] if reporter else [],
        "doer": sorted(doers - {"system"}),
        "verifier": verifiers,
    }
    return [
        Due(account, number, rule.points)
        for number, rule in enumerate(pack.points)
        if rule.on == on and (stars or [0])[0] >= rule.at_least_rating
        for account in people[rule.to]
        if account in roles and (not rule.roles or roles[account] in rule.roles)
    ]


def _last_round(history: Sequence[AnyRow]) -> list[AnyRow]:
    """The history since the work was last sent back: only what then held is rewarded."""
    found: list[AnyRow] = []
    for row in history:
        if row.type in ("case.rejected", "case.reopened"):
            found = []
        else:
            found.append(row)
    return found


def settle(act: Act, city: City, case: AnyRow, on: Literal["closed", "rated"]) -> None:
    """Put down what a case that was just closed or rated earns its people."""
    pack = packs.load(city.folder).get(case.kind)
    if pack is None or not any(rule.on == on for rule in pack.points):
        return
    history = history_of(act.tx, case.id)
    named = {row.actor for row in history} | {case.reporter or ""}
    found = {name: officer(act.tx, name) for name in named}
    roles = {name: person.role for name, person in found.items() if person is not None}
    held = {(line.account, line.rule) for line in standing(act.tx, case.id)}
    engine = Act(act.tx, act.now, "system")
    for each in due(pack, on, case.reporter, history, roles):
        if (each.account, each.rule) not in held:
            _put(engine, EARNED, case, each.account, each.rule, each.points)


def take_back(act: Act, case: AnyRow) -> None:
    """Take back what a case earned, because it was reopened."""
    engine = Act(act.tx, act.now, "system")
    for line in standing(act.tx, case.id):
        _put(engine, RETURNED, case, line.account, line.rule, line.points)


def _put(act: Act, what: str, case: AnyRow, account: str, rule: int, points: int) -> None:
    grounds = [f"case:{case.id}", f"pack:{case.kind}#points.{rule}", f"points:{points}"]
    act.record(what, account, grounds=grounds, content=grounds)


def standing(conn: Connection, case_id: str) -> list[Line]:
    """What a case has earned and not given back."""
    accounts = {row.actor for row in history_of(conn, case_id)}
    C = schema.case_item
    reporter = conn.execute(select(C.c.reporter).where(C.c.id == case_id)).scalar()
    held: dict[tuple[str, int], Line] = {}
    for line in _lines(conn, sorted(accounts | {reporter or ""})):
        if line.case != case_id:
            continue
        if line.points > 0:
            held[line.account, line.rule] = line
        else:
            held.pop((line.account, line.rule), None)
    return list(held.values())


def _lines(conn: Connection, accounts: Sequence[str]) -> list[Line]:
    rows = conn.execute(
        select(J)
        .where(J.c.subject.in_(accounts), J.c.kind.in_((EARNED, RETURNED)))
        .order_by(J.c.seq)
    )
    return [_line(row) for row in rows]


def _line(row: AnyRow) -> Line:
    told = dict(ground.split(":", 1) for ground in row.grounds)
    kind, _, rule = told["pack"].partition("#points.")
    sign = 1 if row.kind == EARNED else -1
    return Line(
        row.seq,
        row.recorded_at,
        row.subject,
        told["case"],
        kind,
        int(rule),
        sign * int(told["points"]),
    )


def ledger(conn: Connection, account: str) -> tuple[int, list[Line]]:
    """The balance of an account, and its newest entries, newest first."""
    found = _lines(conn, [account])
    return sum(line.points for line in found), found[::-1][:MOST_LINES]


def balances(conn: Connection, accounts: Sequence[str]) -> dict[str, int]:
    """Balances of those of ``accounts`` that have earned anything."""
    sums: dict[str, int] = {}
    for line in _lines(conn, list(accounts)):
        sums[line.account] = sums.get(line.account, 0) + line.points
    return sums


def words(city: City, line: Line) -> dict[str, Any]:
    """What an entry was for, in the pack's words; the kind's name when the rule is gone."""
    pack = packs.load(city.folder).get(line.kind)
    if pack is None:
        return {"words": line.kind, "words_en": line.kind}
    if line.rule < len(pack.points):
        rule = pack.points[line.rule]
        return {"words": rule.words, "words_en": rule.words_en}
    return {"words": pack.pack.title, "words_en": pack.pack.title_en}

"""Learning items 学习内容: pushed to groups, with who has opened and who has understood them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from anlan.city import ROLES, City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond.volunteers.records import A, AnyRow, P, S, V, no_such, words
from anlan.respond.volunteers.rules import FILE, load
from anlan.store import ids, insert, schema
from anlan.warn import notices
from anlan.warn.message import render

L, R, N = schema.learning_item, schema.learning_read, schema.notice
MOST_SHOWN = 100
MOST_LOOKED_AT = 1000
MOST_TOLD = 5000
"""Whom one item is told by message: who pushes to more tells a smaller group, or nobody."""


def push(act: Act, city: City, given: Mapping[str, object], status: str | None = None) -> str:
    """Put an item before a group; returns its id.

    ``given``: ``title``, ``body``, ``territory``, ``role`` (empty: everybody with a phone page),
    ``skill`` (volunteers who hold it, valid or not). ``status``: ``Actual`` or ``Exercise``, of
    the notice that tells the group of it by the channels of each person's tier; None: nobody is
    told. Raises `Refusal` naming the field.
    """
    role, skill = str(given.get("role") or ""), str(given.get("skill") or "")
    if role and role not in ROLES:
        raise Refusal(
            f"role '{role[:40]}' is not known", field="role", value=role[:40],
            remedy=", ".join(ROLES),
        )  # fmt: skip
    if skill:
        load(city.folder).skill(skill)
    group = {
        "territory": city.territory.unit(str(given.get("territory") or "")).code,
        "role": role,
        "skill": skill,
    }
    name = ids.next_id(act.tx, "LI")
    act.tx.execute(
        L.insert().values(
            id=name,
            title=words("title", given.get("title"), 80),
            body=words("body", given.get("body"), 4000),
            group=group,
            by=act.actor,
            at=act.now,
            withdrawn_at=None,
        )
    )
    act.record("learning.pushed", name, content=group)
    if status is not None:
        _tell(act, city, name, group, words("title", given.get("title"), 80), status)
    return name


def _tell(
    act: Act, city: City, item: str, group: Mapping[str, str], title: str, status: str
) -> None:
    """A notice to the people of a group, each in their own language."""
    template = load(city.folder).text.learning
    if template is None:
        raise Refusal(
            f"{FILE} has no [text.learning]; write it, or push the item without a notice",
            field="tell", value=True, remedy="[text.learning] with zh and en",
        )  # fmt: skip
    [accounts] = audiences(act.tx, city, [group])
    if len(accounts) > MOST_TOLD:
        raise Refusal(
            f"{len(accounts)} people are in this group; a notice goes to {MOST_TOLD} at most "
            "(人数过多，请缩小范围或不发通知)",
            field="tell", value=len(accounts), remedy="a smaller group, or no notice",
        )  # fmt: skip
    people = act.tx.execute(
        select(P.c.id, P.c.language).where(P.c.account.in_(sorted(accounts)))
    ).all()
    if people:
        texts = {one.id: render(template.of(one.language), {"title": title}) for one in people}
        notices.send(act, city, "learning", f"learning:{item}", status, texts)


def withdraw(act: Act, item: str) -> None:
    """Show the item to nobody any more; who read it stays known."""
    told = act.tx.execute(select(N.c.id).where(N.c.subject == f"learning:{item}")).scalars().all()
    for notice in told:
        notices.withdraw(act, notice)
    act.tx.execute(update(L).where(L.c.id == item).values(withdrawn_at=act.now))
    act.record("learning.withdrawn", item)


def item_of(conn: Connection, item: str) -> AnyRow:
    """The row of an item; raises `Refusal` (not_found)."""
    row = conn.execute(select(L).where(L.c.id == item)).first()
    if row is None:
        raise no_such("item", item)
    return row


def for_account(conn: Connection, city: City, account: str) -> list[AnyRow]:
    """The items for an account, newest first, each with ``read_at`` and ``understood_at``."""
    person = conn.execute(select(A).where(A.c.id == account)).first()
    if person is None:
        return []
    skills = _skills(conn, account)
    rows = conn.execute(
        select(L, R.c.read_at, R.c.understood_at)
        .outerjoin(R, (R.c.item == L.c.id) & (R.c.account == account))
        .where(L.c.withdrawn_at.is_(None))
        .order_by(L.c.at.desc(), L.c.id.desc())
        .limit(MOST_LOOKED_AT)
    ).all()
    return [row for row in rows if _concerns(city, row.group, person, skills)][:MOST_SHOWN]


def _skills(conn: Connection, account: str) -> frozenset[str]:
    return frozenset(
        conn.execute(
            select(S.c.skill).join(V, V.c.id == S.c.volunteer).where(V.c.account == account)
        ).scalars()
    )


def _concerns(city: City, group: Mapping[str, str], person: Any, skills: frozenset[str]) -> bool:
    return (
        (not group["role"] or group["role"] == person.role)
        and (not group["skill"] or group["skill"] in skills)
        and city.territory.is_within(person.territory, group["territory"])
    )


def audiences(
    conn: Connection, city: City, groups: Sequence[Mapping[str, str]]
) -> list[frozenset[str]]:
    """The accounts of each group; accounts and skills are read once for all of them."""
    held: dict[str, set[str]] = {}
    rows = conn.execute(
        select(V.c.account, S.c.skill)
        .join(S, S.c.volunteer == V.c.id)
        .where(V.c.account.is_not(None))
    )
    for row in rows:
        held.setdefault(row.account, set()).add(row.skill)
    accounts = conn.execute(select(A).where(A.c.disabled.is_(False))).all()
    none: frozenset[str] = frozenset()
    return [
        frozenset(
            one.id
            for one in accounts
            if _concerns(city, group, one, frozenset(held.get(one.id, none)))
        )
        for group in groups
    ]


def mark(act: Act, city: City, item: str, *, understood: bool) -> None:
    """The acting account has opened, or understood, an item of its own group; the first time
    counts. Raises `Refusal` (not_found) for an item of others."""
    if item not in {row.id for row in for_account(act.tx, city, act.actor)}:
        raise no_such("item", item)
    new = act.tx.execute(
        insert(act.tx, R)
        .values(item=item, account=act.actor, read_at=act.now, understood_at=None)
        .on_conflict_do_nothing()
    )
    if new.rowcount == 1:
        act.record("learning.read", item)
    if understood:
        first = update(R).where(
            R.c.item == item, R.c.account == act.actor, R.c.understood_at.is_(None)
        )
        if act.tx.execute(first.values(understood_at=act.now)).rowcount == 1:
            act.record("learning.understood", item)

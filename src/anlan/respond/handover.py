"""The hand-over 交接班: drafted from the state, signed by who leaves, acknowledged by who comes.

    draft → signed → acknowledged;   draft → discarded

Once signed its words stand. With the acknowledgement the posts of who leaves pass to who comes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import orders
from anlan.respond.handover_words import Called, words_of
from anlan.respond.plan import load
from anlan.respond.posts import pass_on
from anlan.respond.records import AnyRow, get_incident, officer
from anlan.respond.standing import facts
from anlan.store import ids, schema
from anlan.warn.message import EXERCISE_MARK

X = schema.handover
KEEPERS = frozenset({"commander", "duty_officer", "analyst", "liaison"})
"""Roles that keep watch at the desk and hand it over."""
LONGEST = 20_000
View = dict[str, Any]


def draft(act: Act, city: City, incident_id: str = "", *, exercise: bool = False) -> str:
    """A note drafted from how things stand now; an own draft there is drafted anew.

    ``exercise``: its words say so. Returns its id. Raises `Refusal`: a role that keeps no watch,
    an unknown incident.
    """
    _keeper(act, act.actor, "hand over the watch")
    if incident_id:
        get_incident(act.tx, incident_id)
    found = facts(act.tx, city, act.now, incident_id, act.actor)
    names = {account.id: account.name for account in city.accounts.values()}
    said = {
        each["id"]: each["what"] or ""
        for each in orders.shown(act.tx, city, act.now, orders.open_orders(act.tx, incident_id))
    }
    called = Called(names, {post.id: post.name for post in load(city.folder).post}, said)
    words = words_of(found, called, city.zone, act.actor)
    note = keep_note(act, "handover", f"{EXERCISE_MARK}\n{words}" if exercise else words)
    own = (X.c.incident == incident_id, X.c.from_account == act.actor, X.c.state == "draft")
    before = act.tx.execute(select(X.c.id).where(*own)).scalar_one_or_none()
    values = {"drafted_at": act.now, "facts": found, "text_note": note}
    if before is not None:
        act.tx.execute(update(X).where(X.c.id == before).values(**values))
        name = str(before)
    else:
        name = ids.next_id(act.tx, "H")
        act.tx.execute(
            X.insert().values(
                id=name, incident=incident_id, state="draft", from_account=act.actor, **values
            )
        )
    act.record("handover.drafted", name, grounds=_grounds(incident_id), content=found)
    return name


def save(act: Act, handover_id: str, text: str) -> None:
    """Who leaves edits their draft. Raises `Refusal`: not theirs, signed already, too long."""
    row = _own_draft(act, handover_id)
    _set(act, row.id, text_note=_text_note(act, text))


def sign(act: Act, handover_id: str, text: str, to: str | None = None) -> None:
    """Who leaves signs the words as they stand now; ``to``: who comes, if known by name.

    Raises `Refusal`: not theirs, signed already, empty, or handed to oneself or to a role that
    keeps no watch.
    """
    row = _own_draft(act, handover_id)
    if to is not None:
        _keeper(act, to, "take over the watch")
        if to == act.actor:
            raise Refusal(
                "the watch is handed to somebody else; name who comes, or nobody",
                field="to",
                value=to,
                remedy="another account",
                zh="接班的须是另一人。",
            )
    note = _text_note(act, text)
    _set(act, row.id, text_note=note, to_account=to, state="signed", signed_at=act.now)
    content = {"text_note": note, "to": to}
    act.record("handover.signed", row.id, grounds=_grounds(row.incident), content=content)


def acknowledge(act: Act, city: City, handover_id: str, remark: str = "") -> list[str]:
    """Who comes takes the watch; returns the posts that passed to them.

    Raises `Refusal`: not signed yet or taken already, by who leaves, by another than was named.
    """
    row = get(act.tx, handover_id)
    if row.state in ("draft", "discarded") and row.from_account != act.actor:
        raise missing(handover_id)
    _must_be(row, "signed")
    _keeper(act, act.actor, "take over the watch")
    if act.actor == row.from_account or row.to_account not in (None, act.actor):
        raise Refusal(
            f"{handover_id} is handed to {row.to_account or 'somebody else'}; {act.actor} "
            "may not acknowledge it",
            field="actor",
            value=act.actor,
            remedy="let who comes acknowledge it",
            kind="forbidden",
            zh="这份交接班是交给别人的，须由接班人确认。",
        )
    note = _text_note(act, remark) if remark.strip() else None
    _set(
        act, row.id, state="acknowledged", acknowledged_at=act.now, acknowledged_by=act.actor,
        remark_note=note,
    )  # fmt: skip
    passed: list[str] = []
    if row.incident and get_incident(act.tx, row.incident).state == "open":
        passed = pass_on(act, city, row.incident, row.from_account, act.actor)
    content = {"posts": passed, "remark_note": note}
    act.record("handover.acknowledged", row.id, grounds=_grounds(row.incident), content=content)
    return passed


def discard(act: Act, handover_id: str) -> None:
    """Who leaves puts their draft away."""
    row = _own_draft(act, handover_id)
    _set(act, row.id, state="discarded")
    act.record("handover.discarded", row.id, grounds=_grounds(row.incident))


def get(conn: Connection, handover_id: str) -> AnyRow:
    """The row; raises `Refusal` (not_found)."""
    row = conn.execute(select(X).where(X.c.id == handover_id)).first()
    if row is None:
        raise missing(handover_id)
    return row


def missing(handover_id: str) -> Refusal:
    """What is said of a hand-over that is not there, or not for the caller's eyes."""
    return Refusal(
        f"there is no hand-over {handover_id}; see the list of hand-overs",
        field="handover",
        value=handover_id,
        remedy="an id of the list",
        kind="not_found",
    )


def listed(conn: Connection, city: City, account: str, most: int = 50) -> list[View]:
    """Hand-overs, newest first: others' drafts and what was put away are left out.

    ``allowed``: what this account may do with each now.
    """
    mine = (X.c.state == "draft") & (X.c.from_account == account)
    rows = conn.execute(
        select(X)
        .where(X.c.state.in_(("signed", "acknowledged")) | mine)
        .order_by(X.c.drafted_at.desc(), X.c.id.desc())
        .limit(most)
    ).all()
    words = orders.notes(conn, [n for row in rows for n in (row.text_note, row.remark_note)])
    names = {each.id: each.name for each in city.accounts.values()}

    def name(one: str | None) -> str | None:
        return None if one is None else names.get(one, one)

    return [
        {
            "id": row.id,
            "incident": row.incident,
            "state": row.state,
            "from": row.from_account,
            "from_name": name(row.from_account),
            "to": row.to_account,
            "to_name": name(row.to_account),
            "drafted_at": _iso(row.drafted_at),
            "signed_at": _iso(row.signed_at),
            "acknowledged_at": _iso(row.acknowledged_at),
            "acknowledged_by_name": name(row.acknowledged_by),
            "text": words.get(row.text_note),
            "remark": words.get(row.remark_note or ""),
            "posts": row.facts.get("posts", []),
            "allowed": _allowed(conn, row, account),
        }
        for row in rows
    ]


def _allowed(conn: Connection, row: AnyRow, account: str) -> list[str]:
    if row.state == "draft":
        return ["save", "sign", "discard"] if row.from_account == account else []
    if row.state != "signed" or account == row.from_account:
        return []
    person = officer(conn, account)
    fits = person is not None and person.role in KEEPERS and row.to_account in (None, account)
    return ["acknowledge"] if fits else []


def _keeper(act: Act, account: str, what: str) -> None:
    person = officer(act.tx, account)
    if person is None or person.role not in KEEPERS:
        raise Refusal(
            f"{account} may not {what}; it is for the roles {', '.join(sorted(KEEPERS))}",
            field="account",
            value=account,
            remedy=f"an account with one of the roles {', '.join(sorted(KEEPERS))}",
            kind="forbidden",
            zh="只有指挥长、值班员、分析员和联络员交接班。",
        )


def _own_draft(act: Act, handover_id: str) -> AnyRow:
    row = get(act.tx, handover_id)
    if row.from_account != act.actor:
        raise (
            missing(handover_id)
            if row.state == "draft"
            else Refusal(
                f"{handover_id} is {row.from_account}'s; only they may change it",
                field="actor",
                value=act.actor,
                remedy="draft one of your own",
                kind="forbidden",
            )
        )
    _must_be(row, "draft")
    return row


def _must_be(row: AnyRow, state: str) -> None:
    if row.state != state:
        raise Refusal(
            f"hand-over {row.id} is '{row.state}'; this acts on one that is {state}",
            field="state",
            value=row.state,
            remedy=f"a hand-over that is {state}",
            kind="conflict",
        )


def _text_note(act: Act, text: str) -> str:
    if not text.strip() or len(text) > LONGEST or "\x00" in text:
        raise Refusal(
            f"a hand-over has 1 to {LONGEST} characters, without NUL; this has {len(text)}",
            field="text",
            value=text[:40],
            remedy=f"1 to {LONGEST} characters",
        )
    return keep_note(act, "handover", text)


def _set(act: Act, handover_id: str, **values: object) -> None:
    act.tx.execute(update(X).where(X.c.id == handover_id).values(**values))


def _grounds(incident_id: str) -> list[str]:
    return [f"incident:{incident_id}"] if incident_id else []


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

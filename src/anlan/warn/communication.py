"""The communication test 通信测试: once a month everybody who must answer is asked to, by every
channel of theirs, and what does not arrive is reported before it matters.

``messages.toml``::

    [communication_test]
    day = 1                  # of the month
    hour = 10                # local time
    answer_minutes = 120     # how long an answer counts
    [text.communication_test.default]
    zh = "这是每月一次的通信测试，不是预警。请回复1。"
    en = "This is the monthly test of this channel, not a warning. Reply 1."

At a desk that is not cleared to send Actual messages it is an exercise, like all else.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import get_meta, ids, insert, schema, set_meta, timers
from anlan.warn.audience import Someone, Target, usable_channels
from anlan.warn.channels.reach import needs
from anlan.warn.delivery import State, key
from anlan.warn.drafting import status_of
from anlan.warn.message import TEST_MARK, Messages, load_messages, marked, render, spoken
from anlan.warn.records import OFFICERS, people
from anlan.warn.replies import add_links

D, N = schema.delivery, schema.notice
KIND = "communication_test"
DUE = "alert.communication_test"
LIVE = "warn.communication_test_live"
NOBODY = "none"
APART = timedelta(hours=1)  # who asks everybody twice in a row is no longer heard


def begin(act: Act, city: City, *, live: bool) -> str:
    """Send the test now; returns its id.

    Raises:
        Refusal: where the city has no text for it; ``conflict`` within an hour of the last.
    """
    messages = load_messages(city)
    if KIND not in messages.texts:
        raise Refusal(
            "messages.toml has no [text.communication_test.default]; write what the test says",
            field="text.communication_test",
            remedy="a text in zh and en",
        )
    _not_again_so_soon(act)
    status = status_of(city, live)
    test = ids.next_id(act.tx, "CT")
    due = act.now + timedelta(minutes=messages.test.answer_minutes)
    act.tx.execute(
        N.insert().values(
            id=test, kind=KIND, subject=city.id, status=status, state="issued", by=act.actor,
            at=act.now,
        )
    )  # fmt: skip
    asked = [each for each in people(act.tx, OFFICERS) if each.tier in messages.acknowledge_minutes]
    rows: list[dict[str, Any]] = []
    for person in asked:
        target = Target((), (), False, messages.channels, needs(city, messages))
        channels = usable_channels(person, target)
        rows += [
            _row(test, person, channel, _text(messages, person, channel, status), act.now, due)
            for channel in channels or (NOBODY,)
        ]
    languages = {each.id: each.language for each in asked}
    add_links(act.tx, messages, act.now, rows, languages)
    if rows:
        act.tx.execute(insert(act.tx, D).on_conflict_do_nothing(), rows)
    act.record("communication_test.begun", test, content={"deliveries": len(rows)})
    return test


def _not_again_so_soon(act: Act) -> None:
    newest = act.tx.execute(select(func.max(N.c.at)).where(N.c.kind == KIND)).scalar()
    if newest is not None and act.now < newest + APART:
        raise Refusal(
            f"a communication test began at {newest:%H:%M} UTC; wait an hour before the next",
            field="test",
            remedy="the report of the one under way",
            kind="conflict",
        )


def _text(messages: Messages, person: Someone, channel: str, status: str) -> str:
    text = render(messages.template(KIND, person.tier, person.language), {})
    text = TEST_MARK + (spoken(text, person.language) if channel in messages.spoken else text)
    return marked(text, status)


def _row(
    test: str, person: Someone, channel: str, text: str, now: datetime, due: datetime
) -> dict[str, Any]:
    lost = channel == NOBODY
    return {
        "id": key(test, 1, person.id, channel),
        "alert": test,
        "version": 1,
        "person": person.id,
        "channel": channel,
        "tier": person.tier,
        "state": str(State.FAILED if lost else State.PLANNED),
        "reason": "no_channel" if lost else "",
        "body": "" if lost else text,
        "repeat": 0,
        "planned_at": now,
        "ack_due_at": None if lost else due,
    }


def history(conn: Connection, now: datetime, most: int = 24) -> list[dict[str, Any]]:
    """The tests so far, newest first, each with its counts."""
    rows = conn.execute(
        select(N).where(N.c.kind == KIND).order_by(N.c.at.desc(), N.c.id.desc()).limit(most)
    ).all()
    return [
        {"id": row.id, "at": row.at.isoformat(), "status": row.status, "by": row.by,
         **_counts(_deliveries(conn, row.id), now)}
        for row in rows
    ]  # fmt: skip


def report(conn: Connection, test: str, now: datetime) -> dict[str, Any]:
    """What became of a test: by channel, and each address that is dead or silent.

    Dead: the channel refused it or said that it did not arrive. Silent: taken, and neither a
    receipt nor an answer came while one counted. ``troubled`` has person, channel, what, reason.

    Raises:
        Refusal: ``not_found``.
    """
    row = conn.execute(select(N).where(N.c.id == test, N.c.kind == KIND)).first()
    if row is None:
        raise Refusal(
            f"communication test '{test}' is not known; the desk lists them",
            field="test",
            value=test,
            remedy="an id of the list",
            kind="not_found",
        )
    found = _deliveries(conn, test)
    channels = sorted({each.channel for each in found})
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "status": row.status,
        "by_channel": {
            name: _counts([each for each in found if each.channel == name], now)
            for name in channels
        },
        **_counts(found, now),
        "troubled": [
            {
                "person": each.person,
                "channel": each.channel,
                "what": _outcome(each, now),
                "reason": each.reason,
            }
            for each in sorted(found, key=lambda one: _outcome(one, now))
            if _outcome(each, now) in ("dead", "silent", "unknown")
        ],
    }


def _deliveries(conn: Connection, test: str) -> list[Any]:
    query = select(D).where(D.c.alert == test).order_by(D.c.person, D.c.channel)
    return list(conn.execute(query).all())


_OUTCOMES = {
    State.ANSWERED: "answered",
    State.READ: "arrived",
    State.DELIVERED: "arrived",
    State.SENT: "silent",
    State.UNKNOWN: "unknown",
    State.FAILED: "dead",
}


def _outcome(row: Any, now: datetime) -> str:
    found = _OUTCOMES.get(State(row.state), "waiting")
    may_yet = row.ack_due_at is not None and now < row.ack_due_at
    return "waiting" if found == "silent" and may_yet else found


def _counts(rows: list[Any], now: datetime) -> dict[str, Any]:
    counted = Counter(_outcome(row, now) for row in rows)
    names = ("answered", "arrived", "silent", "unknown", "dead", "waiting")
    return {"asked": len(rows), **{name: counted[name] for name in names}}


def schedule(act: Act, city: City, *, live: bool) -> datetime | None:
    """Set the timer of the next monthly test, if the city wants one; when it is due (UTC)."""
    test = load_messages(city).test
    if test.day == 0:
        return None
    set_meta(act.tx, LIVE, live)
    here = act.now.astimezone(city.zone)
    due = here.replace(day=test.day, hour=test.hour, minute=0, second=0, microsecond=0)
    if due <= here:
        due = (due.replace(day=1) + timedelta(days=32)).replace(day=test.day)
    timers.start(act.tx, DUE, f"{due:%Y-%m}", due)
    return due


def fire(act: Act, city: City) -> None:
    """The month's test is due: send it, and set the next."""
    live = bool(get_meta(act.tx, LIVE))
    with contextlib.suppress(Refusal):  # an officer has just asked
        begin(act, city, live=live)
    schedule(act, city, live=live)

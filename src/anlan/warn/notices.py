"""Notices 通知: messages to named people that are no alerts, such as a call for volunteers.

They go by the channels of the person's tier, after all alerts, and like those: claimed before the
call, falling to the next channel, and never beyond an exercise outlet unless ``Actual``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act
from anlan.store import ids, insert, schema
from anlan.warn.audience import Someone
from anlan.warn.delivery import WAITING, State, key
from anlan.warn.message import Messages, load_messages, marked
from anlan.warn.planning import NO_CHANNEL, next_channel
from anlan.warn.records import people
from anlan.warn.replies import OCTETS
from anlan.warn.sending import DeliveryRow

D, N = schema.delivery, schema.notice
VERSION = 1


def send(
    act: Act,
    city: City,
    kind: str,
    subject: str,
    status: str,
    texts: Mapping[str, str],
    answer_by: datetime | None = None,
    page: str = "",
) -> str:
    """Plan a notice about ``subject``: to each person their text; returns the notice's id.

    Args:
        status: ``Actual`` or ``Exercise``; every text is marked accordingly.
        texts: person id -> text. Who cannot be reached gets a failed delivery that shows it.
        answer_by: until when an answer is asked for (UTC); None: no answer is asked for.
        page: path of the page where it is answered; a link to it ends the text on the channels
            that the city's ``[reply]`` table names.
    """
    notice = ids.next_id(act.tx, "NO")
    act.tx.execute(
        N.insert().values(
            id=notice, kind=kind, subject=subject, status=status, state="issued", by=act.actor,
            at=act.now,
        )
    )  # fmt: skip
    messages = load_messages(city)
    rows = [
        _row(notice, person, channel, marked(texts[person.id], status), act.now, answer_by)
        for person in _of(act.tx, texts)
        for channel in [next_channel(city, messages, person, ()) or NO_CHANNEL]
    ]
    if page:
        add_links(act.tx, messages, act.now, rows, page)
    if rows:
        act.tx.execute(insert(act.tx, D).on_conflict_do_nothing(), rows)
    act.record("notice.issued", notice, grounds=[subject], content=sorted(texts))
    return notice


def add_links(
    tx: Connection,
    messages: Messages,
    now: datetime,
    rows: Sequence[dict[str, object]],
    page: str,
) -> None:
    """Give each delivery whose channel carries links the address of its own page."""
    reply = messages.reply
    made = []
    for row in rows:
        if reply is None or row["state"] != State.PLANNED or row["channel"] not in reply.channels:
            continue
        token = secrets.token_urlsafe(OCTETS)
        made.append({"token": token, "delivery": row["id"], "at": now})
        row["body"] = f"{row['body']} {reply.url}{page}{token}"
    if made:
        tx.execute(schema.reply_link.insert(), made)


def withdraw(act: Act, notice: str) -> None:
    """Send no more of a notice: what waits is suppressed."""
    act.tx.execute(update(N).where(N.c.id == notice).values(state="withdrawn"))
    act.tx.execute(
        update(D)
        .where(D.c.alert == notice, D.c.state.in_([str(state) for state in WAITING]))
        .values(state=State.SUPPRESSED, reason="withdrawn")
    )


def reachable(conn: Connection, city: City, persons: Mapping[str, object]) -> dict[str, str | None]:
    """person id -> the channel by which a notice would go first; None for who has none."""
    messages = load_messages(city)
    return {person.id: next_channel(city, messages, person, ()) for person in _of(conn, persons)}


def fall_back(act: Act, city: City, messages: Messages, person: Someone, row: DeliveryRow) -> None:
    """A channel failed: plan the next one of the person's tier, if any is left."""
    if row.alert_state != "issued" or row.state != State.FAILED:
        return
    used = act.tx.execute(
        select(D.c.channel).where(D.c.alert == row.alert, D.c.person == row.person)
    ).scalars()
    channel = next_channel(city, messages, person, list(used))
    if channel is None:
        act.record("delivery.unreached", row.id, grounds=[f"notice:{row.alert}"])
        return
    values = _row(row.alert, person, channel, row.body, act.now, row.ack_due_at)
    values["reason"] = f"fall-back from {row.channel}"
    act.tx.execute(insert(act.tx, D).values(**values).on_conflict_do_nothing())
    act.record(
        "delivery.fell_back",
        str(values["id"]),
        grounds=[f"notice:{row.alert}", f"delivery:{row.id}"],
    )


def _of(conn: Connection, persons: Mapping[str, object]) -> list[Someone]:
    return people(conn, schema.person.c.id.in_(list(persons)))


def _row(
    notice: str,
    person: Someone,
    channel: str,
    text: str,
    now: datetime,
    answer_by: datetime | None,
) -> dict[str, object]:
    lost = channel == NO_CHANNEL
    return {
        "id": key(notice, VERSION, person.id, channel),
        "alert": notice,
        "version": VERSION,
        "person": person.id,
        "channel": channel,
        "tier": person.tier,
        "state": str(State.FAILED if lost else State.PLANNED),
        "reason": "no_channel" if lost else "",
        "body": "" if lost else text,
        "repeat": 0,
        "planned_at": now,
        "ack_due_at": None if lost else answer_by,
    }

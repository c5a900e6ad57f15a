"""Who gets which text by which channel: the deliveries of an alert, planned."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import shapely
from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act
from anlan.store import insert, schema
from anlan.warn.audience import (
    Audience,
    Recipient,
    Someone,
    Target,
    usable_channels,
)
from anlan.warn.audience import (
    select as choose,
)
from anlan.warn.channels.reach import needs
from anlan.warn.colour import colour
from anlan.warn.delivery import PERHAPS_TOLD, WAITING, State, key
from anlan.warn.message import Messages
from anlan.warn.records import (
    OFFICERS,
    AlertRow,
    chain_rows,
    facts_of,
    is_public,
    people,
    residents_near,
)
from anlan.warn.replies import add_links
from anlan.warn.words import Words, place_facts

D, P = schema.delivery, schema.person
NO_CHANNEL = "none"


def target(
    city: City, messages: Messages, row: AlertRow, facts: Mapping[str, str] | None = None
) -> Target:
    """What an alert asks of its audience. Relayed warnings go to officers, never to residents."""
    own = place_facts(facts or {})
    crossing = {
        tier: frozenset(name for name, (_, _, danger) in own.items() if danger or word != "danger")
        for tier, word in messages.place_threshold.items()
    }
    polygon = (facts or {}).get("polygon")
    return Target(
        area=tuple(row.area.split()),
        tiers=messages.tiers(row.event, colour(row.colour)),
        public=not row.official and is_public(city, row.event),
        channels=messages.channels,
        needs=needs(city, messages),
        roles=messages.roles,
        polygon=shapely.from_wkt(polygon) if polygon else None,
        places=crossing if own else {},
    )


def already_told(
    conn: Connection, chain: Iterable[AlertRow], states: Iterable[State] = PERHAPS_TOLD
) -> dict[str, str]:
    """person -> channel of everybody who may have a message of this chain in hand."""
    names = [row.id for row in chain]
    rows = conn.execute(
        select(D.c.person, D.c.channel)
        .where(D.c.alert.in_(names), D.c.state.in_([str(state) for state in states]))
        .order_by(D.c.version, D.c.planned_at, D.c.id)
    )
    return {row.person: row.channel for row in rows}


@contextmanager
def uncollected() -> Iterator[None]:
    """Choose among a hundred thousand people without looking for garbage meanwhile.

    All that is made here is kept, in no cycle; looking through it again and again takes longer
    than choosing. Threads that choose at once at worst let the collector back in early.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def audience(
    conn: Connection,
    city: City,
    messages: Messages,
    row: AlertRow,
    facts: Mapping[str, str] | None = None,
) -> Audience:
    """The recipients of an alert.

    An all-clear goes to exactly those who were warned, those escalated to included. An update
    also goes to those warned before who would no longer be chosen.
    """
    facts = facts_of(conn, row.id) if facts is None else facts
    asked = target(city, messages, row, facts)
    earlier = [one for one in chain_rows(conn, row.chain) if one.version < row.version]
    told = already_told(conn, earlier) if earlier else {}
    by_id: dict[str, Someone] = {}
    if told:
        named = select(D.c.person).where(D.c.alert.in_([one.id for one in earlier]))
        by_id = {each.id: each for each in people(conn, P.c.id.in_(named))}
    before = {
        name: Recipient(by_id[name], (channel,), "warned before")
        for name, channel in told.items()
        if name in by_id
    }
    if row.msg_type == "Cancel":
        return Audience(tuple(before[name] for name in sorted(before)), ())
    with uncollected():
        near = people(conn, OFFICERS)
        if asked.public and "resident" in asked.tiers:
            near += people(conn, residents_near(city, asked.area, asked.polygon))
        chosen = choose(near, city.territory, asked)
    merged = {**before, **{each.person.id: each for each in chosen.recipients}}
    lost = tuple(each for each in chosen.lost if each[0].id not in merged)
    return Audience(tuple(merged[name] for name in sorted(merged)), lost)


def plan_deliveries(
    act: Act, city: City, messages: Messages, row: AlertRow, facts: Mapping[str, str]
) -> list[str]:
    """Write the deliveries of an alert just issued; returns their ids.

    What earlier versions still had waiting is suppressed: the new version replaces it. Who cannot
    be reached gets a row as well, so that coverage counts them.
    """
    earlier = [one.id for one in chain_rows(act.tx, row.chain) if one.id != row.id]
    chosen = audience(act.tx, city, messages, row, facts)
    if earlier:
        act.tx.execute(
            update(D)
            .where(D.c.alert.in_(earlier), D.c.state.in_([str(state) for state in WAITING]))
            .values(state=State.SUPPRESSED, reason=f"superseded by {row.id}")
        )
    words = Words(city, messages, row, facts)
    rows = [
        delivery_row(
            row,
            each.person,
            each.channels[0],
            words.body(each.person, each.channels[0]),
            act.now,
            reason=f"deputy for {each.instead_of}" if each.instead_of else "",
            answer_within=answer_within(messages, row, each.person),
        )
        for each in chosen.recipients
    ]
    languages = {each.person.id: each.person.language for each in chosen.recipients}
    add_links(act.tx, messages, act.now, rows, languages)
    for person, why in chosen.lost:
        state = State.SUPPRESSED if why == "opted_out" else State.FAILED
        rows.append(delivery_row(row, person, NO_CHANNEL, "", act.now, state=state, reason=why))
    if rows:
        act.tx.execute(insert(act.tx, D).on_conflict_do_nothing(), rows)
    return [str(each["id"]) for each in rows]


def delivery_row(
    alert: AlertRow,
    person: Someone,
    channel: str,
    text: str,
    now: datetime,
    *,
    state: State = State.PLANNED,
    reason: str = "",
    answer_within: float | None = None,
) -> dict[str, Any]:
    """A delivery as a row; its id is its idempotency key. ``answer_within`` is in minutes."""
    return {
        "id": key(alert.id, alert.version, person.id, channel),
        "alert": alert.id,
        "version": alert.version,
        "person": person.id,
        "channel": channel,
        "tier": person.tier,
        "state": str(state),
        "reason": reason,
        "body": text,
        "repeat": 0,
        "planned_at": now,
        "ack_due_at": None if answer_within is None else now + timedelta(minutes=answer_within),
    }


def answer_within(messages: Messages, row: AlertRow, person: Someone) -> float | None:
    """Minutes within which a person must answer; None where no answer is asked for."""
    if row.official or row.msg_type == "Cancel":
        return None
    return messages.acknowledge_minutes.get(person.tier)


def next_channel(
    city: City, messages: Messages, person: Someone, used: Iterable[str]
) -> str | None:
    """The first channel of the person's tier that this alert version has not used for them."""
    asked = Target((), (), False, messages.channels, needs(city, messages))
    taken = set(used)
    return next((name for name in usable_channels(person, asked) if name not in taken), None)

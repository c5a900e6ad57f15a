"""Who gets which text by which channel: deliveries planned, and the preview of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

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
from anlan.warn.colour import colour
from anlan.warn.delivery import PERHAPS_TOLD, WAITING, State, key
from anlan.warn.document import text_kind, text_values
from anlan.warn.message import Messages, load_messages, marked, render, segments
from anlan.warn.records import AlertRow, alert_row, chain_rows, facts_of, is_public, people

D = schema.delivery
NO_CHANNEL = "none"


def target(city: City, messages: Messages, row: AlertRow) -> Target:
    """What an alert asks of its audience. Relayed warnings go to officers, never to residents."""
    return Target(
        area=tuple(row.area.split()),
        tiers=messages.tiers(row.event, colour(row.colour)),
        public=not row.official and is_public(city, row.event),
        channels=messages.channels,
        needs_phone=messages.needs_phone,
        roles=messages.roles,
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


def audience(conn: Connection, city: City, messages: Messages, row: AlertRow) -> Audience:
    """The recipients of an alert.

    An all-clear goes to exactly those who were warned, those escalated to included. An update
    also goes to those warned before who would no longer be chosen.
    """
    asked = target(city, messages, row)
    everyone = people(conn)
    told = already_told(
        conn, [one for one in chain_rows(conn, row.chain) if one.version < row.version]
    )
    by_id = {person.id: person for person in everyone}
    before = {
        name: Recipient(by_id[name], (channel,), "warned before")
        for name, channel in told.items()
        if name in by_id
    }
    if row.msg_type == "Cancel":
        return Audience(tuple(before[name] for name in sorted(before)), ())
    chosen = choose(everyone, city.territory, asked)
    found = {each.person.id: each for each in chosen.recipients}
    merged = {**before, **found}
    lost = tuple(each for each in chosen.unreachable if each[0] not in merged)
    return Audience(tuple(merged[name] for name in sorted(merged)), lost)


def body(
    city: City,
    messages: Messages,
    row: AlertRow,
    facts: Mapping[str, str],
    person: Someone,
    words: Mapping[str, str],
) -> str:
    """Exactly what a person will be sent: the tier's text with their own place, marked."""
    place = city.places.get(person.place or "")
    code = person.territory if person.territory in city.territory else person.territory[:12]
    unit = city.territory.unit(code) if code in city.territory else city.territory.root
    english = person.language == "en"
    own = {
        **words,
        "territory": (unit.name_en or unit.name) if english else unit.name,
        "place": unit.name
        if place is None
        else (place.name_en or place.name)
        if english
        else place.name,
    }
    template = messages.template(
        text_kind(row.msg_type, row.event, facts), person.tier, person.language
    )
    return marked(render(template, own), row.status)


def _words(
    city: City, messages: Messages, row: AlertRow, facts: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    return {
        language: text_values(city, messages, row, facts, language) for language in ("zh", "en")
    }


def plan_deliveries(
    act: Act, city: City, messages: Messages, row: AlertRow, facts: Mapping[str, str]
) -> list[str]:
    """Write the deliveries of an alert just issued; returns their ids.

    What earlier versions still had waiting is suppressed: the new version replaces it. Who cannot
    be reached gets a row as well, so that coverage counts them.
    """
    earlier = [one.id for one in chain_rows(act.tx, row.chain) if one.id != row.id]
    chosen = audience(act.tx, city, messages, row)
    if earlier:
        act.tx.execute(
            update(D)
            .where(D.c.alert.in_(earlier), D.c.state.in_([str(state) for state in WAITING]))
            .values(state=State.SUPPRESSED, reason=f"superseded by {row.id}")
        )
    words = _words(city, messages, row, facts)
    everyone = {person.id: person for person in people(act.tx)} if chosen.unreachable else {}
    rows = [
        delivery_row(
            row,
            each.person,
            each.channels[0],
            body(city, messages, row, facts, each.person, words[each.person.language]),
            act.now,
            reason=f"deputy for {each.instead_of}" if each.instead_of else "",
            answer_within=answer_within(messages, row, each.person),
        )
        for each in chosen.recipients
    ]
    for name, why in chosen.unreachable:
        state = State.SUPPRESSED if why == "opted_out" else State.FAILED
        rows.append(
            delivery_row(row, everyone[name], NO_CHANNEL, "", act.now, state=state, reason=why)
        )
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


def next_channel(messages: Messages, person: Someone, used: Iterable[str]) -> str | None:
    """The first channel of the person's tier that this alert version has not used for them."""
    asked = Target((), (), False, messages.channels, messages.needs_phone)
    taken = set(used)
    return next((name for name in usable_channels(person, asked) if name not in taken), None)


@dataclass(frozen=True)
class Preview:
    """What an approval would send: how many, by what, at what cost, and who is left out.

    ``cost`` is in yuan, by SMS segments where the channel counts them. ``samples`` holds one text
    per tier and language exactly as it would go out. ``unreachable`` are (person id, reason).
    """

    alert: str
    total: int
    by_channel: dict[str, int]
    by_tier: dict[str, int]
    unreachable: list[tuple[str, str]]
    cost: float
    samples: list[dict[str, str | int]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def preview(conn: Connection, city: City, alert_id: str) -> Preview:
    """What would go out if the alert were issued now; nothing is changed.

    Raises:
        Refusal: ``not_found``.
    """
    row = alert_row(conn, alert_id)
    messages, facts = load_messages(city), facts_of(conn, alert_id)
    chosen = audience(conn, city, messages, row)
    words = _words(city, messages, row, facts)
    cost = 0.0
    samples: dict[tuple[str, str], dict[str, str | int]] = {}
    for each in chosen.recipients:
        person, channel = each.person, each.channels[0]
        text = body(city, messages, row, facts, person, words[person.language])
        cost += messages.cost.get(channel, 0.0) * (segments(text) if channel == "sms" else 1)
        samples.setdefault(
            (person.tier, person.language),
            {
                "tier": person.tier,
                "language": person.language,
                "channel": channel,
                "text": text,
                "characters": len(text),
                "segments": segments(text),
            },
        )
    return Preview(
        alert=alert_id,
        total=len(chosen.recipients),
        by_channel=dict(sorted(Counter(e.channels[0] for e in chosen.recipients).items())),
        by_tier=dict(sorted(Counter(e.person.tier for e in chosen.recipients).items())),
        unreachable=list(chosen.unreachable),
        cost=round(cost, 2),
        samples=[samples[name] for name in sorted(samples)],
    )

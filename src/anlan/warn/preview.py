"""What an approval would send, before anybody approves: how many, by what, at what cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from anlan.city import City
from anlan.warn.channels.reach import reach
from anlan.warn.message import load_messages
from anlan.warn.planning import answer_within, audience
from anlan.warn.records import alert_row, facts_of
from anlan.warn.replies import PLACEHOLDER, carries, linked
from anlan.warn.words import Words


@dataclass(frozen=True)
class Preview:
    """What an approval would send: how many, by what, at what cost, and who is left out.

    ``messages`` counts by channel what the provider will count (segments of short messages);
    ``cost`` is in yuan. ``reachable`` counts by channel everybody whom it could reach, those for
    whom it would be the second way included. ``samples`` holds one text per tier, language and
    channel exactly as it would go out, save for the token of its reply link. ``unreachable`` are
    (person id, reason).
    """

    alert: str
    total: int
    by_channel: dict[str, int]
    reachable: dict[str, int]
    messages: dict[str, int]
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
    chosen = audience(conn, city, messages, row, facts)
    words, channels = Words(city, messages, row, facts), reach(city, messages)
    counted: Counter[str] = Counter()
    samples: dict[tuple[str, str, str], dict[str, str | int]] = {}
    lengths: dict[tuple[str, str], int] = {}
    for each in chosen.recipients:
        person, channel = each.person, each.channels[0]
        text = words.body(person, channel)
        if carries(messages, channel, answer_within(messages, row, person) is not None):
            text = linked(messages, text, person.language, PLACEHOLDER)
        if (channel, text) not in lengths:
            lengths[channel, text] = channels[channel].count(text) if channel in channels else 1
        parts = lengths[channel, text]
        counted[channel] += parts
        samples.setdefault(
            (person.tier, person.language, channel),
            {
                "tier": person.tier,
                "language": person.language,
                "channel": channel,
                "text": text,
                "characters": len(text),
                "segments": parts,
            },
        )
    first = Counter(each.channels[0] for each in chosen.recipients)
    able = Counter(name for each in chosen.recipients for name in each.channels)
    tiers = Counter(each.person.tier for each in chosen.recipients)
    cost = sum(messages.cost.get(name, 0.0) * count for name, count in counted.items())
    return Preview(
        alert=alert_id,
        total=len(chosen.recipients),
        by_channel=dict(sorted(first.items())),
        reachable=dict(sorted(able.items())),
        messages=dict(sorted(counted.items())),
        by_tier=dict(sorted(tiers.items())),
        unreachable=chosen.unreachable,
        cost=round(cost, 2),
        samples=[samples[name] for name in sorted(samples)],
    )

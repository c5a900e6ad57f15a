"""An alert in an officer's own words: a draft like any other, needing no rule and no forecast."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import timers
from anlan.warn.colour import Colour, colour
from anlan.warn.drafting import UNAPPROVED, status_of
from anlan.warn.message import marked, plain_text
from anlan.warn.plain import CHINESE
from anlan.warn.polygon import read_polygon
from anlan.warn.records import HAND, area_names, insert_alert, keep_facts, new_identifier
from anlan.warn.rules import load_rules

LONGEST_HOURS = 72
MOST_SIGNS = 2000  # of one field: nobody reads more of a warning


def write(
    act: Act,
    city: City,
    *,
    event: str,
    colour_name: str,
    area: str,
    headline: str,
    description: str,
    instruction: str = "",
    hours: float = 12,
    live: bool = False,
    polygon: Mapping[str, Any] | None = None,
    headline_en: str = "",
    description_en: str = "",
) -> str:
    """Draft an alert by hand; it is approved, sent and ended as those of the rules are.

    ``area`` is a territory code, ``event`` a kind of the city's rules; ``polygon``
    (GeoJSON, lon, lat) tells only those within it and who answers for its units. Returns the
    alert's id.

    Raises:
        Refusal: unknown event, colour or area; nothing said; more than `LONGEST_HOURS`.
    """
    headline, description, instruction, headline_en, description_en = (
        _said(field, text)
        for field, text in (
            ("headline", headline),
            ("description", description),
            ("instruction", instruction),
            ("headline_en", headline_en),
            ("description_en", description_en),
        )
    )
    rules = load_rules(city)
    known = {rule.event: rule for rule in rules.rules}
    if event not in known:
        raise Refusal(
            f"event '{event}' is not a kind of warning here; choose one of {', '.join(known)}",
            field="event",
            value=event,
            remedy=", ".join(known),
        )
    which = colour(colour_name) if colour_name in {c.word for c in Colour} else Colour.NONE
    if which is Colour.NONE:
        raise Refusal(
            f"colour '{colour_name}' is not one of blue, yellow, orange, red",
            field="colour",
            value=colour_name,
            remedy="blue, yellow, orange or red",
        )
    unit = city.territory.unit(area)
    shape = None if polygon is None else read_polygon(polygon, unit.polygon)
    for field, text in (("headline", headline), ("description", description)):
        if not text.strip():
            raise Refusal(
                f"{field} is empty; say what is happening and where",
                field=field,
                remedy="a sentence",
            )
    for field, text in (("headline_en", headline_en), ("description_en", description_en)):
        if found := CHINESE.search(text):
            raise Refusal(
                f"{field} holds '{found[0]}', which is Chinese; write English, or leave it out",
                field=field,
                value=text[:40],
                remedy="English, or nothing",
            )
    if not 0 < hours <= LONGEST_HOURS:
        raise Refusal(
            f"hours {hours:g} is outside 1 to {LONGEST_HOURS}; renew a warning that lasts longer",
            field="hours",
            value=hours,
            remedy=f"1 to {LONGEST_HOURS}",
        )
    rule, status = known[event], status_of(city, live)
    name = new_identifier(act, city, status)
    insert_alert(
        act,
        {
            "id": name,
            "chain": name,
            "version": 1,
            "rule": HAND,
            "area": unit.code,
            "area_name": unit.name,
            "event": event,
            "event_name": rule.name,
            "colour": which.word,
            "msg_type": "Alert",
            "status": status,
            "state": "draft",
            "issuer": city.name,
            "drafted_at": act.now,
            "onset_at": act.now,
            "expires_at": act.now + timedelta(hours=hours),
            "headline": marked(headline.strip()[:139], status),
            "description": marked(description.strip(), status),
            "instruction": instruction.strip(),
            "grounds": [f"hand:{act.actor}"],
            "references": [],
            "approvals_needed": which.officers,
        },
    )
    keep_facts(
        act,
        name,
        {
            "hand": "yes",
            "headline": headline.strip()[:139],
            "text": " ".join(part.strip() for part in (description, instruction) if part.strip()),
            "event_en": rule.name_en,
            "area_en": area_names(city, unit.code, "en"),
            "headline_en": headline_en.strip()[:139],
            "text_en": description_en.strip(),
            "polygon": "" if shape is None else shape.wkt,
        },
    )
    within = rules.approve_within.get(which, timedelta(minutes=30))
    timers.start(act.tx, UNAPPROVED, name, act.now + within)
    act.record("alert.drafted", name, grounds=[f"hand:{act.actor}"], content=which.word)
    return name


def _said(field: str, text: str) -> str:
    """An officer's words as plain text.

    Raises:
        Refusal: for more than `MOST_SIGNS`.
    """
    if len(text) > MOST_SIGNS:
        raise Refusal(
            f"{field} has {len(text)} characters; a warning takes {MOST_SIGNS} at most",
            field=field,
            value=text[:40],
            remedy=f"{MOST_SIGNS} characters or fewer",
        )
    return plain_text(text)

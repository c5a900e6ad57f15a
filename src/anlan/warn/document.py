"""An alert's row as the CAP document that is published, and the words of its headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import shapely

from anlan import cap
from anlan.city import City
from anlan.warn.colour import Colour, colour
from anlan.warn.message import Messages, marked, render
from anlan.warn.polygon import for_cap
from anlan.warn.records import AlertRow, is_public, local, whole_seconds
from anlan.warn.rules import Rule

KINDS = {
    "Alert": {"zh": "预警", "en": "warning"},
    "Update": {"zh": "预警更新", "en": "warning update"},
    "Cancel": {"zh": "预警解除", "en": "all-clear"},
    "Mistake": {"zh": "预警撤销（误发）", "en": "warning withdrawn (issued by mistake)"},
}
RESPONSES = {
    Colour.BLUE: (cap.ResponseType.MONITOR,),
    Colour.YELLOW: (cap.ResponseType.PREPARE,),
    Colour.ORANGE: (cap.ResponseType.PREPARE, cap.ResponseType.AVOID),
    Colour.RED: (cap.ResponseType.EVACUATE, cap.ResponseType.AVOID),
}


def colour_word(which: Colour, language: str) -> str:
    """The colour in a language."""
    return which.zh if language == "zh" else which.word


def text_values(
    city: City,
    messages: Messages,
    row: Mapping[str, object] | AlertRow,
    facts: Mapping[str, str],
    language: str,
) -> dict[str, str]:
    """The values of all slots that do not depend on the person."""
    values = row if isinstance(row, Mapping) else row._mapping
    which = colour(str(values["colour"]))
    event = str(values["event"])
    onset, until = values["onset_at"], values["expires_at"]
    english = language == "en"
    named = facts.get("event_en") or event.replace("_", " ").capitalize()
    own = {"text": facts.get("text_en", ""), "headline": facts.get("headline_en", "")}
    return {
        **{name: str(value) for name, value in facts.items()},
        **(own if english else {}),
        "event": named if english else str(values["event_name"]),
        "colour": colour_word(which, language),
        "kind": KINDS[facts.get("kind") or str(values["msg_type"])][language],
        "area": str(values["area_name"]) if language == "zh" else facts.get("area_en", ""),
        "onset": local(city, onset if isinstance(onset, datetime) else None, language),
        "until": local(city, until if isinstance(until, datetime) else None, language),
        "instruction": messages.instruction(event, which, language),
        "issuer": str(values["issuer"]),
        "place_list": _place_list(city, facts.get("place_ids", ""), language),
    }


def _place_list(city: City, names: str, language: str) -> str:
    """Hazard places by name, in the order given."""
    known = [city.places[name] for name in names.split() if name in city.places]
    if language == "en":
        return ", ".join(place.name_en or place.name for place in known)
    return "、".join(place.name for place in known)


def headline(values: Mapping[str, str], language: str) -> str:
    """The headline, under 140 characters: an officer's own, else put together.

    The English one is English: an officer who wrote none gets one that is put together.
    """
    if values.get("headline"):
        return values["headline"]
    if language == "zh":
        return f"{values['area']}{values['event']}{values['colour']}{values['kind']}"[:139]
    return f"{values['event']} {values['colour']} {values['kind']}: {values['area']}"[:139]


def text_kind(msg_type: str, event: str, facts: Mapping[str, str], language: str = "zh") -> str:
    """Which group of texts a message uses; without a run behind it, that of what was seen.

    What an officer or another authority wrote in Chinese alone has no English words: the English
    text is then the city's own for such a case.
    """
    if facts.get("kind") == "Mistake":
        return "mistake"
    untold = language == "en" and not facts.get("text_en")
    if facts.get("official"):
        kind = "official_clear" if msg_type == "Cancel" else "official"
        return "default" if untold and msg_type != "Cancel" else kind
    if msg_type == "Cancel":
        return "clear"
    if facts.get("hand"):
        return "default" if untold else "hand"
    return f"{event}_observed" if facts.get("seen_only") else event


def _geometry(city: City, area: str, polygon: str) -> list[cap.Area]:
    """One CAP area per unit: its polygon where one is known, and its 12-digit code; of a warning
    narrowed by a polygon, that polygon."""
    if polygon:
        units = [city.territory.unit(code) for code in area.split()]
        shape = for_cap(shapely.from_wkt(polygon))
        codes = tuple(("adminCode", unit.code) for unit in units)
        return [cap.Area("、".join(u.name for u in units), polygons=_rings(shape), geocodes=codes)]
    found = []
    for code in area.split():
        unit = city.territory.unit(code)
        rings = () if unit.polygon is None else _rings(unit.polygon)
        found.append(cap.Area(unit.name, polygons=rings, geocodes=(("adminCode", unit.code),)))
    return found


def _rings(shape: shapely.Geometry) -> tuple[cap.alert.Ring, ...]:
    """The outer rings; CAP knows no holes, and warns of too much rather than too little."""
    return tuple(
        tuple((round(x, 6), round(y, 6)) for x, y, *_ in part.exterior.coords)
        for part in getattr(shape, "geoms", [shape])
        if isinstance(part, shapely.Polygon)
    )


def urgency(row: AlertRow, sent: datetime, observed: bool) -> cap.Urgency:
    """Immediate when it is there, Expected within the hour, otherwise Future."""
    if observed or row.onset_at is None or row.onset_at <= sent:
        return cap.Urgency.IMMEDIATE
    return cap.Urgency.EXPECTED if row.onset_at - sent <= timedelta(hours=1) else cap.Urgency.FUTURE


def build(
    city: City,
    messages: Messages,
    row: AlertRow,
    rule: Rule | None,
    facts: Mapping[str, str],
    sent: datetime,
    references: Sequence[Sequence[str]],
) -> cap.Alert:
    """The CAP message of an alert that is issued at ``sent`` (UTC), in Chinese and English.

    An all-clear is a Cancel with an info and responseType AllClear; a mistake is a Cancel with a
    note. What the city's authority table does not grant to the public is Restricted.
    """
    sent = whole_seconds(sent).astimezone(city.zone)
    mistake = facts.get("kind") == "Mistake"
    sender = city.settings.get("sender") or {}
    public = is_public(city, row.event)
    observed = not any(str(ground).startswith("run:") for ground in row.grounds)
    which = colour(row.colour)
    infos = []
    for language, tag in (("zh", "zh-CN"), ("en", "en-US")):
        values = text_values(city, messages, row, facts, language)
        template = messages.template(
            text_kind(row.msg_type, row.event, facts, language), "cap", language
        )
        clear = row.msg_type == "Cancel"
        infos.append(
            cap.Info(
                language=tag,
                categories=rule.categories if rule else (cap.Category.MET,),
                event=values["event"],
                response_types=(cap.ResponseType.ALL_CLEAR,) if clear else RESPONSES[which],
                urgency=cap.Urgency.PAST if clear else urgency(row, sent, observed),
                severity=cap.Severity.MINOR if clear else which.severity,
                certainty=cap.Certainty.OBSERVED if observed or clear else cap.Certainty.LIKELY,
                event_codes=(("eventCode", rule.code),) if rule else (),
                onset=_edge(city, row.onset_at),
                expires=_edge(city, max(row.expires_at, sent + timedelta(minutes=1))),
                sender_name=str(sender.get("name" if language == "zh" else "name_en") or city.name),
                headline=marked(headline(values, language), row.status),
                description=marked(render(template, values), row.status),
                instruction=values["instruction"] or None,
                parameters=(("colour", row.colour), ("rule", row.rule)),
                areas=tuple(_geometry(city, row.area, facts.get("polygon", ""))),
            )
        )
    note = None
    if row.status == "Exercise":
        note = "【演练】演练或回放，不是真实预警。Exercise: not a real warning."
    if mistake:
        note = f"{note or ''}误发撤销。Issued by mistake: {facts.get('reason', '')}"
    return cap.Alert(
        identifier=row.id,
        sender=sender_id(city),
        sent=sent,
        status=cap.Status(row.status),
        msg_type=cap.MsgType(row.msg_type),
        scope=cap.Scope.PUBLIC if public else cap.Scope.RESTRICTED,
        restriction=None if public else "防汛责任人员内部 responsible officers only",
        note=note,
        references=tuple(
            cap.Reference(one[0], one[1], cap.read_time(one[2])) for one in references
        ),
        infos=() if mistake else tuple(infos),
    )


def sender_id(city: City) -> str:
    """The CAP sender: the configured one, else one made of the city's id."""
    return str((city.settings.get("sender") or {}).get("id") or f"anlan.{city.id}")


def _edge(city: City, moment: datetime | None) -> datetime | None:
    return None if moment is None else whole_seconds(moment).astimezone(city.zone)

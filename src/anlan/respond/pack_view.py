"""Packs as JSON: what a page needs to draw a form, with the answers there are to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from anlan.city import City
from anlan.respond import booking, packs
from anlan.respond.ladder import Officer
from anlan.respond.pack import Field, Pack
from anlan.respond.records import officers

View = dict[str, Any]


def packs_for(conn: Connection, city: City, role: str, territory: str) -> list[View]:
    """The city's packs for somebody of ``role`` who answers for ``territory``, most urgent first.

    ``may_open`` says whether they may open one by hand; only then are accounts offered.
    """
    people = officers(conn)
    found = sorted(
        packs.load(city.folder).values(), key=lambda each: (each.pack.priority, each.kind)
    )
    return [_pack(city, pack, role, territory, people) for pack in found]


def _pack(city: City, pack: Pack, role: str, territory: str, people: Sequence[Officer]) -> View:
    may_open = role in pack.pack.opens
    near = [
        person
        for person in people
        if may_open and city.territory.is_within(person.territory, territory)
    ]
    return {
        "kind": pack.kind,
        "title": pack.pack.title,
        "title_en": pack.pack.title_en,
        "about": pack.pack.about,
        "about_en": pack.pack.about_en,
        "priority": pack.pack.priority,
        "may_open": may_open,
        "hours": pack.deadlines.hours,
        "fields": {
            phase: [_field(city, pack, field, near) for field in pack.asked(phase)]
            for phase in ("open", "done", "check")
        },
        "pauses": [
            {"code": each.code, "title": each.title, "title_en": each.title_en}
            for each in pack.pause
        ],
        "evidence": {"text": pack.evidence.text, "photos": pack.evidence.photos},
        "reporter": {"rating": pack.reporter.rating, "reopen_days": pack.reporter.reopen_days},
        "points": [
            {"to": each.to, "points": each.points, "words": each.words, "words_en": each.words_en}
            for each in pack.points
        ],
        "books": pack.booking.model_dump(include={"venue", "starts", "ends", "slot_min"})
        if pack.booking
        else None,
    }


def _field(city: City, pack: Pack, field: Field, people: Sequence[Officer]) -> View:
    shown = field.model_dump(
        include={
            "key", "type", "label", "label_en", "hint", "hint_en", "required", "personal", "min",
            "max", "unit", "each", "must",
        }
    )  # fmt: skip
    condition = field.when
    shown["when"] = {"key": condition.key, "is": list(condition.values)} if condition else None
    shown["options"] = _options(city, pack, field, people)
    return shown


def _options(city: City, pack: Pack, field: Field, people: Sequence[Officer]) -> list[View]:
    if field.type == "place":
        return [_option(one.id, one.name, one.name_en) for one in city.places.values()]
    if field.type == "shelter":
        return [_option(one.id, one.name, one.name) for one in city.shelters.values()]
    if field.type == "venue" and pack.booking:
        return [_option(one.id, one.name, one.name_en) for one in booking.rooms(city, pack.booking)]
    if field.type == "account":
        accounts = city.accounts
        return [
            _option(one.id, accounts[one.id].name, accounts[one.id].name_en)
            for one in people
            if one.id in accounts and (not field.roles or one.role in field.roles)
        ]
    return [_option(one.value, one.label, one.label_en) for one in field.choices]


def _option(value: str, label: str, label_en: str) -> View:
    return {"value": value, "label": label, "label_en": label_en or label}

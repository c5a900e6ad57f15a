"""What volunteers are sent: the city's texts with the work's own place and times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from anlan.city import City
from anlan.journal import Act
from anlan.respond.volunteers.records import AnyRow, P, V
from anlan.respond.volunteers.rules import Words, load
from anlan.warn import notices
from anlan.warn.message import render

SLOTS: Mapping[str, frozenset[str]] = {
    "call": frozenset({"title", "place", "starts", "ends", "reply_by", "skill"}),
    "remind": frozenset({"title", "safe_until", "search_at"}),
    "moved_up": frozenset({"title", "place", "starts"}),
    "cancelled": frozenset({"title", "place", "starts"}),
    "learning": frozenset({"title"}),
}


def local(city: City, moment: datetime) -> str:
    """A moment as people read it, in the city's time."""
    return f"{moment.astimezone(city.zone):%m-%d %H:%M}"


def place_of(city: City, row: AnyRow, language: str) -> str:
    """Where the work is, by name."""
    place = city.places.get(row.place or "")
    thing = place or city.territory.unit(row.territory)
    return (thing.name_en or thing.name) if language == "en" else thing.name


def texts(
    act: Act, city: City, row: AnyRow, template: Words, volunteers: Iterable[str],
    more: Mapping[str, datetime],
) -> dict[str, str]:  # fmt: skip
    """person id -> text, each in the person's own language."""
    rules = load(city.folder)
    found = act.tx.execute(
        select(P.c.id, P.c.language)
        .join(V, V.c.person == P.c.id)
        .where(V.c.id.in_(list(volunteers)))
    )
    said: dict[str, str] = {}
    for person in found:
        skill = None if row.skill is None else rules.skills.get(row.skill)
        named = "" if skill is None else skill.title_en if person.language == "en" else skill.title
        values = {
            "title": row.title,
            "place": place_of(city, row, person.language),
            "starts": local(city, row.starts_at),
            "ends": local(city, row.ends_at),
            "skill": named,
            **{name: local(city, moment) for name, moment in more.items()},
        }
        said[person.id] = render(template.of(person.language), values)
    return said


def tell(
    act: Act,
    city: City,
    row: AnyRow,
    volunteers: Iterable[str],
    kind: str,
    answer_by: datetime | None = None,
    page: str = "",
    **more: datetime,
) -> str:
    """Send volunteers one of the city's texts about a piece of work; returns the notice's id."""
    template: Words = getattr(load(city.folder).text, kind)
    said = texts(act, city, row, template, volunteers, more)
    return notices.send(
        act, city, f"volunteer.{kind}", f"work:{row.id}", row.status, said, answer_by, page
    )

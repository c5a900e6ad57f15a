"""What the report says, as plain data: one content for HTML, PDF and Word alike.

Everything is text or a name of an image, so that the templates only lay out; they escape
whatever they set.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TypedDict

from anlan.assess.document import Assessment
from anlan.assess.report import tables
from anlan.assess.report.edge import date_text, number, spread, zone_text
from anlan.assess.report.summary import sentences
from anlan.assess.report.tables import Table
from anlan.assess.report.words import Words
from anlan.city import City, Event

#: Colours of the response levels; none is grey.
LEVEL_COLOURS = {"IV": "#2468b0", "III": "#c79200", "II": "#d9640b", "I": "#b3202c"}
NO_LEVEL_COLOUR = "#5f6b78"


class Level(TypedDict):
    """The response level proposed."""

    label: str
    text: str
    colour: str
    reason_label: str
    reason: str
    note: str


class KeyFigure(TypedDict):
    """One number that a reader takes away, with its range."""

    label: str
    value: str
    unit: str
    range: str


class Image(TypedDict):
    """An image by file name, what it shows, and what must be said of it."""

    file: str
    caption: str
    note: str


class Content(TypedDict):
    """The report from head to notes. ``summary_title`` and its like are headings."""

    language: str
    font_sans: str
    font_serif: str
    city: str
    title: str
    event: str
    exercise: str
    exercise_note: str
    facts: list[list[str]]
    level: Level
    summary_title: str
    summary: list[str]
    figures_note: str
    figures: list[KeyFigure]
    maps_title: str
    maps: list[Image]
    legend: str
    levels_title: str
    charts: list[Image]
    stations: Table
    towns: Table
    tables: list[Table]
    notes_title: str
    notes: list[str]
    synthetic_label: str
    synthetic: list[str]
    footer: str


def write_content(
    city: City,
    event: Event | None,
    assessment: Assessment,
    words: Words,
    *,
    exercise: bool,
    fonts: tuple[str, str],
    maps: list[Image],
    legend: str,
    charts: list[Image],
) -> Content:
    """Put the report's content together; sections without anything stay empty."""
    chinese = words.language == "zh"
    members = assessment["members"]
    stations = tables.stations_table(city, assessment, words)
    has_levels = bool(charts or stations["rows"])
    position = count(1)

    def title(key: str) -> str:
        return words.numbered(next(position), words(key))

    # Sections are numbered in the order in which they stand here.
    return Content(
        language=words.language,
        font_sans=fonts[0],
        font_serif=fonts[1],
        city=city.name if chinese else city.name_en or city.name,
        title=words("title"),
        event="" if event is None else (event.name if chinese else event.name_en or event.name),
        exercise=words("exercise") if exercise else "",
        exercise_note=words("exercise_note") if exercise else "",
        facts=[
            [
                words("issued"),
                f"{date_text(assessment['issued'], city.zone, words)} "
                + words("local_time", zone=zone_text(assessment["issued"], city.zone)),
            ],
            [words("run"), assessment["run"]],
            [words("horizon"), words("hours", n=f"{assessment['horizon_h']:g}")],
            [words("members"), words("count_members", n=members)],
            [words("datum"), city.datum],
        ],
        level=_level(assessment, words),
        summary_title=title("summary"),
        summary=sentences(city, assessment, words),
        figures_note=words("median_range"),
        figures=_figures(assessment, words),
        towns=tables.towns_table(city, assessment, words, title("towns")),
        maps_title=title("maps"),
        maps=maps,
        legend=legend,
        levels_title=title("levels") if has_levels else "",
        charts=charts,
        stations=stations,
        tables=[
            tables.places_table(city, assessment, words, title("places")),
            tables.villages_table(city, assessment, words, title("villages")),
            tables.departments_table(city, assessment, words, title("departments")),
        ],
        notes_title=title("notes"),
        notes=[
            words("note_members", n=members, p=max(1, round(100 / members))),
            words("note_onset"),
            words("note_residents"),
            words("note_underpass"),
            words("note_hollow"),
            words("note_map"),
        ],
        synthetic_label=words("note_synthetic"),
        synthetic=_synthetic(city, assessment, words),
        footer=words("footer"),
    )


def _synthetic(city: City, assessment: Assessment, words: Words) -> list[str]:
    """Names of the synthetic parts; in English where the city folder gives them in English."""
    named = city.settings.get("synthetic", {})
    english = named.get("parts_en") if isinstance(named, Mapping) else None
    if words.language == "en" and english and len(english) == len(assessment["synthetic"]):
        return [str(part) for part in english]
    return list(assessment["synthetic"])


def _level(assessment: Assessment, words: Words) -> Level:
    level = assessment["level"]
    return Level(
        label=words("level"),
        text=words("level_of", level=level) if level else words("level_none"),
        colour=LEVEL_COLOURS.get(level, NO_LEVEL_COLOUR),
        reason_label=words("reason"),
        reason=assessment["reason"],
        note=words("level_note"),
    )


def _figures(assessment: Assessment, words: Words) -> list[KeyFigure]:
    touched, tide = assessment["city"], assessment["tide"]
    rain = assessment["rain"]["total_mm"]
    places, residents = touched["places_attention"], touched["residents"]
    houses, road = touched["old_houses"], touched["road_m"]
    figures = [
        KeyFigure(
            label=words("fig_rain"), value=number(rain["p50"]), unit="mm", range=spread(rain, words)
        ),
        KeyFigure(
            label=words("fig_places"),
            value=number(places["p50"]),
            unit=words("unit_places"),
            range=spread(places, words),
        ),
        KeyFigure(
            label=words("fig_residents"),
            value=number(residents["p50"]),
            unit=words("unit_people"),
            range=spread(residents, words),
        ),
        KeyFigure(
            label=words("fig_old"),
            value=number(houses["p50"]),
            unit=words("unit_houses"),
            range=spread(houses, words),
        ),
        KeyFigure(
            label=words("fig_road"), value=number(road["p50"]), unit="m", range=spread(road, words)
        ),
    ]
    if tide is not None:
        peak = tide["peak"]
        figures.insert(
            0,
            KeyFigure(
                label=words("fig_tide"),
                value=number(peak["p50"], 2),
                unit="m",
                range=spread(peak, words, 2),
            ),
        )
    return figures

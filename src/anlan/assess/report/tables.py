"""The report's tables as rows of cells: text, an optional second line, an optional shade."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from anlan.assess.document import Assessment, Exceedance, Hazard, PlacePart
from anlan.assess.report.edge import moment_text, number, percent, spread, tone
from anlan.assess.report.summary import town_name
from anlan.assess.report.words import Words
from anlan.city import City

#: Places and villages less likely than this are counted, not listed.
LISTED_FROM = 0.05
LONGEST_LIST = 60
VILLAGE_LIST = 30


class Cell(TypedDict):
    """One cell: a line of text, a smaller second one, a shade (``p1``–``p4``)."""

    text: str
    sub: NotRequired[str]
    tone: NotRequired[str]


class Column(TypedDict):
    """A column's heading, alignment (``left`` or ``right``) and share of the width."""

    label: str
    align: str
    width: float


class Table(TypedDict):
    """A table with what is to be said under it."""

    title: str
    columns: list[Column]
    rows: list[list[Cell]]
    note: str


def places_table(city: City, assessment: Assessment, words: Words, title: str) -> Table:
    """Hazard places: those with a report first, then by probability, then by depth."""
    listed = sorted(
        (
            part
            for part in assessment["places"]
            if part["attention"]["probability"] >= LISTED_FROM or part.get("reported")
        ),
        key=lambda part: (
            *(not _is_reported(part, name) for name in ("danger", "attention")),
            -part["attention"]["probability"],
            -part["danger"]["probability"],
            -part["peak_m"]["p50"],
            part["id"],
        ),
    )[:LONGEST_LIST]
    rest = len(assessment["places"]) - len(listed)
    rows = []
    for part in listed:
        place = city.places[part["id"]]
        rows.append(
            [
                Cell(
                    text=_local(place.name, place.name_en, words),
                    sub=_reported(city, part, words) or words.kind(place.kind),
                ),
                Cell(
                    text=town_name(city, part["town"] or part["territory"], words),
                    sub=part["department"] or words("no_department"),
                ),
                _chance_or_report(part, "attention", words),
                _when(city, part["attention"], words),
                _chance_or_report(part, "danger", words),
                Cell(text=number(part["peak_m"]["p50"], 2), sub=spread(part["peak_m"], words, 2)),
                Cell(text=number(part["residents"])),
            ]
        )
    return Table(
        title=title,
        columns=[
            Column(label=words("name"), align="left", width=3.0),
            Column(label=f"{words('town')} / {words('department')}", align="left", width=2.4),
            Column(label=words("attention"), align="right", width=1.2),
            Column(label=f"{words('onset')} / {words('duration')}", align="right", width=1.8),
            Column(label=words("danger"), align="right", width=1.2),
            Column(label=words("peak_depth"), align="right", width=1.6),
            Column(label=words("residents"), align="right", width=1.3),
        ],
        rows=rows,
        note=_note(words, rows, rest, "rest_places"),
    )


def towns_table(city: City, assessment: Assessment, words: Words, title: str) -> Table:
    """Every town, the most likely first."""
    order = sorted(
        assessment["towns"],
        key=lambda town: (
            -town["attention_probability"],
            -town["residents_p50"],
            -town["residents_p90"],
            town["code"],
        ),
    )
    rows = [
        [
            Cell(
                text=town_name(city, town["code"], words),
                sub=_services([service["id"] for service in town["public_services"]], city, words),
            ),
            Cell(
                text=percent(town["attention_probability"]),
                tone=tone(town["attention_probability"]),
            ),
            Cell(text=moment_text(town["onset"], city.zone, words)),
            Cell(
                text=f"{town['places_attention_p50']:.0f}", sub=f"{town['places_danger_p50']:.0f}"
            ),
            Cell(text=f"{town['max_rain_1h_p50']:.0f}", sub=f"{town['max_rain_3h_p50']:.0f}"),
            Cell(text=number(town["residents_p50"]), sub=number(town["residents_p90"])),
            Cell(text=number(town["old_houses_p50"])),
            Cell(text=number(town["road_m_p50"])),
        ]
        for town in order
    ]
    return Table(
        title=title,
        columns=[
            Column(label=words("town"), align="left", width=3.0),
            Column(label=words("attention"), align="right", width=1.1),
            Column(label=words("onset"), align="right", width=1.7),
            Column(label=words("col_places"), align="right", width=1.4),
            Column(label=words("col_rain"), align="right", width=1.4),
            Column(label=words("col_residents"), align="right", width=1.4),
            Column(label=words("old_houses"), align="right", width=1.2),
            Column(label=words("road"), align="right", width=1.1),
        ],
        rows=rows,
        note=words("note_towns"),
    )


def villages_table(city: City, assessment: Assessment, words: Words, title: str) -> Table:
    """Villages by probability of the shallowest depth."""
    listed = sorted(
        (part for part in assessment["villages"] if part["probability"]["0.15"] >= LISTED_FROM),
        key=lambda part: (
            -part["probability"]["0.15"],
            -part["probability"]["0.30"],
            -part["residents_p50"],
            part["code"],
        ),
    )[:VILLAGE_LIST]
    rest = len(assessment["villages"]) - len(listed)
    rows = [
        [
            Cell(text=town_name(city, part["code"], words)),
            Cell(text=town_name(city, part["town"], words) if part["town"] else words("none")),
            *(
                Cell(text=percent(part["probability"][key]), tone=tone(part["probability"][key]))
                for key in ("0.15", "0.30", "0.50")
            ),
            Cell(text=moment_text(part["onset"], city.zone, words)),
            Cell(text=f"{part['duration_h']:.0f}"),
            Cell(text=number(part["peak_m"]["p50"], 2), sub=spread(part["peak_m"], words, 2)),
            Cell(text=number(part["residents_p50"])),
        ]
        for part in listed
    ]
    return Table(
        title=title,
        columns=[
            Column(label=words("village"), align="left", width=2.4),
            Column(label=words("town"), align="left", width=1.9),
            Column(label=">0.15 m", align="right", width=1.1),
            Column(label=">0.30 m", align="right", width=1.1),
            Column(label=">0.50 m", align="right", width=1.1),
            Column(label=words("onset"), align="right", width=1.6),
            Column(label=words("duration"), align="right", width=1.0),
            Column(label=words("peak_depth"), align="right", width=1.5),
            Column(label=words("residents"), align="right", width=1.2),
        ],
        rows=rows,
        note=_note(words, rows, rest, "rest_villages"),
    )


def departments_table(city: City, assessment: Assessment, words: Words, title: str) -> Table:
    """Departments by how many of their places are expected to cross."""
    order = sorted(
        assessment["departments"],
        key=lambda part: (-part["attention_expected"], part["department"]),
    )
    rows = [
        [
            Cell(
                text=part["department"] or words("no_department"),
                sub=_services([service["id"] for service in part["public_services"]], city, words),
            ),
            Cell(text=number(part["places"])),
            Cell(text=number(part["attention_expected"], 1)),
            Cell(text=number(part["danger_expected"], 1)),
            Cell(text=number(part["residents_p50"]), sub=number(part["residents_p90"])),
            Cell(text=number(part["old_houses_p50"])),
            Cell(text=number(part["road_m_p50"])),
        ]
        for part in order
    ]
    return Table(
        title=title,
        columns=[
            Column(label=words("department"), align="left", width=3.0),
            Column(label=words("places_count"), align="right", width=1.2),
            Column(label=words("expected"), align="right", width=1.6),
            Column(label=words("expected_danger"), align="right", width=1.6),
            Column(label=words("col_residents"), align="right", width=1.5),
            Column(label=words("old_houses"), align="right", width=1.3),
            Column(label=words("road"), align="right", width=1.2),
        ],
        rows=rows,
        note="" if rows else words("none_listed"),
    )


def stations_table(city: City, assessment: Assessment, words: Words) -> Table:
    """Peaks at the tide station and the river stations."""
    parts = [
        (part["id"], part["peak"], part["peak_time"], part["exceedance"])
        for part in assessment["stations"]
    ]
    tide = assessment["tide"]
    if tide is not None:
        parts = [part for part in parts if part[0] != tide["station"]]
        parts.insert(0, (tide["station"], tide["peak"], tide["peak_time"], tide["exceedance"]))
    rows = []
    for name, peak, at, exceedance in parts:
        station = city.stations[name]
        rows.append(
            [
                Cell(text=_local(station.name, station.name_en, words)),
                Cell(text=number(peak["p50"], 2), sub=spread(peak, words, 2)),
                Cell(text=moment_text(at, city.zone, words)),
                _over(exceedance, "warning", words),
                _over(exceedance, "guarantee", words),
            ]
        )
    return Table(
        title="",
        columns=[
            Column(label=words("station"), align="left", width=3.0),
            Column(label=words("peak"), align="right", width=1.6),
            Column(label=words("peak_time"), align="right", width=1.8),
            Column(label=words("p_over", name=words("warning")), align="right", width=1.8),
            Column(label=words("p_over", name=words("guarantee")), align="right", width=1.8),
        ],
        rows=rows,
        note="",
    )


def _local(name: str, name_en: str, words: Words) -> str:
    return name if words.language == "zh" else name_en or name


def _chance(hazard: Hazard) -> Cell:
    return Cell(
        text=percent(hazard["probability"]),
        sub=f">{hazard['threshold_m']:.2f} m",
        tone=tone(hazard["probability"]),
    )


def _is_reported(part: PlacePart, name: Literal["attention", "danger"]) -> bool:
    told = part.get("reported")
    return bool(told and told[name])


def _chance_or_report(part: PlacePart, name: Literal["attention", "danger"], words: Words) -> Cell:
    """What people see there stands above what the forecast finds likely."""
    if not _is_reported(part, name):
        return _chance(part[name])
    forecast = words("forecast_says", chance=percent(part[name]["probability"]))
    return Cell(text=words("reported"), sub=forecast, tone="p4")


def _reported(city: City, part: PlacePart, words: Words) -> str:
    told = part.get("reported")
    if not told:
        return ""
    return words(
        "reported_disputed" if told["disputed"] else "reported_depth",
        low=number(told["low_m"], 2),
        high=number(told["high_m"], 2),
        time=moment_text(told["seen_at"], city.zone, words),
        trust=percent(told["trust"]),
    )


def _when(city: City, hazard: Hazard, words: Words) -> Cell:
    return Cell(
        text=moment_text(hazard["onset"], city.zone, words), sub=f"{hazard['duration_h']:.1f} h"
    )


def _over(exceedance: list[Exceedance], name: str, words: Words) -> Cell:
    for level in exceedance:
        if level["name"] == name:
            return Cell(
                text=percent(level["probability"]),
                sub=f">{level['level_m']:.2f} m",
                tone=tone(level["probability"]),
            )
    return Cell(text=words("none"))


def _services(ids: list[str], city: City, words: Words) -> str:
    names = [_local(city.places[name].name, city.places[name].name_en, words) for name in ids]
    return ("、" if words.language == "zh" else ", ").join(names)


def _note(words: Words, rows: list[list[Cell]], rest: int, key: str) -> str:
    if not rows:
        return words("none_listed")
    return words(key, n=rest) if rest else ""

"""Readings as they arrive, and how they are read from CSV and JSON."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from anlan.city import City
from anlan.observe.quantity import QUANTITIES, to_archive_unit
from anlan.refusal import Refusal

# flags of readings that may drive a forecast or a rule; all others are kept and shown only
USABLE = frozenset({"ok", "reconstructed", "corrected"})
FLAGS = ("ok", "suspect", "missing", "reconstructed", "corrected")
# what somebody decided about a reading: it holds over everything that stations send
CORRECTED = "corrected"
# what a station may say of its own readings
FROM_STATIONS = FLAGS[:3]
FROM_PEOPLE = (*FROM_STATIONS, CORRECTED)
# what the store and calendars can hold; no gauge is older
YEARS = (1900, 2200)
MOST_TIME = 64  # characters of a time, with blanks around it
COLUMNS = ("series", "valid_at", "value", "unit", "datum", "start_at", "flag")


class Reading(NamedTuple):
    """One measured value. A tuple: they come by the ten thousands.

    Attributes:
        series: ``<station>.<quantity>``.
        valid_at: the moment it holds for; for sums the end of their interval. Aware.
        value: in the archive's unit (mm, m on the city datum, m/s); None when the
            station says that it could not measure.
        start_at: for sums the start of their interval. Aware.
        flag: one of `FLAGS`.
        source: who handed it in.
    """

    series: str
    valid_at: datetime
    value: float | None
    start_at: datetime | None = None
    flag: str = "ok"
    source: str = ""


@dataclass(frozen=True)
class RefusedRow:
    """A row that could not be taken, with the reason; the rest of its batch goes on."""

    row: int
    raw: str
    refusal: Refusal


@lru_cache(maxsize=20_000)
def _parsed(text: str) -> datetime | None:
    """A time with its zone, None for any other text. Stations share their times."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def _moment(text: str, field: str, where: str) -> datetime:
    moment = _parsed(text) if len(text) <= MOST_TIME else None
    if moment is None:
        raise Refusal(
            f"{where}: {field} '{text}' is not a time with its zone; "
            "write it like 2021-07-24T08:00+08:00",
            field=field,
            value=text,
            remedy="ISO 8601 with offset, e.g. 2021-07-24T08:00+08:00",
        )
    return in_calendar(moment, field, where)


def in_calendar(moment: datetime, field: str, where: str) -> datetime:
    """``moment`` itself; refuses one outside `YEARS`, which no reading can have."""
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise Refusal(
            f"{where}: {field} {moment.isoformat()} is not of the years {YEARS[0]} to {YEARS[1]}; "
            "check the year",
            field=field,
            value=moment.isoformat(),
            remedy=f"a time of the years {YEARS[0]} to {YEARS[1]}",
        )
    return moment


def known_flag(flag: str, where: str) -> str:
    """``flag`` itself; refuses one outside `FLAGS`."""
    if flag not in FLAGS:
        raise Refusal(
            f"{where}: flag '{flag[:40]}' is not known; use {', '.join(FLAGS)}",
            field="flag",
            value=flag[:40],
            remedy=", ".join(FLAGS),
        )
    return flag


def _flag(text: str, value: float | None, where: str, allowed: Sequence[str]) -> str:
    flag = known_flag(text.strip() or ("missing" if value is None else "ok"), where)
    if flag not in allowed:
        raise Refusal(
            f"{where}: flag '{flag}' is not for a station to give: reconstructed readings come "
            "from a replay or `anlan observe import`, corrections from people; send "
            f"{', '.join(allowed)}",
            field="flag",
            value=flag,
            remedy=", ".join(allowed),
        )
    return flag


def _number(text: object, where: str) -> float | None:
    if type(text) is float and math.isfinite(text):  # as nearly all are
        return text
    if text is None or (isinstance(text, str) and text.strip() == ""):
        return None
    try:
        if isinstance(text, bool):
            raise TypeError
        value = float(str(text))
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise Refusal(
            f"{where}: value '{text}' is not a number; leave it empty if nothing was measured",
            field="value",
            value=text,
            remedy="a finite number, or empty",
        )
    return value


def parse_row(
    row: Mapping[str, object],
    city: City,
    where: str,
    source: str,
    allowed: Sequence[str] = FROM_STATIONS,
) -> Reading:
    """One row (CSV or JSON object with the names of `COLUMNS`) as a reading.

    ``allowed``: the flags that this sender may give.

    Raises `Refusal` naming field, value and remedy.
    """
    series = str(row.get("series") or "").strip()
    station = city.station_of(series)
    if station is None:
        raise Refusal(
            f"{where}: series '{series}' is not one of this city's; "
            "GET /api/v1/stations or `anlan observe status` lists them",
            field="series",
            value=series,
            remedy="a series of this city",
        )
    quantity = QUANTITIES[series.rpartition(".")[2]]
    valid_at = _moment(str(row.get("valid_at") or ""), "valid_at", where)
    start_text = str(row.get("start_at") or "").strip()
    start_at = _moment(start_text, "start_at", where) if start_text else None
    if start_at is not None and start_at >= valid_at:
        raise Refusal(
            f"{where}: start_at {start_text} is not before valid_at {row.get('valid_at')}",
            field="start_at",
            value=start_text,
            remedy="the start of the interval that ends at valid_at",
        )
    if quantity.is_sum and start_at is None:
        start_at = valid_at - station.cadence
    value = _number(row.get("value"), where)
    flag = _flag(str(row.get("flag") or ""), value, where, allowed)
    if value is not None:
        # the station's own unit is that of what it measures, not of its battery
        usual = station.unit if station.quantity == quantity.name else quantity.unit
        value = to_archive_unit(quantity.name, value, str(row.get("unit") or usual), where)
        if quantity.has_datum:
            value = city.level(value, str(row.get("datum") or station.datum))
    return Reading(series, valid_at, value, start_at, flag, source)


def parse_rows(
    rows: Iterable[Mapping[str, object]],
    city: City,
    source: str,
    allowed: Sequence[str] = FROM_STATIONS,
    first: int = 1,
) -> tuple[list[Reading], list[RefusedRow]]:
    """All rows that can be taken, and those that cannot, each with its reason.

    ``first``: the number of the first of them, for the reasons.
    """
    readings: list[Reading] = []
    refused: list[RefusedRow] = []
    for number, row in enumerate(rows, start=first):
        try:
            readings.append(parse_row(row, city, f"row {number}", source, allowed))
        except Refusal as refusal:
            refused.append(RefusedRow(number, str(dict(row))[:500], refusal))
    return readings, refused


def require_columns(names: Iterable[str]) -> None:
    """Refuse a header without the columns that every reading needs."""
    there = list(names)
    missing = [name for name in COLUMNS[:3] if name not in there]
    if missing:
        raise Refusal(
            f"column {missing[0]} is missing from the header '{','.join(there)[:200]}'; the first "
            "line must name series,valid_at,value and may name unit,datum,start_at,flag",
            field=missing[0],
            value=",".join(there)[:200],
            remedy=",".join(COLUMNS),
        )


def parse_csv(
    text: str,
    city: City,
    source: str,
    unit: str | None = None,
    allowed: Sequence[str] = FROM_STATIONS,
) -> tuple[list[Reading], list[RefusedRow]]:
    """Readings from CSV text with a header of `COLUMNS` (series, valid_at, value needed).

    Raises `Refusal` when the header lacks a needed column, or when the text is no CSV.
    """
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        names, found = table.fieldnames or (), list(table)
    except csv.Error as problem:
        raise Refusal(
            f"line {table.line_num + 1} is not CSV ({problem}); look for a quotation mark "
            "without its partner",
            field="body",
            remedy=",".join(COLUMNS),
        ) from problem
    require_columns(names)
    rows = ({"unit": unit, **{k: v for k, v in row.items() if k and v}} for row in found)
    return parse_rows(rows, city, source, allowed)

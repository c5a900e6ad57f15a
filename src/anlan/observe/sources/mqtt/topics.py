"""From a message to readings: which topic it came on, and where in it what stands. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from anlan.city import City
from anlan.observe.quantity import QUANTITIES, to_archive_unit
from anlan.observe.reading import COLUMNS, Reading, RefusedRow, parse_row
from anlan.observe.sources.source import Origin
from anlan.observe.sources.table import Table
from anlan.refusal import Refusal

TIMES = ("iso", "unix_s", "unix_ms")
PLACES = ("{station}", "{series}")
SHOWN = 500  # characters of a row in quarantine
_KEYS = ("filter", "series", "items", "keys", "time", "zone", "unit", "datum")


@dataclass(frozen=True)
class Topic:
    """What messages on some topics mean; see the head of `settings` for its keys.

    Attributes:
        series: path in a reading -> series that stands there; empty: rows as over HTTP.
        only: the one series of all messages; empty: the rows or the topic say.
        keys: column of `COLUMNS` -> dotted path in a reading, where it has another name.
    """

    filter: str
    series: Mapping[str, str] = field(default_factory=dict)
    only: str = ""
    items: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    time: str = "iso"
    zone: ZoneInfo | None = None
    unit: str = ""
    datum: str = ""

    @property
    def subscription(self) -> str:
        """The filter as the broker knows it."""
        return "/".join("+" if level in PLACES else level for level in self.filter.split("/"))

    def match(self, topic: str) -> Mapping[str, str] | None:
        """The station or series that ``topic`` names, if it is one of these topics at all."""
        found: dict[str, str] = {}
        wanted, given = self.filter.split("/"), topic.split("/")
        for number, level in enumerate(wanted):
            if level == "#":
                return found
            if number >= len(given):
                return None
            if level in PLACES:
                found[level[1:-1]] = given[number]
            elif level not in ("+", given[number]):
                return None
        return found if len(wanted) == len(given) else None


def read_topic(city: City, origin: Origin, table: Table) -> Topic:
    """One ``[[topic]]``. Raises `Refusal` naming key, value and remedy."""
    table.known(*_KEYS)
    written = table.text("filter", "a topic such as stations/{station}/readings")
    _check_filter(table, written)
    series: Mapping[str, str] = {}
    only = ""
    if isinstance(table.values.get("series"), str):
        only = table.text("series", "a series of the city")
        _check_series(city, origin, table, "series", only)
    elif "series" in table:
        named = table.table("series")
        for path in named.values:
            _check_series(city, origin, named, path, named.text(path, "a series of the city"))
        series = dict(named.values)
    keys = table.table("keys", {})
    keys.known(*COLUMNS)
    for column in keys.values:
        keys.text(column, "where it stands in a reading")
    zone = table.text("zone", "Asia/Shanghai", "")
    try:
        known = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise table.wrong("zone", zone, "is not of the IANA list", "Asia/Shanghai") from problem
    unit = table.text("unit", "the unit of all values", "")
    for target in (only, *series.values()):
        if unit and target:
            to_archive_unit(target.rpartition(".")[2], 0.0, unit, f"{table.file}: {table.where}")
    datum = table.text("datum", "a datum of city.toml", "")
    if datum and datum not in city.datums:
        raise table.wrong("datum", datum, "is not in city.toml", ", ".join(city.datums))
    return Topic(
        written,
        series,
        only,
        table.text("items", "where the list of readings stands", ""),
        dict(keys.values),
        table.one_of("time", TIMES, "iso"),
        known,
        unit,
        datum,
    )


def _check_filter(table: Table, written: str) -> None:
    levels = written.split("/")
    for number, level in enumerate(levels):
        plain = level in ("+", *PLACES) or (level == "#" and number == len(levels) - 1)
        if not plain and re.search(r"[+#{}\x00]", level):
            remedy = "+, {station} or {series} as a whole level, # as the last"
            raise table.wrong("filter", written, f"has the level '{level}'", remedy)
    if not written or written.startswith("$") or len(written.encode()) > 65_535:
        raise table.wrong("filter", written, "is no topic", "stations/{station}/readings")
    if len([level for level in levels if level in PLACES]) > 1:
        raise table.wrong("filter", written, "names two places", "one of {station}, {series}")


def _check_series(city: City, origin: Origin, table: Table, key: str, series: str) -> None:
    if city.station_of(series) is None:
        raise table.wrong(key, series, "is not a series of the city", "such as zhapu.tide")


def at(path: str, value: object) -> object:
    """What stands at a dotted path; None where nothing does."""
    for part in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def readings(
    topic: Topic, found: Mapping[str, str], payload: object, city: City, origin: Origin, name: str
) -> tuple[list[Reading], list[RefusedRow]]:
    """The readings of one message, and its rows that cannot be taken, each with its reason.

    Args:
        found: what `Topic.match` found in the name of its topic.
        payload: its JSON, parsed.
        name: the whole topic, for quarantine.
    """
    taken: list[Reading] = []
    refused: list[RefusedRow] = []
    source = f"mqtt:{name}"[:200]
    for number, row in enumerate(_rows(topic, payload), start=1):
        try:
            if not isinstance(row, Mapping):
                raise Refusal(
                    f"{name}: reading {number} '{str(row)[:40]}' is not a JSON object",
                    field="readings",
                    value=str(row)[:40],
                    remedy='objects such as {"valid_at": …, "value": …}',
                )
            for each in _columns(topic, found, row, city, origin, name):
                taken.append(parse_row(each, city, f"{name}: reading {number}", source))
        except Refusal as refusal:
            refused.append(RefusedRow(number, f"mqtt {name} {str(row)[:SHOWN]}", refusal))
    return taken, refused


def _rows(topic: Topic, payload: object) -> list[object]:
    inside = at(topic.items, payload)
    if (
        not topic.items
        and isinstance(payload, Mapping)
        and isinstance(payload.get("readings"), list)
    ):
        inside = payload["readings"]
    return inside if isinstance(inside, list) else [inside]


def _columns(
    topic: Topic,
    found: Mapping[str, str],
    row: Mapping[str, object],
    city: City,
    origin: Origin,
    name: str,
) -> Iterator[Mapping[str, object]]:
    """A reading, or each of several that stand together, in the columns of HTTP."""
    plain = {
        column: at(topic.keys.get(column, ""), row) if column in topic.keys else row.get(column)
        for column in COLUMNS
    }
    for column in ("valid_at", "start_at"):
        if plain[column] is not None and (topic.time != "iso" or topic.zone is not None):
            plain[column] = _time(plain[column], topic)
    if not topic.series:
        series = _series(topic, found, str(plain["series"] or ""), city, name)
        yield _filled(plain, series, topic, origin)
        return
    none = True
    for path, series in topic.series.items():
        value = at(path, row)
        if value is not None:
            none = False
            yield _filled({**plain, "value": value}, series, topic, origin)
    if none:
        raise Refusal(
            f"{name}: none of {', '.join(topic.series)} stands in the message",
            field="value",
            remedy=", ".join(topic.series),
        )


def _series(topic: Topic, found: Mapping[str, str], said: str, city: City, name: str) -> str:
    """The series of a row, which must be one that its topic may carry."""
    station = found.get("station")
    if station is not None:
        if not said and station in city.stations:
            return city.stations[station].series
        series = said if "." in said else f"{station}.{said}"
        if series.rpartition(".")[0] == station:
            return series
        owner = f"station {station}"
    else:
        only = topic.only or found.get("series", "")
        if not only or said in ("", only):
            return only or said
        series, owner = said, f"series {only}"
    raise Refusal(
        f"{name}: series '{series[:80]}' is not of {owner}, to which this topic belongs",
        field="series",
        value=series[:80],
        remedy=f"{owner} on this topic",
        kind="forbidden",
    )


def _filled(
    row: dict[str, object], series: str, topic: Topic, origin: Origin
) -> Mapping[str, object]:
    """The row with its series, and with unit and datum where it does not say them itself."""
    row["series"] = series
    quantity = series.rpartition(".")[2]
    if row["unit"] is None:
        row["unit"] = topic.unit or origin.units.get(quantity)
    if row["datum"] is None and quantity in QUANTITIES and QUANTITIES[quantity].has_datum:
        row["datum"] = topic.datum or origin.datums.get(quantity)
    return row


def _time(value: object, topic: Topic) -> object:
    """A time in the form of HTTP; what is none is left for its refusal there."""
    if topic.time == "iso":
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            return value
        return (
            moment.isoformat() if moment.tzinfo else moment.replace(tzinfo=topic.zone).isoformat()
        )
    try:
        seconds = float(str(value)) / (1000.0 if topic.time == "unix_ms" else 1.0)
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return value

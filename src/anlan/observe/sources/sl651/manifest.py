"""``sl651.toml`` of a city folder: which stations may report, and where their values go.

::

    [source]
    owner = "平湖市水利局"
    licence = "own network"
    quality = "automatic"          # how the readings come about: automatic, checked or manual
    cadence_minutes = 5
    time_out_s = 600               # a silent connection is closed after this

    [server]                       # without this table nothing listens
    host = "127.0.0.1"
    port = 5651
    most_connections = 200

    [[station]]
    address = "0012345678"         # ten digits, as in its frames
    password = "1234"              # four hexadecimal digits
    confirm = true                 # mode M2 or M3; false: M1, no answer
    stay_online = false            # true: answers end with ESC, not EOT (table 10)
    datum = "Wusong"               # of its levels; default: that of the city's station
    base_m = 0.0                   # 水位基值: added to the relative levels DRZ1 to DRZ8
    counter_mm = 100000.0          # where the rain counter begins again at zero

    [station.series]               # element (table C.1) = series of the city
    Z = "danghu-level.river_level"
    PT = "rain-danghu.rain"

The rain of a station comes from its counter (PT), from the hour's 5 min sums (DRP), or from
one of the sums of a fixed interval; not from PJ, which begins again every morning.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from anlan.city import City, load
from anlan.city.fault import Fault
from anlan.observe.quantity import to_archive_unit
from anlan.observe.sources.sl651.elements import BY_NAME
from anlan.refusal import Refusal

FILE = "sl651.toml"
COUNTER, HOUR_OF_RAIN = "PT", "DRP"
# elements that are sums over an interval of fixed length
SPANS = {
    **{f"PN{m:02d}": timedelta(minutes=m) for m in (1, 5, 10, 30)},
    **{f"P{h}": timedelta(hours=h) for h in (1, 2, 3, 6, 12)},
    "PD": timedelta(days=1),
    HOUR_OF_RAIN: timedelta(minutes=5),
}
QUALITIES = ("automatic", "checked", "manual")
_SOURCE = ("owner", "licence", "quality", "cadence_minutes", "time_out_s")
_SERVER = ("host", "port", "most_connections")
_STATION = (
    "address",
    "password",
    "confirm",
    "stay_online",
    "datum",
    "base_m",
    "counter_mm",
    "series",
)
T = TypeVar("T")


@dataclass(frozen=True)
class Terminal:
    """One station that may report; see the head of the module for its keys."""

    address: str
    password: str
    series: Mapping[str, str]
    confirm: bool = True
    stay_online: bool = False
    datum: str = ""
    base_m: float = 0.0
    counter_mm: float = 100_000.0


@dataclass(frozen=True)
class Server:
    """Where the server listens."""

    host: str
    port: int
    most_connections: int


@dataclass(frozen=True)
class Manifest:
    """What ``sl651.toml`` says. ``server`` is None when nothing should listen."""

    owner: str
    licence: str
    quality: str
    cadence: timedelta
    time_out_s: float
    server: Server | None
    terminals: Mapping[str, Terminal]


def read_manifest(city: City) -> Manifest | None:
    """The manifest of a city, or None when it has none. Raises `Refusal` naming key and remedy."""
    path = city.folder / FILE
    if not path.exists():
        return None
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Refusal(f"{FILE} cannot be read ({problem})", field=FILE, remedy="TOML") from problem
    _known(said, ("source", "server", "station"), "")
    source = _key(said, "source", dict, "[source]", "")
    _known(source, _SOURCE, "source.")
    server = None
    if "server" in said:
        table = _key(said, "server", dict, "[server]", "")
        _known(table, _SERVER, "server.")
        server = Server(
            _key(table, "host", str, "127.0.0.1", "server.", "127.0.0.1"),
            _key(table, "port", int, "a port such as 5651", "server."),
            _key(table, "most_connections", int, "a number such as 200", "server.", 200),
        )
    quality = _key(source, "quality", str, ", ".join(QUALITIES), "source.")
    if quality not in QUALITIES:
        raise _wrong("source.quality", quality, "is not known", ", ".join(QUALITIES))
    terminals: dict[str, Terminal] = {}
    for number, table in enumerate(_key(said, "station", list, "[[station]]", ""), start=1):
        terminal = _terminal(table, city, f"station {number}: ")
        if terminal.address in terminals:
            raise _wrong("station.address", terminal.address, "stands twice", "each station once")
        terminals[terminal.address] = terminal
    return Manifest(
        owner=_key(source, "owner", str, "who runs the stations", "source."),
        licence=_key(source, "licence", str, "the terms of the readings", "source."),
        quality=quality,
        cadence=timedelta(minutes=_number(source, "cadence_minutes", "source.")),
        time_out_s=_number(source, "time_out_s", "source.", 600.0),
        server=server,
        terminals=terminals,
    )


def check(folder: Path) -> list[Fault]:
    """The first fault of ``sl651.toml``; none while the city itself cannot be loaded."""
    try:
        city = load(folder)
    except Refusal:
        return []
    try:
        read_manifest(city)
    except Refusal as refusal:
        value = "" if refusal.value is None else str(refusal.value)[:80]
        field, remedy = refusal.field or "", refusal.remedy or ""
        return [Fault(FILE, None, field, value, refusal.message, remedy)]
    return []


def _terminal(table: object, city: City, where: str) -> Terminal:
    if not isinstance(table, dict):
        raise _wrong(f"{where}station", table, "is not a table", "[[station]]")
    _known(table, _STATION, where)
    address = _key(table, "address", str, "ten digits", where).upper()
    if not re.fullmatch(r"[0-9A-F]{10}", address):
        raise _wrong(f"{where}address", address, "is not ten digits", "as in its frames")
    password = _key(table, "password", str, "four hexadecimal digits", where).upper()
    if not re.fullmatch(r"[0-9A-F]{4}", password):
        # the value stays unsaid: it may be the password with a slip
        raise _wrong(f"{where}password", None, "is not four hexadecimal digits", "such as 03E8")
    datum = _key(table, "datum", str, "a datum of city.toml", where, "")
    if datum and datum not in city.datums:
        raise _wrong(f"{where}datum", datum, "is not in city.toml", ", ".join(city.datums))
    counter_mm = _number(table, "counter_mm", where, 100_000.0)
    if counter_mm <= 0:
        raise _wrong(f"{where}counter_mm", counter_mm, "is not above 0", "100000.0")
    series = _key(table, "series", dict, "[station.series]", where)
    for name, target in series.items():
        _check_series(name, target, city, f"{where}series.{name}")
    taken = list(series.values())
    for target in taken:
        if taken.count(target) > 1:
            raise _wrong(f"{where}series", target, "is named twice", "one element for each series")
    return Terminal(
        address,
        password,
        series,
        _key(table, "confirm", bool, "true or false", where, True),
        _key(table, "stay_online", bool, "true or false", where, False),
        datum,
        _number(table, "base_m", where, 0.0),
        counter_mm,
    )


def _check_series(name: str, target: object, city: City, where: str) -> None:
    """Raises `Refusal` unless element and series measure the same."""
    element = BY_NAME.get(name.upper())
    if element is None or element.name != name:
        raise _wrong(where, name, "is not an element of table C.1", "such as Z, PT or PN05")
    if city.station_of(str(target)) is None:
        raise _wrong(where, target, "is not a series of the city", "such as zhapu.tide")
    quantity = str(target).rpartition(".")[2]
    if quantity == "rain" and name != COUNTER and name not in SPANS:
        sums = f"{COUNTER} or {', '.join(SPANS)}"
        raise _wrong(where, name, "gives no sum over a known interval", sums)
    to_archive_unit(quantity, 0.0, element.unit, f"{FILE} {where}")


def _known(table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            raise _wrong(f"{where}{key}", None, "is not a key", ", ".join(keys))


def _key(
    table: Mapping[str, Any],
    key: str,
    kind: type[T],
    remedy: str,
    where: str,
    default: T | None = None,
) -> T:
    value = table.get(key, default)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        what = "is missing" if key not in table else f"is not a {kind.__name__}"
        raise _wrong(f"{where}{key}", table.get(key), what, remedy)
    return value


def _number(table: Mapping[str, Any], key: str, where: str, default: float | None = None) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(f"{where}{key}", value, "is not a number", "a number")
    return float(value)


def _wrong(field: str, value: object, what: str, remedy: str) -> Refusal:
    shown = "" if value is None else f" '{value}'"
    return Refusal(
        f"{FILE}: {field}{shown} {what}; write {remedy}", field=field, value=value, remedy=remedy
    )

"""``sl651.toml`` of a city folder: which stations may report, and where their values go.

::

    [source]
    owner = "平湖市水利局"
    licence = "own network"
    quality = "automatic"          # how the readings come about: automatic, checked or manual
    cadence_minutes = 5
    time_out_s = 600               # a silent connection is closed after this
    [source.datums]                # the datum of all stations, where none is said of one
    river_level = "Wusong"

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
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from anlan.city import City
from anlan.observe.quantity import to_archive_unit
from anlan.observe.sources.sl651.elements import BY_NAME
from anlan.observe.sources.source import Origin
from anlan.observe.sources.table import Table

FILE = "sl651.toml"
COUNTER, HOUR_OF_RAIN = "PT", "DRP"
# elements that are sums over an interval of fixed length
SPANS = {
    **{f"PN{m:02d}": timedelta(minutes=m) for m in (1, 5, 10, 30)},
    **{f"P{h}": timedelta(hours=h) for h in (1, 2, 3, 6, 12)},
    "PD": timedelta(days=1),
    HOUR_OF_RAIN: timedelta(minutes=5),
}
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


@dataclass(frozen=True)
class Terminal:
    """One station that may report; see the head of the module for its keys.

    Attributes:
        datums: series -> datum on which the station gives its levels.
    """

    address: str
    password: str
    series: Mapping[str, str]
    confirm: bool = True
    stay_online: bool = False
    datums: Mapping[str, str] = field(default_factory=dict)
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

    origin: Origin
    server: Server | None
    terminals: Mapping[str, Terminal]


def read_manifest(city: City, origin: Origin, said: Table) -> Manifest:
    """What the file says. Raises `Refusal` naming key and remedy."""
    said.known("server", "station")
    for quantity, unit in origin.units.items():
        what = "is not for a city to say: the protocol fixes the unit of each element"
        raise said.wrong(f"source.units.{quantity}", unit, what, "no [source.units]")
    server = None
    if "server" in said:
        table = said.table("server")
        table.known("host", "port", "most_connections")
        server = Server(
            table.text("host", "127.0.0.1", "127.0.0.1"),
            table.whole("port", "a port such as 5651", high=65_535),
            table.whole("most_connections", "a number such as 200", 200),
        )
    terminals: dict[str, Terminal] = {}
    for table in said.tables("station"):
        terminal = _terminal(table, city, origin)
        if terminal.address in terminals:
            raise table.wrong("address", terminal.address, "stands twice", "each station once")
        terminals[terminal.address] = terminal
    return Manifest(origin, server, terminals)


def _terminal(table: Table, city: City, origin: Origin) -> Terminal:
    table.known(*_STATION)
    address = table.text("address", "ten digits").upper()
    if not re.fullmatch(r"[0-9A-F]{10}", address):
        raise table.wrong("address", address, "is not ten digits", "as in its frames")
    password = table.text("password", "four hexadecimal digits").upper()
    if not re.fullmatch(r"[0-9A-F]{4}", password):
        # the value stays unsaid: it may be the password with a slip
        raise table.wrong("password", None, "is not four hexadecimal digits", "such as 03E8")
    datum = table.text("datum", "a datum of city.toml", "")
    if datum and datum not in city.datums:
        raise table.wrong("datum", datum, "is not in city.toml", ", ".join(city.datums))
    series = table.table("series")
    for name in series.values:
        _check_series(name, city, series)
    taken = list(series.values.values())
    for target in taken:
        if taken.count(target) > 1:
            raise table.wrong("series", target, "is named twice", "one element for each series")
    return Terminal(
        address,
        password,
        dict(series.values),
        table.flag("confirm", True),
        table.flag("stay_online", False),
        {target: datum or _datum(target, city, origin) for target in taken},
        table.number("base_m", 0.0),
        table.positive("counter_mm", 100_000.0),
    )


def _datum(series: str, city: City, origin: Origin) -> str:
    station, _, quantity = series.rpartition(".")
    return origin.datums.get(quantity) or city.stations[station].datum


def _check_series(name: str, city: City, series: Table) -> None:
    """Raises `Refusal` unless element and series measure the same."""
    target = series.text(name, "such as zhapu.tide")
    element = BY_NAME.get(name.upper())
    if element is None or element.name != name:
        raise series.wrong(name, name, "is not an element of table C.1", "such as Z, PT or PN05")
    if city.station_of(target) is None:
        raise series.wrong(name, target, "is not a series of the city", "such as zhapu.tide")
    quantity = target.rpartition(".")[2]
    if quantity == "rain" and name != COUNTER and name not in SPANS:
        sums = f"{COUNTER} or {', '.join(SPANS)}"
        raise series.wrong(name, name, "gives no sum over a known interval", sums)
    to_archive_unit(quantity, 0.0, element.unit, f"{FILE} {series.where}{name}")

"""``rain.toml`` of a city folder: where gridded rain comes from, and how long it is kept.

::

    [source]
    owner = "浙江省气象局"
    licence = "by agreement"
    quality = "automatic"
    cadence_minutes = 6
    time_out_s = 60

    [[product]]
    id = "radar"                   # observed: 1 h sums of radar, gauges adjusted …
    folder = "inbox/radar"         # below the data folder; or url = "https://…/latest.nc"
    forecast = false
    keep_days = 30
    minutes = 6                    # and, where files do not say it themselves: variable, unit,
    zone = "UTC"                   #   totals, minutes, zone (see `anlan observe import-rain`)

    [[product]]
    id = "cma-gfs"
    folder = "inbox/gfs"
    forecast = true
    keep_days = 10

Forms: NetCDF (CF), GRIB, GeoTIFF.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe.quarantine import put_aside
from anlan.observe.rainfield import How, prune, take_file
from anlan.observe.rainfield.opening import SUFFIXES
from anlan.observe.sources.documents import Fetch, changed, new_files
from anlan.observe.sources.official.manifest import drop_folder, every, identifier, web_address
from anlan.observe.sources.polling import Gathered, Poller
from anlan.observe.sources.source import Feed, Origin, Source
from anlan.observe.sources.table import Table
from anlan.observe.sources.web import fetcher
from anlan.refusal import Refusal
from anlan.store import Store

MOST_OF_ADDRESS = 64 * 1024 * 1024
MOST_OF_FILE = 4 * 1024**3
SETTLED_S = 3.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Product:
    """One product: ``url`` or ``folder``, the other is empty; ``how``: what its files leave out."""

    id: str
    url: str
    folder: str
    every: timedelta
    forecast: bool
    keep: timedelta
    how: How


@dataclass(frozen=True)
class Settings:
    """What ``rain.toml`` says beside ``[source]``."""

    products: tuple[Product, ...]
    time_out_s: float


class RainJob:
    """Asks for the files of one product and brings them onto the city's grid."""

    def __init__(
        self, product: Product, city: City, store: Store, clock: Clock, fetch: Fetch
    ) -> None:
        self._product, self._city, self._store = product, city, store
        self._clock, self._fetch = clock, fetch

    @property
    def id(self) -> str:
        """Of the product."""
        return self._product.id

    @property
    def every(self) -> timedelta:
        """How often it is asked."""
        return self._product.every

    def gather(self, memory: dict[str, Any]) -> Gathered:
        """New files, each kept at once: fields are too large to wait for one transaction.

        Frames are kept whole or not at all and a repeat changes nothing, so that a file that is
        taken but not yet remembered is taken again without harm.
        """
        done: list[tuple[str, int, str]] = []
        if self._product.folder:
            folder = self._store.data_dir / self._product.folder
            folder.mkdir(parents=True, exist_ok=True)
            for path, size in new_files(folder, memory, SUFFIXES, SETTLED_S):
                done.append(self._take(path, path.name, size))
        else:
            body = changed(self._fetch, self._product.url, memory, MOST_OF_ADDRESS)
            if body is not None:
                name = Path(urlsplit(self._product.url).path).name or "field"
                with tempfile.TemporaryDirectory() as scratch:
                    path = Path(scratch) / name[-100:]
                    path.write_bytes(body)
                    done.append(self._take(path, name, len(body)))
        if done:
            prune(self._store, self._product.id, self._clock.now() - self._product.keep)
        return Gathered(done, memory)

    def _take(self, path: Path, name: str, size: int) -> tuple[str, int, str]:
        """Name, new frames, and why it was refused, if it was."""
        if size > MOST_OF_FILE:
            return name, 0, f"{name} has {size} bytes; at most {MOST_OF_FILE} are read"
        product = self._product
        try:
            taken = take_file(
                self._store,
                self._city,
                self._clock,
                path,
                product.id,
                forecast=product.forecast,
                how=product.how,
                name=name,
            )
        except Refusal as refusal:
            return name, 0, refusal.message
        except Exception as problem:  # one file that nobody foresaw must not stop all others
            log.exception("rain %s: %s", product.id, name)
            return name, 0, f"{name}: {type(problem).__name__}: {problem}"
        return name, taken.new, ""

    def take(self, act: Act, items: Sequence[Any]) -> tuple[int, int]:
        """Put what was refused into quarantine; how many frames were new, files refused."""
        refused = [(name, why) for name, _, why in items if why]
        for name, why in refused:
            put_aside(act, f"rain:{self._product.id}", name, why)
        return sum(new for _, new, _ in items), len(refused)


class RainSource(Source[Settings]):
    """Gridded rain by address or dropped file."""

    name = "rain"
    file = "rain.toml"
    title = "gridded rain: NetCDF, GRIB and GeoTIFF of radar and forecasts"

    def read(self, city: City, origin: Origin, table: Table) -> Settings:
        """The settings of ``rain.toml``."""
        table.known("product")
        products: dict[str, Product] = {}
        for each in table.tables("product"):
            product = _product(each, origin)
            if product.id in products:
                raise each.wrong("id", product.id, "stands twice", "an id of its own")
            products[product.id] = product
        return Settings(tuple(products.values()), origin.time_out_s)

    def open(self, city: City, store: Store, clock: Clock, settings: Settings) -> Feed | None:
        """A poller of all products; None where none is named."""
        if not settings.products:
            return None
        fetch = fetcher(city, settings.time_out_s)
        jobs = [RainJob(product, city, store, clock, fetch) for product in settings.products]
        return Poller(self.name, store, clock, jobs)


def _product(table: Table, origin: Origin) -> Product:
    table.known(
        *("id", "url", "folder", "every_s", "forecast", "keep_days"),
        *("variable", "unit", "totals", "minutes", "zone"),
    )
    url, folder = web_address(table), drop_folder(table)
    if bool(url) == bool(folder):
        raise table.wrong("url", None, "or folder is needed, not both", 'folder = "inbox/radar"')
    minutes = table.number("minutes", 0.0)
    if minutes < 0:
        raise table.wrong("minutes", minutes, "is below 0", "how long a frame is")
    how = How(
        variable=table.text("variable", "a name", ""),
        unit=table.text("unit", "a unit of rain", ""),
        totals=table.one_of("totals", ("", "interval", "running"), ""),
        minutes=minutes,
        zone=_zone(table),
    )
    return Product(
        identifier(table),
        url,
        folder,
        every(table, origin),
        table.flag("forecast"),
        timedelta(days=table.positive("keep_days", 30.0)),
        how,
    )


def _zone(table: Table) -> ZoneInfo | None:
    name = table.text("zone", "a zone such as UTC", "")
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise table.wrong("zone", name, "is not a zone", "UTC or Asia/Shanghai") from problem


SOURCE = RainSource()

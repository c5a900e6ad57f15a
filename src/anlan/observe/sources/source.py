"""The one hook by which readings come from outside: a `Source`, found by its entry point.

A source is an object of a class derived from `Source`, named in the entry-point group
``anlan.sources`` of an installed package::

    [project.entry-points."anlan.sources"]
    buoys = "our_buoys:SOURCE"

The built-in ones are declared in the same way. A city turns a source on with a file of its own
in the city folder, which begins with the table that all sources share::

    [source]
    owner = "平湖市水利局"            # who answers for the readings
    licence = "own network"         # the terms on which they may be used
    quality = "automatic"           # how they come about: automatic, checked or manual
    cadence_minutes = 5             # how often they come
    time_out_s = 600                # after how long the other side is taken for gone

    [source.units]                  # quantity = unit in which this source gives it, where that
    river_level = "cm"              #   is not the unit of the city's station
    [source.datums]                 # quantity = datum of its levels, likewise
    river_level = "Wusong"
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from anlan.city import City, load
from anlan.city.fault import Fault
from anlan.clock import Clock
from anlan.observe.quantity import QUANTITIES, to_archive_unit
from anlan.observe.sources.table import Table, read_file
from anlan.refusal import Refusal
from anlan.store import Store

QUALITIES = ("automatic", "checked", "manual")
S = TypeVar("S")


@dataclass(frozen=True)
class Origin:
    """The table ``[source]``: where the readings of a source come from.

    Attributes:
        quality: the rung of how they come about, one of `QUALITIES`.
        cadence: how often they come.
        time_out_s: after how many seconds the other side is taken for gone.
        units: quantity -> unit in which the source gives it.
        datums: quantity -> datum of its levels.
    """

    owner: str
    licence: str
    quality: str
    cadence: timedelta
    time_out_s: float
    units: Mapping[str, str] = field(default_factory=dict)
    datums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """How a feed is doing.

    Attributes:
        connected: whether the other side is there, or would find somebody to call.
        heard_at: when something last came; UTC.
        taken: readings new to the archive since the feed began.
        refused: messages or rows put in quarantine since then.
        waiting: messages kept on disk until the store takes them.
        problem: what is wrong now, in a sentence; empty when nothing is.
    """

    connected: bool
    heard_at: datetime | None = None
    taken: int = 0
    refused: int = 0
    waiting: int = 0
    problem: str = ""


class Feed(Protocol):
    """A source at work beside the desk."""

    def start(self) -> None:
        """Begin, and return. Raises `Refusal` when it cannot; that the other side is away is
        no reason: it may come back."""

    def stop(self) -> None:
        """End; what was acknowledged is kept."""

    def state(self) -> State:
        """How it is doing. Called from other threads."""
        ...


class Source(ABC, Generic[S]):
    """A way in which readings reach a city; ``S`` is what its file says, as it reads it.

    Attributes:
        name: short and lower case, as in ``sl651``; the same as its entry point.
        file: its file in the city folder, as in ``sl651.toml``.
        title: a line for people.
    """

    name: str
    file: str
    title: str

    @abstractmethod
    def read(self, city: City, origin: Origin, table: Table) -> S:
        """What the file says beside ``[source]``. Raises `Refusal` naming key and remedy."""

    @abstractmethod
    def open(self, city: City, store: Store, clock: Clock, settings: S) -> Feed | None:
        """The feed, not yet started; None where the settings ask for none."""

    def series(self, settings: S) -> Collection[str]:
        """The series of the city that it gives, for the health of the stations."""
        return ()

    def probe(self, city: City, settings: S) -> str:
        """Try, within seconds, what ``anlan doctor`` should try; what was found, in a sentence.

        Raises `Refusal` when the other side cannot be reached.
        """
        return "nothing to reach"

    def settings(self, city: City) -> tuple[Origin, S] | None:
        """What the city's file says; None where there is none.

        Raises `Refusal` naming file, key, value and remedy.
        """
        table = read_file(city.folder, self.file)
        if table is None:
            return None
        origin = read_origin(city, table.table("source"))
        rest = {key: value for key, value in table.values.items() if key != "source"}
        return origin, self.read(city, origin, Table(self.file, rest))

    def check(self, folder: Path) -> list[Fault]:
        """The first fault of its file; none while the city itself cannot be loaded."""
        try:
            city = load(folder)
        except Refusal:
            return []
        try:
            self.settings(city)
        except Refusal as refusal:
            value = "" if refusal.value is None else str(refusal.value)[:80]
            field_, remedy = refusal.field or "", refusal.remedy or ""
            return [Fault(self.file, None, field_, value, refusal.message, remedy)]
        return []

    def feed(self, city: City, store: Store, clock: Clock) -> Feed | None:
        """The feed that the city's folder asks for, not yet started, or None."""
        found = self.settings(city)
        return None if found is None else self.open(city, store, clock, found[1])


def read_origin(city: City, table: Table) -> Origin:
    """The table ``[source]``. Raises `Refusal` naming key and remedy."""
    table.known("owner", "licence", "quality", "cadence_minutes", "time_out_s", "units", "datums")
    units, datums = table.table("units", {}), table.table("datums", {})
    units.known(*QUANTITIES)
    for quantity in units.values:
        unit = units.text(quantity, "a unit")
        to_archive_unit(quantity, 0.0, unit, f"{table.file}: {units.where}{quantity}")
    datums.known(*(name for name, quantity in QUANTITIES.items() if quantity.has_datum))
    for quantity in datums.values:
        datums.one_of(quantity, tuple(city.datums))
    return Origin(
        owner=table.text("owner", "who answers for the readings"),
        licence=table.text("licence", "the terms of the readings"),
        quality=table.one_of("quality", QUALITIES),
        cadence=timedelta(minutes=table.positive("cadence_minutes")),
        time_out_s=table.positive("time_out_s", 600.0),
        units=dict(units.values),
        datums=dict(datums.values),
    )

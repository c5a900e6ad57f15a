"""What a case hands to the report: figures, tables, pictures and words."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One number, what was promised of it, and what others have.

    Attributes:
        what: of which run and quantity.
        value: as computed.
        unit: "%" or an SI unit.
        promise: not to be exceeded, or, with ``at_least``, to be reached; none if none was given.
        at_least: the promise is a lower bound.
        beside: what others print for it, with their name.
    """

    what: str
    value: float
    unit: str = ""
    promise: float | None = None
    at_least: bool = False
    beside: str = ""

    @property
    def held(self) -> bool | None:
        """Whether the promise holds; none without one. Not a number never holds."""
        if self.promise is None:
            return None
        return self.value >= self.promise if self.at_least else self.value <= self.promise


@dataclass(frozen=True)
class Volume:
    """How well a run kept its volume.

    Attributes:
        run: which.
        precision: "single" or "double".
        error: relative, of all water that came, went or was there; its sign does not matter.
    """

    run: str
    precision: str
    error: float

    @property
    def promise(self) -> float:
        """What is promised of the error: 1e-6 in single precision, 1e-12 in double."""
        return 1e-6 if self.precision == "single" else 1e-12

    @property
    def held(self) -> bool:
        """Whether the volume was kept."""
        return abs(self.error) <= self.promise


@dataclass(frozen=True)
class Table:
    """Numbers side by side; all cells as they are to be read."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A plot beside the report: file name without folder, and what it shows."""

    file: str
    caption: str


@dataclass(frozen=True)
class Section:
    """One case of the report.

    Attributes:
        name: for ``--only``.
        title: its heading.
        source: paper, report or data, with equation or section.
        setup: what was run.
        figures, tables, pictures, volumes: what came out.
        notes: what a reader must know: what could not be had, what a miss is due to.
    """

    name: str
    title: str
    source: str
    setup: str
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    volumes: tuple[Volume, ...] = ()
    notes: tuple[str, ...] = field(default=())


def number(value: float, digits: int = 3) -> str:
    """A number for a table: three significant digits, powers of ten where they are shorter."""
    if value == 0.0:
        return "0"
    if abs(value) >= 1e5 or abs(value) < 1e-3:
        return f"{value:.{digits - 2}e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:#.{digits}g}".rstrip(".")

"""What a file of gridded rain holds, whatever its form: frames of mm, and where its cells lie."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from anlan.refusal import Refusal

Array = NDArray[np.float64]
Window = tuple[slice, slice]
"""Rows and columns of a file's grid."""

# What one unit is in mm (amounts) or in mm/h (rates). kg m-2 of water is 1 mm.
AMOUNTS = {"mm": 1.0, "kg m-2": 1.0, "m": 1000.0, "cm": 10.0, "in": 25.4, "m of water": 1000.0}
RATES = {
    "mm h-1": 1.0,
    "mm s-1": 3600.0,
    "kg m-2 s-1": 3600.0,
    "kg m-2 h-1": 1.0,
    "m s-1": 3.6e6,
    "mm d-1": 1.0 / 24.0,
}
MOST_MM_PER_HOUR = 500.0
"""No rain is stronger (the world's record of one hour is 305 mm, of one minute 38 mm)."""
SLIGHTLY_BELOW = -0.05
"""mm: what packing makes of nought."""


@dataclass(frozen=True)
class How:
    """What a person says of a file where the file itself does not.

    Attributes:
        variable: its name, where a file holds several.
        unit: where none is written.
        totals: ``interval`` or ``running`` (each amount is the sum since the forecast began).
        issued: when the forecast was made.
        end: when the only frame ends; minutes: how long each frame is.
        zone: of times that name none, as in file names.
    """

    variable: str = ""
    unit: str = ""
    totals: str = ""
    issued: datetime | None = None
    end: datetime | None = None
    minutes: float = 0.0
    zone: ZoneInfo | None = None


class Geometry(Protocol):
    """Where the cells of a file lie."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        ...

    @property
    def cell_m(self) -> float:
        """Size of a cell, about, m."""
        ...

    def places(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """(row, column) of points, whole at cell centres; NaN where there is no cell."""
        ...

    def covers(self) -> str:
        """West, east, south, north, for people."""
        ...


@dataclass(frozen=True)
class Frame:
    """Rain in one interval.

    Attributes:
        start, end: UTC.
        read: mm fallen in it over a window of the file's grid, NaN where there is none.
    """

    start: datetime
    end: datetime
    read: Callable[[Window], Array]


@dataclass(frozen=True)
class Field:
    """A file that is open.

    Attributes:
        base: when the forecast was made, UTC; None for what was observed.
        frames: in order of time.
        remarks: what was taken for granted.
    """

    geometry: Geometry
    frames: tuple[Frame, ...]
    base: datetime | None
    remarks: tuple[str, ...]
    close: Callable[[], None]


def normal_unit(unit: str) -> str:
    """A unit as one of `AMOUNTS` or `RATES` is written, as far as that can be told."""
    text = unit.strip().strip("[]").lower().replace("**", "").replace("^", "")
    text = text.replace("hour", "h").replace("hr", "h").replace("sec", "s").replace("day", "d")
    text = re.sub(r"/\(([^)]*)\)", lambda m: "/" + "/".join(m[1].split()), text)
    text = text.replace("(", "").replace(")", "").replace("·", " ").replace("*", " ")
    text = re.sub(r"\b(kg|mm|m|cm)\s*/\s*m2\b", r"\1 m-2", text)
    parts = [part.strip() for part in text.split("/")]
    if len(parts) > 1:  # kg/m2/s, kg/m2 s, mm/h: all behind the first bar is divided by
        below = [word for part in parts[1:] for word in part.split()]
        inverted = [
            word if "-" in word else re.sub(r"^([a-z]+)(\d*)$", r"\1-\2", word) for word in below
        ]
        text = " ".join([parts[0], *(w if not w.endswith("-") else f"{w}1" for w in inverted)])
    text = re.sub(r"\s+", " ", text).strip()
    return {"millimeter": "mm", "millimeters": "mm", "millimetre": "mm", "metre": "m"}.get(
        text, text
    )


def factor_of(unit: str, where: str) -> tuple[float, bool]:
    """What to multiply by, and whether the result is mm/h (a rate) rather than mm.

    Raises:
        Refusal: for a unit that is not known.
    """
    plain = normal_unit(unit)
    if plain in AMOUNTS:
        return AMOUNTS[plain], False
    if plain in RATES:
        return RATES[plain], True
    choices = ", ".join([*AMOUNTS, *RATES])
    what = f"unit '{unit[:40]}' is not one of rain" if unit else "no unit is given"
    raise Refusal(
        f"{where}: {what}; name it with --unit: {choices}",
        field="unit",
        value=unit,
        remedy=choices,
    )


def to_mm(values: Any, factor: float, rate: bool, length: timedelta) -> Array:
    """Values of a file as mm in an interval; what is below nought is missing."""
    found = np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))
    scaled = found * factor * (length.total_seconds() / 3600.0 if rate else 1.0)
    scaled[~np.isfinite(scaled)] = np.nan
    scaled[(scaled < 0.0) & (scaled >= SLIGHTLY_BELOW)] = 0.0
    scaled[scaled < 0.0] = np.nan
    return np.asarray(scaled, dtype=np.float64)


def check_strength(amount: Array, start: datetime, end: datetime, where: str) -> None:
    """Refuse rain that no cloud can give: the unit is another than said."""
    hours = max((end - start).total_seconds() / 3600.0, 1.0 / 60.0)
    # shorter bursts are stronger: the envelope of record rainfalls goes with the root of time
    limit = MOST_MM_PER_HOUR * min(hours, hours**0.5)
    top = float(np.nanmax(amount, initial=0.0))
    if top > limit:
        raise Refusal(
            f"{where}: {top:.0f} mm in {hours:g} h until {end:%Y-%m-%dT%H:%MZ} cannot be; its "
            "unit is another than it says, or its amounts are running totals",
            field="unit",
            value=top,
            remedy="--unit or --totals running",
        )


def bad(where: str, field: str, value: object, remedy: str) -> Refusal:
    """The refusal of something in a file of gridded rain; ``value`` empty: it is not said."""
    what = f"{field} '{str(value)[:80]}' cannot be used" if value != "" else f"no {field} is said"
    return Refusal(
        f"{where}: {what}; {remedy}",
        field=field,
        value=value,
        remedy=remedy,
    )

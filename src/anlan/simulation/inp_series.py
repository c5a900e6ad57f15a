"""Curves and time series of an EPA-SWMM ``.inp`` file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anlan.hydraulics.drainage import Curve
from anlan.simulation.inp_text import clock, day, is_date, pairs
from anlan.simulation.text_lines import Line

Points = list[tuple[float, float]]


@dataclass
class Table:
    """A named list of points as written, in the file's units."""

    line: Line
    kind: str
    points: Points = field(default_factory=list)

    def curve(self, x_unit: float = 1.0, y_unit: float = 1.0, shift: float = 0.0) -> Curve:
        """As a curve; a step (one x twice) becomes a rise within a thousandth of a unit."""
        if not self.points:
            raise self.line.refuse("the curve has no points", "give pairs of numbers")
        xs: list[float] = []
        for x, _ in self.points:
            value = x * x_unit + shift
            if xs and value <= xs[-1]:
                if value < xs[-1] - 1e-9:
                    raise self.line.refuse(
                        f"the curve falls back to x = {x:g}", "write its points with rising x", x
                    )
                value = xs[-1] + 1e-3 * x_unit
            xs.append(value)
        return Curve(tuple(xs), tuple(y * y_unit for _, y in self.points))


def read_curves(lines: Sequence[Line]) -> dict[str, Table]:
    """[CURVES]: a name, on its first line a type, then pairs."""
    tables: dict[str, Table] = {}
    for line in lines:
        name = line.words[0]
        rest = line.words[1:]
        if name not in tables:
            tables[name] = Table(line, line.word(1, "the curve's type").upper())
            rest = line.words[2:]
        if len(rest) % 2:
            raise line.refuse(f"curve {name} has an x without y", "write pairs of numbers")
        first = len(line.words) - len(rest)
        numbers = [line.number_at(first + k, "a point of the curve") for k in range(len(rest))]
        tables[name].points += list(zip(numbers[::2], numbers[1::2], strict=True))
    return tables


def read_series(lines: Sequence[Line], start: datetime) -> dict[str, Table]:
    """[TIMESERIES] over seconds since the start of the simulation."""
    tables: dict[str, Table] = {}
    dates: dict[str, datetime] = {}
    for line in lines:
        name = line.words[0]
        table = tables.setdefault(name, Table(line, "TIMESERIES"))
        rest = list(line.words[1:])
        if rest and rest[0].upper() == "FILE":
            raise line.refuse(
                f"series {name} lies in a file of its own", "write its values into this file"
            )
        if rest and is_date(rest[0]):
            dates[name] = day(line, rest.pop(0))
        if len(rest) % 2 or not rest:
            raise line.refuse(f"series {name} has a time without value", "write time and value")
        for time, value in pairs(rest):
            moment = dates.get(name, start) + clock(line, time)
            try:
                table.points.append(((moment - start).total_seconds(), float(value)))
            except ValueError as error:
                raise line.refuse(f"{value!r} is no number", "write time and value") from error
    return tables


def tide(table: Table, start: datetime, end: datetime, length: float) -> Curve:
    """A TIDAL curve, stage over the hour of the day, from start to end of the simulation."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    points: Points = []
    today = midnight
    while today <= end + timedelta(days=1):
        for hour, stage in table.points:
            moment = (today + timedelta(hours=hour) - start).total_seconds()
            if not points or moment > points[-1][0]:
                points.append((moment, stage))
        today += timedelta(days=1)
    return Table(table.line, "TIDAL", points).curve(y_unit=length)


def power_curve(
    coefficient: float, exponent: float, added: float, until: float, points: int = 200
) -> Curve:
    """y = coefficient x^exponent + added from 0 to ``until``, denser near 0."""
    xs = [until * (k / points) ** 2 for k in range(points + 1)]

    def y(x: float) -> float:
        if x == 0.0:
            return added + (coefficient if exponent == 0.0 else 0.0)
        return coefficient * math.pow(x, exponent) + added

    return Curve(tuple(xs), tuple(y(x) for x in xs))

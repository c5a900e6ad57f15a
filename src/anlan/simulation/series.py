"""Series in time: CSV files with a header, first column ``time_s``."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.refusal import Refusal


@dataclass(frozen=True, eq=False)
class TimeTable:
    """Values at rising times.

    Attributes:
        times: (n,) s since the start of the simulation, rising.
        values: (n,) in the unit that the key asks for.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def step_value(self, time: float) -> float:
        """The value of the last row at or before ``time``; 0 before the first row."""
        row = int(np.searchsorted(self.times, time, side="right")) - 1
        return float(self.values[row]) if row >= 0 else 0.0


def read_series(path: Path, column: str) -> TimeTable:
    """Read the columns ``time_s`` and ``column`` of a CSV file with a header.

    Where there are two columns only, the second may have any name. Empty lines and lines that
    begin with ``#`` are passed over.

    Raises:
        Refusal: a missing column, a row with another number of fields, a value that is no finite
            number, times that do not rise, or no rows. The sentence names file and row.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise Refusal(
            f"series {path} cannot be read ({problem}); give a CSV file in UTF-8",
            field=column,
            value=path,
            remedy="a CSV file in UTF-8",
        ) from None
    rows = [
        (number, row)
        for number, row in enumerate(csv.reader(text.splitlines()), start=1)
        if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")
    ]
    if not rows:
        raise _bad(path, f"is empty; begin it with the header time_s,{column}")
    header = [cell.strip() for cell in rows[0][1]]
    at_time, at_value = _columns(path, header, column)
    times: list[float] = []
    values: list[float] = []
    for number, row in rows[1:]:
        if len(row) != len(header):
            raise _bad(
                path,
                f"row {number} has {len(row)} fields, the header {len(header)}; "
                "separate numbers by one comma and write decimals with a point",
            )
        times.append(_number(path, number, "time_s", row[at_time]))
        values.append(_number(path, number, header[at_value], row[at_value]))
        if len(times) > 1 and times[-1] <= times[-2]:
            raise _bad(
                path,
                f"row {number}: time_s {times[-1]:g} does not come after {times[-2]:g}; "
                "put the rows in rising order, each time once",
            )
    if not times:
        raise _bad(path, "has a header and no rows; give at least one row")
    return TimeTable(np.array(times), np.array(values))


def _columns(path: Path, header: list[str], column: str) -> tuple[int, int]:
    if "time_s" not in header:
        raise _bad(
            path,
            f"has the columns {', '.join(header)}; begin it with the header time_s,{column}",
        )
    at_time = header.index("time_s")
    if column in header:
        return at_time, header.index(column)
    if len(header) == 2:
        return at_time, 1 - at_time
    raise _bad(
        path,
        f"has the columns {', '.join(header)} and none is {column}; "
        f"begin it with the header time_s,{column}",
    )


def _number(path: Path, row: int, column: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _bad(path, f"row {row}: {column} '{text.strip()}' is not a number; write it like 1.5")
    return number


def _bad(path: Path, sentence: str) -> Refusal:
    return Refusal(f"series {path} {sentence}", field="series", value=path, remedy=sentence)

"""Reading a CSV table against its columns, collecting every fault on the way.

A parser turns the text of a cell into a value or raises ``Wrong`` with what is wrong and what
would be right. A row with a fault is left out of the values, but its id still counts as given,
so that one slip does not make every reference to the row a fault as well.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import shapely

from anlan.city.fault import Fault


class Wrong(Exception):  # noqa: N818  says what is wrong with one value
    """What is wrong with a value, and what would be right."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


Parser = Callable[[str], Any]
_REQUIRED = object()


@dataclass(frozen=True)
class Column:
    """A column: how to read a cell, and what an empty cell (or a missing column) means.

    Without ``blank`` the cell must be filled.
    """

    parse: Parser
    blank: Any = _REQUIRED

    @property
    def required(self) -> bool:
        """Whether every row must fill this column."""
        return self.blank is _REQUIRED


@dataclass(frozen=True)
class Row:
    """A row without faults: its line in the file and its values by column."""

    line: int
    values: Mapping[str, Any]


@dataclass
class Table:
    """The rows of one file, the keys of all of them (also of faulty ones), and the faults."""

    file: str
    key: str
    rows: list[Row] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def fault(self, row: Row, name: str, message: str, remedy: str) -> None:
        """Add a fault of one value of a row."""
        value = row.values.get(name)
        if isinstance(value, float):
            value = f"{value:.10g}"
        text = "" if value is None else str(value)
        self.faults.append(Fault(self.file, row.line, name, text[:80], message, remedy))


def read_table(folder: Path, file: str, columns: Mapping[str, Column], key: str) -> Table:
    """Read ``folder/file``. Never raises for what stands in the file: see ``Table.faults``."""
    table = Table(file, key)
    try:
        text = (folder / file).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        header = ",".join(columns)
        table.faults.append(
            Fault(file, None, "", "", "is missing", f"add it with the header {header}")
        )
        return table
    except UnicodeDecodeError as error:
        table.faults.append(
            Fault(file, None, "", "", f"is not UTF-8 (byte {error.start})", "save it as UTF-8")
        )
        return table
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        if _check_header(table, list(reader.fieldnames or []), columns):
            _read_rows(table, reader, columns)
    except csv.Error as error:  # such as a quotation mark that is never closed
        table.faults.append(
            Fault(file, reader.line_num, "", "", f"is not CSV: {error}", "correct this row")
        )
    return table


def _read_rows(table: Table, reader: csv.DictReader[str], columns: Mapping[str, Column]) -> None:
    first_line: dict[str, int] = {}
    for raw in reader:
        line = reader.line_num
        values, clean = _read_row(table, line, raw, columns)
        name = (raw.get(table.key) or "").strip()
        if name in first_line:
            twice = f"is given twice, first in row {first_line[name]}"
            table.faults.append(
                Fault(table.file, line, table.key, name, twice, "give each row its own")
            )
            clean = False
        elif name:
            first_line[name] = line
            table.keys.add(name)
        if clean:
            table.rows.append(Row(line, values))


def _check_header(table: Table, names: list[str], columns: Mapping[str, Column]) -> bool:
    missing = [name for name, column in columns.items() if column.required and name not in names]
    for name in missing:
        table.faults.append(
            Fault(table.file, 1, name, "", "is missing from the header", "add the column")
        )
    for name in names:
        if name not in columns:
            table.faults.append(
                Fault(
                    table.file,
                    1,
                    name,
                    "",
                    "is a column that nothing reads",
                    f"remove it, or use one of: {', '.join(columns)}",
                )
            )
    return not missing


def _read_row(
    table: Table, line: int, raw: Mapping[str, Any], columns: Mapping[str, Column]
) -> tuple[dict[str, Any], bool]:
    values: dict[str, Any] = {}
    clean = True
    if None in raw:
        table.faults.append(
            Fault(
                table.file,
                line,
                "",
                "",
                "has more cells than the header",
                'put text that holds a comma between double quotes ("…")',
            )
        )
        clean = False
    for name, column in columns.items():
        text = (raw.get(name) or "").strip()
        if not text:
            if column.required:
                table.faults.append(Fault(table.file, line, name, "", "is empty", "fill it in"))
                clean = False
            values[name] = column.blank
            continue
        try:
            values[name] = column.parse(text)
        except Wrong as wrong:
            table.faults.append(
                Fault(table.file, line, name, text[:80], wrong.message, wrong.remedy)
            )
            clean = False
    return values, clean


def text(value: str) -> str:
    """Any text."""
    return value


def number(low: float = -1e9, high: float = 1e9) -> Parser:
    """A finite number from ``low`` to ``high``."""

    def parse(value: str) -> float:
        try:
            result = float(value)
        except ValueError:
            raise Wrong("is not a number", "write digits with a point, such as 1.86") from None
        if not isfinite(result) or not low <= result <= high:
            raise Wrong(
                f"is outside {low:g} to {high:g}", f"give a number from {low:g} to {high:g}"
            )
        return result

    return parse


def count(value: str) -> int:
    """A whole number, zero or more."""
    if not value.isascii() or not value.isdigit():
        raise Wrong("is not a whole number", "write a count such as 120")
    return int(value)


def truth(value: str) -> bool:
    """``true`` or ``false``."""
    if value not in ("true", "false"):
        raise Wrong("is neither true nor false", "write true or false")
    return value == "true"


def one_of(*choices: str) -> Parser:
    """One of ``choices``."""

    def parse(value: str) -> str:
        if value not in choices:
            raise Wrong("is not known here", f"use one of: {', '.join(choices)}")
        return value

    return parse


def digits(length: int) -> Parser:
    """A code of exactly ``length`` digits."""

    def parse(value: str) -> str:
        if not (value.isascii() and value.isdigit() and len(value) == length):
            raise Wrong(f"is not a code of {length} digits", f"write all {length} digits")
        return value

    return parse


def instant(value: str) -> datetime:
    """An ISO 8601 time with its offset, turned into UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong("is not a time", "write it as 2021-07-25T20:00:00+08:00") from None
    if moment.tzinfo is None:
        raise Wrong("has no offset from UTC", f"write {value}+08:00 if it is Beijing time")
    return moment.astimezone(UTC)


def codes(value: str) -> tuple[str, ...]:
    """Codes separated by spaces."""
    return tuple(value.split())


def shape(*kinds: str) -> Parser:
    """A WKT geometry in lon, lat of one of ``kinds`` (such as ``Polygon``)."""

    def parse(value: str) -> shapely.Geometry:
        wanted = f"write WKT in lon lat, such as {kinds[0].upper()} …"
        try:
            geometry = shapely.from_wkt(value)
        except shapely.errors.ShapelyError:
            raise Wrong("is not WKT", wanted) from None
        if geometry.geom_type not in kinds:
            raise Wrong(f"is a {geometry.geom_type}", f"give a {' or '.join(kinds)}")
        west, south, east, north = geometry.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise Wrong(
                "is not in degrees of longitude and latitude",
                "transform it to EPSG:4326, longitude first",
            )
        if not geometry.is_valid:
            raise Wrong(
                f"is not a valid geometry ({shapely.is_valid_reason(geometry)})",
                "draw it without crossings",
            )
        return geometry

    return parse


LON = number(-180, 180)
LAT = number(-90, 90)
LEVEL = number(-500, 9000)

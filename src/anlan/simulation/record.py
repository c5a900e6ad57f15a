"""Tables of a simulation file as frozen records: every key with kind, unit, range and words.

A record is a dataclass whose fields are made by `key`. It checks itself when it is made, whether
from a file or from Python, and refuses with a sentence. The manual's tables come from the same
definitions (`anlan.simulation.reference`).
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from anlan.refusal import Refusal
from anlan.simulation.raster import Raster
from anlan.simulation.series import TimeTable

Point = tuple[float, float]
Line = tuple[Point, ...]
FieldValue = float | Path | Raster
SeriesValue = Path | TimeTable


@dataclass(frozen=True)
class Key:
    """What a key of a table takes.

    Attributes:
        kind: one of `KINDS`.
        doc: what it means, for the manual.
        unit: of a number; empty where there is none.
        name: the key in the file, where Python cannot use the word (``from``).
        required: whether it must be given.
        least, above, most: range of a number; None means no limit.
        choices: accepted words of a ``choice``.
        record: the record of a nested ``table``.
        default_doc: what holds when it is left out, where the default itself does not say it.
    """

    kind: str
    doc: str
    unit: str = ""
    name: str = ""
    required: bool = False
    least: float | None = None
    above: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    record: type[Record] | None = None
    default_doc: str = ""


def key(kind: str, doc: str, *, default: Any = None, required: bool = False, **more: Any) -> Any:
    """A field of a record; the arguments are those of `Key`."""
    made = Key(kind=kind, doc=doc, required=required, **more)
    if required:
        return dataclasses.field(metadata={"key": made})
    return dataclasses.field(default=default, metadata={"key": made})


@dataclass(frozen=True, kw_only=True)
class Record:
    """A table. Subclasses add keys, and relations between keys in `check`."""

    def __post_init__(self) -> None:
        for attribute, one in keys(type(self)).items():
            value = getattr(self, attribute)
            if value is None and not one.required:
                continue
            check_value(one, one.name or attribute, value)
        self.check()

    def check(self) -> None:
        """Refuse what single keys cannot see; nothing by default."""

    @classmethod
    def spread(
        cls, table: Mapping[str, Any], folder: Path
    ) -> tuple[Mapping[str, Any], dict[str, Any]]:
        """The part of a file's table that `keys` describe, and further values by attribute."""
        return table, {}


def keys(record: type[Record]) -> dict[str, Key]:
    """The keys of a record by attribute, in order."""
    return {
        field.name: field.metadata["key"]
        for field in dataclasses.fields(record)
        if "key" in field.metadata
    }


def refuse(name: str, value: object, sentence: str, remedy: str) -> Refusal:
    """A refusal of one key: ``name = value sentence; remedy``."""
    return Refusal(
        f"{name} = {shown(value)} {sentence}; {remedy}", field=name, value=value, remedy=remedy
    )


def shown(value: object) -> str:
    """A value as the file would write it, cut short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Path):
        return f'"{value}"'
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        value = [list(v) if isinstance(v, tuple) else v for v in value]
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def exactly_one(record: Record, names: Iterable[str]) -> str:
    """The one key of several that is given.

    Raises:
        Refusal: none or more than one is given.
    """
    names = list(names)
    given = [name for name in names if getattr(record, name) is not None]
    if len(given) != 1:
        listed = ", ".join(names[:-1]) + " or " + names[-1]
        found = " and ".join(given) if given else "none of them"
        raise Refusal(
            f"{found} {'are' if len(given) > 1 else 'is'} given; give exactly one of {listed}",
            field=given[0] if given else names[0],
            value=found,
            remedy=f"exactly one of {listed}",
        )
    return given[0]


def check_value(one: Key, name: str, value: Any) -> None:
    """Refuse a word that is no choice, or a number that is not finite or outside its range."""
    if isinstance(value, tuple) and one.kind in ("numbers", "number or numbers"):
        for number in value:
            check_value(one, name, number)
        return
    if one.kind == "choice" and value not in one.choices:
        raise refuse(
            name, value, "is not a choice", f"give {either(one.choices)}{_nearest_hint(value, one)}"
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if not math.isfinite(value):
        raise refuse(name, value, "is not a number to compute with", f"give {range_words(one)}")
    low = one.least is not None and value < one.least
    low = low or (one.above is not None and value <= one.above)
    if low or (one.most is not None and value > one.most):
        raise refuse(name, value, "lies outside its range", f"give {range_words(one)}")


def range_words(one: Key) -> str:
    """The accepted numbers in words, such as ``a number above 0 and at most 1``."""
    parts = []
    if one.least is not None:
        parts.append(f"of at least {one.least:g}")
    if one.above is not None:
        parts.append(f"above {one.above:g}")
    if one.most is not None:
        parts.append(f"at most {one.most:g}")
    unit = one.unit if one.unit != "-" else ""
    if parts:
        return f"a number {' and '.join(parts)} {unit}".rstrip()
    return f"a number in {unit}" if unit else "a number"


def either(choices: Iterable[str]) -> str:
    """``"a", "b" or "c"``."""
    quoted = [f'"{choice}"' for choice in choices]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " or " + quoted[-1]


def _nearest_hint(value: object, one: Key) -> str:
    near = difflib.get_close_matches(str(value), one.choices, n=1, cutoff=0.5)
    return f' (nearest: "{near[0]}")' if near else ""


# Reading


@dataclass(frozen=True)
class Where:
    """The place in a file that is being read, for sentences; ``table`` is empty at the top."""

    file: Path
    table: str = ""

    def inside(self, name: str) -> Where:
        """A table inside this one."""
        return Where(self.file, f"{self.table} {name}:" if self.table else f"[{name}]")

    def item(self, name: str, item: object, number: int) -> Where:
        """One of several tables, by its own name or its number."""
        own = item.get("name") if isinstance(item, Mapping) else None
        return Where(self.file, f"[[{name}]] '{own}'" if own else f"[[{name}]] no. {number}")

    def prefixed(self, problem: Refusal) -> Refusal:
        """The same refusal with file and table before it."""
        return Refusal(
            " ".join(part for part in (f"{self.file}:", self.table, problem.message) if part),
            field=" ".join(part for part in (self.table, problem.field) if part) or None,
            value=problem.value,
            remedy=problem.remedy,
        )


R = TypeVar("R", bound=Record)


def read_record(record: type[R], table: object, where: Where) -> R:
    """A table of a file as a record.

    Raises:
        Refusal: unknown key (naming the nearest valid one), missing key, wrong type, number
            outside its range, or a file that is not there. The sentence names file, table, key,
            value and remedy.
    """
    try:
        if not isinstance(table, Mapping):
            raise Refusal(f"is {shown(table)}; make it a table of keys and values")
        known = {one.name or attribute: attribute for attribute, one in keys(record).items()}
        own, values = record.spread(table, where.file.parent)
        for name, value in own.items():
            if name not in known:
                raise _unknown(name, value, list(known))
            one = keys(record)[known[name]]
            values[known[name]] = _read_value(name, value, one, where)
        for name, attribute in known.items():
            one = keys(record)[attribute]
            if one.required and attribute not in values:
                raise lacking(name, one)
        return record(**values)
    except Refusal as problem:
        if problem.message.startswith(f"{where.file}:"):
            raise
        raise where.prefixed(problem) from None


def lacking(name: str, one: Key) -> Refusal:
    """The refusal of a table that lacks a key."""
    if one.kind == "table" and one.record is not None:
        inner = [inner.name or n for n, inner in keys(one.record).items() if inner.required]
        remedy = f"write it, with {' and '.join(inner)}"
        return Refusal(f"lacks the table [{name}]; {remedy}", field=name, remedy=remedy)
    unit = f", in {one.unit}" if one.unit else ""
    return Refusal(f"lacks {name}: {one.doc}; give it{unit}", field=name, remedy=f"give {name}")


def _read_value(name: str, value: object, one: Key, where: Where) -> Any:
    if one.kind == "table" and one.record is not None:
        return read_record(one.record, value, where.inside(name))
    if one.kind == "tables" and one.record is not None:
        if not isinstance(value, list):
            raise Refusal(
                f"[{name}] is one table; there may be several: write it as [[{name}]]",
                field=name,
                remedy=f"[[{name}]]",
            )
        return tuple(
            read_record(one.record, item, where.item(name, item, number))
            for number, item in enumerate(value, start=1)
        )
    return KINDS[one.kind].read(name, value, one, where.file.parent)


def _unknown(name: str, value: object, known: list[str]) -> Refusal:
    near = nearest(name, known)
    return Refusal(
        f"has no key {name}; the nearest is {near} (its keys are {', '.join(known)})",
        field=name,
        value=value,
        remedy=near,
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """The word of ``known`` that is most like ``name``."""
    return difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)[0]


def _number(name: str, value: object, one: Key, folder: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(name, value, "is not a number", f"give {range_words(one)}")
    return float(value)


def _integer(name: str, value: object, one: Key, folder: Path) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse(name, value, "is not a whole number", f"give {range_words(one)}")
    return value


def _flag(name: str, value: object, one: Key, folder: Path) -> bool:
    if not isinstance(value, bool):
        raise refuse(name, value, "is neither true nor false", "write true or false")
    return value


def _text(name: str, value: object, one: Key, folder: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refuse(name, value, "is no text", 'write words in quotes, such as "dam"')
    return value


def _file(name: str, value: object, one: Key, folder: Path) -> Path:
    path = folder / _text(name, value, one, folder)
    if not path.is_file():
        raise refuse(
            name, value, f"is not there ({path})", "paths are relative to the simulation file"
        )
    return path


def _field(name: str, value: object, one: Key, folder: Path) -> FieldValue:
    if isinstance(value, str):
        return _file(name, value, one, folder)
    if isinstance(value, bool) or not isinstance(value, int | float):
        remedy = f"give {range_words(one)}, or the path of a raster in quotes"
        raise refuse(name, value, "is neither a number nor a raster", remedy)
    return float(value)


def _is_numbers(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value
    )


def _numbers(name: str, value: object, one: Key, folder: Path) -> tuple[float, ...]:
    if not _is_numbers(value) or not value:
        raise refuse(name, value, "is not a list of numbers", "write it like [0.05, 0.15]")
    return tuple(float(v) for v in value)  # type: ignore[attr-defined]


def _number_or_numbers(
    name: str, value: object, one: Key, folder: Path
) -> float | tuple[float, ...]:
    if isinstance(value, list):
        return _numbers(name, value, one, folder)
    return _number(name, value, one, folder)


def _point(name: str, value: object, one: Key, folder: Path) -> Point:
    if not _is_numbers(value) or len(value) != 2:  # type: ignore[arg-type]
        remedy = "write map coordinates like [120.0, 340.0]"
        raise refuse(name, value, "is not a point", remedy)
    return float(value[0]), float(value[1])  # type: ignore[index]


def _line(name: str, value: object, one: Key, folder: Path) -> Line:
    least = 3 if one.kind == "polygon" else 2
    if not isinstance(value, list) or len(value) < least:
        raise refuse(
            name,
            value,
            f"is not a {one.kind}",
            f"write at least {least} points like [[0.0, 100.0], [500.0, 100.0]]",
        )
    return tuple(_point(name, point, one, folder) for point in value)


def _time(name: str, value: object, one: Key, folder: Path) -> datetime:
    if not isinstance(value, datetime):
        remedy = "write it without quotes, like 2021-07-25T00:00:00Z"
        raise refuse(name, value, "is not a moment", remedy)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


@dataclass(frozen=True)
class Kind:
    """How a kind of value is read from a file, and what the manual calls it."""

    read: Callable[[str, object, Key, Path], Any]
    words: str


KINDS: Mapping[str, Kind] = {
    "number": Kind(_number, "number"),
    "integer": Kind(_integer, "whole number"),
    "flag": Kind(_flag, "true or false"),
    "text": Kind(_text, "text"),
    "choice": Kind(_text, "word"),
    "file": Kind(_file, "file"),
    "field": Kind(_field, "number or raster"),
    "series": Kind(_file, "CSV file"),
    "numbers": Kind(_numbers, "list of numbers"),
    "number or numbers": Kind(_number_or_numbers, "number or list"),
    "point": Kind(_point, "point"),
    "polyline": Kind(_line, "points"),
    "polygon": Kind(_line, "points"),
    "time": Kind(_time, "moment"),
    "raster": Kind(_file, "raster"),
    "table": Kind(_file, "table"),
    "tables": Kind(_file, "tables"),
}

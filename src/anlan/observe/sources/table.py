"""A table of a TOML file in a city folder, read key by key; what is wrong is refused by name."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from anlan.city.fault import Fault
from anlan.refusal import Refusal

T = TypeVar("T", str, int, bool, dict[str, Any], list[Any])
_WORDS = {str: "a text", int: "a whole number", bool: "true or false", dict: "a table"}


class Table:
    """One table of ``file``; ``where`` stands before its keys in every refusal.

    All methods raise `Refusal` naming file, key, value and remedy.
    """

    def __init__(self, file: str, values: object, where: str = "") -> None:
        self.file, self.where = file, where
        if not isinstance(values, Mapping):
            raise Refusal(
                f"{file}: {where.rstrip('.: ')} '{str(values)[:40]}' is not a table; write [table]",
                field=where.rstrip(".: "),
                value=values,
                remedy="[table]",
            )
        self.values: Mapping[str, Any] = values

    def wrong(self, key: str, value: object, what: str, remedy: str) -> Refusal:
        """The refusal of ``key``; a ``value`` of None stays unsaid (it may be a secret)."""
        field = f"{self.where}{key}"
        shown = "" if value is None else f" '{str(value)[:80]}'"
        return Refusal(
            f"{self.file}: {field}{shown} {what}; write {remedy}",
            field=field,
            value=value,
            remedy=remedy,
        )

    def known(self, *keys: str) -> None:
        """Refuse a key that is none of these."""
        for key in self.values:
            if key not in keys:
                raise self.wrong(key, None, "is not a key", ", ".join(keys))

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def _of(self, key: str, kind: type[T], remedy: str, default: T | None = None) -> T:
        value = self.values.get(key, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            if key not in self.values:
                raise self.wrong(key, None, "is missing", remedy)
            raise self.wrong(key, value, f"is not {_WORDS.get(kind, 'a list')}", remedy)
        return value

    def text(self, key: str, remedy: str, default: str | None = None) -> str:
        """A text."""
        return self._of(key, str, remedy, default)

    def one_of(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self._of(key, str, ", ".join(choices), default)
        if value not in choices:
            raise self.wrong(key, value, "is not known", ", ".join(choices))
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        return self._of(key, bool, "true or false", default)

    def whole(
        self, key: str, remedy: str, default: int | None = None, low: int = 0, high: int = 2**31
    ) -> int:
        """A whole number with low ≤ number ≤ high."""
        value = self._of(key, int, remedy, default)
        if not low <= value <= high:
            raise self.wrong(key, value, f"is not from {low} to {high}", remedy)
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            what = "is missing" if key not in self.values else "is not a number"
            raise self.wrong(key, value, what, "a number")
        if not abs(value) < float("inf"):
            raise self.wrong(key, value, "is not finite", "a number")
        return float(value)

    def positive(self, key: str, default: float | None = None) -> float:
        """A number above 0."""
        value = self.number(key, default)
        if value <= 0:
            raise self.wrong(key, value, "is not above 0", "a number above 0")
        return value

    def table(self, key: str, default: dict[str, Any] | None = None) -> Table:
        """The table under ``key``, which must be there unless there is a default."""
        values = self._of(key, dict, f"[{key}]", default)
        return Table(self.file, values, f"{self.where}{key}.")

    def tables(self, key: str, default: list[Any] | None = None) -> Iterator[Table]:
        """The tables ``[[key]]``, each named by its number in refusals."""
        for number, values in enumerate(self._of(key, list, f"[[{key}]]", default), start=1):
            yield Table(self.file, values, f"{self.where}{key} {number}: ")


def read_file(folder: Path, file: str) -> Table | None:
    """The file of a city folder as one table; None where there is none."""
    path = folder / file
    if not path.exists():
        return None
    try:
        return Table(file, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as problem:
        raise Refusal(f"{file} cannot be read ({problem})", field=file, remedy="TOML") from problem


def city_faults(folder: Path, name: str, read: Callable[[Table], object]) -> list[Fault]:
    """The first fault of table ``name`` of ``city.toml``; none while that cannot be read at all."""
    try:
        said = tomllib.loads((folder / "city.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    try:
        read(Table("city.toml", said.get(name, {}), f"{name}."))
    except Refusal as refusal:
        value = "" if refusal.value is None else str(refusal.value)[:80]
        field, remedy = refusal.field or "", refusal.remedy or ""
        return [Fault("city.toml", None, field, value, refusal.message, remedy)]
    return []

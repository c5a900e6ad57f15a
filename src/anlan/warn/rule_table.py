"""Values of rules.toml, each refused with rule, key, value and remedy when it is another kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anlan.refusal import Refusal
from anlan.warn.colour import Colour, colour

FILE = "rules.toml"


def fault(where: str, key: str, value: object, remedy: str) -> Refusal:
    """The refusal of one value of the file."""
    return Refusal(
        f"{FILE}, {where}: {key} = {value!r} cannot be used; {remedy}",
        field=key,
        value=value,
        remedy=remedy,
    )


class RuleTable:
    """A TOML table that answers with values or with a sentence."""

    def __init__(self, where: str, raw: Mapping[str, Any]) -> None:
        self.where = f"rule {raw['id']}" if where == "rule" and "id" in raw else where
        self.raw = raw

    def text(self, key: str, default: str | None = None) -> str:
        """A text; empty only where a default is given."""
        value = self.raw.get(key, default)
        if not isinstance(value, str) or (not value and default is None):
            raise fault(self.where, key, value, "write a text")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A number of 0 or more."""
        value = self.raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise fault(self.where, key, value, "write a number of 0 or more")
        return float(value)

    def list(self, key: str) -> list[str]:
        """A list of texts."""
        value = self.raw.get(key)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise fault(self.where, key, value, "write a list of texts")
        return list(value)

    def sub(self, key: str) -> RuleTable | None:
        """The table under a key, None without one."""
        value = self.raw.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise fault(self.where, key, value, "write a table")
        return RuleTable(f"{self.where}, {key}", value)

    def colours(
        self, key: str, kind: type | tuple[type, ...], *, needed: bool = True
    ) -> dict[Colour, Any]:
        """A value for each colour, lowest colour first."""
        value = self.raw.get(key)
        if value is None and not needed:
            return {}
        if not isinstance(value, dict):
            raise fault(self.where, key, value, "write a table of colours")
        found: dict[Colour, Any] = {}
        for word, given in value.items():
            try:
                name = colour(word)
            except ValueError as error:
                raise fault(self.where, key, word, str(error)) from None
            wanted = (int, float) if kind is float else kind
            if not isinstance(given, wanted) or isinstance(given, bool):
                raise fault(self.where, f"{key}.{word}", given, "see the head of rules.py")
            found[name] = given
        return dict(sorted(found.items()))

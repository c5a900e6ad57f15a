"""Values of rules.toml, each refused with rule, key, value and remedy when it is another kind."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from anlan.refusal import Refusal
from anlan.warn.colour import Colour, colour

FILE = "rules.toml"
MOST = 1e7
#: A span that rules look back over; longer ones would read the whole archive at every step.
MOST_HOURS = 744.0


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

    def known(self, *keys: str) -> None:
        """Refuse a key that is none of these, naming the nearest of them.

        A key nobody reads would leave its author believing that it works.
        """
        for key in self.raw:
            if key not in keys:
                begun = [each for each in keys if each.startswith(key) or key.startswith(each)]
                near = difflib.get_close_matches(key, begun or keys, n=1, cutoff=0.0)
                raise Refusal(
                    f"{FILE}, {self.where}: '{key}' is not a key here; the nearest is "
                    f"'{near[0]}', all are {', '.join(keys)}",
                    field=key,
                    value=self.raw[key],
                    remedy=near[0],
                )

    def text(self, key: str, default: str | None = None) -> str:
        """A text; empty only where a default is given."""
        value = self.raw.get(key, default)
        if not isinstance(value, str) or (not value and default is None):
            raise fault(self.where, key, value, "write a text")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A number from 0 to `MOST`."""
        return self.amount(key, self.raw.get(key, default))

    def amount(self, key: str, value: object) -> float:
        """``value``, found under ``key``, as a number from 0 to `MOST`."""
        given = value if isinstance(value, int | float) and not isinstance(value, bool) else -1
        if not 0 <= given <= MOST:
            raise fault(self.where, key, value, f"write a number of 0 or more, to {MOST:.0f}")
        return float(given)

    def hours(self, key: str, value: object) -> float:
        """``value``, found under ``key``, as hours above 0, `MOST_HOURS` at most."""
        given = self.amount(key, value)
        if not 0 < given <= MOST_HOURS:
            raise fault(self.where, key, value, f"write hours above 0, {MOST_HOURS:.0f} at most")
        return given

    def minutes(self, key: str, default: float | None = None) -> timedelta:
        """A span in minutes."""
        return timedelta(minutes=self.number(key, default))

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

    def tables(self, key: str) -> Sequence[RuleTable]:
        """The tables ``[[key]]``, each named by its number unless it is a rule with an id."""
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise fault(self.where, key, value, f"write [[{key}]] tables")
        if key == "rule":
            return [RuleTable("rule", each) for each in value]
        where = "" if self.where == "file" else f"{self.where}, "
        return [RuleTable(f"{where}{key} {n}", each) for n, each in enumerate(value, 1)]

    def colour(self, key: str, default: Colour | None = None) -> Colour:
        """One colour."""
        value = self.raw.get(key, None if default is None else default.word)
        try:
            found = colour(str(value))
        except ValueError as error:
            raise fault(self.where, key, value, str(error)) from None
        if found is Colour.NONE:
            raise fault(self.where, key, value, "write blue, yellow, orange or red")
        return found

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
                raise fault(self.where, f"{key}.{word}", given, "see docs/rules.md")
            found[name] = given
        if needed and not found:
            raise fault(self.where, key, value, "give at least one colour")
        return dict(sorted(found.items()))

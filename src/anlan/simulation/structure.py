"""The table of a structure: name, kind, two places, and the measures of its kind.

The measures, their defaults and their words are those of the records in
`anlan.hydraulics.works`; only places differ, which a file gives as map coordinates.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anlan.hydraulics import works
from anlan.refusal import Refusal
from anlan.simulation.operation import read_rules, rules_at
from anlan.simulation.record import (
    KINDS,
    Key,
    Point,
    Record,
    check_value,
    either,
    key,
    keys,
    lacking,
    nearest,
    refuse,
)

Cell = tuple[int, int]
KIND_RECORDS: Mapping[str, type] = {
    "weir": works.Weir,
    "gate": works.Gate,
    "flap_gate": works.Gate,
    "culvert": works.Culvert,
    "pump": works.Pump,
    "bridge": works.Bridge,
}
# What a kind's name says already.
PRESET: Mapping[str, Mapping[str, Any]] = {"flap_gate": {"flap": True}}
_PLACES = ("name", "from_cell", "to_cell", "faces")
_KIND_OF_TYPE = {
    "float": "number",
    "float | None": "number",
    "int": "integer",
    "bool": "flag",
    "str | None": "text",
    "float | Curve": "capacity",
    "Cell | None": "point",
    "tuple[Rule, ...]": "rules",
}
_UNIT = re.compile(r", (m3/s|m|s m\^-1/3|share per second)(?=[;:.,]|$)")


def _described(record: type) -> dict[str, str]:
    """The words of each argument in a record's docstring."""
    text = inspect.cleandoc(record.__doc__ or "").split("Args:\n", 1)[-1]
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        begin = re.match(r"    (\w+): (.*)", line)
        if begin:
            name, found[begin[1]] = begin[1], begin[2]
        elif name and line.startswith("        "):
            found[name] += " " + line.strip()
    return found


def _parameters(kind: str) -> dict[str, Key]:
    words = _described(KIND_RECORDS[kind])
    found = {}
    for one in dataclasses.fields(KIND_RECORDS[kind]):
        if one.name in _PLACES or one.name in PRESET.get(kind, {}):
            continue
        doc = words[one.name].rstrip(".").replace("``from_cell``", "`from`")
        unit = _UNIT.search(doc)
        required = one.default is dataclasses.MISSING
        found[one.name.removesuffix("_cell")] = Key(
            kind=_KIND_OF_TYPE[str(one.type)],
            doc=doc.replace("``", "`").replace("`to_cell`", "`to`"),
            unit=unit[1] if unit else "",
            required=required,
            default_doc="" if required else _default_words(one.default),
        )
    return found


def _default_words(default: object) -> str:
    if default is None or default == ():
        return "none"
    if isinstance(default, bool):
        return str(default).lower()
    return "no limit" if default == math.inf else f"{default:g}"


PARAMETERS: Mapping[str, Mapping[str, Key]] = {kind: _parameters(kind) for kind in KIND_RECORDS}


@dataclass(frozen=True, kw_only=True)
class StructureTable(Record):
    """A work that passes water between two cells, or a bridge over the links between cells."""

    name: str = key("text", "in `structures.csv`", required=True)
    kind: str = key(
        "choice",
        "what it is; `flap_gate` is a gate with `flap = true`",
        choices=tuple(PARAMETERS),
        required=True,
    )
    from_: Point = key(
        "point",
        "one side; a positive discharge leaves its cell. Of a bridge: one end of the deck's "
        "axis, which spans every link that it crosses",
        name="from",
        required=True,
    )
    to: Point = key("point", "the other side, or the other end", required=True)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        known = PARAMETERS[self.kind]
        for name, value in self.parameters.items():
            if name not in known:
                raise Refusal(
                    f'has no key {name} for kind = "{self.kind}"; the nearest is '
                    f"{nearest(name, known)} (its keys are {', '.join(known)})",
                    field=name,
                    value=value,
                    remedy=nearest(name, known),
                )
            check_value(known[name], name, value)
        for name, one in known.items():
            if one.required and name not in self.parameters:
                raise lacking(name, one)
        self.build(lambda _: (0, 0), lambda _: (0, 1), [("x", 0, 0)])

    def build(
        self,
        cell: Callable[[Point], Cell],
        cell_to: Callable[[Point], Cell] | None = None,
        faces: Sequence[tuple[str, int, int]] = (),
    ) -> works.Structure:
        """The structure as the core takes it.

        Args:
            cell: the cell that holds a point.
            cell_to: the same for ``to``; none means ``cell``.
            faces: of a bridge, those its axis spans.

        Raises:
            Refusal: a measure that the core does not take, with its sentence.
        """
        try:
            return KIND_RECORDS[self.kind](  # type: ignore[no-any-return]
                name=self.name, **self._measures(cell, cell_to or cell, tuple(faces))
            )
        except ValueError as problem:
            said = re.sub(r"^\w+ '.*?': ", "", str(problem))
            raise Refusal(said, field="[[structure]]", value=self.name, remedy=said) from None

    def _measures(
        self,
        cell: Callable[[Point], Cell],
        cell_to: Callable[[Point], Cell],
        faces: tuple[tuple[str, int, int], ...],
    ) -> dict[str, Any]:
        measures = dict(PRESET.get(self.kind, {}))
        for name, value in self.parameters.items():
            if PARAMETERS[self.kind][name].kind == "point":
                measures[f"{name}_cell"] = cell(value)
            elif name == "rules":
                measures[name] = rules_at(value, cell)
            else:
                measures[name] = value
        if self.kind == "bridge":
            return measures | {"faces": faces}
        return measures | {"from_cell": cell(self.from_), "to_cell": cell_to(self.to)}

    @classmethod
    def spread(
        cls, table: Mapping[str, Any], folder: Path
    ) -> tuple[Mapping[str, Any], dict[str, Any]]:
        """The keys of every structure, and those of this kind as ``parameters``."""
        kind = table.get("kind")
        if not isinstance(kind, str) or kind not in PARAMETERS:
            remedy = f"give {either(PARAMETERS)}"
            if kind is None:
                raise Refusal(f"lacks kind; {remedy}", field="kind", remedy=remedy)
            near = nearest(str(kind), PARAMETERS)
            raise refuse("kind", kind, "is not a choice", f'{remedy} (nearest: "{near}")')
        known = PARAMETERS[kind]
        common = [one.name or attribute for attribute, one in keys(cls).items()]
        parameters = {
            name: _read(name, value, known[name], folder) if name in known else value
            for name, value in table.items()
            if name not in common
        }
        own = {name: value for name, value in table.items() if name in common}
        return own, {"parameters": parameters}


def _read(name: str, value: object, one: Key, folder: Path) -> Any:
    if one.kind == "rules":
        return read_rules(value, folder)
    if one.kind == "capacity":
        if not isinstance(value, list):
            return KINDS["number"].read(name, value, one, folder)
        points = [KINDS["point"].read(name, point, one, folder) for point in value]
        return tuple(points)
    return KINDS[one.kind].read(name, value, one, folder)

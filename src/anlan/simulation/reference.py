"""The reference of the simulation file, written from the records that read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from anlan.simulation.document import Simulation
from anlan.simulation.operation import ConditionTable
from anlan.simulation.record import KINDS, Key, Record, keys
from anlan.simulation.structure import PARAMETERS, StructureTable

# What the kinds that belong to structures alone are called.
_WORDS = {"capacity": "number or list of points", "rules": "list of rules"}


def reference() -> str:
    """Every table and key as Markdown, in the order of the file."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    for one, attribute in ((one, attribute) for attribute, one in keys(Simulation).items()):
        name = one.name or attribute
        assert one.record is not None
        yield f"### `[[{name}]]`" if one.kind == "tables" else f"### `[{name}]`"
        yield ""
        yield from _record(one.record)
        if one.record is StructureTable:
            for kind, parameters in PARAMETERS.items():
                yield f'#### `kind = "{kind}"`'
                yield ""
                yield from _table(StructureTable, parameters)
            yield "#### `rules`: a condition in `when`"
            yield ""
            yield from _record(ConditionTable)


def _record(record: type[Record]) -> Iterator[str]:
    yield " ".join((record.__doc__ or "").split())
    yield ""
    yield from _table(record, {one.name or name: one for name, one in keys(record).items()})
    for name, one in keys(record).items():
        if one.kind == "table" and one.record is not None:
            yield f"`{name}` is a table: {' '.join((one.record.__doc__ or '').split())}"
            yield ""
            yield from _table(one.record, {i.name or n: i for n, i in keys(one.record).items()})


def _table(record: type[Record], known: Mapping[str, Key]) -> Iterator[str]:
    yield "| key | takes | unit | default | meaning |"
    yield "|---|---|---|---|---|"
    defaults = _defaults(record)
    for name, one in known.items():
        default = "**required**" if one.required else one.default_doc or defaults.get(name, "none")
        words = _WORDS.get(one.kind) or KINDS[one.kind].words
        if one.choices:
            words = ", ".join(f"`{choice}`" for choice in one.choices)
        yield f"| `{name}` | {words}{_range(one)} | {one.unit} | {default} | {one.doc} |"
    yield ""


def _range(one: Key) -> str:
    parts = []
    if one.least is not None:
        parts.append(f"≥ {one.least:g}")
    if one.above is not None:
        parts.append(f"> {one.above:g}")
    if one.most is not None:
        parts.append(f"≤ {one.most:g}")
    return f" {', '.join(parts)}" if parts else ""


def _defaults(record: type[Record]) -> dict[str, str]:
    found = {}
    for attribute, one in keys(record).items():
        value = getattr(record, attribute, None)
        if value is None:
            continue
        if isinstance(value, bool):
            text = str(value).lower()
        elif isinstance(value, tuple):
            text = str(list(value))
        elif isinstance(value, float):
            text = f"{value:g}"
        else:
            text = f'"{value}"' if isinstance(value, str) else str(value)
        found[one.name or attribute] = f"`{text}`"
    return found

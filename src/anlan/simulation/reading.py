"""Reading a simulation from a file, by its suffix."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from anlan.refusal import Refusal
from anlan.simulation.document import Simulation
from anlan.simulation.lisflood import read_lisflood
from anlan.simulation.record import Where, keys, nearest, read_record
from anlan.simulation.sfincs import read_sfincs


def read_toml(path: Path) -> Simulation:
    """A simulation file as `docs/simulate.md` describes it.

    Raises:
        Refusal: the file is not TOML, has an unknown table or key, or a value that does not fit;
            the sentence names file, table, key, value and remedy.
    """
    try:
        with path.open("rb") as source:
            table = tomllib.load(source)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Refusal(
            f"{path} is not TOML: {problem}; correct it there (text stands in quotes, tables in "
            "brackets)",
            field="file",
            value=path,
            remedy="a TOML file",
        ) from None
    _refuse_strangers(path, table)
    return read_record(Simulation, table, Where(path))


def _refuse_strangers(path: Path, table: Mapping[str, Any]) -> None:
    """A key of another table, or a table written with the wrong brackets, gets its own sentence."""
    tables = {one.name or attribute: one for attribute, one in keys(Simulation).items()}
    for name, value in table.items():
        if name not in tables:
            inner = [t for t, one in tables.items() if one.record and name in _names(one.record)]
            hint = (
                f"{name} is a key of [{'] and ['.join(inner)}]"
                if inner
                else f"the nearest is [{nearest(name, tables)}]"
            )
            raise Refusal(
                f"{path}: there is no table [{name}]; {hint} (the tables are {', '.join(tables)})",
                field=name,
                value=value,
                remedy=inner[0] if inner else nearest(name, tables),
            )
        if tables[name].kind == "table" and isinstance(value, list):
            raise Refusal(
                f"{path}: [[{name}]] stands in double brackets; there is one: write it as [{name}]",
                field=name,
                remedy=f"[{name}]",
            )
        record = tables[name].record
        if isinstance(value, Mapping) and record is not None:
            for word in value:
                homes = [t for t in tables if word in _names(tables[t].record)]
                if word not in _names(record) and homes:
                    raise Refusal(
                        f"{path}: [{name}] has no key {word}; it is a key of "
                        f"[{'] and ['.join(homes)}]",
                        field=f"[{name}] {word}",
                        value=value[word],
                        remedy=f"[{homes[0]}]",
                    )


def _names(record: Any) -> list[str]:
    return [one.name or attribute for attribute, one in keys(record).items()]


# By suffix. An `.inp` of EPA-SWMM is no simulation; SFINCS's reader knows one and says so.
READERS: dict[str, Callable[[Path], Simulation]] = {
    ".toml": read_toml,
    ".par": read_lisflood,
    ".inp": read_sfincs,
}


def read_any(path: Path | str) -> Simulation:
    """A simulation from any file that one of `READERS` takes, chosen by its suffix.

    Raises:
        Refusal: no such file, or a suffix that no reader takes.
    """
    path = Path(path)
    if not path.is_file():
        raise Refusal(
            f"simulation file {path} is not there; give the path of a .toml, .par or .inp file",
            field="file",
            value=path,
            remedy="the path of a simulation file",
            kind="not_found",
        )
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise Refusal(
            f"simulation file {path} ends in '{path.suffix}'; files that end in {known} are read",
            field="file",
            value=path,
            remedy=f"a file that ends in {known}",
        )
    return reader(path)

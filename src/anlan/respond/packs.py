"""The packs of a city folder: read, checked, and found by kind."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from anlan.city import Fault
from anlan.refusal import Refusal
from anlan.respond.pack import Deadlines, Identity, Owner, Pack
from anlan.respond.pack_sense import senseless

FOLDER = "packs"
SHAPE = "see the shape in docs/packs.md"


def files(folder: Path) -> list[Path]:
    """The pack files of a city folder, by name."""
    return sorted((folder / FOLDER).glob("*.toml"))


def read(path: Path) -> tuple[Pack | None, list[Fault]]:
    """One pack file, and all that is wrong with it; no pack when it has a fault."""
    file = f"{FOLDER}/{path.name}"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as problem:
        return None, [
            Fault(file, None, "", "", f"is not UTF-8 (byte {problem.start})", "save it so")
        ]
    except tomllib.TOMLDecodeError as problem:
        return None, [
            Fault(file, None, "", "", f"is not TOML: {problem}", "correct the line named")
        ]
    try:
        # as JSON, since only that mode is strict about numbers in quotes and lenient about lists
        pack = Pack.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as problem:
        return None, [_fault(file, dict(error)) for error in problem.errors()]
    found = [Fault(file, None, *wrong) for wrong in senseless(pack)]
    if pack.kind != path.stem:
        found.append(
            Fault(file, None, "pack.kind", pack.kind, "is not the file's name", f"'{path.stem}'")
        )
    return (None if found else pack), found


def _fault(file: str, error: Mapping[str, Any]) -> Fault:
    where = ".".join(str(part) for part in error["loc"])
    given = error.get("input")
    value = "" if isinstance(given, dict | list) else str(given)[:80]
    if error["type"] == "missing":
        return Fault(file, None, where, "", "is missing", f"add it; {SHAPE}")
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), _keys(error["loc"][:-1]), 1)
        remedy = f"did you mean '{near[0]}'?" if near else f"leave it out; {SHAPE}"
        return Fault(file, None, where, value, "is not a key of a pack", remedy)
    said = str(error["msg"])
    return Fault(file, None, where, value, "is not accepted", said[:1].lower() + said[1:])


def _keys(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the table at ``loc`` may have."""
    model: type[BaseModel] = Pack
    for part in loc:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        kind: Any = model.model_fields[part].annotation
        inner = [kind, *getattr(kind, "__args__", ())]
        model = next(
            (one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)), model
        )
    return [info.alias or name for name, info in model.model_fields.items()]


def load(folder: Path) -> Mapping[str, Pack]:
    """The sound packs of a city folder by kind; a file with faults stops its own kind alone."""
    return _loaded(_stamped(folder))[0]


def _stamped(folder: Path) -> tuple[tuple[Path, int], ...]:
    return tuple((path, path.stat().st_mtime_ns) for path in files(folder))


@lru_cache(maxsize=16)
def _loaded(
    found: tuple[tuple[Path, int], ...],
) -> tuple[Mapping[str, Pack], Mapping[str, Sequence[Fault]]]:
    packs: dict[str, Pack] = {}
    faults: dict[str, Sequence[Fault]] = {}
    for path, _ in found:
        pack, wrong = read(path)
        if pack is not None:
            packs[pack.kind] = pack
        else:
            faults[path.stem] = wrong
    return packs, faults


def of_kind(folder: Path, kind: str) -> Pack:
    """The pack of a kind; raises `Refusal` naming its faults, or the kinds that there are."""
    known, faults = _loaded(_stamped(folder))
    if kind in faults:
        raise Refusal(
            "; ".join(str(fault) for fault in faults[kind][:5]),
            field=faults[kind][0].field or faults[kind][0].file,
            value=faults[kind][0].value,
            remedy="mend these entries; anlan city check lists all",
        )
    if kind not in known:
        listed = ", ".join(known) or f"none; the folder {FOLDER} holds no pack"
        raise Refusal(
            f"kind '{kind[:40]}' is not a pack of {folder.name}; known: {listed}",
            field="kind",
            value=kind[:40],
            remedy=listed,
        )
    return known[kind]


def standing(folder: Path, kind: str) -> Pack:
    """The pack of a case that exists; a plain one where its file is gone or broken meanwhile.

    What was opened must find its way to an end, whatever became of the file.
    """
    found = load(folder).get(kind)
    return found if found is not None else _plain(kind)


def _plain(kind: str) -> Pack:
    return Pack(
        pack=Identity(kind=kind, title=kind, title_en=kind, priority=3),
        owner=Owner(roles=("duty_officer",)),
        deadlines=Deadlines(due_min=240, verify_min=240),
    )

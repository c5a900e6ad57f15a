"""Sections that were computed before and still hold: one file for each case.

A section holds as long as every source that can change it is as it was; an interrupted run of the
whole page goes on after the last case that ended.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import time
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from validation.cases import CASES
from validation.record import Figure, Picture, Section, Table, Volume

ROOT = Path(__file__).parents[1]
SOURCES = (
    "src/anlan/hydraulics",
    "src/anlan/simulation",
    "validation",
    "benchmarks/rain_case.py",
    "tests/data/swmm",
    "build/bench",
)
COMPUTES = {".py", ".inp", ".npy"}


@cache
def digest() -> str:
    """Of all that can change a section: engine, cases, networks, peers' depths, libraries."""
    found = hashlib.sha256()
    for name in SOURCES:
        top = ROOT / name
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if file.suffix in COMPUTES and file.is_file() and "anlan-" not in file.parent.name:
                found.update(str(file.relative_to(ROOT)).encode())
                found.update(file.read_bytes())
    libraries = (np.__version__, version("numba"), version("llvmlite"), platform.machine())
    found.update(" ".join(libraries).encode())
    return found.hexdigest()


def compute(name: str, folder: Path, quick: bool) -> tuple[Section, float]:
    """One case, kept in ``folder``, and the seconds that it took."""
    started = time.monotonic()
    section = CASES[name](folder / "images" / "validation", quick)
    keep(folder, section)
    return section, time.monotonic() - started


def keep(folder: Path, section: Section) -> None:
    """Write a section whose pictures lie in ``folder / "images" / "validation"``."""
    text = json.dumps({"digest": digest(), "section": asdict(section)}, ensure_ascii=False)
    draft = folder / f"{section.name}.json.part"
    draft.write_text(text, encoding="utf-8")
    draft.replace(folder / f"{section.name}.json")


def kept(folder: Path, name: str) -> Section | None:
    """The section of a case as it was computed last; none if something has changed since."""
    file = folder / f"{name}.json"
    if not file.exists():
        return None
    record = json.loads(file.read_text(encoding="utf-8"))
    if record["digest"] != digest():
        return None
    found = record["section"]
    return Section(
        name=found["name"],
        title=found["title"],
        source=found["source"],
        setup=found["setup"],
        figures=tuple(Figure(**f) for f in found["figures"]),
        tables=tuple(
            Table(t["heading"], tuple(t["columns"]), tuple(tuple(row) for row in t["rows"]))
            for t in found["tables"]
        ),
        pictures=tuple(Picture(**p) for p in found["pictures"]),
        volumes=tuple(Volume(**v) for v in found["volumes"]),
        notes=tuple(found["notes"]),
    )


def publish(section: Section, source: Path, images: Path) -> None:
    """Copy the pictures of a section to where the page is."""
    images.mkdir(parents=True, exist_ok=True)
    for picture in section.pictures:
        shutil.copyfile(source / picture.file, images / picture.file)

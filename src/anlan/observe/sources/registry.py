"""Which sources are installed: those that packages declare as entry points."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from anlan.city.fault import Fault
from anlan.observe.sources.source import Source

GROUP = "anlan.sources"


@dataclass(frozen=True)
class Broken:
    """An entry point that gives no source: its name, its package, and why."""

    name: str
    package: str
    problem: str


def installed() -> tuple[list[Source[Any]], list[Broken]]:
    """Every source that an installed package declares, by name; and those that are none.

    A package that cannot be imported costs the city its own source and no other.
    """
    found: dict[str, Source[Any]] = {}
    broken: list[Broken] = []
    # our own first: no other package may put itself in their place
    points = entry_points(group=GROUP)
    for point in sorted(points, key=lambda p: (_package(p) != "anlan", p.name, _package(p))):
        problem = ""
        try:
            source = point.load()
        except Exception as error:  # whatever a foreign module raises as it is imported
            problem = f"{point.value} cannot be loaded ({type(error).__name__}: {error})"
        else:
            if not isinstance(source, Source):
                problem = f"{point.value} is a {type(source).__name__}, not a Source"
            elif source.name != point.name:
                problem = f"{point.value} calls itself {source.name}; name both the same"
            elif point.name in found:
                if found[point.name] is source:
                    continue  # the same package seen twice on the path
                problem = "another package declares a source of this name; rename one"
            else:
                found[point.name] = source
        if problem:
            broken.append(Broken(point.name, _package(point), problem))
    return sorted(found.values(), key=lambda each: each.name), broken


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else ""


def check(folder: Path) -> list[Fault]:
    """The faults of the sources' files in a city folder: of each file the first."""
    return [fault for source in installed()[0] for fault in source.check(folder)]

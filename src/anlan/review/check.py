"""What is wrong with the known facts of a city's events."""

from __future__ import annotations

import tomllib
from pathlib import Path

from anlan.city import Fault
from anlan.refusal import Refusal
from anlan.review.facts import CHECKS, FILE, read


def check(folder: Path) -> list[Fault]:
    """A fault for each ``events/<event>/facts.toml`` that cannot be used."""
    found = []
    for path in sorted((folder / "events").glob(f"*/{FILE}")):
        name = str(path.relative_to(folder))
        remedy = f"[[fact]] with id, text, text_en, source, check of {', '.join(CHECKS)}"
        try:
            read(path.parent)
        except Refusal as problem:
            found.append(Fault(name, None, "fact", str(problem.value), problem.message, remedy))
        except (tomllib.TOMLDecodeError, KeyError) as problem:
            found.append(Fault(name, None, "", "", f"cannot be read: {problem}", remedy))
    return found

"""What is wrong with the volunteers' files of a city folder."""

from __future__ import annotations

import csv
import string
from pathlib import Path

from anlan.city import Fault
from anlan.respond.volunteers import rules, seed
from anlan.respond.volunteers.telling import SLOTS


def check(folder: Path) -> list[Fault]:
    """Every fault of ``volunteers.toml`` and ``volunteers.csv``; both may be absent."""
    path = folder / rules.FILE
    if not path.is_file():
        if (folder / seed.FILE).is_file():
            return [Fault(seed.FILE, None, "", "", f"has no {rules.FILE} beside it", "write it")]
        return []
    found = [
        Fault(rules.FILE, None, where, "", what, "see the shape in anlan.respond.volunteers.rules")
        for where, what in rules.faults(path.read_text(encoding="utf-8"))
    ]
    if found:
        return found
    known = rules.load(folder)
    for key, kind in (("work.pack", known.work.pack), ("safety.search", known.safety.search)):
        if not (folder / "packs" / f"{kind}.toml").is_file():
            found.append(Fault(rules.FILE, None, key, kind, "has no pack", f"packs/{kind}.toml"))
    for name, slots in SLOTS.items():
        text = getattr(known.text, name)
        for language in () if text is None else ("zh", "en"):
            template = getattr(text, language)
            used = {slot for _, slot, _, _ in string.Formatter().parse(template) if slot}
            found += [
                Fault(rules.FILE, None, f"text.{name}.{language}", slot, "is no slot of this text",
                      f"one of {', '.join(sorted(slots))}")
                for slot in sorted(used - slots)
            ]  # fmt: skip
    table = folder / seed.FILE
    if table.is_file():
        found += seed.read(table, known, _accounts(folder))[1]
    return found


def _accounts(folder: Path) -> dict[str, str]:
    path = folder / "people.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {row.get("id") or "": row.get("account") or "" for row in csv.DictReader(lines)}

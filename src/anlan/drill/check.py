"""What is wrong with the drills of a city: what their scripts name must be there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from anlan.city import ROLES, City, Fault, load
from anlan.drill.script import FOLDER, Script, read
from anlan.observe import Reading
from anlan.observe.reading import parse_row
from anlan.refusal import Refusal
from anlan.respond import packs, plan
from anlan.warn import load_rules

FLAG = "reconstructed"


def check(folder: Path) -> list[Fault]:
    """Every fault of every script; none while the city itself cannot be loaded."""
    scripts = sorted((folder / FOLDER).glob("*.toml"))
    if not scripts:
        return []
    try:
        city = load(folder)
    except Refusal:
        return []
    return [fault for path in scripts for fault in _of_file(city, path)]


def _of_file(city: City, path: Path) -> list[Fault]:
    name = f"{FOLDER}/{path.name}"
    try:
        script = read(path)
    except Refusal as refusal:
        value = "" if refusal.value is None else str(refusal.value)
        remedy = refusal.remedy or ""
        return [Fault(name, None, refusal.field or "", value, refusal.message, remedy)]
    return [Fault(name, None, *fault) for fault in faults(city, script)]


def faults(city: City, script: Script) -> Iterable[tuple[str, str, str, str]]:
    """(where, value, what is wrong, remedy) of all that a script names and that is not there."""
    response = plan.load(city.folder)
    events = {rule.event for rule in load_rules(city).rules}
    known = {
        "step": {step.id for step in response.step},
        "post": {post.id for post in response.post},
        "event": events,
    }
    players = {*ROLES, *city.accounts}
    for who in script.actors.by_hand:
        if who not in players:
            yield "actors.by_hand", who, "is neither a role nor an account", "see accounts.csv"
    for inject in script.inject:
        where = f"inject.{inject.id}"
        for who in inject.to:
            if who not in players:
                yield f"{where}.to", who, "is neither a role nor an account", "see accounts.csv"
        report = inject.report
        if report is not None:
            if report.by not in city.accounts:
                yield f"{where}.report.by", report.by, "is no account", "see accounts.csv"
            if report.kind not in packs.load(city.folder):
                yield f"{where}.report.kind", report.kind, "is no kind of case", "see packs/"
            if report.place not in {*city.places, ""}:
                yield f"{where}.report.place", report.place, "is no place", "see places.csv"
        for number, each in enumerate(inject.expect):
            for key, names in known.items():
                value = getattr(each, key)
                if value is not None and value not in names:
                    yield f"{where}.expect.{number}.{key}", value, "is not known", ", ".join(names)
    for number, deed in enumerate(script.act):
        for key, value in (("by", deed.by), ("to", deed.to)):
            if value and value not in city.accounts:
                yield f"act.{number}.{key}", value, "is no account", "see accounts.csv"
        if deed.post and deed.post not in known["post"]:
            yield f"act.{number}.post", deed.post, "is no post", ", ".join(known["post"])
    try:
        readings(city, script)
    except Refusal as refusal:
        value = "" if refusal.value is None else str(refusal.value)
        yield refusal.field or "readings", value, refusal.message, refusal.remedy or ""


def readings(city: City, script: Script) -> list[Reading]:
    """All readings that the script plays, in order of their time, marked reconstructed.

    Values in the unit and on the datum given, else the station's own. Raises `Refusal` naming the
    inject and the value.
    """
    given = [("background", 0.0, each) for each in script.background]
    given += [
        (f"inject.{inject.id}", inject.at_min, each)
        for inject in script.inject
        for each in inject.readings
    ]
    found = []
    for where, at_min, series in given:
        first = at_min if series.from_min is None else series.from_min
        for number, value in enumerate(series.values):
            moment = script.drill.start + timedelta(minutes=first + number * series.every_min)
            row: dict[str, object] = {
                "series": series.series,
                "valid_at": moment.isoformat(),
                "value": value,
                "flag": FLAG,
                **({"unit": series.unit} if series.unit else {}),
                **({"datum": series.datum} if series.datum else {}),
            }
            place = f"{where}.readings value {number + 1}"
            found.append(parse_row(row, city, place, "drill", (FLAG,)))
    return sorted(found, key=lambda reading: (reading.valid_at, reading.series))

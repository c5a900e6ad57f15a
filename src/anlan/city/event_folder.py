"""Reading ``events/<name>/`` of a city folder: event.toml, track.csv, official.csv.

The worlds of a replay and the facts for its review lie in the same folder and are not read here:
what the replayed world holds is hidden from everything that forecasts or decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anlan.city.columns import OFFICIAL, TRACK, Sheet
from anlan.city.event import Event, Fix, OfficialWarning, Radii
from anlan.city.fault import Fault, refuse
from anlan.city.table import Table, read_table
from anlan.city.toml_file import read_toml, want, want_instant
from anlan.refusal import Refusal


def event_names(folder: Path) -> list[str]:
    """The names of the events in a city folder, sorted."""
    return sorted(path.parent.name for path in (folder / "events").glob("*/event.toml"))


def load_event(folder: Path, name: str) -> Event:
    """Read one event.

    Raises:
        Refusal: ``not_found`` for an unknown name; ``invalid`` if its files have faults.
    """
    names = event_names(folder)
    if name not in names:
        raise Refusal(
            f"event {name!r} is not in {folder}/events; known: {', '.join(names) or 'none'}",
            field="event",
            value=name,
            remedy=f"one of {', '.join(names)}" if names else "add events/<name>/event.toml",
            kind="not_found",
        )
    event, faults = read_event(folder, name)
    if event is None or faults:
        raise refuse(str(folder), faults)
    return event


def read_event(folder: Path, name: str) -> tuple[Event | None, list[Fault]]:
    """One event and every fault of its files; None where event.toml cannot be used."""
    base = f"events/{name}"
    file = f"{base}/event.toml"
    faults: list[Fault] = []
    settings = read_toml(folder, file, faults)
    if settings is None:
        return None, faults
    title = want(settings, file, "name", str, "give the event's name", faults)
    start = want_instant(settings, file, "from", faults)
    end = want_instant(settings, file, "to", faults)
    until = want_instant(settings, file, "cycles_until", faults)
    if start and end and end <= start:
        faults.append(Fault(file, None, "to", str(end), "is not after from", "give a later time"))
    if start and end and until and not start <= until <= end:
        faults.append(
            Fault(
                file,
                None,
                "cycles_until",
                str(until),
                "is outside the event",
                "give a time between from and to",
            )
        )
    track = _read_optional(folder, base, TRACK, faults)
    official = _read_optional(folder, base, OFFICIAL, faults)
    fixes = tuple(_fix(row.values) for row in track) if track else ()
    if track:
        faults += _unordered(track)
    if title is None or start is None or end is None or until is None:
        return None, faults
    event = Event(
        id=name,
        name=title,
        name_en=str(settings.get("name_en", "")),
        start=start,
        end=end,
        cycles_until=until,
        track=fixes,
        official=tuple(OfficialWarning(**row.values) for row in official) if official else (),
        sources=tuple(str(source) for source in settings.get("sources", ())),
        synthetic=bool(settings.get("synthetic", False)),
        folder=folder / base,
    )
    return event, faults


def _read_optional(folder: Path, base: str, sheet: Sheet, faults: list[Fault]) -> Table | None:
    file = f"{base}/{sheet.file}"
    if not (folder / file).exists():
        return None
    table = read_table(folder, file, sheet.columns, sheet.key)
    faults += table.faults
    return table


def _radii(values: Mapping[str, Any], force: int) -> Radii | None:
    quadrants = [values[f"r{force}_{q}"] for q in ("ne", "se", "sw", "nw")]
    if any(radius is None for radius in quadrants):
        return None
    ne, se, sw, nw = quadrants
    return ne, se, sw, nw


def _fix(values: Mapping[str, Any]) -> Fix:
    return Fix(
        time=values["time"],
        lon=values["lon"],
        lat=values["lat"],
        pressure_hpa=values["pressure_hpa"],
        wind_ms=values["wind_ms"],
        r7=_radii(values, 7),
        r10=_radii(values, 10),
        r12=_radii(values, 12),
    )


def _unordered(track: Table) -> list[Fault]:
    faults = []
    for before, after in zip(track.rows, track.rows[1:], strict=False):
        if after.values["time"] <= before.values["time"]:
            faults.append(
                Fault(
                    track.file,
                    after.line,
                    "time",
                    after.values["time"].isoformat(),
                    "is not after the fix above it",
                    "sort the fixes by time",
                )
            )
    return faults

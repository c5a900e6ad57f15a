"""``anlan city check``: every fault of a city folder, never stopping at the first."""

from __future__ import annotations

from pathlib import Path

from anlan.city.event_folder import event_names, read_event
from anlan.city.fault import Fault
from anlan.city.folder import Contents, read_folder
from anlan.city.ground import read_ground
from anlan.city.toml_file import lookup
from anlan.refusal import Refusal
from anlan.simulation.raster import read_raster


def check(folder: Path | str) -> list[Fault]:
    """Every fault in the tables, settings, rasters and events of ``folder``; empty if none.

    Rules, plan and messages are checked by the stages that read them.
    """
    path = Path(folder)
    contents = read_folder(path)
    faults = list(contents.faults)
    faults += _rasters(contents)
    codes = contents.tables["territory.csv"].keys if contents.tables else set()
    for name in event_names(path):
        event, found = read_event(path, name)
        faults += found
        for warning in event.official if event else ():
            faults += [
                Fault(
                    f"events/{name}/official.csv",
                    None,
                    "places",
                    code,
                    f"of warning {warning.id} is not a code of territory.csv",
                    "give codes of territory.csv, separated by spaces",
                )
                for code in warning.places
                if code not in codes
            ]
    return faults


def _rasters(contents: Contents) -> list[Fault]:
    """Faults of each raster; of the two together only where each by itself has none."""
    faults: list[Fault] = []
    unusable = any(fault.field == "crs" for fault in contents.faults)
    crs = None if unusable else lookup(contents.settings, "crs")
    for key in ("grid.terrain", "grid.land_use"):
        file = lookup(contents.settings, key)
        if not isinstance(file, str) or not (contents.folder / file).is_file():
            return faults  # already a fault of city.toml
        try:
            read_raster(contents.folder / file, crs)
        except Refusal as refusal:
            faults.append(_fault(file, refusal))
    if not faults and crs is not None:
        try:
            read_ground(contents.folder, contents.settings)
        except Refusal as refusal:
            faults.append(_fault(str(lookup(contents.settings, "grid.land_use")), refusal))
    return faults


def _fault(file: str, refusal: Refusal) -> Fault:
    value = "" if refusal.value is None else str(refusal.value)
    remedy = refusal.remedy or "give another raster"
    return Fault(file, None, refusal.field or "", value, refusal.message, remedy)

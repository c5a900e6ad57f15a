"""Times of a CF NetCDF file: its frames' intervals, and when a forecast was made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import netCDF4
import numpy as np

from anlan.observe.rainfield.field import How, bad

CALENDARS = ("standard", "gregorian", "proleptic_gregorian")
MOST_FRAMES = 2000
REFERENCE = "forecast_reference_time"


def attribute(file: Any, dimension: str, key: str) -> str:
    found = file.variables.get(dimension)
    return "" if found is None else str(getattr(found, key, ""))


def is_time(file: Any, dimension: str) -> bool:
    return " since " in attribute(file, dimension, "units")


def _moments(variable: Any, where: str) -> list[datetime]:
    calendar = str(getattr(variable, "calendar", "standard")).lower()
    if calendar not in CALENDARS:
        raise bad(where, "calendar", calendar, f"write one of {', '.join(CALENDARS)}")
    values = np.ma.filled(np.ma.asarray(variable[:], dtype=np.float64), np.nan).ravel()
    if not np.isfinite(values).all() or values.size > 4 * MOST_FRAMES:
        raise bad(where, "time", f"{values.size} values", "give every frame its time")
    found = netCDF4.num2date(
        values, variable.units, calendar, only_use_cftime_datetimes=False,
        only_use_python_datetimes=True,
    )  # fmt: skip
    # an offset in the units has been taken into account: these are UTC
    return [_second(each.replace(tzinfo=UTC)) for each in np.ravel(np.asarray(found, dtype=object))]


def _second(moment: datetime) -> datetime:
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def base_of(file: Any, name: str) -> datetime | None:
    for key, held in file.variables.items():
        if getattr(held, "standard_name", "") == REFERENCE or key == REFERENCE:
            moments = _moments(held, f"{name} {key}")
            if len(set(moments)) > 1:
                raise bad(name, key, f"{len(moments)} times", "give one forecast in a file")
            return moments[0]
    return None


def spans_of(
    file: Any,
    variable: Any,
    time: str,
    rate: bool,
    base: datetime | None,
    how: How,
    where: str,
    remarks: list[str],
) -> tuple[list[tuple[datetime, datetime]], bool]:
    """(start, end) of each frame; and whether amounts are running totals."""
    key = time or next((k for k in file.variables if is_time(file, k) and k != REFERENCE), "")
    if not key:
        raise bad(where, "time", "", "give a CF time coordinate")
    moments = _moments(file.variables[key], where)
    if len(moments) > MOST_FRAMES or any(b <= a for a, b in pairwise(moments)):
        raise bad(
            where, "time", f"{len(moments)} times", f"give rising ones, {MOST_FRAMES} at most"
        )
    length = timedelta(minutes=how.minutes)
    bounds = str(getattr(file.variables[key], "bounds", ""))
    if bounds in file.variables:
        held = file.variables[bounds]
        if not hasattr(held, "units"):
            held.set_auto_maskandscale(True)
            flat = _with_units(held, file.variables[key], where)
        else:
            flat = _moments(held, where)
        spans = list(zip(flat[::2], flat[1::2], strict=True))
        same = len({start for start, _ in spans}) == 1 and len(spans) > 1
        running = how.totals == "running" or (same and not rate and how.totals != "interval")
        if running:
            spans = _chained(spans[0][0], [end for _, end in spans])
        return _rising(spans, where), running
    if len(moments) == 1 and not how.minutes and not (how.totals == "running" and base):
        raise bad(where, "time bounds", "", "say how long it is with --minutes")
    if not rate and not how.totals:
        raise bad(
            where,
            "time bounds",
            "",
            "say with --totals whether each is of its interval or a running total",
        )
    running = how.totals == "running" and not rate
    if running and base is not None:
        # a forecast's first total is of what fell since it began
        spans = _chained(base, moments if moments[0] > base else moments[1:])
        if moments[0] <= base:
            raise bad(where, "time", moments[0].isoformat(), "leave out the frame of the start")
        return _rising(spans, where), True
    step = length or moments[1] - moments[0]
    remarks.append(f"no time bounds: each frame is taken to be the {step} before its time")
    return _rising([(moment - step, moment) for moment in moments], where), running


def _with_units(held: Any, axis: Any, where: str) -> list[datetime]:
    class Bounds:
        units = axis.units
        calendar = getattr(axis, "calendar", "standard")

        def __getitem__(self, index: Any) -> Any:
            return held[index]

    return _moments(Bounds(), where)


def _chained(start: datetime, ends: list[datetime]) -> list[tuple[datetime, datetime]]:
    return list(zip([start, *ends], ends, strict=False))


def _rising(spans: list[tuple[datetime, datetime]], where: str) -> list[tuple[datetime, datetime]]:
    for start, end in spans:
        if not timedelta(minutes=1) <= end - start <= timedelta(hours=48):
            raise bad(where, "interval", f"{start} to {end}", "give 1 minute to 48 hours")
    return spans

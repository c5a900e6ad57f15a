"""Working hours 工作时间: the clock of kinds that are not urgent stands outside them.

They are the city's, in ``hours.toml`` of its folder (source of the format: this module; local
time in the city's zone)::

    [week]
    days = ["mon", "tue", "wed", "thu", "fri"]
    spans = ["08:30-12:00", "14:00-17:30"]     # in order, apart from each other

    [[year]]
    source = "…"                # the notice that sets the holidays
    off = [2026-10-01]          # days without work, whatever the weekday
    on = [2026-10-10]           # days with work, whatever the weekday

A pack asks for them by ``hours = "working"`` in its ``[deadlines]``; all others run day and night.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from anlan.city import City, Fault
from anlan.respond import packs

FILE = "hours.toml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_GAP = 60
"""Days in a row without work that are looked through; a calendar with more has a fault."""
_MINUTE = timedelta(minutes=1)

Span = Annotated[str, StringConstraints(pattern=r"^\d\d:\d\d-\d\d:\d\d$")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Week(_Row):
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(min_length=1)
    spans: tuple[Span, ...] = Field(min_length=1)


class _Year(_Row):
    source: str = ""
    off: tuple[date, ...] = ()
    on: tuple[date, ...] = ()


class _File(_Row):
    week: _Week
    year: tuple[_Year, ...] = ()


@dataclass(frozen=True)
class Hours:
    """A calendar: ``spans`` of local time on working days; ``off`` and ``on`` overrule the week."""

    zone: tzinfo
    days: frozenset[int]
    spans: tuple[tuple[time, time], ...]
    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Whether there is work on a day."""
        return day in self.on or (day not in self.off and day.weekday() in self.days)

    def open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The times at work from ``start`` on, UTC, in order; without end while there are any."""
        day, idle = start.astimezone(self.zone).date(), 0
        while idle <= LONGEST_GAP:
            works = self.works(day)
            idle = 0 if works else idle + 1
            for begin, end in self.spans if works else ():
                first = datetime.combine(day, begin, self.zone).astimezone(UTC)
                last = datetime.combine(day, end, self.zone).astimezone(UTC)
                if last > start:
                    yield max(first, start.astimezone(UTC)), last
            day += timedelta(days=1)


def after(hours: Hours | None, start: datetime, minutes: float) -> datetime:
    """The moment ``minutes`` at work after ``start``; None works day and night."""
    if hours is None:
        return start + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    for begin, end in hours.open_from(start):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return start + timedelta(minutes=minutes)


def between(hours: Hours | None, start: datetime, end: datetime) -> float:
    """Minutes at work from ``start`` to ``end``; negative where the end lies before."""
    if hours is None:
        return (end - start) / _MINUTE
    if end < start:
        return -between(hours, end, start)
    total = timedelta(0)
    for begin, last in hours.open_from(start):
        if begin >= end:
            break
        total += min(last, end) - begin
    return total / _MINUTE


def of_kind(city: City, kind: str) -> Hours | None:
    """The hours in which the clock of a kind runs; None: day and night.

    A city without sound working hours has none: its clocks run on rather than stand still.
    """
    if packs.standing(city.folder, kind).deadlines.hours == "always":
        return None
    path = city.folder / FILE
    found = _read(path, path.stat().st_mtime_ns)[0] if path.is_file() else None
    return None if found is None else _in_zone(found, city.zone)


@lru_cache(maxsize=8)
def _in_zone(found: _File, zone: tzinfo) -> Hours:
    return Hours(
        zone,
        frozenset(DAYS.index(day) for day in found.week.days),
        tuple(_span(text) for text in found.week.spans),
        frozenset(day for year in found.year for day in year.off),
        frozenset(day for year in found.year for day in year.on),
    )


def _span(text: str) -> tuple[time, time]:
    begin, _, end = text.partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[_File | None, tuple[Fault, ...]]:
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        return None, (Fault(FILE, None, "", "", f"is not TOML: {problem}", "correct it"),)
    except ValidationError as problem:
        return None, tuple(
            Fault(
                FILE,
                None,
                ".".join(str(part) for part in error["loc"]),
                str(error.get("input", ""))[:60],
                error["msg"],
                "see the shape in anlan.respond.hours",
            )
            for error in problem.errors()
        )
    wrong = tuple(_senseless(found))
    return (None if wrong else found), wrong


def _senseless(found: _File) -> Iterator[Fault]:
    last = time.min
    for text in found.week.spans:
        try:
            begin, end = _span(text)
        except ValueError:
            yield Fault(
                FILE, None, "week.spans", text, "is no time of a day", "such as 08:30-12:00"
            )
            return
        if end <= begin or begin < last:
            what = "does not come after the one before it, or ends before it begins"
            yield Fault(FILE, None, "week.spans", text, what, "spans in order, apart")
        last = end
    for year in found.year:
        for day in sorted(set(year.off) & set(year.on)):
            what = "is both without and with work"
            yield Fault(FILE, None, "year.off", day.isoformat(), what, "keep one of the two")


def check(folder: Path) -> list[Fault]:
    """The faults of a city's working hours, and the packs that ask for them in vain."""
    path = folder / FILE
    if path.is_file():
        return list(_read(path, path.stat().st_mtime_ns)[1])
    return [
        Fault(
            f"{packs.FOLDER}/{kind}.toml",
            None,
            "deadlines.hours",
            "working",
            f"needs {FILE}, which is not there",
            f"write the city's working hours in {FILE}; see docs/packs.md",
        )
        for kind, pack in packs.load(folder).items()
        if pack.deadlines.hours == "working"
    ]

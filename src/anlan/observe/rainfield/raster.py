"""Rain in GRIB and GeoTIFF, read by GDAL.

GRIB 2: WMO Manual on Codes, FM 92; templates 4.0 (at a point in time) and 4.8 (over an interval);
GRIB 1: see `grib1`.
GeoTIFF says no times of its own: they come from the tags ``start``/``end`` of a band, from the
file's name (a run of 12 digits, YYYYMMDDhhmm, in the zone that is said), or are said.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterWindow

from anlan.observe.rainfield import grib1
from anlan.observe.rainfield.field import (
    Array,
    Field,
    Frame,
    How,
    Window,
    bad,
    factor_of,
    to_mm,
)
from anlan.observe.rainfield.geometry import Regular
from anlan.refusal import Refusal

MOST_BANDS = 2000
_STAMP = re.compile(r"(?<!\d)(20\d{10})(?!\d)")
# GDAL names: total precipitation, and its rate; the number of hours may follow
_ELEMENTS = re.compile(r"(APCP|TP|TPRATE|PRATE|RPRATE|ACPCP|RAIN|TPRATE)(\d\d)?")


def open_raster(path: Path, how: How) -> Field:
    """The rain in a GRIB or GeoTIFF file.

    Raises:
        Refusal: naming band, value and remedy.
    """
    try:
        file = rasterio.open(path)
    except (RasterioError, OSError) as problem:
        raise bad(path.name, "file", path.name, f"GDAL cannot read it ({problem})") from problem
    try:
        return _field(file, path, how)
    except Refusal:
        file.close()
        raise
    except (RasterioError, ValueError, KeyError) as problem:
        file.close()
        raise bad(path.name, "content", str(problem)[:120], "give another file") from problem


def _field(file: Any, path: Path, how: How) -> Field:
    if file.crs is None:
        raise bad(path.name, "projection", "", "write the coordinate system into the file")
    if file.count > MOST_BANDS:
        raise bad(path.name, "bands", file.count, f"{MOST_BANDS} at most")
    geometry = Regular(file.transform, (file.height, file.width), CRS.from_wkt(file.crs.to_wkt()))
    grib = file.driver == "GRIB"
    said = [_of_grib(file, band, how) if grib else None for band in range(1, file.count + 1)]
    dated = grib1.messages(path) if grib else []
    chosen = [b for b in range(1, file.count + 1) if not grib or said[b - 1] is not None]
    if not chosen:
        elements = {file.tags(b).get("GRIB_ELEMENT", "?") for b in range(1, file.count + 1)}
        raise bad(path.name, "elements", ", ".join(sorted(elements)), "none of them is rain")
    frames: list[Frame] = []
    base = how.issued
    remarks: list[str] = []
    for number, band in enumerate(chosen):
        told = said[band - 1]
        if told is not None:
            start, end, unit, made = told
            if file.count == len(dated) and not factor_of(how.unit or unit, path.name)[1]:
                where = f"{path.name} band {band}"
                start, end = dated[band - 1].span(made, end, how, where)
            base = base or made
        else:
            start, end = _of_name(file, band, number, len(chosen), path.name, how)
            unit = file.units[band - 1] or file.tags(band).get("units", "")
        factor, rate = factor_of(how.unit or unit, f"{path.name} band {band}")
        if not rate and grib and end <= start:
            raise bad(path.name, f"band {band}", "an amount without interval", "give GRIB 2")
        frames.append(_frame(file, band, start, end, factor, rate))
    frames.sort(key=lambda frame: frame.end)
    if grib:
        frames, remarks = _untangled(frames, path.name, how)
    return Field(geometry, tuple(frames), base, tuple(remarks), file.close)


def _frame(
    file: Any, band: int, start: datetime, end: datetime, factor: float, rate: bool
) -> Frame:
    scale, offset = file.scales[band - 1], file.offsets[band - 1]

    def read(window: Window) -> Array:
        rows, columns = window
        part = RasterWindow(
            columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start
        )
        values = file.read(band, window=part, masked=True).astype(np.float64) * scale + offset
        return to_mm(values, factor, rate, end - start)

    return Frame(start, end, read)


def _of_grib(file: Any, band: int, how: How) -> tuple[datetime, datetime, str, datetime] | None:
    """Start, end, unit and base of a band of rain; None of anything else."""
    tags = file.tags(band)
    element = tags.get("GRIB_ELEMENT", "")
    if element != how.variable and (how.variable or not _ELEMENTS.fullmatch(element)):
        return None
    base = _seconds(tags.get("GRIB_REF_TIME", ""))
    end = _seconds(tags.get("GRIB_VALID_TIME", ""))
    start = base + timedelta(seconds=int(tags.get("GRIB_FORECAST_SECONDS", "0").split()[0]))
    return start, end, tags.get("GRIB_UNIT", ""), base


def _seconds(text: str) -> datetime:
    return datetime.fromtimestamp(int(text.split()[0]), UTC)


def _untangled(frames: list[Frame], name: str, how: How) -> tuple[list[Frame], list[str]]:
    """Frames that follow each other, from rates at moments, intervals or running totals."""
    remarks: list[str] = []
    if all(frame.start == frame.end for frame in frames):  # rates
        length = timedelta(minutes=how.minutes)
        if not length and len(frames) > 1:
            length = frames[1].end - frames[0].end
        if not length:
            raise bad(name, "time", "a rate at one moment", "say how long it holds with --minutes")
        remarks.append(f"a rate is taken to hold for the {length} before its time")
        return [_lengthened(frame, length) for frame in frames], remarks
    if len(frames) > 1 and len({frame.start for frame in frames}) == 1:
        chained = [frames[0]]
        for before, frame in pairwise(frames):
            chained.append(_difference(before, frame))
        return chained, ["amounts since the forecast began: differences are taken"]
    for before, frame in pairwise(frames):
        if frame.start < before.end:
            raise bad(
                name, "intervals", f"{before.start} to {before.end}, {frame.start} to {frame.end}",
                "they overlap; give a file of one kind of amount",
            )  # fmt: skip
    return frames, remarks


def _lengthened(frame: Frame, length: timedelta) -> Frame:
    hours = length.total_seconds() / 3600.0
    inner = frame.read

    def read(window: Window) -> Array:
        return np.asarray(inner(window) * hours)

    return replace(frame, start=frame.end - length, read=read)


def _difference(before: Frame, frame: Frame) -> Frame:
    def read(window: Window) -> Array:
        gained = frame.read(window) - before.read(window)
        return np.asarray(np.where(gained < -0.5, np.nan, np.maximum(gained, 0.0)))

    return Frame(before.end, frame.end, read)


def _of_name(
    file: Any, band: int, number: int, count: int, name: str, how: How
) -> tuple[datetime, datetime]:
    tags = {**file.tags(), **file.tags(band)}
    if "start" in tags and "end" in tags:
        return _said(tags["start"], name, how), _said(tags["end"], name, how)
    if not how.minutes:
        raise bad(name, "interval", "", "say how long a frame is with --minutes")
    length = timedelta(minutes=how.minutes)
    end = how.end
    if end is None:
        stamps = _STAMP.findall(name)
        if len(stamps) != 1:
            raise bad(name, "time", "", "name it like rain_202107251200.tif, or say --end")
        end = _said(stamps[0], name, how)
    last = end + length * number
    return last - length, last


def _said(text: str, name: str, how: How) -> datetime:
    try:
        if len(text) == 12 and text.isdigit():
            moment = datetime.strptime(text, "%Y%m%d%H%M")  # noqa: DTZ007
        else:
            moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise bad(name, "time", text, "write it like 2021-07-25T12:00+08:00") from problem
    if moment.tzinfo is None:
        if how.zone is None:
            raise bad(name, "time", text, "it names no zone; say it with --zone UTC or another")
        moment = moment.replace(tzinfo=how.zone)
    return moment.astimezone(UTC)

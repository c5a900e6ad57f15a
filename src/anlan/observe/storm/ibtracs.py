"""IBTrACS v04 by CSV or NetCDF: the tracks of CMA, JMA and the USA, and the WMO agency's. Pure.

Source: NOAA NCEI, IBTrACS v04r01 column documentation (Knapp et al. 2010,
doi 10.1175/2009BAMS2755.1). Winds are knots, pressures hPa (mb), times UTC; blanks are not given.
CSV has a second row of units.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from anlan.observe.netcdf_lock import NETCDF
from anlan.observe.storm.fix import KNOT, WIND_MINUTES, Fix, StormTrack, bad, checked
from anlan.refusal import Refusal

# agency: prefix of its columns
PREFIXES = {"CMA": "cma", "JMA": "tokyo", "JTWC": "usa", "WMO": "wmo"}
MOST_ROWS = 1_500_000


@dataclass
class _Rows:
    """Fixes of one storm by agency, as they are read."""

    name: str = ""
    fixes: dict[str, list[Fix]] = field(default_factory=dict)


def read_csv(text: str, name: str) -> list[StormTrack]:
    """The storms of an IBTrACS CSV file. Raises `Refusal` naming file, row and value."""
    try:
        return _csv(text, name)
    except csv.Error as problem:
        raise bad(name, "CSV", problem, "an IBTrACS v04 CSV file") from problem


def _csv(text: str, name: str) -> list[StormTrack]:
    reader = csv.DictReader(io.StringIO(text))
    wanted = {"SID", "NAME", "ISO_TIME", "LAT", "LON"}
    if not wanted <= set(reader.fieldnames or ()):
        missing = ", ".join(sorted(wanted - set(reader.fieldnames or ())))
        raise bad(name, "columns", missing, "an IBTrACS v04 CSV file, which has them")
    storms: dict[str, _Rows] = {}
    for number, row in enumerate(reader, start=2):
        if number == 2 and not (row["ISO_TIME"] or "").strip():
            continue  # the row of units
        if number > MOST_ROWS:
            raise Refusal(f"{name} has more than {MOST_ROWS} rows; read a part of it", field=name)
        storm = storms.setdefault((row["SID"] or "").strip(), _Rows((row["NAME"] or "").strip()))
        where = f"{name} row {number}"
        time = _time((row["ISO_TIME"] or "").strip(), where)
        for agency, prefix in PREFIXES.items():
            cells = {
                key: (row.get(f"{prefix}_{key}".upper()) or "").strip()
                for key in ("lat", "lon", "wind", "pres")
            }
            if agency == "WMO":  # its position is the track's own
                cells |= {"lat": row["LAT"] or "", "lon": row["LON"] or ""}
            fix = _fix({key: _number(cell) for key, cell in cells.items()}, time, where)
            if fix is not None:
                storm.fixes.setdefault(agency, []).append(fix)
    return [track for sid, rows in storms.items() for track in _tracks(sid, rows)]


def read_netcdf(data: bytes, name: str) -> list[StormTrack]:
    """The storms of an IBTrACS NetCDF file. Raises `Refusal`."""
    import netCDF4

    try:
        with NETCDF, netCDF4.Dataset(name, memory=data) as file:
            return [track for sid, rows in _of_file(file, name) for track in _tracks(sid, rows)]
    except (OSError, KeyError, IndexError, RuntimeError) as problem:
        raise Refusal(
            f"{name} cannot be read as IBTrACS NetCDF ({problem})",
            field=name,
            remedy="a file of IBTrACS v04",
        ) from problem


def _of_file(file: Any, name: str) -> Iterator[tuple[str, _Rows]]:
    times = file["iso_time"]
    if times.shape[0] * times.shape[1] > 40 * MOST_ROWS:
        raise Refusal(f"{name} holds too many storms; read a part of it", field=name)
    columns = {
        key: np.ma.filled(file[key][:].astype(np.float64), np.nan)
        for prefix in PREFIXES.values()
        for key in (f"{prefix}_lat", f"{prefix}_lon", f"{prefix}_wind", f"{prefix}_pres")
        if key in file.variables
    }
    for key in ("lat", "lon"):
        columns[f"wmo_{key}"] = np.ma.filled(file[key][:].astype(np.float64), np.nan)
    for place in range(times.shape[0]):
        rows = _Rows(_word(file["name"][place]))
        sid = _word(file["sid"][place])
        for step, stamp in enumerate(times[place]):
            text = _word(stamp)
            if not text:
                continue
            where = f"{name} storm {sid}"
            for agency, prefix in PREFIXES.items():
                cells = {
                    key: _there(columns.get(f"{prefix}_{key}"), place, step)
                    for key in ("lat", "lon", "wind", "pres")
                }
                fix = _fix(cells, _time(text, where), where)
                if fix is not None:
                    rows.fixes.setdefault(agency, []).append(fix)
        yield sid, rows


def _there(column: Any, place: int, step: int) -> float | None:
    if column is None:
        return None
    value = float(column[place, step])
    return value if np.isfinite(value) else None


def _word(letters: Any) -> str:
    filled = np.ma.filled(letters, b"")
    return b"".join(np.atleast_1d(filled).astype("S").tolist()).decode("ascii", "replace").strip()


def _time(text: str, where: str) -> datetime:
    try:
        return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as problem:
        raise bad(where, "ISO_TIME", text, "such as 2021-07-25 06:00:00") from problem


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _fix(cells: dict[str, float | None], time: datetime, where: str) -> Fix | None:
    lat, lon = cells["lat"], cells["lon"]
    if lat is None or lon is None:
        return None
    wind = None if cells["wind"] is None else cells["wind"] * KNOT
    return checked(where, time=time, base=time, lon=lon, lat=lat, pressure=cells["pres"], wind=wind)


def _tracks(sid: str, rows: _Rows) -> Iterator[StormTrack]:
    name = "" if rows.name in ("NOT_NAMED", "UNNAMED") else rows.name.title()
    for agency, fixes in rows.fixes.items():
        if any(fix.wind_ms or fix.pressure_hpa for fix in fixes):
            minutes = WIND_MINUTES.get(agency)
            yield StormTrack(sid, agency, "", name, minutes, True, tuple(fixes))

"""Best tracks in the text forms of CMA and JMA. Pure.

CMA: header ``66666 nnnn count …``, rows ``YYYYMMDDHH grade lat lon pressure wind`` in 0.1 degrees,
hPa and m/s (2-min mean), UTC (tcdata.typhoon.org.cn; Ying et al. 2014,
doi 10.1175/JTECH-D-12-00119.1; Lu et al. 2021, doi 10.1007/s00376-020-0211-7).

JMA: header ``66666 yynn …``, rows ``YYMMDDHH 002 grade lat lon pressure wind`` in 0.1 degrees, hPa
and knots (10-min mean), UTC (RSMC Tokyo, "Format of RSMC Best Track Data"). Its radii are those of
50 and 30 kt winds, which are no forces of the Beaufort scale used here: they are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from anlan.observe.storm.fix import KNOT, Fix, StormTrack, bad, checked
from anlan.refusal import Refusal

MOST_LINES = 400_000


def read_best_tracks(text: str, name: str) -> list[StormTrack]:
    """The storms of a CMA or JMA best-track file, told apart by the form of their rows.

    Raises:
        Refusal: naming file, line and value.
    """
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise Refusal(f"{name} has {len(lines)} lines; at most {MOST_LINES} are read", field=name)
    found: list[StormTrack] = []
    header: list[str] = []
    year_digits = ""
    fixes: list[Fix] = []
    agency = ""
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        if not cells:
            continue
        if cells[0] == "66666":
            found += _storm(header, agency, year_digits, fixes)
            header, fixes, agency = cells, [], ""
            continue
        where = f"{name} line {number}"
        if not header:
            raise bad(where, "header", cells[0], "a header that begins with 66666 first")
        agency, fix = _row(cells, where)
        year_digits = str(fix.time.year) if not fixes else year_digits
        fixes.append(fix)
    found += _storm(header, agency, year_digits, fixes)
    return found


def _row(cells: list[str], where: str) -> tuple[str, Fix]:
    try:
        if len(cells[0]) == 10:
            time = datetime.strptime(cells[0], "%Y%m%d%H").replace(tzinfo=UTC)
            lat, lon, pressure, wind = (float(each) for each in cells[2:6])
            agency, speed = "CMA", wind
        else:
            time = datetime.strptime(_century(cells[0]), "%Y%m%d%H").replace(tzinfo=UTC)
            lat, lon, pressure = (float(each) for each in cells[3:6])
            # systems below tropical storm have no wind, and rows end there or with 000
            knots = cells[6] if len(cells) > 6 and cells[6].isdigit() else "0"
            agency, speed = "JMA", float(knots) * KNOT
    except (ValueError, IndexError) as problem:
        words = "time, grade, latitude, longitude, pressure, wind"
        raise bad(where, "row", " ".join(cells)[:60], words) from problem
    fix = checked(
        where, time=time, base=time, lon=lon / 10, lat=lat / 10, pressure=pressure, wind=speed
    )
    return agency, fix


def _century(stamp: str) -> str:
    """JMA writes two digits of the year; its record begins in 1951."""
    if len(stamp) != 8 or not stamp.isdigit():
        raise ValueError(stamp)
    return ("19" if int(stamp[:2]) >= 51 else "20") + stamp


def _storm(header: list[str], agency: str, year: str, fixes: list[Fix]) -> Iterator[StormTrack]:
    if not fixes:
        return
    if agency == "CMA":
        # 66666 international-number rows serial cma-number end interval name date
        number = header[4] if len(header) > 4 else ""
        name = header[7] if len(header) > 8 else ""
    else:
        number = header[1] if len(header) > 1 else ""
        name = header[7] if len(header) > 8 else ""
    named = number.isdigit() and number[-2:] != "00"
    serial = header[3] if len(header) > 3 else "0"
    storm = f"{year[:2]}{number}" if named else f"{year}-{agency.lower()}-{serial}"
    name = "" if name in ("(nameless)",) else name.title() if name.isupper() else name
    minutes = {"CMA": 2, "JMA": 10}[agency]
    yield StormTrack(storm, agency, "", name, minutes, True, tuple(fixes))

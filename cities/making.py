"""What city generators share: chance without a generator's state, smooth noise, files.

Every "random" number is a hash of what it is for, so a generator gives the same city on every
machine and version, and adding a place does not move the others.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.transform import from_origin

Floats = NDArray[np.float64]


def chance(*parts: object) -> float:
    """A number in [0, 1) that depends on nothing but ``parts``."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def between(low: float, high: float, *parts: object) -> float:
    """``chance`` stretched to [low, high)."""
    return low + (high - low) * chance(*parts)


def pick(options: Sequence[str], *parts: object) -> str:
    """One of ``options``."""
    return options[int(chance(*parts) * len(options))]


def noise(x: Floats, y: Floats, wavelength: float, name: str) -> Floats:
    """Smooth noise in [-1, 1] over points in m: cubic blends of hashed values on a lattice."""
    u, v = x / wavelength, y / wavelength
    i, j = np.floor(u).astype(int), np.floor(v).astype(int)
    fu, fv = u - i, v - j
    fu, fv = fu * fu * (3 - 2 * fu), fv * fv * (3 - 2 * fv)
    columns, rows = range(i.min(), i.max() + 2), range(j.min(), j.max() + 2)
    lattice = np.array([[2 * chance("noise", name, a, b) - 1 for a in columns] for b in rows])

    def at(di: int, dj: int) -> Floats:
        return np.asarray(lattice[j + dj - rows.start, i + di - columns.start])

    south = at(0, 0) * (1 - fu) + at(1, 0) * fu
    north = at(0, 1) * (1 - fu) + at(1, 1) * fu
    return np.asarray(south * (1 - fv) + north * fv)


def spread(area: shapely.Geometry, count: int, name: str) -> list[tuple[float, float]]:
    """``count`` points spread evenly inside ``area`` (x, y in m), by Lloyd's relaxation."""
    west, south, east, north = area.bounds
    candidates: list[tuple[float, float]] = []
    k = 0
    while len(candidates) < 60 * count:
        x = between(west, east, name, k, "x")
        y = between(south, north, name, k, "y")
        if shapely.contains_xy(area, x, y):
            candidates.append((x, y))
        k += 1
    points = np.array(candidates)
    centres = points[:count].copy()
    for _ in range(12):
        distance = np.hypot(*(points[:, None, :] - centres[None, :, :]).transpose(2, 0, 1))
        nearest = distance.argmin(axis=1)
        centres = np.array([points[nearest == n].mean(axis=0) for n in range(count)])
    kept = [
        c if shapely.contains_xy(area, *c) else p for c, p in zip(centres, points, strict=False)
    ]
    return [(float(x), float(y)) for x, y in kept]


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """``total`` split by ``weights`` into whole numbers with that exact sum."""
    scale = total / sum(weights)
    whole = [int(weight * scale) for weight in weights]
    rest = sorted(range(len(weights)), key=lambda n: whole[n] - weights[n] * scale)
    for n in rest[: total - sum(whole)]:
        whole[n] += 1
    return whole


def plain(value: object) -> str:
    """A value as it stands in a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def write_table(path: Path, header: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Write a CSV with the columns of ``header`` (comma-separated), LF line ends."""
    names = header.split(",")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            stray = set(row) - set(names)
            if stray:
                raise ValueError(f"{path.name} has no column {', '.join(sorted(stray))}")
            writer.writerow([plain(row.get(name)) for name in names])


def write_raster(
    path: Path,
    values: NDArray[np.generic],
    x0: float,
    y0: float,
    dx: float,
    crs: str,
    nodata: float,
) -> None:
    """Write a one-band GeoTIFF; ``values`` has row 0 in the south, ``x0, y0`` its SW corner."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ny, nx = values.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=nx,
        height=ny,
        count=1,
        dtype=values.dtype,
        crs=crs,
        transform=from_origin(x0, y0 + ny * dx, dx, dx),
        nodata=nodata,
        compress="deflate",
        predictor=3 if values.dtype.kind == "f" else 2,
        zlevel=9,
    ) as target:
        target.write(values[::-1], 1)


def wkt(
    geometry: shapely.Geometry, to_lonlat: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> str:
    """A geometry in metres as WKT in lon lat, to about a metre."""

    def transform(xy: Floats) -> Floats:
        return np.column_stack(to_lonlat(xy[:, 0], xy[:, 1]))

    return str(shapely.to_wkt(shapely.transform(geometry, transform), rounding_precision=5))

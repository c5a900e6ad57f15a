"""Bed, roughness and drainage from the city's rasters, averaged over blocks of raster cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.city.terrain import Floats, Mask
from anlan.city.toml_file import lookup
from anlan.refusal import Refusal
from anlan.simulation.raster import Raster, read_raster


@dataclass(frozen=True)
class LandUse:
    """One class of the land-use raster.

    Attributes:
        code: its value in the raster. manning: s m^(-1/3).
        drain_rate: what its drains and soil take up at most, m/s.
        sea: whether its cells carry the tide level. water: whether its roughness is a river's.
    """

    name: str
    code: int
    manning: float
    drain_rate: float
    sea: bool
    water: bool


@dataclass(frozen=True, eq=False)
class Ground:
    """The land of a city on square cells, before rivers and barriers; see ``Terrain``."""

    x0: float
    y0: float
    dx: float
    z: Floats
    manning: Floats
    inside: Mask
    sea: Mask
    drain_rate: Floats
    river_manning: float


def land_uses(settings: Mapping[str, Any]) -> list[LandUse]:
    """The classes of ``[land_use.<name>]``: code, manning, drain_mm_h, and sea or water = true.

    Raises:
        Refusal: if there is none, or one lacks a number.
    """
    table = lookup(settings, "land_use")
    if not isinstance(table, Mapping) or not table:
        raise Refusal(
            "city.toml has no [land_use.<name>] tables; give each code of the land-use raster one "
            "with code, manning and drain_mm_h",
            field="land_use",
            remedy="[land_use.farmland] code = 1, manning = 0.06, drain_mm_h = 1.0",
        )
    uses = []
    for name, entry in table.items():
        for key in ("code", "manning", "drain_mm_h"):
            value = entry.get(key) if isinstance(entry, Mapping) else None
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise Refusal(
                    f"land_use.{name}.{key} is {value!r} in city.toml, not a number; write one",
                    field=f"land_use.{name}.{key}",
                    value=value,
                    remedy="a number",
                )
        uses.append(
            LandUse(
                name=str(name),
                code=int(entry["code"]),
                manning=float(entry["manning"]),
                drain_rate=float(entry["drain_mm_h"]) / 1000.0 / 3600.0,
                sea=bool(entry.get("sea", False)),
                water=bool(entry.get("water", False)),
            )
        )
    return uses


def read_ground(
    folder: Path, settings: Mapping[str, Any], resolution_m: float | None = None
) -> Ground:
    """Read terrain and land use and average them to cells of ``resolution_m``.

    A cell is computed if at least half of it has data, and is sea if at least half of that is
    sea; its bed is the mean over the raster cells of its own kind, so that a dike-side cell of
    land does not sink towards the bay.

    Args:
        resolution_m: a whole multiple of the raster's cell size; None keeps that size.

    Raises:
        Refusal: if a raster cannot be used, the two differ in grid, a land-use value has no
            class, or the resolution is not a whole multiple.
    """
    crs = str(settings["crs"])
    name = str(settings["grid"]["land_use"])
    bed = read_raster(folder / settings["grid"]["terrain"], crs)
    use = read_raster(folder / name, crs)
    if (bed.x0, bed.y0, bed.dx, bed.values.shape) != (use.x0, use.y0, use.dx, use.values.shape):
        raise Refusal(
            f"raster {name} has another grid ({_grid(use)}) than the terrain ({_grid(bed)}); "
            "resample it to the terrain's",
            field="grid.land_use",
            value=_grid(use),
            remedy="gdalwarp with the -te and -tr of the terrain",
        )
    k = _blocks(resolution_m, bed.dx)
    uses = land_uses(settings)
    codes = np.nan_to_num(use.values, nan=0.0).astype(np.int64)
    known = np.isin(codes, [entry.code for entry in uses])
    stray = np.unique(codes[~known & (codes != 0)])
    if stray.size:
        raise Refusal(
            f"raster {name} holds the value {stray[0]}, which has no class; "
            "add it to [land_use] of city.toml",
            field="land_use",
            value=int(stray[0]),
            remedy=f"[land_use.<name>] code = {stray[0]}",
        )
    valid = np.isfinite(bed.values) & known
    sea_fine = valid & np.isin(codes, [entry.code for entry in uses if entry.sea])
    n_fine, drain_fine = np.zeros(codes.shape), np.zeros(codes.shape)
    for entry in uses:
        n_fine[codes == entry.code] = entry.manning
        drain_fine[codes == entry.code] = entry.drain_rate

    held = _block_sum(valid.astype(np.float64), k)
    inside = held * 2 >= k * k
    sea = inside & (_block_sum(sea_fine.astype(np.float64), k) * 2 >= held)
    z_land = _block_mean(bed.values, valid & ~sea_fine, k)
    z_sea = _block_mean(bed.values, sea_fine, k)
    z = np.where(sea, z_sea, z_land)
    # Outside cells get a level of their own only to keep arrays finite; nothing computes there.
    z = np.where(np.isfinite(z), z, np.nanmax(bed.values))
    water = [entry.manning for entry in uses if entry.water]
    return Ground(
        x0=bed.x0,
        y0=bed.y0,
        dx=bed.dx * k,
        z=z,
        manning=np.where(inside, _block_mean(n_fine, valid, k), 0.05),
        inside=inside,
        sea=sea,
        drain_rate=np.where(inside & ~sea, _block_mean(drain_fine, valid, k), 0.0),
        river_manning=water[0] if water else 0.03,
    )


def _grid(raster: Raster) -> str:
    ny, nx = raster.values.shape
    return f"{nx} x {ny} cells of {raster.dx:g} m from {raster.x0:.0f}, {raster.y0:.0f}"


def _blocks(resolution_m: float | None, dx: float) -> int:
    if resolution_m is None:
        return 1
    k = round(resolution_m / dx)
    if k < 1 or abs(k * dx - resolution_m) > 1e-6 * dx:
        raise Refusal(
            f"resolution {resolution_m:g} m is not a whole multiple of the terrain's {dx:g} m; "
            f"use {dx:g}, {2 * dx:g} or {4 * dx:g}",
            field="resolution_m",
            value=resolution_m,
            remedy=f"a whole multiple of {dx:g}",
        )
    return k


def _block_sum(values: NDArray[np.float64], k: int) -> Floats:
    ny, nx = values.shape
    padded = np.zeros((-(-ny // k) * k, -(-nx // k) * k))
    padded[:ny, :nx] = values
    return np.asarray(padded.reshape(padded.shape[0] // k, k, -1, k).sum(axis=(1, 3)))


def _block_mean(values: NDArray[np.float64], mask: Mask, k: int) -> Floats:
    total = _block_sum(np.where(mask, values, 0.0), k)
    held = _block_sum(mask.astype(np.float64), k)
    return np.asarray(np.divide(total, held, out=np.full(total.shape, np.nan), where=held > 0))

"""From a terrain to the grid: the raster, its buildings and channels, in cells to compute on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.simulation.buildings import stand_on
from anlan.simulation.channels import dig
from anlan.simulation.document import ChannelTable, Terrain
from anlan.simulation.grid import Grid
from anlan.simulation.raster import Raster, read_raster
from anlan.simulation.record import refuse

# Finer cells across a channel.
ACROSS = 4


def lay_grid(terrain: Terrain, channels: tuple[ChannelTable, ...] = ()) -> Grid:
    """The grid over a terrain, with its buildings and channels.

    A ``resolution`` coarser than the raster starts at the raster's south-west corner. Where the
    raster ends within a cell, or has no data there, the cell is part of the domain if at least
    half of it has ground; a building takes only cells that it fills.

    Where a channel is narrower than four cells of the raster, it is first divided into smaller
    cells of the same ground.

    Raises:
        Refusal: a raster or buildings that cannot be used, a resolution that is no whole multiple
            of the raster's cell, a channel off the terrain, or a terrain without any ground.
    """
    given = terrain.elevation
    raster = given if isinstance(given, Raster) else read_raster(given, nameless=True)
    coarser = _factor(terrain, raster)
    parts = max((math.ceil(ACROSS * raster.dx / channel.width) for channel in channels), default=1)
    raster = _divided(raster, parts)
    factor = coarser * parts
    ground = _padded(raster.values, factor)
    ground[~np.isfinite(ground)] = np.nan
    ny, nx = ground.shape[0] // factor, ground.shape[1] // factor
    covered = _blocks(np.isfinite(ground), factor).mean(axis=(1, 3)) >= 0.5
    porosity = None
    if terrain.buildings is not None:
        ground, porosity = stand_on(ground, raster, terrain)
    for number, channel in enumerate(channels, start=1):
        dig(ground, raster, channel, number)
    blocks = _blocks(ground, factor)
    open_ = np.isfinite(blocks)
    active = covered & open_.any(axis=(1, 3))
    if not active.any():
        raise Refusal(
            f"terrain {given} has no cell with ground; give a raster with data",
            field="elevation",
            value=given,
            remedy="a raster with data",
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(open_, blocks, 0.0).sum(axis=(1, 3)) / open_.sum(axis=(1, 3))
    return Grid(
        x0=raster.x0,
        y0=raster.y0,
        dx=raster.dx * factor,
        ny=ny,
        nx=nx,
        bed=np.where(active, mean, np.nan),
        active=active,
        crs=raster.crs,
        factor=factor,
        fine=ground if factor > 1 or porosity is not None else None,
        porosity=porosity,
    )


def _factor(terrain: Terrain, raster: Raster) -> int:
    if terrain.resolution is None:
        return 1
    ratio = terrain.resolution / raster.dx
    factor = round(ratio)
    if factor < 1 or abs(ratio - factor) > 1e-6 * ratio:
        fits: Sequence[float] = sorted({max(math.floor(ratio), 1), math.ceil(ratio)})
        words = " or ".join(f"{raster.dx * k:g}" for k in fits)
        raise refuse(
            "[terrain] resolution",
            terrain.resolution,
            f"is no whole multiple of the raster's cell of {raster.dx:g} m",
            f"give {words}, or leave it out",
        )
    return factor


def _padded(values: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """Rows to the north and columns to the east without data, up to whole cells."""
    ny, nx = values.shape
    return np.pad(values, ((0, -ny % factor), (0, -nx % factor)), constant_values=np.nan)


def _divided(raster: Raster, parts: int) -> Raster:
    if parts == 1:
        return raster
    values = raster.values.repeat(parts, axis=0).repeat(parts, axis=1)
    return replace(raster, values=values, dx=raster.dx / parts)


def _blocks(values: NDArray[np.generic], factor: int) -> NDArray[np.generic]:
    """(ny, factor, nx, factor): the finer cells of each cell."""
    rows, columns = values.shape
    return values.reshape(rows // factor, factor, columns // factor, factor)

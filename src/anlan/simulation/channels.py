"""Channels: canals and ditches dug into the finer ground along their centre line."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.simulation.document import ChannelTable
from anlan.simulation.lines import level_along
from anlan.simulation.raster import Raster

SHIFT = (1e-8, 1e-6)


def dig(ground: NDArray[np.float64], raster: Raster, channel: ChannelTable, number: int) -> None:
    """Lower the ground to the bed of a channel, where its cells lie within half its width.

    Args:
        ground: (rows, columns) finer ground, m, changed in place; cells without ground or with a
            lower one stay as they are.
        raster: whose corner and cell the ground has.
        channel: centre line, width and bed.
        number: of the channel in the file, for the sentence.

    Raises:
        Refusal: no cell of the ground lies in the channel.
    """
    # A bank exactly on a row of centres: as for `anlan.simulation.lines`, shifted a little.
    line = shapely.LineString(np.array(channel.polyline) + raster.dx * np.array(SHIFT))
    banks = line.buffer(0.5 * channel.width, cap_style="flat")
    west, south, east, north = banks.bounds
    first_row, first_column, last_row, last_column = (
        int(np.clip((value - origin) // raster.dx, 0, count))
        for value, origin, count in (
            (south, raster.y0, ground.shape[0]),
            (west, raster.x0, ground.shape[1]),
            (north + raster.dx, raster.y0, ground.shape[0]),
            (east + raster.dx, raster.x0, ground.shape[1]),
        )
    )
    xs, ys = np.meshgrid(
        raster.x0 + (np.arange(first_column, last_column) + 0.5) * raster.dx,
        raster.y0 + (np.arange(first_row, last_row) + 0.5) * raster.dx,
    )
    shapely.prepare(banks)
    part = ground[first_row:last_row, first_column:last_column]
    inside = shapely.contains_xy(banks, xs, ys) & np.isfinite(part)
    if not inside.any():
        raise Refusal(
            f"[[channel]] no. {number} polyline lies off the terrain; draw it over ground with "
            "data",
            field=f"[[channel]] no. {number} polyline",
            value=channel.polyline,
            remedy="a line over the terrain",
        )
    along = shapely.line_locate_point(line, shapely.points(xs[inside], ys[inside]))
    part[inside] = np.minimum(part[inside], level_along(channel.polyline, channel.bed, along))

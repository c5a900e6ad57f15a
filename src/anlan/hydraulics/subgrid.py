"""Finer ground inside coarse cells: what a cell stores and a face lets through at each level.

A cell of the run covers r x r pixels of a finer raster. Water in a cell stands level over its
pixels, so a cell fills from its ditches up, and a face passes what its open pixels pass (Casulli
2009, "A high-resolution wetting and drying algorithm for free-surface hydrodynamics",
doi:10.1002/fld.1896; Neal, Schumann and Bates 2012, doi:10.1029/2012WR012514 for channels).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import checks
from anlan.hydraulics.layout import Layout
from anlan.hydraulics.numerics import Array
from anlan.hydraulics.physics import WALL
from anlan.hydraulics.profile import Slots, passage, storage
from anlan.hydraulics.tables import Faces, Tables

Numbers = NDArray[np.float64]
# A channel that covers more of a cell than this is no longer narrower than it.
WIDEST = 0.9


@dataclass(frozen=True)
class Channel:
    """A canal narrower than a cell, with upright banks.

    Attributes:
        rows, columns: (k,) cells it passes in order, each a side neighbour of the one before.
        width: m, one number or one per cell.
        bed: level, m, one number or one per cell.
        manning: s m^-1/3.
        length: of the canal in each cell, m, one number or one per cell; none means a cell's
            side. A canal on a slant runs shorter than the cells that it passes one after the
            other: their faces then let through what its true slope does.
    """

    rows: ArrayLike
    columns: ArrayLike
    width: ArrayLike
    bed: ArrayLike
    manning: float
    length: ArrayLike | None = None


@dataclass(frozen=True, eq=False)
class Profiles:
    """Faces of one axis; a face without any open width has ``open`` 0.

    Attributes:
        low, high: (…) lowest and highest open bed, m.
        open: (…) share of the width that is open, 0 to 1.
        area: (K + 1, …) m of flow area per m of cell width, at even levels from low to high.
        manning: (K + 1, …) coefficient N with which that area carries the face's flow.
    """

    low: Numbers
    high: Numbers
    open: Numbers
    area: Array
    manning: Array

    def area_at(self, level: Numbers) -> Numbers:
        """(…) area of flow per m of cell width at a level of each face [m], m."""
        bins = len(self.area) - 1
        over = np.maximum(level - self.low, 0.0)
        span = self.high - self.low
        x = np.minimum(over / np.where(span > 0.0, span, np.inf), 1.0) * bins
        k = np.minimum(x.astype(np.int64), bins - 1)
        rows, columns = np.indices(span.shape)
        low, high = self.area[k, rows, columns], self.area[k + 1, rows, columns]
        area = low + (x - k) * (high - low) + np.maximum(over - span, 0.0) * self.open
        return np.asarray(area, np.float64)


@dataclass(frozen=True, eq=False)
class Subgrid:
    """Storage and conveyance of coarse cells over finer ground; give it to ``ShallowWater``.

    Attributes:
        dx: side of a cell, m.
        ratio: fine pixels along a cell.
        active: (ny, nx) cells with any open ground.
        bed: (ny, nx) lowest open bed of each cell, m; NaN where inactive.
        manning: (ny, nx) mean of the open pixels, s m^-1/3.
        open: (ny, nx) share of a cell's area that holds water at the brim.
        brim: (ny, nx) water, m over the cell's area, that reaches its highest open bed.
        depth: (K + 1, ny, nx) depth above ``bed``, m, when the cell holds
            brim (k / K)^2; float32.
        x: (…, ny, nx + 1) west faces and the last east ones.
        y: (…, ny + 1, nx) south faces and the last north ones.
    """

    dx: float
    ratio: int
    active: NDArray[np.bool_]
    bed: Numbers
    manning: Numbers
    open: Numbers
    brim: Numbers
    depth: Array
    x: Profiles
    y: Profiles

    @classmethod
    def from_fine(
        cls,
        fine_bed: ArrayLike,
        ratio: int,
        fine_dx: float,
        fine_manning: ArrayLike,
        *,
        active: ArrayLike | None = None,
        porosity: ArrayLike | None = None,
        channels: Sequence[Channel] = (),
        bins: int = 20,
    ) -> Subgrid:
        """Tables from a raster ``ratio`` times finer than the cells.

        A pixel of a face opens at the level at which water over the lowest ground of both cells
        comes to it within them, so a dike inside a cell parts what lies on its two sides; one
        that is blocked, or walled in, on either side is closed.

        Args:
            fine_bed: (ny ratio, nx ratio) m; NaN is blocked, as by ``porosity`` 0.
            ratio: fine pixels along a cell, 1 or more.
            fine_dx: side of a pixel, m.
            fine_manning: number or (ny ratio, nx ratio), s m^-1/3.
            active: (ny, nx) bool, cells of the domain; none means all with open ground.
            porosity: (ny ratio, nx ratio) share of a pixel that holds and passes water, 0 to 1;
                0 is a building that keeps water out.
            channels: canals that the raster is too coarse to show. Their water lies in the
                cells they pass: width times length of it, and a slot in each face they cross.
            bins: of each table; 20 keeps levels to a hundredth of a cell's relief.

        Raises:
            ValueError: shapes that do not fit, values outside their range, a channel that jumps
                or is wider than a cell. The message names the first bad index.
        """
        fine = np.asarray(fine_bed, np.float64)
        if ratio < 1 or int(ratio) != ratio:
            raise ValueError(f"ratio is {ratio}; it must be a whole number, 1 or more")
        r = int(ratio)
        if fine.ndim != 2 or 0 in fine.shape or fine.shape[0] % r or fine.shape[1] % r:
            raise ValueError(
                f"fine_bed has shape {fine.shape}; both sides must be multiples of the ratio {r}"
            )
        if bins < 1:
            raise ValueError(f"bins is {bins}; it must be 1 or more")
        fine_shape = (fine.shape[0], fine.shape[1])
        dx = checks.positive("fine_dx", fine_dx) * r
        n = checks.field("fine_manning", fine_manning, fine_shape, "pixels")
        share = checks.field("porosity", 1.0 if porosity is None else porosity, fine_shape)
        checks.every("porosity", share, (share >= 0.0) & (share <= 1.0), "must lie between 0 and 1")
        ny, nx = fine.shape[0] // r, fine.shape[1] // r
        inside = checks.mask("active", active, (ny, nx))
        share = np.where(np.isnan(fine) | ~_spread(inside, r), 0.0, share)
        checks.every("fine_bed", fine, np.isfinite(fine) | (share == 0.0), "must be finite or NaN")
        checks.every(
            "fine_manning",
            n,
            (np.isfinite(n) & (n >= 0.0) & (n <= 10.0)) | (share == 0.0),
            "must lie between 0 and 10 s m^-1/3 where ground is open",
        )
        fine, n = np.where(share > 0.0, fine, 0.0), np.where(share > 0.0, n, 0.0)
        cells, x_slots, y_slots = lay_channels(channels, inside, dx)
        bed, brim, opened, depth, mean_n = storage(fine, share, n, r, bins, cells)
        inside = opened > 0.0
        return cls(
            dx=dx,
            ratio=r,
            active=inside,
            bed=np.where(inside, bed, np.nan),
            manning=mean_n,
            open=opened,
            brim=brim,
            depth=depth.astype(np.float32),
            x=Profiles(*passage(fine, share, n, inside, r, bins, x_slots)),
            y=_turned(Profiles(*passage(fine.T, share.T, n.T, inside.T, r, bins, y_slots))),
        )

    def held(self, level: ArrayLike) -> Numbers:
        """(ny, nx) water in m over a cell's area that stands at a level [m]; 0 where inactive."""
        over = np.nan_to_num(np.asarray(level, np.float64) - self.bed, nan=0.0)
        bins = len(self.depth) - 1
        total = np.maximum(over - self.depth[-1], 0.0) * self.open
        for k in range(bins):
            low = self.depth[k].astype(np.float64)
            step = self.depth[k + 1] - low
            part = np.clip((over - low) / np.where(step > 0.0, step, 1.0), 0.0, 1.0)
            total = total + part * self.brim * (2 * k + 1) / bins**2
        return np.where(self.active & (over > 0.0), total, 0.0)

    def level(self, held: ArrayLike) -> Numbers:
        """(…, ny, nx) level, m, of cells that hold so many metres of water; NaN where inactive."""
        at = np.indices(self.bed.shape)
        return np.asarray(self.bed + self.rise(held, at[0], at[1]))

    def rise(self, held: ArrayLike, rows: Any, columns: Any) -> Any:
        """Depth above the lowest bed of cells that hold so many metres of water, m."""
        v = np.asarray(held, np.float64)
        bins = len(self.depth) - 1
        brim, opened = self.brim[rows, columns], self.open[rows, columns]
        below = np.minimum(v, brim)
        y = np.maximum(below, 0.0) / np.where(brim > 0.0, brim, np.inf) * bins**2
        k = np.minimum(np.sqrt(y).astype(np.int64), bins - 1)
        low = self.depth[k, rows, columns].astype(np.float64)
        rise = (self.depth[k + 1, rows, columns] - low) / (2 * k + 1)
        return np.asarray(
            low + (y - k * k) * rise + (v - below) / np.where(opened > 0.0, opened, 1.0)
        )

    def check(self, dx: float, manning: ArrayLike | None) -> None:
        """Refuse what a run is told besides and that does not go with the tables.

        Raises:
            ValueError: another size of cells, or a roughness.
        """
        if not math.isclose(dx, self.dx, rel_tol=1e-6):
            raise ValueError(f"dx is {dx} m, but the sub-grid tables are of cells of {self.dx} m")
        if manning is not None:
            raise ValueError("leave manning out: the sub-grid tables hold the roughness")

    def held_as(self, bed: Numbers, real: Any) -> Subgrid:
        """The same as a run holds it: with its beds, and rounded to its real type."""
        spread = 1.0 / np.where(self.open > 0.0, self.open, 1.0)
        return replace(
            self,
            active=~np.isnan(bed),
            bed=bed,
            brim=self.brim.astype(real).astype(np.float64),
            open=np.where(self.open > 0.0, 1.0 / spread.astype(real).astype(np.float64), 0.0),
        )

    def packed(self, layout: Layout, zero: float, real: Any) -> Tables:
        """As the compiled functions take them, levels counted from ``zero``."""
        bins = len(self.depth) - 1

        def cells(values: Numbers) -> Array:
            return layout.padded(values, 0.0, real)

        def over(values: Numbers) -> Numbers:
            return np.where(values > 0.0, 1.0 / np.where(values > 0.0, values, 1.0), 0.0)

        def faces(p: Profiles, view: Callable[[Array], Array]) -> Faces:
            def one(values: Array, fill: float = 0.0, kind: Any = real) -> Array:
                out = np.full(layout.shape, fill, kind)
                view(out)[...] = values
                return out

            closed = p.open <= 0.0
            low = p.low - zero
            span = (p.high - p.low).astype(real).astype(np.float64)
            return Faces(
                low=one(np.where(closed, WALL, low), float(WALL)),
                span=one(span),
                per=one(np.where(span > 0.0, bins * over(span), 0.0)),
                open=one(p.open),
                area=np.stack([one(a, kind=np.float32).reshape(-1) for a in p.area]),
                manning=np.stack([one(n, kind=np.float32).reshape(-1) for n in p.manning]),
            )

        single = Layout(layout.ny, layout.nx, 1)
        brim = self.brim.astype(real).astype(np.float64)
        return Tables(
            brim=cells(brim),
            per=cells(bins**2 * over(brim)),
            spread=cells(np.where(self.active, over(self.open), 1.0)),
            depth=np.stack([layout.padded(d, 0.0, np.float32).reshape(-1) for d in self.depth]),
            x=faces(self.x, lambda a: single.at_x_faces(a)[0]),
            y=faces(self.y, lambda a: single.at_y_faces(a)[0]),
            toward=real.type(0.5 - 0.5 / self.ratio),
        )


def fine_depth(level: ArrayLike, fine_bed: ArrayLike, ratio: int) -> Numbers:
    """Depth on the fine raster of water that stands level in each coarse cell.

    Args:
        level: (…, ny, nx) at cells, m; NaN where there is none. With ``Tracked.max_level`` the
            result is the greatest depth at each pixel.
        fine_bed: (ny ratio, nx ratio) m, same datum; NaN where nothing is known.
        ratio: pixels along a cell.

    Returns:
        (…, ny ratio, nx ratio) depth, m, 0 where dry, NaN where the bed is NaN.

    Raises:
        ValueError: the two shapes do not fit.
    """
    eta, bed = np.asarray(level, np.float64), np.asarray(fine_bed, np.float64)
    if bed.shape != (eta.shape[-2] * ratio, eta.shape[-1] * ratio):
        raise ValueError(
            f"fine_bed has shape {bed.shape}; {ratio} pixels along each of the cells "
            f"{eta.shape[-2:]} are needed"
        )
    depth = np.maximum(_spread(eta, ratio) - bed, 0.0)
    return np.where(np.isnan(bed), np.nan, np.nan_to_num(depth, nan=0.0))


def _spread(values: Array, ratio: int) -> Array:
    return np.repeat(np.repeat(values, ratio, axis=-2), ratio, axis=-1)


def _turned(p: Profiles) -> Profiles:
    """Profiles of the transposed grid, transposed back."""
    return Profiles(p.low.T, p.high.T, p.open.T, p.area.swapaxes(1, 2), p.manning.swapaxes(1, 2))


def lay_channels(
    channels: Sequence[Channel], inside: NDArray[np.bool_], dx: float
) -> tuple[Slots, Slots, Slots]:
    """What channels add to cells, to x faces, and to y faces of the transposed grid.

    Raises:
        ValueError: a channel of one cell, that jumps, leaves the domain or is too wide.
    """
    ny, nx = inside.shape
    cells: list[tuple[int, float, float, float]] = []
    faces: tuple[list[tuple[int, float, float, float]], ...] = ([], [])
    for c, channel in enumerate(channels):
        what = f"channel {c}"
        rows, columns = np.asarray(channel.rows, int), np.asarray(channel.columns, int)
        if rows.ndim != 1 or rows.shape != columns.shape or len(rows) < 2:
            raise ValueError(f"{what} must pass two cells or more, given as rows and columns")
        outside = (rows < 0) | (rows >= ny) | (columns < 0) | (columns >= nx)
        if outside.any() or not inside[rows, columns].all():
            raise ValueError(f"{what} leaves the active cells; end it at the last of them")
        if (abs(np.diff(rows)) + abs(np.diff(columns)) != 1).any():
            raise ValueError(
                f"{what} jumps; each cell must share a side with the one before, so name the "
                "cells at the corners of a slanting reach too"
            )
        if not channel.manning > 0.0:
            raise ValueError(f"{what} has Manning {channel.manning}; it must be above 0")
        width = np.broadcast_to(np.asarray(channel.width, np.float64), rows.shape)
        bed = np.broadcast_to(np.asarray(channel.bed, np.float64), rows.shape)
        if not ((width > 0.0) & (width <= WIDEST * dx)).all():
            raise ValueError(
                f"{what} has the width {width.min()} to {width.max()} m; it must lie above 0 and "
                f"not exceed {WIDEST * dx} m in cells of {dx} m: give wider water to the raster"
            )
        given = dx if channel.length is None else channel.length
        length = np.broadcast_to(np.asarray(given, np.float64), rows.shape)
        if not ((length > 0.0) & (length * width <= WIDEST * dx**2)).all():
            raise ValueError(
                f"{what} has the length {length.min()} to {length.max()} m in a cell; it must lie "
                f"above 0 and cover no more than {WIDEST:.0%} of a cell"
            )
        if not np.isfinite(bed).all():
            raise ValueError(f"{what} has a bed that is not finite")
        n = float(channel.manning)
        # A channel that ends at the edge of the domain runs on through it, for boundaries.
        path = list(zip(rows.tolist(), columns.tolist(), strict=True))
        before, after = _beyond(path[1], path[0]), _beyond(path[-2], path[-1])
        runs_on = [not _within(inside, cell) for cell in (before, after)]
        links = np.ones(len(rows))
        links[0], links[-1] = (1.0 if on else 0.5 for on in runs_on)
        areas = width * length * links / dx**2
        for j, i, share, b in zip(rows, columns, areas, bed, strict=True):
            cells.append((j * nx + i, float(share), float(b), n))
        legs = [(path[k], path[k + 1], k, k + 1) for k in range(len(path) - 1)]
        legs += [(before, path[0], 0, 0)] * runs_on[0]
        legs += [(path[-1], after, -1, -1)] * runs_on[1]
        for a, b, k, m in legs:
            w, z = min(width[k], width[m]) / dx, max(bed[k], bed[m])
            # The face sees the fall from centre to centre over dx, the canal over its own length.
            rough = n * math.sqrt(0.5 * (length[k] + length[m]) / dx)
            axis = 0 if a[0] == b[0] else 1
            at = (
                a[0] * (nx + 1) + max(a[1], b[1])
                if axis == 0
                else a[1] * (ny + 1) + max(a[0], b[0])
            )
            faces[axis].append((at, float(w), float(z), rough))
    return (
        Slots.of(cells, ny * nx),
        Slots.of(faces[0], ny * (nx + 1)),
        Slots.of(faces[1], nx * (ny + 1)),
    )


def _beyond(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The cell that follows cell b on the way from a."""
    return 2 * b[0] - a[0], 2 * b[1] - a[1]


def _within(inside: NDArray[np.bool_], cell: tuple[int, int]) -> bool:
    ny, nx = inside.shape
    return 0 <= cell[0] < ny and 0 <= cell[1] < nx and bool(inside[cell])

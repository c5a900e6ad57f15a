"""What fine pixels make of a cell and of a face: the making of sub-grid tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics.numerics import Array, maker, part, source_digest


class Slots(NamedTuple):
    """Channels in cells or faces: those of place p are entries first[p] ... first[p + 1] - 1."""

    first: Array  # (places + 1,) int64
    share: Array  # (k,) float64 of the cell's area or the face's width
    bed: Array  # (k,) m
    manning: Array  # (k,) s m^-1/3

    @classmethod
    def of(cls, entries: Sequence[tuple[int, float, float, float]], places: int) -> Slots:
        """From (place, share, bed, manning)."""
        ordered = np.array(sorted(entries), np.float64).reshape(-1, 4)
        first = np.searchsorted(ordered[:, 0], np.arange(places + 1)).astype(np.int64)
        return cls(first, *(ordered[:, c].copy() for c in (1, 2, 3)))


def passage(
    fine: Array,
    share: Array,
    manning: Array,
    inside: NDArray[np.bool_],
    ratio: int,
    bins: int,
    slots: Slots,
) -> tuple[Array, Array, Array, Array, Array]:
    """Profiles of the x faces of a grid: low, high, open, area, N (see ``subgrid.Profiles``).

    Args:
        fine, share, manning: (ny ratio, nx ratio) bed, open share and Manning of the pixels.
            A pixel of a face opens at the level at which water that stands over the lowest
            ground of both cells comes to it.
        inside: (ny, nx) cells of the domain.
        ratio: pixels along a cell.
        bins: of a table.
        slots: channels, at faces numbered row by row.
    """
    beside = np.repeat(inside, ratio, axis=0)
    ends = ((0, 0), (1, 1))
    in_west = np.pad(beside, ends)[:, :-1]
    in_east = np.pad(beside, ends)[:, 1:]

    def pair(values: Array) -> tuple[Array, Array]:
        west = np.pad(values[:, ratio - 1 :: ratio], ((0, 0), (1, 0)))
        east = np.pad(values[:, ::ratio], ((0, 0), (0, 1)))
        # At the edge of the domain the side within it speaks for both: boundaries ask for it.
        return np.where(in_west, west, east), np.where(in_east, east, west)

    bed, opened, rough = pair(reached(fine, share, ratio)), pair(share), pair(manning)
    sill = np.maximum(*bed)
    made: tuple[Array, Array, Array, Array, Array] = _passage(
        np.where(np.isfinite(sill), sill, 0.0),
        np.where(np.isfinite(sill), np.minimum(*opened), 0.0),
        0.5 * (rough[0] + rough[1]),
        ratio,
        bins,
        slots,
    )
    return made


@part
def _carry(
    level: float, count: int, bed: Array, width: Array, manning: Array
) -> tuple[float, float]:
    """Area of flow per cell width and N at a level; just above it where nothing is wet yet."""
    area = 0.0
    conveyance = 0.0
    bare = 0.0
    bare_conveyance = 0.0
    smooth = False
    for p in range(count):
        d = level - bed[p]
        if d < 0.0 or width[p] <= 0.0:
            continue
        smooth = smooth or manning[p] <= 0.0
        n = max(manning[p], 1e-9)
        area += width[p] * d
        conveyance += width[p] * d ** (5.0 / 3.0) / n
        if d == 0.0:
            bare += width[p]
            bare_conveyance += width[p] / n
    if smooth:
        return area, 0.0
    if area > 0.0:
        return area, area ** (5.0 / 3.0) / conveyance
    if bare > 0.0:
        return 0.0, bare ** (5.0 / 3.0) / bare_conveyance
    return 0.0, 0.0


def _compiled(digest: str) -> tuple[Callable[..., Any], ...]:
    @maker
    def reached(fine: Array, share: Array, ratio: int) -> Array:
        """Level at which water over the lowest open pixel of a cell comes to each of its pixels.

        The least, over all ways within the cell from side to side, of the highest bed on the way;
        infinite where there is none.
        """
        len(digest)
        level = np.full(fine.shape, np.inf)
        for j in range(0, fine.shape[0], ratio):
            for i in range(0, fine.shape[1], ratio):
                lowest = np.inf
                y, x = j, i
                for a in range(j, j + ratio):
                    for b in range(i, i + ratio):
                        if share[a, b] > 0.0 and fine[a, b] < lowest:
                            lowest = fine[a, b]
                            y, x = a, b
                level[y, x] = lowest
                forward = True
                changed = True
                while changed:
                    changed = False
                    for k in range(ratio * ratio):
                        at = k if forward else ratio * ratio - 1 - k
                        a, b = j + at // ratio, i + at % ratio
                        if share[a, b] <= 0.0:
                            continue
                        near = level[a, b]
                        if a > j:
                            near = min(near, level[a - 1, b])
                        if a + 1 < j + ratio:
                            near = min(near, level[a + 1, b])
                        if b > i:
                            near = min(near, level[a, b - 1])
                        if b + 1 < i + ratio:
                            near = min(near, level[a, b + 1])
                        near = max(near, fine[a, b])
                        if near < level[a, b]:
                            level[a, b] = near
                            changed = True
                    forward = not forward
        return level

    @maker
    def _passage(
        bed: Array, share: Array, manning: Array, ratio: int, bins: int, slots: Slots
    ) -> tuple[Array, Array, Array, Array, Array]:
        len(digest)
        ny, nx = bed.shape[0] // ratio, bed.shape[1]
        low, high = np.zeros((ny, nx)), np.zeros((ny, nx))
        opened = np.zeros((ny, nx))
        area = np.zeros((bins + 1, ny, nx), np.float32)
        rough = np.zeros((bins + 1, ny, nx), np.float32)
        most = ratio + (slots.share.shape[0])
        b, w, n = np.zeros(most), np.zeros(most), np.zeros(most)
        for j in range(ny):
            for i in range(nx):
                cut = 0.0
                count = ratio
                for s in range(slots.first[j * nx + i], slots.first[j * nx + i + 1]):
                    b[count] = slots.bed[s]
                    w[count] = slots.share[s]
                    n[count] = slots.manning[s]
                    cut += slots.share[s]
                    count += 1
                for p in range(ratio):
                    b[p] = bed[j * ratio + p, i]
                    w[p] = share[j * ratio + p, i] * max(1.0 - cut, 0.0) / ratio
                    n[p] = manning[j * ratio + p, i]
                low[j, i], high[j, i] = np.inf, -np.inf
                for p in range(count):
                    if w[p] > 0.0:
                        low[j, i] = min(low[j, i], b[p])
                        high[j, i] = max(high[j, i], b[p])
                        opened[j, i] += w[p]
                if opened[j, i] <= 0.0:
                    low[j, i], high[j, i] = 0.0, 0.0
                    continue
                for k in range(bins + 1):
                    level = low[j, i] + (high[j, i] - low[j, i]) * k / bins
                    level = high[j, i] if k == bins else level
                    area[k, j, i], rough[k, j, i] = _carry(level, count, b, w, n)
        return low, high, opened, area, rough

    @maker
    def storage(
        fine: Array, share: Array, manning: Array, ratio: int, bins: int, slots: Slots
    ) -> tuple[Array, Array, Array, Array, Array]:
        """Lowest bed, brim, open share, depth at the volumes of a table, mean Manning of cells."""
        len(digest)
        ny, nx = fine.shape[0] // ratio, fine.shape[1] // ratio
        bed, brim, opened = np.zeros((ny, nx)), np.zeros((ny, nx)), np.zeros((ny, nx))
        rough = np.zeros((ny, nx))
        depth = np.zeros((bins + 1, ny, nx), np.float32)
        most = ratio * ratio + slots.share.shape[0]
        b, w = np.zeros(most), np.zeros(most)
        for j in range(ny):
            for i in range(nx):
                cut = 0.0
                count = 0
                friction = 0.0
                for s in range(slots.first[j * nx + i], slots.first[j * nx + i + 1]):
                    b[count] = slots.bed[s]
                    w[count] = slots.share[s]
                    friction += slots.share[s] * slots.manning[s]
                    cut += slots.share[s]
                    count += 1
                rest = max(1.0 - cut, 0.0) / (ratio * ratio)
                for y in range(j * ratio, (j + 1) * ratio):
                    for x in range(i * ratio, (i + 1) * ratio):
                        if share[y, x] > 0.0:
                            b[count] = fine[y, x]
                            w[count] = share[y, x] * rest
                            friction += w[count] * manning[y, x]
                            count += 1
                if count == 0:
                    continue
                total = np.sum(w[:count])
                opened[j, i] = total
                rough[j, i] = friction / total
                order = np.argsort(b[:count])
                lowest = b[order[0]]
                highest = b[order[count - 1]]
                bed[j, i] = lowest
                for p in range(count):
                    brim[j, i] += w[p] * (highest - b[p])
                held = 0.0
                surface = w[order[0]]
                p = 0
                for k in range(1, bins + 1):
                    wanted = brim[j, i] * k * k / (bins * bins)
                    while p + 1 < count:
                        more = surface * (b[order[p + 1]] - b[order[p]])
                        if held + more >= wanted:
                            break
                        held += more
                        p += 1
                        surface += w[order[p]]
                    depth[k, j, i] = b[order[p]] - lowest + (wanted - held) / surface
                depth[bins, j, i] = highest - lowest
        return bed, brim, opened, depth, rough

    return reached, _passage, storage


reached, _passage, storage = _compiled(source_digest(__file__))

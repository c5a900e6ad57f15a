"""One tile for one step: everything that reads the old water and writes the new.

A tile reads what it needs around it from the old arrays and computes the flow there once more, so
tiles wait for nobody and their order changes no bit. Row r finds its discharges, then the share
that its cells can give, then cuts what crosses its faces; row r - 1, whose faces are now final,
updates its depths. What is shared between rows stays in a few scratch rows that fit in the
nearest cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from anlan.hydraulics.arrays import PAD, Run, Settings, Water
from anlan.hydraulics.face_rows import (
    DEEPEST,
    LEVEL,
    LOST,
    RISE,
    SHARE,
    U_X,
    U_Y,
    X,
    Y,
    centre_rows,
    full_x,
    full_y,
    inertial_x,
    inertial_y,
    level_rows,
    tabled_full_x,
    tabled_full_y,
    tabled_inertial_x,
    tabled_inertial_y,
)
from anlan.hydraulics.numerics import G, kernel, shifted, source_digest, stretch
from anlan.hydraulics.rows import (
    add_row,
    clear_row,
    copy_row,
    deepest_row,
    depth_row,
    loss_row,
    scale_row,
    share_row,
    soak_row,
)
from anlan.hydraulics.ways import count_ways, cross_ways, dry_outside, give_freely


def _tile(full: bool, tabled: bool, digest: str) -> Callable[..., Any]:
    """The function that computes one tile by the full scheme or by the local-inertial one.

    ``tabled`` is whether the ground has sub-grid tables.
    """
    # Each condition a constant: the compiler leaves out what is not meant. Functions may not be
    # constants: the compiler's cache would not know them again.
    plain_full, plain_inertial = full and not tabled, not full and not tabled
    tabled_full, tabled_inertial = full and tabled, not full and tabled

    @kernel
    def tile(run: Run, settings: Settings, old: Water, new: Water, rank: int, item: int) -> None:
        """One step of a tile of the work list, with the west and south faces of its cells.

        ``rank`` is that of the thread, whose scratch it takes.
        """
        len(digest)
        ground, forcing, ways, tiles, crew = run.ground, run.forcing, run.ways, run.tiles, run.crew
        scratch = run.scratch[rank]
        real = old.h.dtype.type
        grain = real(np.finfo(old.h.dtype).eps)
        keep = real(1.0 - 32.0 * np.finfo(old.h.dtype).eps)
        g = real(G)
        dx = real(settings.dx)
        theta = real(settings.theta)
        wind_x, wind_y = real(settings.wind_x), real(settings.wind_y)
        per = tiles.rows * tiles.columns
        member = tiles.work[item] // per
        at = tiles.work[item] % per
        dt, dt_u = real(crew.dt[member]), real(crew.dt_u[member])
        j0 = PAD + (at // tiles.columns) * tiles.height
        j1 = min(j0 + tiles.height, ground.z.shape[0] - PAD)
        across = at % tiles.columns
        i0 = PAD + across * tiles.width
        wide = scratch.shape[1]
        base = member * ground.z.shape[0]
        dt_dx = dt / dx
        fastest = dt - dt
        deepest = dt - dt
        short_before = False
        rain = forcing.rain
        rain_base = member * forcing.rain_stride
        if tabled:
            scratch[DEEPEST, 0] = real(0.0)
        rest = (theta, grain, g, dt, dt_u, dx)
        # Two rows earlier than needed, so that each part of the code stands here once. A row is
        # computed where the domain has cells in it; scratch column k is the grid's i0 - 2 + k,
        # and 0 elsewhere.
        for r in range(j0 - 3, j1 + 1):
            here, count = tiles.first[r, across] - i0, tiles.faces[r, across]
            next_, next_count = tiles.first[r + 1, across] - i0, tiles.faces[r + 1, across]
            mine, theirs = shifted(scratch, here), shifted(scratch, next_)
            left, next_left = i0 - 2 + here, i0 - 2 + next_
            if r >= j0 - 1:
                clear_row(stretch(scratch, X + r % 2, 0, wide))
                if full:
                    clear_row(stretch(scratch, U_X, 0, wide))
                at_x = (ground, rain, rain_base, old, mine, base, r, left, count, wind_x, *rest)
                if plain_full:
                    speed = full_x(*at_x)
                if plain_inertial:
                    speed = inertial_x(*at_x)
                if tabled_full:
                    speed = tabled_full_x(*at_x)
                if tabled_inertial:
                    speed = tabled_inertial_x(*at_x)
                fastest = speed if speed > fastest else fastest
            if full:
                centre_rows(old, theirs, base, r + 1, next_left, next_count + 16, dt_dx)
            if tabled:
                clear_row(stretch(scratch, LEVEL + (r + 1) % 2, 0, wide))
                clear_row(stretch(scratch, RISE + (r + 1) % 2, 0, wide))
                level_rows(ground.tables, old, theirs, base, r + 1, next_left, next_count + 16)
            if r < j0 - 2:
                continue
            clear_row(stretch(scratch, Y + (r + 1) % 3, 0, wide))
            if full:
                clear_row(stretch(scratch, U_Y + (r + 1) % 2, 0, wide))
            there = (old, theirs, base, r + 1, next_left, next_count)
            at_y = (ground, rain, rain_base, *there, wind_y, *rest)
            if plain_full:
                speed = full_y(*at_y)
            if plain_inertial:
                speed = inertial_y(*at_y)
            if tabled_full:
                speed = tabled_full_y(*at_y)
            if tabled_inertial:
                speed = tabled_inertial_y(*at_y)
            fastest = speed if speed > fastest else fastest
            for axis in range(2):
                slot_q = X + r % 2 if axis == 0 else Y + (r + 1) % 3
                slot_u = U_X if axis == 0 else U_Y + (r + 1) % 2
                speed = cross_ways(
                    ways,
                    full,
                    ground,
                    old,
                    mine if axis == 0 else theirs,
                    member,
                    axis,
                    r + axis,
                    slot_q,
                    slot_u,
                    left if axis == 0 else next_left,
                    count if axis == 0 else next_count,
                    dt,
                    g,
                    dx,
                )
                fastest = speed if speed > fastest else fastest
            if r < j0 - 1:
                continue
            x = X + r % 2
            share = SHARE + r % 2
            y = Y + r % 3
            y_next = Y + (r + 1) % 3
            row = base + r
            short = share_row(
                stretch(mine, share, 1, count + 1),
                stretch(mine, x, 1, count + 1),
                stretch(mine, x, 2, count + 2),
                stretch(mine, y, 1, count + 1),
                stretch(mine, y_next, 1, count + 1),
                stretch(old.h, row, left + 1, left + count + 1),
                stretch(old.c, row, left + 1, left + count + 1),
                keep,
                dt_dx,
            )
            give_freely(ways, mine, r, share, left, count)
            if short:
                scale_row(
                    stretch(mine, x, 2, count + 1),
                    stretch(mine, share, 1, count),
                    stretch(mine, share, 2, count + 1),
                )
            if (short or short_before) and r >= j0:
                scale_row(
                    stretch(mine, y, 1, count + 1),
                    stretch(mine, SHARE + (r - 1) % 2, 1, count + 1),
                    stretch(mine, share, 1, count + 1),
                )
            short_before = short
            if j0 <= r < j1:
                # The faces of this row go out; its y faces were computed one row before.
                size = tiles.cells[r, across]
                a, b = i0 + here, i0 + here + size
                copy_row(stretch(new.qx, row, a, b), stretch(mine, x, 2, 2 + size))
                copy_row(stretch(new.qy, row, a, b), stretch(mine, y, 2, 2 + size))
                if full:
                    copy_row(stretch(new.ux, row, a, b), stretch(mine, U_X, 2, 2 + size))
                    copy_row(stretch(new.uy, row, a, b), stretch(mine, U_Y + r % 2, 2, 2 + size))
            if r > j0:
                k = r - 1
                row = base + k
                before = tiles.first[k, across] - i0
                size = tiles.cells[k, across]
                a, b = i0 + before, i0 + before + size
                done = shifted(scratch, before)
                depth = depth_row(
                    stretch(new.h, row, a, b),
                    stretch(new.c, row, a, b),
                    stretch(old.h, row, a, b),
                    stretch(old.c, row, a, b),
                    stretch(rain, rain_base + k, a, b),
                    stretch(done, X + k % 2, 2, 2 + size),
                    stretch(done, X + k % 2, 3, 3 + size),
                    stretch(done, Y + k % 3, 2, 2 + size),
                    stretch(done, Y + r % 3, 2, 2 + size),
                    dt,
                    dt_dx,
                )
                if dry_outside(ways, new, base, k, a, b):
                    depth = deepest_row(stretch(new.h, row, a, b))
                deepest = depth if depth > deepest else deepest
                if forcing.has_losses and forcing.soaks:
                    soak_row(
                        stretch(done, LOST, 0, size),
                        stretch(forcing.soaked, row, a, b),
                        stretch(new.h, row, a, b),
                        stretch(new.c, row, a, b),
                        stretch(forcing.losses, member * forcing.losses_stride + k, a, b),
                        dt,
                    )
                elif forcing.has_losses:
                    loss_row(
                        stretch(done, LOST, 0, size),
                        stretch(new.h, row, a, b),
                        stretch(new.c, row, a, b),
                        stretch(forcing.losses, member * forcing.losses_stride + k, a, b),
                        dt,
                    )
        if forcing.has_losses:
            add_row(
                stretch(tiles.taken[member], at, 0, tiles.width),
                stretch(scratch, LOST, 0, tiles.width),
            )
        i1 = i0 + tiles.width
        count_ways(ways, new, base, member, j0, j1, i0, i1, np.float64(dt) * np.float64(dx))
        dry = deepest == real(0.0)
        if tabled and not dry:
            # The deepest fine ground that passes water rules the step, not the mean depth.
            over = scratch[DEEPEST, 0]
            deepest = over if over > deepest else deepest
        still = fastest == real(0.0)
        # A bound of |u| + sqrt(g h) in and around the tile.
        tiles.speed[member, at] = np.float64(fastest) + math.sqrt(G * np.float64(deepest))
        tiles.wet[member, at] = 0 if dry else 1
        tiles.calm[member, at] = min(tiles.calm[member, at] + 1, 2) if dry and still else 0

    return tile


_DIGEST = source_digest(__file__)
tile_full, tile_inertial = _tile(True, False, _DIGEST), _tile(False, False, _DIGEST)
tabled_tile_full, tabled_tile_inertial = _tile(True, True, _DIGEST), _tile(False, True, _DIGEST)

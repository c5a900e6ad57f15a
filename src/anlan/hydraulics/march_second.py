"""The compiled time loop of the second-order scheme: one thread, members one after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from anlan.hydraulics.arrays import PAD, Water
from anlan.hydraulics.march import Run, Settings, begin, finish
from anlan.hydraulics.numerics import Array, entry, piece, source_digest
from anlan.hydraulics.rows import lost
from anlan.hydraulics.second_order import Scratch, second_order_step
from anlan.hydraulics.works import Works


@piece
def _rain_and_losses(run: Run, water: Water, member: int, dt: Any) -> None:
    """What falls and what the ground takes, with the momentum that it takes along."""
    forcing, tiles = run.forcing, run.tiles
    rows = run.ground.z.shape[0]
    last = run.ground.z.shape[1]
    for j in range(PAD, rows - PAD):
        at = member * rows + j
        rain = forcing.rain[member * forcing.rain_stride + j]
        losses = forcing.losses[member * forcing.losses_stride + j]
        for i in range(PAD, last):
            gain = dt * rain[i] + water.c[at, i]
            before = water.h[at, i]
            after = before + gain
            carry = gain - (after - before)
            if forcing.has_losses and after > 0.0:
                left, carry, took = lost(after, carry, dt * losses[i])
                share = left / after
                water.qx[at, i] *= share
                water.qy[at, i] *= share
                after = left
                tiles.taken[member, 0, (i - PAD) % tiles.width] += np.float64(took)
                if forcing.soaks:
                    forcing.soaked[at, i] += took
            water.h[at, i] = after
            water.c[at, i] = carry


def _loop(digest: str) -> Callable[..., Any]:
    @entry
    def advance(
        run: Run,
        settings: Settings,
        works: Works | None,
        level: Array,
        scratch: Scratch,
        water: Water,
        spare: Water,
        until: float,
        pause: float,
        first_step: float,
        most_rounds: int,
    ) -> int:
        """Step every member; arguments and result as of ``march.advance_full``."""
        len(digest)
        crew = run.crew
        real = water.h.dtype.type
        size = run.ground.z.shape[0]
        for m in range(crew.kept.shape[0]):
            crew.kept[m] = False
        rounds = 0
        while rounds < most_rounds and (first_step <= 0.0 or rounds == 0):
            if not begin(run, settings, water, until, pause, first_step, False):
                break
            for m in range(crew.moves.shape[0]):
                if not crew.moves[m]:
                    continue
                a, b = m * size, (m + 1) * size
                dt = real(crew.dt[m])
                fastest = second_order_step(
                    run.ground.z,
                    run.ground.n,
                    water.h[a:b],
                    water.c[a:b],
                    water.qx[a:b],
                    water.qy[a:b],
                    spare.h[a:b],
                    spare.c[a:b],
                    spare.qx[a:b],
                    spare.qy[a:b],
                    scratch,
                    run.ways,
                    m,
                    dt,
                    real(settings.dx),
                )
                _rain_and_losses(run, spare, m, dt)
                for at in range(run.tiles.speed.shape[1]):
                    run.tiles.speed[m, at] = np.float64(fastest)
            finish(run, settings, works, level, water, spare)
            water, spare = spare, water
            rounds += 1
        return rounds

    return advance


advance_second_order = _loop(source_digest(__file__))

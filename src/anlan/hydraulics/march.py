"""The compiled time loop: which tiles work, how long the step is, and what moves water besides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from anlan.hydraulics.arrays import Ground, Run, Settings, Sums, Tiles, Water, add_depth, wake
from anlan.hydraulics.crew import COUNT, GOES_ON, MEMBER, NEXT, fetch, fetch_add, meet
from anlan.hydraulics.edge_values import coming_wave, set_edges
from anlan.hydraulics.movers import Held, hold_levels, run_sources, run_works
from anlan.hydraulics.numerics import Array, call_at, entry, maker, part, piece, source_digest
from anlan.hydraulics.works import Works


@part
def _list_work(tiles: Tiles, member: int) -> int:
    """List the tiles of a member that must be computed, in its part of the list; how many."""
    per = tiles.rows * tiles.columns
    count = 0
    for tile in range(per):
        needed = tiles.rainy[member, tile] != 0 or tiles.calm[member, tile] < 2
        if not needed:
            a, b = tile // tiles.columns, tile % tiles.columns
            for jj in range(max(a - 1, 0), min(a + 2, tiles.rows)):
                for ii in range(max(b - 1, 0), min(b + 2, tiles.columns)):
                    needed = needed or tiles.wet[member, jj * tiles.columns + ii] != 0
        if needed:
            tiles.work[member * per + count] = member * per + tile
            count += 1
        else:
            tiles.speed[member, tile] = 0.0
    return count


@part
def _works(works: Any, *args: Any) -> float:
    if works is None:
        return 0.0
    return run_works(works, *args)


@part
def _sources(sources: Any, *args: Any) -> float:
    if sources is None:
        return 0.0
    return run_sources(sources, *args)


@part
def _held(held: Any, *args: Any) -> float:
    if held is None:
        return 0.0
    return hold_levels(held, *args)


@part
def _edges(edges: Any, *args: Any) -> None:
    if edges is not None:
        set_edges(edges, *args)


@part
def _sweep(
    tile: int,
    run: Run,
    settings: Settings,
    old: Water,
    new: Water,
    rank: int,
    team: Array,
    first: int,
) -> None:
    """Compute tiles of the work list from its entry ``first`` on until none is left."""
    count = fetch(team, COUNT)
    while True:
        item = fetch_add(team, NEXT, 1)
        if item >= count:
            break
        call_at(tile, run, settings, old, new, rank, first + item)


@part
def _coming(edges: Any, *args: Any) -> float:
    if edges is None:
        return 0.0
    return coming_wave(edges, *args)


@part
def wave_speed(run: Run, settings: Settings, member: int) -> float:
    """Fastest wave that the next step of a member must bear, m/s."""
    clock = run.clock
    members, time = clock.time.shape[0], clock.time[member]
    coming = _coming(run.edges, run.sources, run.ground, member, members, time, settings.dx)
    return float(max(clock.speed[member], coming))


@part
def next_step(
    settings: Settings, time: float, speed: float, until: float, first_step: float
) -> tuple[float, bool]:
    """Length of the step from ``time``, s, and whether it ends at ``until``."""
    step = settings.max_step
    if speed > 0.0:
        step = min(settings.courant * settings.dx / speed, step)
    if first_step > 0.0:
        step = first_step
    left = until - time
    # Landing on the end exactly, not by a sum of steps that rounds past it.
    ends = step >= left
    step = left if ends else step
    if not ends and first_step <= 0.0:
        step = min(step, 0.5 * left)  # no sliver of a step is left for the end
    return step, ends


@part
def begin(
    run: Run, settings: Settings, water: Water, m: int, until: float, first_step: float
) -> int:
    """Choose the step of a member; returns how many tiles it takes."""
    clock, crew = run.clock, run.crew
    speed = wave_speed(run, settings, m)
    step, ends = next_step(settings, clock.time[m], speed, until, first_step)
    real = water.h.dtype.type
    step_taken = np.float64(real(step))
    _edges(run.edges, run.ways, run.ground, water, m, clock.time[m], step, settings.dx)
    crew.dt[m] = step_taken
    # Velocities lie half a step after depths, where the scheme keeps them.
    crew.dt_u[m] = 0.5 * (step + clock.last[m]) if water.ux.size > 1 else step_taken
    clock.last[m] = step
    clock.time[m] = until if ends else clock.time[m] + step
    clock.steps[m] += 1
    return _list_work(run.tiles, m)


@part
def finish(run: Run, settings: Settings, works: Any, level: Array, spare: Water, m: int) -> None:
    """Let what moves water besides the flow act on ``spare``, and find the fastest wave."""
    clock, g, t = run.clock, run.ground, run.tiles
    area = settings.dx * settings.dx
    fastest = 0.0
    for at in range(t.speed.shape[1]):
        fastest = max(fastest, t.speed[m, at])
    step = run.crew.dt[m]
    end = clock.time[m]
    fast = _works(works, level, g, spare, t, m, end, step, area)
    fastest = max(fastest, fast)
    middle = end - 0.5 * step
    fast = _sources(run.sources, g, spare, t, m, middle, step, area, run.sums)
    fastest = max(fastest, fast)
    fast = _held(run.held, g, spare, t, m, area, run.sums)
    clock.speed[m] = max(fastest, fast)


def _loop(digest: str) -> Callable[..., Any]:
    @entry
    def advance(
        rank: int,
        threads: int,
        tile: int,
        run: Run,
        settings: Settings,
        works: Works | None,
        level: Array,
        water: Water,
        spare: Water,
        until: float,
        pause: float,
        first_step: float,
        most_rounds: int,
    ) -> int:
        """Step every member to ``until``, or to the first step at or past ``pause``.

        Thread ``rank`` of ``threads`` that all call this. Where there are as many members, a
        thread takes whole ones, whose water then stays near it, and waits for nobody; else all
        share the tiles of one member after another.

        ``tile`` is the address of the scheme's ``tile`` kernel. ``first_step`` > 0 is the length
        of the first step instead; a member takes ``most_rounds`` steps at most. ``level``
        (threads, w) float64 is room for the levels at the cells of ``works``.

        Returns the rounds of a run that is no ensemble: after an odd number its water is in
        ``spare``. That of a member is always in ``water``.
        """
        len(digest)
        crew = run.crew
        members = run.clock.time.shape[0]
        per = run.tiles.work.shape[0] // members
        alone = threads == 1 or members >= threads
        size = 1 if alone else threads
        leads = alone or rank == 0
        team = crew.shared[rank if alone else 0]
        mine = level[rank]
        rounds = 0
        m = -1
        while True:
            m = fetch_add(crew.shared[0], MEMBER, 1) if alone else m + 1
            if m >= members:
                break
            old, new = water, spare
            rounds = 0
            while True:
                if leads:
                    now = run.clock.time[m]
                    goes_on = now < until and now < pause and rounds < most_rounds
                    goes_on = goes_on and (first_step <= 0.0 or rounds == 0)
                    if goes_on:
                        team[COUNT] = begin(run, settings, old, m, until, first_step)
                        team[NEXT] = 0
                    team[GOES_ON] = 1 if goes_on else 0
                meet(team, size)
                if fetch(team, GOES_ON) == 0:
                    break
                _sweep(tile, run, settings, old, new, rank, team, m * per)
                meet(team, size)
                if leads:
                    finish(run, settings, works, mine, new, m)
                old, new = new, old
                rounds += 1
            if leads and members > 1 and rounds % 2 == 1:
                _keep(run.ground, spare, water, m)
            meet(team, size)
        return rounds

    return advance


@part
def _keep(ground: Ground, water: Water, spare: Water, member: int) -> None:
    """Carry a member over into the other arrays."""
    first = member * ground.z.shape[0]
    count = ground.z.shape[0]
    _copy_rows(spare.h, water.h, first, count)
    _copy_rows(spare.c, water.c, first, count)
    _copy_rows(spare.qx, water.qx, first, count)
    _copy_rows(spare.qy, water.qy, first, count)
    _copy_rows(spare.ux, water.ux, first, count)
    _copy_rows(spare.uy, water.uy, first, count)


@piece
def _copy_rows(out: Array, source: Array, first: int, count: int) -> None:
    for j in range(first, min(first + count, source.shape[0])):
        for i in range(source.shape[1]):
            out[j, i] = source[j, i]


def _helpers(digest: str) -> tuple[Callable[..., Any], ...]:
    @entry
    def apply_levels(
        held: Held, ground: Ground, water: Water, tiles: Tiles, member: int, area: float, sums: Sums
    ) -> float:
        """Set the held cells of one member now."""
        len(digest)
        return hold_levels(held, ground, water, tiles, member, area, sums)

    @entry
    def fastest_wave(run: Run, settings: Settings) -> float:
        """Fastest wave that the next step of all members must bear, m/s."""
        len(digest)
        fastest = 0.0
        for m in range(run.clock.time.shape[0]):
            fastest = max(fastest, wave_speed(run, settings, m))
        return fastest

    @maker
    def evaporate(water: Water, asked: Array, rows: int, area: float) -> Array:
        """Take ``asked`` (M,) metres from every cell, at most what is there; (M,) m3 taken."""
        len(digest)
        taken = np.zeros(asked.shape[0])
        for row in range(water.h.shape[0]):
            member = row // rows
            for i in range(water.h.shape[1]):
                held = np.float64(water.h[row, i]) + np.float64(water.c[row, i])
                if held <= 0.0:
                    continue
                if held <= asked[member]:
                    taken[member] += held * area
                    water.h[row, i] = 0.0
                    water.c[row, i] = 0.0
                else:
                    taken[member] += asked[member] * area
                    at = row * water.h.shape[1] + i
                    add_depth(water.h.reshape(-1), water.c.reshape(-1), at, -asked[member])
        return taken

    @maker
    def give(
        ground: Ground, water: Water, tiles: Tiles, cell: Array, gain: Array, members: int
    ) -> Array:
        """Add ``gain`` (M, k) metres, negative to take at most all, to cells; (M, k) m added."""
        len(digest)
        h = water.h.reshape(-1)
        c = water.c.reshape(-1)
        given = np.zeros(gain.shape)
        for m in range(members):
            for k in range(cell.shape[0]):
                at = m * ground.z.size + cell[k]
                held = np.float64(h[at]) + np.float64(c[at])
                if gain[m, k] == 0.0:
                    continue
                wake(tiles, m, cell[k] // ground.z.shape[1], cell[k] % ground.z.shape[1])
                if gain[m, k] <= -held:
                    given[m, k] = -held
                    h[at] = 0.0
                    c[at] = 0.0
                else:
                    given[m, k] = gain[m, k]
                    add_depth(h, c, at, gain[m, k])
        return given

    return apply_levels, fastest_wave, evaporate, give


_DIGEST = source_digest(__file__)
apply_levels, fastest_wave, evaporate, give = _helpers(_DIGEST)
advance = _loop(_DIGEST)

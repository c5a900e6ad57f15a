"""The kernels of a run on an NVIDIA GPU: two launches a step, and no word to the host.

``sweep`` does for a block of cells what ``tile`` does on the CPU: it reads the old water, keeps
raw discharges and shares in shared memory and writes the new water once. What neighbouring blocks
both need (three columns and rows of faces) both compute. ``turn`` ends a step and begins the next:
sources, held levels, the length of the step, and what boundaries, barriers, breaches and bridges
let through. Whatever has a formula (``physics``, ``ways``, ``movers``) is the CPU's own function,
compiled again for the device.

Bytes that a cell costs a step in device memory, single precision, if halos come from the cache:
depth, carry, two discharges, bed and Manning read (24), depth, carry and discharges written (16):
40 in the local-inertial scheme; two velocities read and written: 56 in the full one. Rain adds 4
(in the full scheme always), losses 4, a soil with memory 8. Speed on a device is unmeasured.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import cuda as numba_cuda

from anlan.hydraulics.arrays import PAD, Forcing, Ground, Settings, Water, add_depth
from anlan.hydraulics.edge_values import (
    Edges,
    coming_depth,
    coming_depth_of_source,
    conveyance,
    crest_now,
)
from anlan.hydraulics.march import next_step
from anlan.hydraulics.movers import Held, Sources, look_up
from anlan.hydraulics.numerics import SIMULATED, Array, G, from_ordered_bits, ordered_bits
from anlan.hydraulics.physics import (
    HALF,
    QUARTER,
    WALL,
    ZERO,
    carried_velocity,
    face_flow,
    inertial_discharge,
)
from anlan.hydraulics.rows import lost, share_of, stored
from anlan.hydraulics.way_laws import BRIDGE, DISCHARGE, LEVEL, Ways, kept_from_rest
from anlan.hydraulics.ways import bridge_flow, way_flow

cuda: Any = numba_cuda  # it has no types
F = TypeVar("F", bound=Callable[..., Any])


def device(function: F) -> F:
    """A function that kernels call."""
    return cast(F, cuda.jit(device=True)(function))


def kernel(threads: int) -> Callable[[Callable[..., Any]], Any]:
    """A function that the host launches with so many threads a block.

    The compiler shares out registers by it: left alone, it gives the full scheme 141 a thread,
    more than a block of 512 can have.
    """
    bounds = {} if SIMULATED else {"launch_bounds": threads}
    return cast(Callable[[Callable[..., Any]], Any], cuda.jit(**bounds))


class Progress(NamedTuple):
    """Where each member stands, on the device; (M,) each."""

    time: Array  # float64 s
    speed: Array  # float64 fastest wave, m/s
    last: Array  # float64 last step, s
    steps: Array  # int64 taken so far
    dt: Array  # float64 step under way, as the run's real type holds it, s
    dt_u: Array  # float64 step between velocities, s
    moves: Array  # int64 whether a step is under way
    holds: Array  # int64 which of the two waters is the present one
    fastest: Array  # int64 ``ordered_bits`` of the fastest wave found in the step under way
    left: Array  # int64 steps that it may still take


class Orders(NamedTuple):
    """How far to go, (1,) float64 each."""

    until: Array  # s
    pause: Array  # s
    first_step: Array  # s; 0 for none


class Blocks(NamedTuple):
    """The blocks of cells that are computed as one, and which of them sleep."""

    columns: Array  # (1,) int64 blocks along a row
    calm: Array  # (2, M, blocks) uint8 steps, up to 2, since there was water in it
    rainy: Array  # (M, blocks) uint8 must be computed whatever it holds
    first: Array  # (blocks + 1,) int64 first entry of each block in the next three
    way: Array  # (e,) int64 ways on faces that the block computes
    row: Array  # (e,) int64 thread of the face
    column: Array
    taken: Array  # (M, blocks) float64 losses, m


class Crossing(NamedTuple):
    """What the ways let through in the step under way, (M, k) of the run's real type."""

    discharge: Array  # m2/s
    velocity: Array  # m/s


class Given(NamedTuple):
    """The cells of sources, each once, with what flows there; a block adds them up in order."""

    cell: Array  # (c,) int64 flat index in the padded grid of one member
    first: Array  # (c + 1,) int64 first of its entries
    entry: Array  # (e,) int64 entry in ``Sources``
    inflow: Array  # (M,) float64 m3 of sources and held cells
    outflow: Array


def faces(full: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Velocity and discharge of one open x face and of one open y face, from the old water."""

    @device
    def cell_speed(old: Water, row: int, i: int) -> Any:
        u = HALF * (old.ux[row, i] + old.ux[row, i + 1])
        v = HALF * (old.uy[row, i] + old.uy[row + 1, i])
        return math.sqrt(u * u + v * v)

    @device
    def x_face(
        ground: Ground,
        forcing: Forcing,
        old: Water,
        member: int,
        r: int,
        i: int,
        wind: Any,
        theta: Any,
        grain: Any,
        g: Any,
        dt: Any,
        dt_u: Any,
        dx: Any,
    ) -> Any:
        row = member * ground.z.shape[0] + r
        h, z, q, p = old.h, ground.z, old.qx, old.qy
        if full:
            u = old.ux
            rain = member * forcing.rain_stride + r
            mean_a = HALF * (q[row, i - 1] + q[row, i])
            mean_b = HALF * (q[row, i] + q[row, i + 1])
            return face_flow(
                u[row, i],
                mean_a,
                carried_velocity(
                    mean_a, u[row, i - 2], u[row, i - 1], u[row, i], u[row, i + 1], dt / dx
                ),
                mean_b,
                carried_velocity(
                    mean_b, u[row, i - 1], u[row, i], u[row, i + 1], u[row, i + 2], dt / dx
                ),
                HALF * (p[row, i - 1] + p[row, i]),
                u[row - 1, i],
                HALF * (p[row + 1, i - 1] + p[row + 1, i]),
                u[row + 1, i],
                h[row, i - 2],
                h[row, i - 1],
                h[row, i],
                h[row, i + 1],
                z[r, i - 2],
                z[r, i - 1],
                z[r, i],
                z[r, i + 1],
                ground.n[r, i - 1],
                ground.n[r, i],
                cell_speed(old, row, i - 1),
                cell_speed(old, row, i),
                HALF * (forcing.rain[rain, i - 1] + forcing.rain[rain, i]),
                wind,
                grain,
                g,
                dt,
                dt_u,
                dx,
            )
        z_a, z_b = z[r, i - 1], z[r, i]
        discharge, speed = inertial_discharge(
            q[row, i],
            q[row, i - 1],
            q[row, i + 1],
            QUARTER * ((p[row, i - 1] + p[row + 1, i]) + (p[row, i] + p[row + 1, i - 1])),
            h[row, i - 1],
            h[row, i],
            z_a,
            z_b,
            z_a if z_a > z_b else z_b,
            ground.n[r, i - 1],
            ground.n[r, i],
            wind,
            theta,
            grain,
            g,
            dt,
            dx,
        )
        return speed, discharge

    @device
    def y_face(
        ground: Ground,
        forcing: Forcing,
        old: Water,
        member: int,
        r: int,
        i: int,
        wind: Any,
        theta: Any,
        grain: Any,
        g: Any,
        dt: Any,
        dt_u: Any,
        dx: Any,
    ) -> Any:
        row = member * ground.z.shape[0] + r
        h, z, q, p = old.h, ground.z, old.qy, old.qx
        if full:
            u = old.uy
            rain = member * forcing.rain_stride + r
            mean_a = HALF * (q[row - 1, i] + q[row, i])
            mean_b = HALF * (q[row, i] + q[row + 1, i])
            return face_flow(
                u[row, i],
                mean_a,
                carried_velocity(
                    mean_a, u[row - 2, i], u[row - 1, i], u[row, i], u[row + 1, i], dt / dx
                ),
                mean_b,
                carried_velocity(
                    mean_b, u[row - 1, i], u[row, i], u[row + 1, i], u[row + 2, i], dt / dx
                ),
                HALF * (p[row - 1, i] + p[row, i]),
                u[row, i - 1],
                HALF * (p[row - 1, i + 1] + p[row, i + 1]),
                u[row, i + 1],
                h[row - 2, i],
                h[row - 1, i],
                h[row, i],
                h[row + 1, i],
                z[r - 2, i],
                z[r - 1, i],
                z[r, i],
                z[r + 1, i],
                ground.n[r - 1, i],
                ground.n[r, i],
                cell_speed(old, row - 1, i),
                cell_speed(old, row, i),
                HALF * (forcing.rain[rain - 1, i] + forcing.rain[rain, i]),
                wind,
                grain,
                g,
                dt,
                dt_u,
                dx,
            )
        z_a, z_b = z[r - 1, i], z[r, i]
        discharge, speed = inertial_discharge(
            q[row, i],
            q[row - 1, i],
            q[row + 1, i],
            QUARTER * ((p[row - 1, i] + p[row, i + 1]) + (p[row, i] + p[row - 1, i + 1])),
            h[row - 1, i],
            h[row, i],
            z_a,
            z_b,
            z_a if z_a > z_b else z_b,
            ground.n[r - 1, i],
            ground.n[r, i],
            wind,
            theta,
            grain,
            g,
            dt,
            dx,
        )
        return speed, discharge

    return x_face, y_face


@device
def water_of(pair: Water, which: int) -> Water:
    """One of the two waters of a run, whose arrays are (2, M NY, NX)."""
    return Water(
        pair.h[which],
        pair.c[which],
        pair.qx[which],
        pair.qy[which],
        pair.ux[which],
        pair.uy[which],
    )


@device
def sleeps(blocks: Blocks, present: int, member: int, x: int, y: int, rows: int) -> bool:
    """Whether a block is dry like all around it, and so are both of its waters."""
    columns = blocks.columns[0]
    at = y * columns + x
    if blocks.rainy[member, at] != 0 or blocks.calm[present, member, at] < 2:
        return False
    for b in range(max(y - 1, 0), min(y + 2, rows)):
        for a in range(max(x - 1, 0), min(x + 2, columns)):
            if blocks.calm[present, member, b * columns + a] == 0:
                return False
    return True


def sweep_kernel(full: bool, real: Any, width: int, height: int) -> Any:
    """The kernel of one step; blocks of (width, height) threads.

    Threads lie on the cells of their block and on one ring more: a row and a column before it,
    two after it. They find the raw discharges of their west and south faces, then the share that
    their cells can give; those within write their faces and their cells.
    """
    grain = real(np.finfo(real).eps)
    keep = real(1.0 - 32.0 * np.finfo(real).eps)
    gravity = real(G)
    threads = width * height
    x_face, y_face = faces(full)

    @kernel(threads)
    def sweep(
        ground: Ground,
        forcing: Forcing,
        pair: Water,
        ways: Ways,
        crossing: Crossing,
        blocks: Blocks,
        progress: Progress,
        settings: Settings,
        last_row: int,
        last_column: int,
        rains: bool,
    ) -> None:
        member = cuda.blockIdx.z
        if progress.moves[member] == 0:
            return
        present = progress.holds[member]
        a = cuda.blockIdx.x
        b = cuda.blockIdx.y
        at = b * blocks.columns[0] + a
        x = cuda.threadIdx.x
        y = cuda.threadIdx.y
        thread = y * width + x
        if sleeps(blocks, present, member, a, b, cuda.gridDim.y):
            if thread == 0:
                blocks.calm[1 - present, member, at] = 2
            return
        qx = cuda.shared.array((height, width), real)
        qy = cuda.shared.array((height, width), real)
        ux = cuda.shared.array((height, width), real)
        uy = cuda.shared.array((height, width), real)
        shares = cuda.shared.array((height, width), real)
        depths = cuda.shared.array(threads, real)
        takes = cuda.shared.array(threads, np.float64)
        old = water_of(pair, present)
        new = water_of(pair, 1 - present)
        dt = real(progress.dt[member])
        dt_u = real(progress.dt_u[member])
        dx = real(settings.dx)
        theta = real(settings.theta)
        wind_x = real(settings.wind_x)
        wind_y = real(settings.wind_y)
        dt_dx = dt / dx
        r = PAD + b * (height - 3) + y - 1
        i = PAD + a * (width - 3) + x - 1
        row = member * ground.z.shape[0] + r
        inside = r <= last_row + 1 and i <= last_column + 1
        fastest = real(0.0)
        velocity_x = real(0.0)
        velocity_y = real(0.0)
        discharge_x = real(0.0)
        discharge_y = real(0.0)
        if inside:
            velocity_x, discharge_x = x_face(
                ground,
                forcing,
                old,
                member,
                r,
                i,
                wind_x,
                theta,
                grain,
                gravity,
                dt,
                dt_u,
                dx,
            )
            velocity_y, discharge_y = y_face(
                ground,
                forcing,
                old,
                member,
                r,
                i,
                wind_y,
                theta,
                grain,
                gravity,
                dt,
                dt_u,
                dx,
            )
            fastest = max(abs(velocity_x), abs(velocity_y))
        qx[y, x] = discharge_x
        qy[y, x] = discharge_y
        ux[y, x] = velocity_x
        uy[y, x] = velocity_y
        cuda.syncthreads()
        at_x = ways.start_x[ways.start_x.shape[0] - 1]
        for entry in range(blocks.first[at] + thread, blocks.first[at + 1], threads):
            k = blocks.way[entry]
            if k < at_x:
                qx[blocks.row[entry], blocks.column[entry]] = crossing.discharge[member, k]
                ux[blocks.row[entry], blocks.column[entry]] = crossing.velocity[member, k]
            else:
                qy[blocks.row[entry], blocks.column[entry]] = crossing.discharge[member, k]
                uy[blocks.row[entry], blocks.column[entry]] = crossing.velocity[member, k]
        cuda.syncthreads()
        whole = x < width - 1 and y < height - 1
        share = real(1.0)
        # What lies outside an edge gives all that is asked of it.
        if whole and inside and ground.z[r, i] < WALL:
            share = share_of(
                qx[y, x], qx[y, x + 1], qy[y, x], qy[y + 1, x], old.h[row, i], old.c[row, i],
                keep, dt_dx,
            )  # fmt: skip
        shares[y, x] = share
        cuda.syncthreads()
        if whole and x > 0:
            q = qx[y, x]
            qx[y, x] = q * (shares[y, x - 1] if q > ZERO else share)
        if whole and y > 0:
            q = qy[y, x]
            qy[y, x] = q * (shares[y - 1, x] if q > ZERO else share)
        cuda.syncthreads()
        depth = real(0.0)
        took = real(0.0)
        owned = 0 < x < width - 2 and 0 < y < height - 2
        if owned and r <= last_row and i <= last_column:
            new.qx[row, i] = qx[y, x]
            new.qy[row, i] = qy[y, x]
            if full:
                new.ux[row, i] = ux[y, x]
                new.uy[row, i] = uy[y, x]
            if ground.z[r, i] < WALL:
                rain = real(0.0)
                if rains:
                    rain = forcing.rain[member * forcing.rain_stride + r, i]
                h, c = stored(
                    old.h[row, i], old.c[row, i], rain,
                    qx[y, x], qx[y, x + 1], qy[y, x], qy[y + 1, x], dt, dt_dx,
                )  # fmt: skip
                h, c = real(h), real(c)  # a device knows; its simulator would widen them
                depth = h
                if forcing.has_losses:
                    asked = dt * forcing.losses[member * forcing.losses_stride + r, i]
                    h, c, took = lost(h, c, asked)
                    if forcing.soaks:
                        forcing.soaked[row, i] += took
                new.h[row, i] = h
                new.c[row, i] = c
        # The greatest of the block; ``shares`` is free by now.
        depths[thread] = depth
        takes[thread] = took
        shares[y, x] = fastest
        span = threads // 2
        while span > 0:
            cuda.syncthreads()
            if thread < span:
                other = thread + span
                depths[thread] = max(depths[thread], depths[other])
                takes[thread] += takes[other]
                v = other // width
                u = other % width
                shares[y, x] = max(shares[y, x], shares[v, u])
            span //= 2
        if thread == 0:
            wave = np.float64(shares[0, 0]) + math.sqrt(G * np.float64(depths[0]))
            if wave > 0.0:
                cuda.atomic.max(progress.fastest, member, ordered_bits(wave))
                blocks.calm[1 - present, member, at] = 0
            else:
                blocks.calm[1 - present, member, at] = min(blocks.calm[present, member, at] + 1, 2)
            if forcing.has_losses:
                blocks.taken[member, at] += takes[0]

    return sweep


@device
def wakes(
    blocks: Blocks, present: int, member: int, row: int, i: int, wide: int, high: int
) -> None:
    """Have the block of a cell, whose water was changed by hand, computed in the next step."""
    at = (row - PAD) // high * blocks.columns[0] + (i - PAD) // wide
    blocks.calm[present, member, at] = 0


def turn_kernel(full: bool, real: Any, width: int, height: int, threads: int) -> Any:
    """The kernel between two steps; one block of so many ``threads`` for each member.

    ``width`` and ``height`` are the threads of a block of ``sweep``.
    """
    grain = real(np.finfo(real).eps)
    gravity = real(G)
    wide, high = width - 3, height - 3
    x_face, y_face = faces(full)

    @kernel(threads)
    def turn(
        ground: Ground,
        forcing: Forcing,
        pair: Water,
        ways: Ways,
        crossing: Crossing,
        edges: Edges,
        held: Held,
        sources: Sources,
        given: Given,
        blocks: Blocks,
        progress: Progress,
        orders: Orders,
        settings: Settings,
    ) -> None:
        m = cuda.blockIdx.x
        t = cuda.threadIdx.x
        came = cuda.shared.array(threads, np.float64)
        went = cuda.shared.array(threads, np.float64)
        deep = cuda.shared.array(threads, np.float64)
        soon = cuda.shared.array(threads, np.float64)
        columns = ground.z.shape[1]
        base = m * ground.z.shape[0]
        area = settings.dx * settings.dx
        count = ways.row.shape[0]
        at_x = ways.start_x[ways.start_x.shape[0] - 1]
        members = progress.time.shape[0]
        came[t] = 0.0
        went[t] = 0.0
        deep[t] = 0.0
        soon[t] = 0.0
        now = progress.time[m]
        for b in range(edges.kind.shape[0]):
            value = look_up(edges.series, b * members + m, now)
            width = (edges.first[b + 1] - edges.first[b]) * settings.dx
            for w in range(edges.first[b] + t, edges.first[b + 1], threads):
                bed = np.float64(ground.z[edges.row[w], edges.column[w]])
                soon[t] = max(soon[t], coming_depth(edges.kind[b], value, bed, width))
        for k in range(t, sources.cell.shape[0], threads):
            flow = look_up(sources.series, sources.source[k] * members + m, now)
            depth = coming_depth_of_source(flow * sources.share[k], settings.dx)
            soon[t] = max(soon[t], depth)
        if progress.moves[m] != 0:
            present = 1 - progress.holds[m]
            new = water_of(pair, present)
            dt = progress.dt[m]
            for k in range(t, count, threads):
                row = base + ways.row[k]
                q = new.qx[row, ways.column[k]] if k < at_x else new.qy[row, ways.column[k]]
                volume = np.float64(q) * (dt * settings.dx)
                ways.came[m, k] += max(volume, 0.0)
                ways.went[m, k] += max(-volume, 0.0)
            middle = progress.time[m] - 0.5 * dt
            for s in range(t, sources.flow.shape[1], threads):
                sources.flow[m, s] = look_up(sources.series, s * members + m, middle)
            cuda.syncthreads()
            for k in range(t, given.cell.shape[0], threads):
                r = given.cell[k] // columns
                i = given.cell[k] % columns
                h = new.h[base + r]
                c = new.c[base + r]
                for e in range(given.first[k], given.first[k + 1]):
                    entry = given.entry[e]
                    flow = sources.flow[m, sources.source[entry]]
                    gain = flow * sources.share[entry] * dt / area
                    holds = np.float64(h[i]) + np.float64(c[i])
                    if gain >= 0.0:
                        add_depth(h, c, i, gain)
                        came[t] += gain * area
                    elif holds <= -gain:
                        h[i] = real(0.0)
                        c[i] = real(0.0)
                        went[t] += holds * area
                    else:
                        add_depth(h, c, i, gain)
                        went[t] -= gain * area
                deep[t] = max(deep[t], np.float64(h[i]))
                wakes(blocks, present, m, r, i, wide, high)
            cuda.syncthreads()
            for k in range(t, held.cell.shape[0], threads):
                level = held.level[m, k]
                if not math.isnan(level):
                    r = held.cell[k] // columns
                    i = held.cell[k] % columns
                    depth = real(max(level - np.float64(ground.z[r, i]), 0.0))
                    before = np.float64(new.h[base + r, i]) + np.float64(new.c[base + r, i])
                    gain = np.float64(depth) - before
                    came[t] += max(gain, 0.0) * area
                    went[t] += max(-gain, 0.0) * area
                    new.h[base + r, i] = depth
                    new.c[base + r, i] = real(0.0)
                    if gain != 0.0:
                        wakes(blocks, present, m, r, i, wide, high)
                    deep[t] = max(deep[t], np.float64(depth))
        cuda.syncthreads()
        if t == 0:
            if progress.moves[m] != 0:
                deepest = 0.0
                for k in range(threads):
                    given.inflow[m] += came[k]
                    given.outflow[m] += went[k]
                    deepest = max(deepest, deep[k])
                wave = from_ordered_bits(progress.fastest[m], 0.0)
                progress.speed[m] = max(wave, math.sqrt(G * deepest))
                progress.fastest[m] = 0
                progress.holds[m] = 1 - progress.holds[m]
            time = progress.time[m]
            until = orders.until[0]
            goes = time < until and time < orders.pause[0] and progress.left[m] > 0
            progress.moves[m] = 1 if goes else 0
            if goes:
                coming = 0.0
                for k in range(threads):
                    coming = max(coming, soon[k])
                speed = max(progress.speed[m], math.sqrt(G * coming))
                step, ends = next_step(settings, time, speed, until, orders.first_step[0])
                taken = np.float64(real(step))
                progress.dt[m] = taken
                progress.dt_u[m] = 0.5 * (step + progress.last[m]) if full else taken
                progress.last[m] = step
                progress.time[m] = until if ends else time + step
                progress.steps[m] += 1
                progress.left[m] -= 1
                went[0] = step
                went[1] = time
        cuda.syncthreads()
        if progress.moves[m] == 0 or count == 0:
            return
        step = went[0]
        time = went[1]
        old = water_of(pair, progress.holds[m])
        for b in range(edges.kind.shape[0]):
            first = edges.first[b]
            last = edges.first[b + 1]
            if edges.kind[b] == LEVEL:
                level = look_up(edges.series, b * members + m, time + step)
                for w in range(first + t, last, threads):
                    ways.value[m, edges.way[w]] = level
            elif edges.kind[b] == DISCHARGE:
                total = look_up(edges.series, b * members + m, time + 0.5 * step)
                came[t] = 0.0
                for w in range(first + t, last, threads):
                    came[t] += conveyance(ground, old, base, edges.row[w], edges.column[w])
                cuda.syncthreads()
                whole = 0.0
                for k in range(threads):
                    whole += came[k]
                for w in range(first + t, last, threads):
                    share = 1.0 / (last - first)
                    if whole > 0.0:
                        one = conveyance(ground, old, base, edges.row[w], edges.column[w])
                        share = one / whole
                    ways.value[m, edges.way[w]] = total * share / settings.dx
                cuda.syncthreads()
        for k in range(t, edges.breach_way.shape[0], threads):
            ways.value[m, edges.breach_way[k]] = crest_now(edges, k, time)
        cuda.syncthreads()
        dt = real(progress.dt[m])
        dt_u = real(progress.dt_u[m])
        dx = real(settings.dx)
        for k in range(t, count, threads):
            axis = 0 if k < at_x else 1
            if ways.kind[k] == BRIDGE:
                r, i = ways.row[k], ways.column[k]
                theta = real(settings.theta)
                wind_x, wind_y = real(settings.wind_x), real(settings.wind_y)
                if axis == 0:
                    velocity, discharge = x_face(
                        ground, forcing, old, m, r, i, wind_x, theta, grain, gravity, dt, dt_u, dx
                    )
                else:
                    velocity, discharge = y_face(
                        ground, forcing, old, m, r, i, wind_y, theta, grain, gravity, dt, dt_u, dx
                    )
                before = np.float64(discharge)
                after = bridge_flow(ground, ways, old, m, axis, k, before, dt, dx)
                crossing.discharge[m, k] = after
                crossing.velocity[m, k] = velocity * (after / before) if before != 0.0 else velocity
            else:
                velocity, discharge = way_flow(ground, ways, old, m, axis, k, dt, gravity, dx)
                kept = kept_from_rest(ways, k, velocity, dt, dx) if full else dt / dt
                crossing.discharge[m, k] = discharge * kept
                crossing.velocity[m, k] = velocity * kept

    return turn

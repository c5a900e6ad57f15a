"""Speed of the flow model beside two named limits, measured in the same run.

    python benchmarks/hydraulics.py [--json] [--cycle]

The lower limit is the NumPy twin of the tests, the upper one the memory: a triad over arrays that
together hold as many bytes as the run does, on one thread like the run. A cell update moves 80
bytes there (13 numbers read, 5 written, 2 of those to arrays not read before), so triad / 80 is
what no change of arithmetic could beat. All three count the processor time of their one thread, so
that other work on the machine weighs less; wall times stand beside. ``--cycle`` adds a whole
forecast: 20 members of 48 hours on two processes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from anlan.hydraulics import LocalInertial

sys.path.insert(0, str(Path(__file__).parents[1]))  # the twin lives with the tests
from tests.hydraulics.twin import Twin

BYTES_PER_UPDATE = 80
ARRAYS_OF_A_RUN = 18  # single-precision arrays of the size of the grid
MEMBERS, HOURS = 20, 48


@njit(fastmath=True, nogil=True)
def _triad(a: Any, b: Any, c: Any, repeats: int) -> None:
    for k in range(repeats):
        s = np.float32(0.5 + k)
        for i in range(a.shape[0]):
            a[i] = b[i] + s * c[i]


def triad_bandwidth(total_bytes: int) -> float:
    """Bytes per second of a = b + s c over three arrays of ``total_bytes`` together.

    Counted as four words each: two read, one fetched to be written, one written.
    """
    count = total_bytes // 12
    a, b, c = (np.full(count, 1.5, np.float32) for _ in range(3))
    _triad(a, b, c, 1)
    repeats = max(1, round(2e9 / total_bytes))
    best = min(_seconds(lambda: _triad(a, b, c, repeats)) for _ in range(3))
    return 16.0 * count * repeats / best


def _seconds(work: Any) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def lowland(ny: int, nx: int, dx: float) -> dict[str, Any]:
    """Low land with canals and a dike towards the sea; the sea is the southern rows."""
    rng = np.random.default_rng(42)
    bed = 1.8 + 0.3 * rng.standard_normal((ny, nx))
    bed[:, ::12] = -1.0
    bed[::12, :] = -1.0
    sea = np.zeros((ny, nx), np.bool_)
    sea[: ny // 12] = True
    bed[sea] = -3.0
    crest = np.full((ny + 1, nx), -np.inf)
    crest[ny // 12] = 6.0
    return {"bed": bed, "dx": dx, "sea": sea, "crest": crest}


def member(land: dict[str, Any], seconds: float) -> LocalInertial:
    """Run 25 mm/h on the land under a tide, its level renewed every 10 minutes."""
    model = LocalInertial(land["bed"], land["dx"], 0.03, face_crest_y=land["crest"])
    model.restore(model.still_water(0.56))
    model.set_rain(np.where(land["sea"], 0.0, 25.0 / 3.6e6))
    model.set_losses(np.where(land["sea"], 0.0, 15.0 / 3.6e6))
    while model.state.time < seconds:
        tide = 2.0 + 2.5 * np.sin(2.0 * np.pi * model.state.time / 44712.0)
        model.set_level_boundary(land["sea"], tide)
        model.run(min(600.0, seconds - model.state.time))
    return model


def measure(name: str, ny: int, nx: int, dx: float, seconds: float) -> dict[str, Any]:
    """One row of the table."""
    land = lowland(ny, nx, dx)
    member(land, 60.0)  # compiles
    begin, begin_cpu = time.perf_counter(), time.process_time()
    model = member(land, seconds)
    wall, cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    bound = triad_bandwidth(ARRAYS_OF_A_RUN * 4 * ny * nx) / BYTES_PER_UPDATE
    rate = ny * nx * model.steps / cpu
    return {
        "case": name,
        "cells": ny * nx,
        "simulated_s": seconds,
        "steps": model.steps,
        "wall_s": wall,
        "cpu_s": cpu,
        "cell_updates_per_s": rate,
        "memory_limit_per_s": bound,
        "share_of_limit": rate / bound,
        "volume_error": model.budget.relative_error,
    }


def measure_twin(ny: int, nx: int, dx: float, steps: int) -> float:
    """Cell updates per second of the NumPy twin on the same land."""
    land = lowland(ny, nx, dx)
    twin = Twin(land["bed"], dx, 0.03, crest_y=land["crest"])
    twin.h = np.maximum(0.56 - land["bed"], 0.0)
    twin.rain = np.where(land["sea"], 0.0, 25.0 / 3.6e6)
    twin.losses = np.where(land["sea"], 0.0, 15.0 / 3.6e6)
    twin.level[land["sea"]] = 2.0
    twin.advance(1.0)

    def march() -> None:
        for _ in range(steps):
            twin.advance(twin.suggested_step())

    return ny * nx * steps / _seconds(march)


def _one_member(_: int) -> int:
    return member(lowland(160, 162, 200.0), HOURS * 3600.0).steps


def measure_cycle() -> dict[str, Any]:
    """All members of one forecast on two processes, with the start of the processes."""
    begin = time.perf_counter()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        steps = sum(pool.map(_one_member, range(MEMBERS)))
    wall = time.perf_counter() - begin
    return {
        "members": MEMBERS,
        "hours": HOURS,
        "wall_s": wall,
        "updates_per_s": steps * 25920 / wall,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--cycle", action="store_true", help="run 20 members on two processes too")
    options = parser.parse_args()
    rows = [
        measure("replay, 200 m", 160, 162, 200.0, 48 * 3600.0),
        measure("a million cells, 10 m", 1000, 1000, 10.0, 300.0),
    ]
    twin = measure_twin(160, 162, 200.0, 40)
    cycle = measure_cycle() if options.cycle else None
    if options.json:
        print(json.dumps({"runs": rows, "twin_updates_per_s": twin, "cycle": cycle}))
        return
    for row in rows:
        print(
            f"{row['case']:>22}: {row['cell_updates_per_s'] / 1e6:6.0f} M updates/s on one thread, "
            f"{100 * row['share_of_limit']:3.0f} % of its memory limit "
            f"{row['memory_limit_per_s'] / 1e6:5.0f} M/s ({row['steps']} steps in "
            f"{row['cpu_s']:.2f} s, wall {row['wall_s']:.2f} s, "
            f"volume error {row['volume_error']:.1e})"
        )
    print(f"{'NumPy twin, 200 m':>22}: {twin / 1e6:6.1f} M updates/s")
    if cycle:
        print(
            f"{'forecast cycle':>22}: {MEMBERS} members x {HOURS} h in {cycle['wall_s']:.1f} s on "
            f"two processes ({cycle['updates_per_s'] / 1e6:.0f} M updates/s)"
        )


if __name__ == "__main__":
    main()

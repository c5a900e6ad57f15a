"""Cell updates per second with all cells wet, and of a run of the size of a forecast."""

from __future__ import annotations

import time
from typing import Any

from anlan.hydraulics import ShallowWater
from benchmarks import own
from benchmarks.machine import Watch, triad
from benchmarks.table import Part, Promise

# Read bed, depth, two discharges, roughness, rain, infiltration; write depth, two discharges.
BYTES_PER_UPDATE = 40
CASES: tuple[tuple[own.Scheme, int], ...] = (
    ("inertial", 1000),
    ("inertial", 3000),
    ("full", 1000),
    ("full", 3000),
    ("second_order", 1000),
)
PROMISED = {"inertial": 0.6, "full": 0.45}  # G updates/s on two threads
SECONDS = 1.0  # that one measurement should take


def rate(model: ShallowWater, repeats: int) -> tuple[float, int]:
    """Best cell updates per second, and the steps of one measurement."""
    model.run(3.0 * model.suggested_step())
    begin = time.perf_counter()
    model.run(5.0 * model.suggested_step())
    count = max(5, round(5.0 * SECONDS / (time.perf_counter() - begin)))
    best = 0.0
    for _ in range(repeats):
        before, begin = model.steps, time.perf_counter()
        model.run(count * model.suggested_step())
        wall = time.perf_counter() - begin
        best = max(best, model.active.size * (model.steps - before) / wall)
    return best, model.steps - before


def measure(repeats: int) -> Part:
    """All wet: our schemes on one and two threads beside the bandwidth of the memory."""
    rows: list[dict[str, Any]] = []
    with Watch() as watch:
        for scheme, side in CASES:
            for threads in (1, 2):
                updates, steps = rate(own.basin(side, scheme, threads), repeats)
                bandwidth = triad(BYTES_PER_UPDATE * side * side, threads)
                rows.append(
                    {
                        "scheme": scheme,
                        "grid": f"{side} × {side}",
                        "threads": threads,
                        "steps": steps,
                        "updates": updates / 1e9,
                        "triad": bandwidth / 1e9,
                        "share": 100.0 * BYTES_PER_UPDATE * updates / bandwidth,
                    }
                )
    return Part(
        "Throughput, all wet, with fields of roughness, rain and infiltration",
        {
            "scheme": "scheme",
            "grid": "grid",
            "threads": "threads",
            "steps": "steps",
            "updates": "G updates/s",
            "triad": "triad GB/s",
            "share": "share %",
        },
        rows,
        [
            Promise(
                f"{scheme} at least {limit} G updates/s on two threads (1000 × 1000)",
                next(
                    r["updates"]
                    for r in rows
                    if (r["scheme"], r["grid"], r["threads"]) == (scheme, "1000 × 1000", 2)
                ),
                limit,
                at_most=False,
            )
            for scheme, limit in PROMISED.items()
        ],
        [
            f"share: {BYTES_PER_UPDATE} bytes an update (the least that can be moved) against the "
            "triad a = b + s c over as many bytes in the same run, three words an element",
            watch.note(),
        ],
    )


def measure_forecast(repeats: int) -> Part:
    """48 hours of rain and tide over low land of the size of a forecast's grid."""
    rows = []
    with Watch() as watch:
        for scheme in own.OPERATIONAL:
            for threads in (1, 2):
                runs = [_forecast(scheme, threads) for _ in range(repeats)]
                rows.append(min(runs, key=lambda row: float(row["wall_s"])))
    return Part(
        "Forecast grid, 160 × 162 cells of 200 m, 48 h of tide and rain",
        {
            "scheme": "scheme",
            "threads": "threads",
            "steps": "steps",
            "wall_s": "wall s",
            "updates": "M updates/s",
            "volume_error": "volume error",
        },
        rows,
        notes=[watch.note()],
    )


def _forecast(scheme: own.Scheme, threads: int) -> dict[str, Any]:
    own.lowland(scheme, threads).run(60.0)  # compiles or loads
    model = own.lowland(scheme, threads)
    begin = time.perf_counter()
    model.run(own.LOWLAND_HOURS * 3600.0)
    wall = time.perf_counter() - begin
    return {
        "scheme": scheme,
        "threads": threads,
        "steps": model.steps,
        "wall_s": wall,
        "updates": model.active.size * model.steps / wall / 1e6,
        "volume_error": model.budget.relative_error,
    }

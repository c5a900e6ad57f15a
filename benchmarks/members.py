"""What a member of an ensemble costs beside a run alone, on grids of several sizes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from anlan.hydraulics import ShallowWater
from benchmarks import own
from benchmarks.machine import Watch
from benchmarks.table import Part, Promise

MEMBERS = 50
ALONE = range(0, MEMBERS, 10)  # the members that are run alone too
SIDES = (100, 200, 400)
THREADS = 2
STEPS = 60


def measure(repeats: int) -> Part:
    """Members differ in their rain only, 0.5 to 1.5 times the field."""
    factors = np.linspace(0.5, 1.5, MEMBERS)
    rows: list[dict[str, Any]] = []
    with Watch() as watch:
        for side in SIDES:
            alone = own.basin(side, "inertial", THREADS)
            together = own.basin(side, "inertial", THREADS, members=MEMBERS)
            start, all_start = alone.state.copy(), together.state.copy()
            duration = STEPS * alone.suggested_step()
            rain = own.basin_rain(side)
            for model in (alone, together):
                model.run(1.0)  # compiles or loads
            single, all_of_them = np.inf, np.inf
            for _ in range(repeats):
                walls = []
                for k in ALONE:
                    alone.restore(start)
                    alone.set_rain(factors[k] * rain)
                    walls.append(_wall(alone, duration))
                single = min(single, float(np.mean(walls)))
                together.restore(all_start)
                together.set_rain(factors[:, None, None] * rain)
                all_of_them = min(all_of_them, _wall(together, duration))
            rows.append(
                {
                    "grid": f"{side} × {side}",
                    "alone_ms": 1000.0 * single,
                    "member_ms": 1000.0 * all_of_them / MEMBERS,
                    "ratio": all_of_them / MEMBERS / single,
                }
            )
    return Part(
        f"{MEMBERS} members, inertial, {STEPS} steps",
        {
            "grid": "grid",
            "alone_ms": "run alone, ms",
            "member_ms": "member, ms",
            "ratio": "member / alone",
        },
        rows,
        [
            Promise(f"a member costs less than 0.7 of a run ({row['grid']})", row["ratio"], 0.7)
            for row in rows
        ],
        [f"both on {THREADS} threads; the run alone is the mean of {len(ALONE)}", watch.note()],
    )


def _wall(model: ShallowWater, duration: float) -> float:
    begin = time.perf_counter()
    model.run(duration)
    return time.perf_counter() - begin

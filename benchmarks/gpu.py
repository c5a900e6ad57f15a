"""Throughput and the rain hour on a GPU, where there is one."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numba import cuda

from anlan.hydraulics.cuda import check_device
from benchmarks import own
from benchmarks.rain_case import HOUR, bed
from benchmarks.table import Part, Promise
from benchmarks.throughput import BYTES_PER_UPDATE, rate

SIDES = (1000, 4000, 8000)
PROMISED = {"inertial": 60.0, "full": 45.0}  # G updates/s


def measure(repeats: int) -> list[Part]:
    """One table with the name of the device; nothing where there is none."""
    try:
        check_device()
    except ValueError as told:
        print(told)
        return []
    bandwidth = _triad(repeats)
    rows: list[dict[str, Any]] = []
    for scheme in own.OPERATIONAL:
        for side in SIDES:
            updates, steps = rate(own.basin(side, scheme, 1, device="cuda"), repeats)
            share = 100.0 * BYTES_PER_UPDATE * updates / bandwidth
            case = f"all wet, {side} × {side}"
            rows.append(
                {
                    "scheme": scheme,
                    "case": case,
                    "steps": steps,
                    "updates": updates / 1e9,
                    "share": share,
                }
            )
        rows.append(_rain_hour(scheme))
    name = cuda.get_current_device().name  # type: ignore[no-untyped-call]
    return [
        Part(
            f"One {name.decode() if isinstance(name, bytes) else name}",
            {
                "scheme": "scheme",
                "case": "case",
                "steps": "steps",
                "wall_s": "wall s",
                "updates": "G updates/s",
                "share": "share of the triad %",
            },
            rows,
            [
                Promise(
                    f"{scheme} at least {limit:.0f} G updates/s",
                    max(row["updates"] for row in rows if row["scheme"] == scheme),
                    limit,
                    at_most=False,
                )
                for scheme, limit in PROMISED.items()
            ],
            [f"triad: {bandwidth / 1e12:.2f} TB/s, three words an element"],
        )
    ]


def _rain_hour(scheme: own.Scheme) -> dict[str, Any]:
    own.rain_hour(bed(), scheme, 1, device="cuda").run(1.0)  # compiles
    model = own.rain_hour(bed(), scheme, 1, device="cuda")
    begin = time.perf_counter()
    model.run(HOUR)
    wall = time.perf_counter() - begin
    updates = model.active.size * model.steps / wall / 1e9
    return {
        "scheme": scheme,
        "case": "rain hour",
        "steps": model.steps,
        "wall_s": wall,
        "updates": updates,
    }


def _triad(repeats: int) -> float:
    """Bytes per second of a = b + s c over three arrays of a gigabyte each."""

    @cuda.jit  # type: ignore[untyped-decorator]
    def triad(a: Any, b: Any, c: Any, s: Any) -> None:
        i = cuda.grid(1)  # type: ignore[attr-defined]
        if i < a.shape[0]:
            a[i] = b[i] + s * c[i]

    count = 1 << 28
    a, b, c = (cuda.device_array(count, np.float32) for _ in range(3))
    best = np.inf
    for _ in range(repeats + 1):
        cuda.synchronize()  # type: ignore[no-untyped-call]
        begin = time.perf_counter()
        for _ in range(10):
            triad[count // 256, 256](a, b, c, np.float32(0.5))
        cuda.synchronize()  # type: ignore[no-untyped-call]
        best = min(best, time.perf_counter() - begin)
    return 10.0 * 12.0 * count / float(best)

"""How soon a fresh process has a first result: 100 x 100 cells, one minute of flow."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import own
from benchmarks.machine import Watch
from benchmarks.table import Part, Promise

FIRST_RESULT = """
import time
begin = time.perf_counter()
from benchmarks import own
ready = time.perf_counter()
own.basin(100, "{scheme}", 2).run(60.0)
print(ready - begin, time.perf_counter() - ready)
"""


def measure(repeats: int) -> Part:
    """Cold in an empty cache folder, then warm in the same one."""
    rows: list[dict[str, Any]] = []
    with Watch() as watch:
        for scheme in own.OPERATIONAL:
            with tempfile.TemporaryDirectory() as folder:
                rows.append({"cache": "cold"} | _process(scheme, Path(folder)))
                warm = [_process(scheme, Path(folder)) for _ in range(repeats)]
                rows.append({"cache": "warm"} | min(warm, key=lambda row: row["total_s"]))
    limits = {"cold": 10.0, "warm": 1.0}
    return Part(
        "Start: from nothing to the first result of 100 × 100 cells",
        {
            "scheme": "scheme",
            "cache": "compiled code",
            "total_s": "process s",
            "import_s": "import s",
            "run_s": "build and run s",
        },
        rows,
        [
            Promise(
                f"{row['scheme']}, {row['cache']}: at most {limits[str(row['cache'])]:.0f} s",
                row["total_s"],
                limits[row["cache"]],
            )
            for row in rows
        ],
        ["process: from its start to its end, with the interpreter and all imports", watch.note()],
    )


def _process(scheme: str, cache: Path) -> dict[str, Any]:
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", FIRST_RESULT.format(scheme=scheme)],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    total = time.perf_counter() - begin
    imports, run = map(float, done.stdout.split())
    return {"scheme": scheme, "total_s": total, "import_s": imports, "run_s": run}

"""The rain hour, side by side: our schemes and the peers from PyPI, each in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import Watch
from benchmarks.rain_case import HOUR, SHORT, bed
from benchmarks.table import Part, Promise

ROOT = Path(__file__).parents[1]
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
THREADS = 2


@dataclass(frozen=True)
class Engine:
    """A driver of ``benchmarks/peers``; ``slow`` ones stop after ten minutes but for ``--full``."""

    name: str
    driver: str
    equations: str
    option: str = ""
    slow: bool = False


OURS = (
    Engine("anlan inertial", "anlan", "local inertia", "inertial"),
    Engine("anlan full", "anlan", "full", "full"),
    Engine("anlan inertial Green-Ampt", "anlan", "local inertia", "inertial+green-ampt"),
)
PEERS = (
    Engine("itzi-core", "itzi_core", "local inertia"),
    Engine("landlab", "landlab", "local inertia", slow=True),
    Engine("ANUGA DE0", "anuga", "full, triangles", slow=True),
)


def measure(repeats: int, full: bool, folder: Path) -> list[Part]:
    """Run all engines ``repeats`` times, forth and back, and keep each one's best time."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "bed.npy", bed())
    engines = OURS + (PEERS if PEERS_PYTHON.exists() else ())
    best: dict[str, dict[str, Any]] = {}
    notes = [] if PEERS_PYTHON.exists() else ["no peers here: `make .venv-peers` installs them"]
    with Watch() as watch:
        for turn in range(repeats):
            for engine in engines if turn % 2 == 0 else reversed(engines):
                try:
                    line = _drive(engine, full, folder)
                except RuntimeError as failure:
                    notes.append(str(failure))
                    continue
                before = best.get(engine.name)
                if before is None or _wall(line) < _wall(before):
                    best[engine.name] = line
    shown = [engine for engine in engines if engine.name in best]
    rows = [_row(engine, best) for engine in shown]
    notes += [
        f"best of {repeats} each, order reversed every other time, {THREADS} threads, time loop "
        "alone (no reading, compiling or writing); ratios at the same simulated time",
        "ours have soil (constant, in the third row Green-Ampt), a discharge boundary, the budget "
        "and a hundred gauges on",
        watch.note(),
    ]
    if not full:
        notes.append("landlab and ANUGA run 10 minutes only; `--full` gives them the hour")
    hour = Part(
        "Rain hour, 1000 × 1000 cells of 10 m",
        {
            "engine": "engine",
            "equations": "equations",
            "minutes": "minutes",
            "steps": "steps",
            "wall_s": "wall s",
            "updates": "M updates/s",
            "peak_mb": "peak MB",
            "volume_error": "volume error",
            "inertial": "× our inertial",
            "full": "× our full",
        },
        rows,
        _promises(best),
        notes,
    )
    return [hour, *(_depths(shown, stop, folder) for stop in (SHORT, HOUR))]


def _stops(engine: Engine, full: bool) -> tuple[float, ...]:
    return (SHORT,) if engine.slow and not full else (SHORT, HOUR)


def _drive(engine: Engine, full: bool, folder: Path) -> dict[str, Any]:
    """Run one driver in its own process; its line."""
    python = sys.executable if engine in OURS else str(PEERS_PYTHON)
    out = folder / engine.name.replace(" ", "-")
    stops = ",".join(f"{stop:g}" for stop in _stops(engine, full))
    command = [python, "-m", f"benchmarks.peers.{engine.driver}"]
    command += [str(folder / "bed.npy"), str(out), stops, str(THREADS), engine.option]
    env = os.environ | {"OMP_NUM_THREADS": str(THREADS)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise RuntimeError(f"{engine.name} failed: {last}")
    line: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return line


def _wall(line: dict[str, Any]) -> float:
    return float(list(line["wall_s"].values())[-1])


def _ratio(line: dict[str, Any], ours: dict[str, Any] | None) -> float | None:
    """Time of a peer over ours, at the last simulated time of both."""
    if ours is None:
        return None
    stop = [s for s in line["wall_s"] if s in ours["wall_s"]][-1]
    return float(line["wall_s"][stop] / ours["wall_s"][stop])


def _row(engine: Engine, best: dict[str, dict[str, Any]]) -> dict[str, Any]:
    line = best[engine.name]
    return line | {
        "engine": f"{engine.name} {line['version']}",
        "equations": engine.equations,
        "minutes": round(float(list(line["wall_s"])[-1]) / 60.0),
        "wall_s": _wall(line),
        "wall_s_at": line["wall_s"],
        "updates": line["cells"] * line["steps"] / _wall(line) / 1e6,
        "inertial": _ratio(line, best.get("anlan inertial")),
        "full": _ratio(line, best.get("anlan full")),
    }


def _promises(best: dict[str, dict[str, Any]]) -> list[Promise]:
    promises = []
    if inertial := best.get("anlan inertial"):
        promises.append(Promise("inertial in at most 1.5 s", _wall(inertial), 1.5))
        if itzi := best.get("itzi-core"):
            ratio = _wall(itzi) / _wall(inertial)
            promises.append(Promise("inertial at least 16 × itzi-core", ratio, 16.0, False))
    if full := best.get("anlan full"):
        promises.append(Promise("full in at most 2.5 s", _wall(full), 2.5))
    return promises


def _depths(engines: list[Engine], stop: float, folder: Path) -> Part:
    """Root mean square of the differences in depth between engines."""
    depths = {}
    for engine in engines:
        file = folder / engine.name.replace(" ", "-") / f"{stop:g}.npy"
        if file.exists():
            depths[engine.name] = np.load(file).astype(np.float64)
    rows = [
        {"engine": a} | {b: None if a == b else _rmse_mm(da, db) for b, db in depths.items()}
        for a, da in depths.items()
    ]
    return Part(
        f"Depth after {stop / 60.0:.0f} minutes of it: RMSE between engines, mm",
        {"engine": "engine"} | {name: name for name in depths},
        rows,
        notes=["against ANUGA on means of 20 m, the squares of its triangles"],
    )


def _rmse_mm(a: Any, b: Any) -> float:
    """On the coarser of the two grids."""
    ny, nx = min(a.shape, b.shape)
    a, b = (d.reshape(ny, d.shape[0] // ny, nx, d.shape[1] // nx).mean((1, 3)) for d in (a, b))
    return 1000.0 * float(np.sqrt(np.mean((a - b) ** 2)))

"""Computing a run: analysis up to the issue time, then every member ahead, then products.

The analysis goes on from the state that the run before left at *its* issue time (warm start), or
from water at rest at the initial level (cold start), driven by what was measured since. Members
start from the same analysis.

Members run on threads: the time loop is compiled and lets go of the interpreter, so two threads
use two cores without starting processes, shipping terrain to them or compiling again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.forecast import products
from anlan.forecast.basin import Basin
from anlan.forecast.bundle import Bundle
from anlan.forecast.drives import Drives
from anlan.forecast.member import MemberResult, run_member, sampling
from anlan.forecast.track import Track
from anlan.hydraulics import State
from anlan.refusal import Refusal

Array = NDArray[np.floating[Any]]
Progress = Callable[[str, float], None]

STATE_FILE = "state.npz"
STATE_FIELDS = ("depth", "qx", "qy", "carry", "works")
SUMMARY_FILE = "summary.json"
PART = ".part"


@dataclass(frozen=True)
class Summary:
    """A run in a few numbers, all but ``wall_s`` the same whenever it is computed.

    Attributes:
        run: the bundle's hash; issued: ISO UTC; members, lead_hours, resolution_m, cells.
        warm_start: whether the analysis went on from an earlier run.
        tide_peak_m: p10, p50, p90 over members of the highest sea level; None without a sea.
        tide_peak_time: ISO UTC of the control's highest; rain_total_mm: p10, p50, p90.
        volume_error: largest |budget residual| / (initial + rain + inflow) over members.
        wall_s: seconds the computation took.
    """

    run: str
    issued: str
    members: int
    lead_hours: int
    resolution_m: float
    cells: int
    warm_start: bool
    storm: bool
    tide_peak_m: dict[str, float] | None
    tide_peak_time: str | None
    rain_total_mm: dict[str, float]
    volume_error: float
    wall_s: float

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON."""
        return asdict(self)


def compute(bundle: Bundle, out: Path, progress: Progress | None = None) -> Summary:
    """Compute ``bundle`` into the folder ``out``; the same bundle gives the same products.

    Reads nothing but the bundle and, for a warm start, the state in the folder of the run before,
    which lies beside ``out``. Where that folder is gone (the run failed), the start is cold and
    the summary says so. ``out`` appears whole or not at all; if it is there already, its summary
    is returned. Several may compute one run at once: each writes into a folder of its own, and
    the first to end gives ``out``.

    Args:
        progress: told what is being done and the share done, 0 to 1; what it raises ends the
            computation and leaves nothing behind.
    """
    known = summary_of(out)
    if known is not None:
        return known
    with _part_folder(out) as part:
        summary = _compute_into(part, bundle, out, progress or _silent)
        _put_in_place(part, out)
    return summary_of(out) or summary


def summary_of(folder: Path) -> Summary | None:
    """The summary of a run whose folder is whole; None when it is missing or damaged.

    Whole means: the summary, which is written last, can be read, and so can the state that the
    next run goes on from and the products.
    """
    try:
        summary = Summary(**json.loads((folder / SUMMARY_FILE).read_text("utf-8")))
        with np.load(folder / STATE_FILE, allow_pickle=False) as state:
            whole = "depth" in state.files
        with products.Products.open(folder) as found:
            # each touches another part of the group: attributes, series, fields
            whole = whole and found.summary["run"] == summary.run
            found.frame("p90", len(found.times) - 1)
            found.probability(products.THRESHOLDS[0])
    except (Refusal, OSError, LookupError, TypeError, ValueError, zipfile.BadZipFile):
        return None
    return summary if whole else None


def remove_stale_parts(runs: Path) -> list[str]:
    """Remove what killed computations left in the folder of all runs; names what was removed.

    A computation holds a lock on its folder, which the system lets go of when it is killed.
    """
    removed = []
    for part in sorted(runs.glob(f"*{PART}")):
        with _locked(part) as won:
            if won:
                shutil.rmtree(part, ignore_errors=True)
                removed.append(part.name)
    return removed


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # gone, or no folder
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        won = True
    except OSError:
        won = False
    try:
        yield won
    finally:
        os.close(handle)


@contextmanager
def _part_folder(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` that nobody else writes to; gone afterwards."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=out.parent, prefix=f"{out.name}.", suffix=PART))
    part.chmod(0o755)
    with _locked(part):
        try:
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _put_in_place(part: Path, out: Path) -> None:
    """``part`` becomes ``out``, unless another computation has put a whole one there."""
    try:
        part.replace(out)
    except OSError:
        if summary_of(out) is not None:
            return
        shutil.rmtree(out, ignore_errors=True)
        part.replace(out)


def _compute_into(part: Path, bundle: Bundle, out: Path, tell: Progress) -> Summary:
    """Write the run into the folder ``part``; ``out`` tells where the run before lies."""
    began = time.perf_counter()
    drives = Drives(bundle)
    basin = Basin(bundle, drives.nodes)
    tell("analysis", 0.0)
    start, warm = _start(bundle, basin, out)
    state = replace(basin.drive(start, drives.analysis()), time=0.0)
    _save_state(part / STATE_FILE, bundle, state)
    results = _members(bundle, drives, state, tell)
    tell("products", 0.95)
    arrays = _collect(bundle, drives, [r for r, _ in results], [t for _, t in results])
    summary = replace(
        _summary(bundle, arrays, results, warm), wall_s=round(time.perf_counter() - began, 2)
    )
    meta = bundle.meta
    attributes = {
        "issued": meta["issued"],
        "members": meta["settings"]["members"],
        "resolution_m": meta["settings"]["resolution_m"],
        "tide_station": None if meta["tide"] is None else meta["tide"]["station"],
        "stations": meta["stations"],
        "places": meta["places"],
        "storm": drives.outlook is not None,
        "input_hash": bundle.hash,
        "settings": meta["settings"],
        "summary": {k: v for k, v in summary.as_dict().items() if k != "wall_s"},
    }
    products.write(part, attributes, arrays)
    # last: it says that all the rest is there
    (part / SUMMARY_FILE).write_text(products.as_json(summary.as_dict()), "utf-8")
    tell("done", 1.0)
    return summary


def _silent(what: str, share: float) -> None:
    """No progress shown."""


def _start(bundle: Bundle, basin: Basin, out: Path) -> tuple[State, bool]:
    previous = bundle.meta["previous"]
    path = out.parent / str(previous) / STATE_FILE
    cold = basin.cold(float(bundle.meta["settings"]["initial_level_m"]))
    if previous is None or not path.exists():
        return cold, False
    with np.load(path, allow_pickle=False) as stored:
        # Water of another ground means nothing here.
        if str(stored["city_digest"]) != bundle.meta["city_digest"]:
            return cold, False
        fields = {name: stored[name] for name in STATE_FIELDS}
    return State(time=0.0, **fields), True


def _save_state(path: Path, bundle: Bundle, state: State) -> None:
    fields = {
        name: getattr(state, name) for name in STATE_FIELDS if getattr(state, name) is not None
    }
    np.savez_compressed(path, city_digest=bundle.meta["city_digest"], **fields)


def _members(
    bundle: Bundle, drives: Drives, state: State, tell: Progress
) -> list[tuple[MemberResult, Track | None]]:
    count = int(bundle.meta["settings"]["members"])
    sample = sampling(bundle, drives.nodes)
    own = threading.local()
    lock = threading.Lock()
    done = 0
    # All draws before the threads start: what members share is worked out once, by one thread.
    planned = [drives.member(m) for m in range(count)]

    def one(member: int) -> tuple[MemberResult, Track | None]:
        nonlocal done
        if not hasattr(own, "basin"):
            own.basin = Basin(bundle, drives.nodes)
        plan = planned[member]
        result = run_member(own.basin, state, plan.drive, sample)
        with lock:
            done += 1
            tell(f"member {done} of {count}", 0.05 + 0.87 * done / count)
        return result, plan.track

    with ThreadPoolExecutor(max(1, min(bundle.workers, count))) as pool:
        return list(pool.map(one, range(count)))


def _collect(
    bundle: Bundle, drives: Drives, results: list[MemberResult], tracks: list[Track | None]
) -> dict[str, NDArray[Any]]:
    hours = int(bundle.meta["settings"]["lead_hours"])
    inside = bundle.arrays["inside"]
    arrays: dict[str, NDArray[Any]] = {
        "time": drives.issue + 3600.0 * np.arange(hours + 1),
        "fine_time": drives.issue + 600.0 * np.arange(6 * hours + 1),
        "station_level": np.stack([r.station_level for r in results]).astype(np.float32),
        "place_level": np.stack([r.place_level for r in results]).astype(np.float32),
        "place_rain": np.stack([r.place_rain for r in results]).astype(np.float32),
        "town_rain": np.stack([r.town_rain for r in results]).astype(np.float32),
        "rain_total": np.array([r.rain_total for r in results]),
        "village_depth": np.stack([r.village_depth for r in results]).astype(np.float32),
        "village_fraction": np.stack([r.village_fraction for r in results]).astype(np.float32),
    }
    if results[0].tide is not None:
        arrays["tide"] = np.stack([r.tide for r in results if r.tide is not None]).astype(
            np.float32
        )
    kept = [t for t in tracks if t is not None]
    if kept:
        ahead = kept[0].time >= bundle.meta["storm"]["last_fix"]
        arrays["tracks"] = np.stack(
            [np.stack([t.time, t.lon, t.lat, t.pressure, t.wind], axis=1)[ahead] for t in kept]
        )
    deepest = np.stack([r.max_depth for r in results])
    share = np.stack([(deepest > t).mean(axis=0) for t in products.THRESHOLDS])
    arrays["probability"] = np.where(inside, share, np.nan).astype(np.float32)
    for name, frames in _quantiles([r.depth for r in results]).items():
        arrays[f"depth_{name}"] = np.where(inside, frames, np.nan).astype(np.float16)
    return arrays


def _quantiles(depth: list[Array]) -> dict[str, Array]:
    """p50 and p90 over members of (T, ny, nx) depths, hour by hour to spare memory."""
    out = {name: np.empty(depth[0].shape, np.float16) for name in products.QUANTILES}
    for k in range(depth[0].shape[0]):
        ordered = np.sort(np.stack([d[k] for d in depth]).astype(np.float32), axis=0)
        for name, q in products.QUANTILES.items():
            place = q * (len(depth) - 1)
            low = int(place)
            high = min(low + 1, len(depth) - 1)
            out[name][k] = ordered[low] + (place - low) * (ordered[high] - ordered[low])
    return out


def _summary(
    bundle: Bundle,
    arrays: dict[str, NDArray[Any]],
    results: list[tuple[MemberResult, Track | None]],
    warm: bool,
) -> Summary:
    settings = bundle.meta["settings"]
    peak = None
    when = None
    if "tide" in arrays:
        peak = _three(arrays["tide"].max(axis=1))
        second = float(arrays["fine_time"][int(arrays["tide"][0].argmax())])
        when = products.iso(second)
    return Summary(
        run=bundle.hash,
        issued=bundle.meta["issued"],
        members=int(settings["members"]),
        lead_hours=int(settings["lead_hours"]),
        resolution_m=float(settings["resolution_m"]),
        cells=int(bundle.arrays["inside"].sum()),
        warm_start=warm,
        storm="tracks" in arrays,
        tide_peak_m=peak,
        tide_peak_time=when,
        rain_total_mm=_three(arrays["rain_total"]),
        volume_error=float(f"{max(r.volume_error for r, _ in results):.3g}"),
        wall_s=0.0,
    )


def _three(values: Array) -> dict[str, float]:
    p10, p50, p90 = np.quantile(np.asarray(values, dtype=np.float64), (0.1, 0.5, 0.9))
    return {"p10": round(float(p10), 3), "p50": round(float(p50), 3), "p90": round(float(p90), 3)}

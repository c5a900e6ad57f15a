"""How long a forecast run takes: ``python -m benchmarks.forecast_run [CITY EVENT ISSUE]``.

Freezes one run with an empty archive and computes it twice, the first time to compile; prints wall
and processor seconds of the second, with its size on disk. The promise is 20 members x 48 h at
200 m in under 12 s on two idle cores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import datetime
from pathlib import Path

from anlan import forecast
from anlan.city import load
from anlan.store import Store

LIMIT_S = 12.0


def main() -> None:
    """Run the benchmark and print its line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("city", nargs="?", type=Path, default=Path("cities/pinghu"))
    parser.add_argument("event", nargs="?", default="infa-2021")
    parser.add_argument("issue", nargs="?", default="2021-07-25T12:00+00:00")
    parser.add_argument("--resolution", type=float)
    parser.add_argument("--members", type=int)
    given = parser.parse_args()
    city = load(given.city)
    settings = forecast.read_settings(
        city.settings, resolution_m=given.resolution, members=given.members
    )
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        with store.read() as conn:
            issue = datetime.fromisoformat(given.issue)
            bundle = forecast.freeze(conn, city, city.event(given.event), issue, settings)
        forecast.compute(bundle, Path(folder) / "runs" / "warm-up")
        wall, cpu = time.perf_counter(), time.process_time()
        summary = forecast.compute(bundle, Path(folder) / "runs" / "timed")
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        stored = Path(folder) / "runs" / "timed"
        size = sum(p.stat().st_size for p in stored.rglob("*") if p.is_file())
    print(
        f"{summary.members} members x {summary.lead_hours} h at {summary.resolution_m:.0f} m, "
        f"{summary.cells} cells: {wall:.1f} s wall, {cpu:.1f} s processor on "
        f"{bundle.workers} threads, {size / 1e6:.1f} MB, volume error {summary.volume_error:.1e}"
    )
    print(
        f"limit for 20 members x 48 h at 200 m: {LIMIT_S:.0f} s wall on two idle cores, so "
        f"{2.0 * LIMIT_S:.0f} s processor"
    )


if __name__ == "__main__":
    main()

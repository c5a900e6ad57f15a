"""How long a replay's steps take: ``python -m benchmarks.replay_steps [--steps N | --whole]``.

Carries Typhoon In-Fa over Pinghu, its world computed beforehand, with all people at work. By
default 400 steps (of 1,296) with small forecasts, so that what is seen is the chain itself:
readings, timers, rules, tasks, deliveries. ``--whole`` carries the whole event with the city's own
forecasts, 20 members at 200 m, and holds it against the promise of 6 minutes on two idle cores.
Prints processor seconds; wall seconds stand beside.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from anlan.city import load
from anlan.clock import SteppedClock
from anlan.replay import Plan, prepare
from anlan.store import Store

CITY, EVENT = Path("cities/pinghu"), "infa-2021"
STEP_LIMIT_MS = 60.0
WHOLE_LIMIT_S = 360.0


def main() -> None:
    """Run the benchmark and print its line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--whole", action="store_true")
    given = parser.parse_args()
    city = load(CITY)
    event = city.event(EVENT)
    plan = Plan(EVENT) if given.whole else Plan(EVENT, resolution_m=400.0, members=2)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        begin, begin_cpu = time.perf_counter(), time.process_time()
        replay = prepare(plan, city, store, SteppedClock(event.start))
        ready, ready_cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
        begin, begin_cpu, begin_own = time.perf_counter(), time.process_time(), time.thread_time()
        steps = 0
        while not replay.finished and (given.whole or steps < given.steps):
            replay.tick()
            steps += 1
        wall = time.perf_counter() - begin
        cpu, own = time.process_time() - begin_cpu, time.thread_time() - begin_own
        replay.chain.close()
        store.close()
    print(f"world: {ready_cpu:.1f} s processor, {ready:.1f} s wall")
    print(
        f"{steps} steps: {1000.0 * own / steps:.1f} ms processor each without forecasts "
        f"(limit {STEP_LIMIT_MS:.0f} ms)"
    )
    print(f"with forecasts: {cpu:.0f} s processor, {wall:.0f} s wall")
    if given.whole:
        print(f"whole replay: {ready + wall:.0f} s wall (limit {WHOLE_LIMIT_S:.0f} s, idle)")


if __name__ == "__main__":
    main()

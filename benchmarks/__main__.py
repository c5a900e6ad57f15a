"""``python -m benchmarks [PART ...]``: the hydraulic core beside its peers and its limits."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import gpu, machine, members, rain_hour, start, throughput
from benchmarks.table import Part, write_between_markers

FOLDER = Path("build/bench")


def parts(repeats: int, full: bool) -> dict[str, Callable[[], list[Part]]]:
    """What can be measured, by name, in the order of the report."""
    return {
        "rain-hour": lambda: rain_hour.measure(repeats, full, FOLDER),
        "throughput": lambda: [throughput.measure(repeats)],
        "members": lambda: [members.measure(repeats)],
        "start": lambda: [start.measure(repeats)],
        "forecast": lambda: [throughput.measure_forecast(repeats)],
        "gpu": lambda: gpu.measure(repeats),
    }


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = parts(1, False)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(known)}; all but gpu"
    )
    parser.add_argument("--full", action="store_true", help="the hour for the slow peers too")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write", type=Path, help="document with markers to put the figures in")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(known):
        parser.error(f"no part {', '.join(sorted(unknown))}; choose from {', '.join(known)}")
    chosen = parts(given.repeats, given.full)
    told = f"{datetime.now(UTC):%d %B %Y} on {machine.describe()}"
    if not given.json:
        print(told, flush=True)
    measured = []
    for name in given.parts or [name for name in chosen if name != "gpu"]:
        for part in chosen[name]():
            measured.append(part)
            if not given.json:
                print(f"\n{part.markdown()}", end="", flush=True)
    if given.json:
        print(json.dumps({"machine": told, "parts": [part.as_dict() for part in measured]}))
    if given.write:
        name = "bench-gpu" if given.parts == ["gpu"] else "bench"
        text = "\n".join(
            [f"Printed by `make {name}`, {told}.\n", *(p.markdown() for p in measured)]
        )
        write_between_markers(given.write, name, text)


if __name__ == "__main__":
    main()

"""Run the cases and write the page.

Each case runs in a process of its own and is kept when it ends (``build/validation``), so that a
run that was interrupted goes on where it was, and a change computes again only what it can change.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path

from validation.cases import CASES
from validation.kept import compute, kept, publish
from validation.report import document

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"
WORK = ROOT / "build" / "validation"
LONGEST = ("rain_hour", "runup", "ea2")  # begun first, so that nothing long remains for the end


def main() -> int:
    """The whole page into ``docs``, or a preview of some cases into ``build/validation``."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[*CASES], help="a preview of these cases")
    parser.add_argument("--quick", action="store_true", help="a preview on coarser grids")
    parser.add_argument("--again", action="store_true", help="compute what is kept, too")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time (2)")
    asked = parser.parse_args()
    names = asked.only or [*CASES]
    folder = WORK / "quick" if asked.quick else WORK
    folder.mkdir(parents=True, exist_ok=True)
    sections = {} if asked.again else {n: s for n in names if (s := kept(folder, n)) is not None}
    todo = sorted(
        (n for n in names if n not in sections), key=lambda n: (n not in LONGEST, names.index(n))
    )
    print(f"{len(sections)} kept, {len(todo)} to compute: {' '.join(todo)}", file=sys.stderr)
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.jobs, fresh, max_tasks_per_child=1) as pool:
        running = {pool.submit(compute, n, folder, asked.quick): n for n in todo}
        for done in as_completed(running):
            sections[running[done]], seconds = done.result()
            print(f"{running[done]}: {seconds:.0f} s", file=sys.stderr, flush=True)
    ordered = [sections[n] for n in names]
    preview = asked.only is not None or asked.quick
    page = folder / "validation.md" if preview else PAGE
    if not preview:
        for section in ordered:
            publish(
                section, folder / "images" / "validation", page.parent / "images" / "validation"
            )
    page.write_text(document(ordered, version("anlan")), encoding="utf-8")
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())

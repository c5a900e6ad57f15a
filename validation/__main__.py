"""Run the cases and write the page."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from pathlib import Path

from validation.cases import CASES
from validation.report import document

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"
PREVIEW = ROOT / "build" / "validation"


def main() -> int:
    """The whole page into ``docs``, or a preview of some cases into ``build/validation``."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[*CASES], help="a preview of these cases")
    parser.add_argument("--quick", action="store_true", help="a preview on coarser grids")
    asked = parser.parse_args()
    preview = asked.only is not None or asked.quick
    page = PREVIEW / "validation.md" if preview else PAGE
    images = page.parent / "images" / "validation"
    sections = []
    for name in asked.only or CASES:
        print(f"{name} …", file=sys.stderr, flush=True)
        sections.append(CASES[name](images, asked.quick))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(document(sections, version("anlan")), encoding="utf-8")
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())

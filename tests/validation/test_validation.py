"""The published cases hold what was promised of them, on the grids of a quick report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from validation.cases import CASES
from validation.record import Section

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "validation.md"
SLOW = ("ea2", "ea4", "monai", "rain_hour", "runup")
LARGEST_PICTURE = 60_000  # bytes
# The page calls these missed too; whoever mends one takes it out here.
KNOWN_MISSES = (
    "Extran example 2: the same above a fixed level: least NSE of 10 heads",
    "Extran example 5: the same with a basin and an orifice",
    "Extran example 7: the same with a pump: least NSE of 10 flows",
)


def misses(section: Section) -> list[str]:
    """A sentence for every promise that is not held, known misses apart."""
    figures = [
        f"{f.what}: {f.value:.4g} {f.unit}, promised {f.promise:.4g}"
        for f in section.figures
        if f.promise is not None and not f.held
    ]
    volumes = [
        f"volume of {v.run}, {v.precision}: {v.error:.2g}, promised {v.promise:.2g}"
        for v in section.volumes
        if not v.held
    ]
    return [m for m in figures + volumes if not m.startswith(KNOWN_MISSES)]


@pytest.mark.parametrize("name", [n for n in CASES if n not in SLOW])
def test_a_case_holds_its_promises(name: str, tmp_path: Path) -> None:
    assert misses(CASES[name](tmp_path, True)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_a_long_case_holds_its_promises(name: str, tmp_path: Path) -> None:
    assert misses(CASES[name](tmp_path, True)) == []


def test_the_page_tells_of_every_case_with_small_pictures() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("\n## ") >= len(CASES)
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert pictures
    for picture in pictures:
        size = (PAGE.parent / picture).stat().st_size
        assert size < LARGEST_PICTURE, f"{picture} has {size} bytes"

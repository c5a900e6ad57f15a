"""The benchmarks measure what they say, and write where they are told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from benchmarks.machine import describe
from benchmarks.rain_case import DX, SLOPE, bed, rained
from benchmarks.table import Part, Promise, write_between_markers

ROOT = Path(__file__).parents[1]


def test_the_bed_of_the_rain_hour_falls_by_its_slope_with_bumps_of_half_a_metre_each() -> None:
    z = bed()
    columns = z.mean(axis=0)
    assert z.shape == (1000, 1000)
    assert columns[0] - columns[-1] == pytest.approx(999 * DX * SLOPE, abs=0.5)
    bumps = z - SLOPE * DX * np.arange(999, -1, -1)
    assert bumps.std() == pytest.approx(np.hypot(0.5, 0.5), rel=0.05)


def test_fifty_millimetres_fall_in_the_hour() -> None:
    assert rained(3600.0) == pytest.approx(0.050 * 1000 * 1000 * 100.0)


def test_a_part_reads_as_a_table_and_says_which_promises_were_kept() -> None:
    part = Part(
        "Speed",
        {"engine": "engine", "wall_s": "wall s", "steps": "steps"},
        [{"engine": "ours", "wall_s": 1.2345, "steps": 1000}, {"engine": "theirs"}],
        [Promise("at most 1.5 s", 1.2345, 1.5), Promise("at least 16 ×", 12.0, 16.0, False)],
    )
    assert part.markdown() == (
        "### Speed\n\n"
        "| engine | wall s | steps |\n"
        "|--------|--------|-------|\n"
        "| ours   | 1.23   | 1,000 |\n"
        "| theirs |        |       |\n\n"
        "- at most 1.5 s: 1.23, kept\n"
        "- at least 16 ×: 12, NOT kept\n"
    )


def test_a_report_replaces_only_what_stands_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n", "utf-8")
    write_between_markers(page, "bench", "new")
    assert page.read_text("utf-8") == (
        "before\n<!-- bench: begin -->\n\nnew\n\n<!-- bench: end -->\nafter\n"
    )
    with pytest.raises(ValueError, match="lacks <!-- other: begin -->"):
        write_between_markers(page, "other", "new")


def test_the_machine_is_described_without_its_name() -> None:
    assert re.match(r"\d+ cores, .+ GB; ", describe())
    node = Path("/etc/hostname")
    assert not node.exists() or node.read_text().strip() not in describe()


def test_every_peer_is_pinned_with_hashes_and_no_address() -> None:
    lock = (ROOT / "benchmarks" / "peers.lock").read_text("utf-8")
    assert "://" not in lock
    for name in ("anuga", "itzi-core", "landlab"):
        assert re.search(rf"^{name}==[\d.]+ \\\n    --hash=sha256:", lock, re.MULTILINE)

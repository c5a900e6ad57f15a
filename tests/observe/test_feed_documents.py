"""The worked examples of docs/stations.md are files that a city may have as they stand."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from anlan.city import City
from anlan.observe.sources import cameras, official, rain, storms
from tests.cap.keys import new_keys

PAGE = Path(__file__).parents[2] / "docs" / "stations.md"


def example(heading: str) -> str:
    """The first TOML block below a heading."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}", 1)[1]
    found = re.search(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("heading", "source"),
    [
        ("Official warnings", official.SOURCE),
        ("Typhoon tracks", storms.SOURCE),
        ("Gridded rain", rain.SOURCE),
        ("Cameras", cameras.SOURCE),
    ],
)
def test_an_example_is_a_file_without_faults(
    heading: str, source: object, pinghu: City, tmp_path: Path
) -> None:
    folder = tmp_path / "pinghu"
    shutil.copytree(pinghu.folder, folder)
    (folder / "keys").mkdir()
    (folder / "keys" / "met.pem").write_bytes(new_keys().pem)
    (folder / source.file).write_text(example(heading), encoding="utf-8")  # type: ignore[attr-defined]
    assert source.check(folder) == []  # type: ignore[attr-defined]


def test_the_units_that_are_read_are_those_of_the_table() -> None:
    from anlan.observe.rainfield.field import AMOUNTS, RATES

    row = next(line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| units"))
    named = {each.strip() for each in re.split(r"[,;|]", row) if each.strip()}
    assert set(RATES) <= named
    assert set(AMOUNTS) - {"m of water"} <= named

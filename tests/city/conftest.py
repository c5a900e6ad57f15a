"""The two cities that are shipped, and a copy of the small one to spoil."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anlan.city import City, load

CITIES = Path(__file__).resolve().parents[2] / "cities"


@pytest.fixture(scope="session")
def pinghu() -> City:
    return load(CITIES / "pinghu")


@pytest.fixture(scope="session")
def talstadt() -> City:
    return load(CITIES / "talstadt")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of Talstadt that a test may spoil."""
    folder = tmp_path / "talstadt"
    shutil.copytree(CITIES / "talstadt", folder)
    return folder


@pytest.fixture
def spoil(copy: Path) -> Callable[[str, str, str, str], int]:
    """Change one cell of a CSV: file, id of the row, column, value. Returns the row's line."""

    def change(file: str, key: str, column: str, value: str) -> int:
        path = copy / file
        with path.open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        line = next(n for n, row in enumerate(rows, start=2) if key in list(row.values())[:1])
        rows[line - 2][column] = value
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return line

    return change

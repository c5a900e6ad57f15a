"""What the tests share: the real cities, and a store for one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.city import City, load
from anlan.store import Store

CITIES = Path(__file__).parents[1] / "cities"


@pytest.fixture(scope="session")
def pinghu() -> City:
    """The first city."""
    return load(CITIES / "pinghu")


@pytest.fixture(scope="session")
def talstadt() -> City:
    """The second city: another CRS, datum and time zone, no tide, no typhoon."""
    return load(CITIES / "talstadt")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a folder of its own; its key lies beside it."""
    opened = Store(tmp_path / "var")
    yield opened
    opened.close()

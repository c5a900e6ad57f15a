"""One small city and one store for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.city import City
from anlan.store import Store
from tests.respond.town import Desk, make_city, people


@pytest.fixture
def city(tmp_path: Path) -> City:
    return make_city(tmp_path / "city")


@pytest.fixture
def desk(tmp_path: Path, city: City) -> Iterator[Desk]:
    store = Store(tmp_path / "data")
    with store.transaction() as tx:
        people(tx)
        yield Desk(tx, city)
    store.close()

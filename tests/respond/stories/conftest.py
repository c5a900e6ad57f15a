"""One desk of Pinghu for all stories of a file, on an afternoon of the typhoon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.store import Store
from tests.respond.stories.desk import Town
from tests.service.hand import raise_hand

AFTERNOON = datetime(2021, 7, 25, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def town(pinghu: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    store = Store(tmp_path_factory.mktemp("stories") / "var")
    hand = raise_hand(pinghu, store, AFTERNOON)
    with TestClient(hand.app) as client:
        yield Town(hand, client)
    store.close()

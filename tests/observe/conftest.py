"""What the tests of MQTT share: a broker, a desk that knows it, and a station that publishes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.city import City
from anlan.store import Store
from tests.observe.mosquitto import Mosquitto, Publisher
from tests.observe.mqtt_desk import Desk


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    started = Mosquitto(tmp_path / "broker")
    started.start()
    yield started
    started.stop()


@pytest.fixture
def desk(pinghu: City, tmp_path: Path, broker: Mosquitto, store: Store) -> Iterator[Desk]:
    made = Desk(pinghu, tmp_path / "city", broker, store)
    yield made
    made.close()


@pytest.fixture
def station(broker: Mosquitto) -> Iterator[Publisher]:
    opened = Publisher(broker.port)
    yield opened
    opened.close()

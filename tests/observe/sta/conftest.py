"""A desk with readings, and clients that speak SensorThings to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.observe.sta import bounded
from anlan.store import Store
from tests.service.hand import Hand, raise_hand

NOON = datetime(2021, 7, 25, 4, 0, tzinfo=UTC)
ROOT = "/sta/v1.1"
OVEN = {
    "name": "oven",
    "description": "an oven with a temperature datastream",
    "properties": {"colour": "silver"},
    "Locations": [
        {
            "name": "kitchen",
            "description": "the kitchen of the station",
            "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [121.02, 30.7]},
        }
    ],
    "Datastreams": [
        {
            "name": "oven temperature",
            "description": "the air temperature in the oven",
            "unitOfMeasurement": {
                "name": "degree Celsius",
                "symbol": "Cel",
                "definition": "ucum:Cel",
            },
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "Sensor": {
                "name": "DS18B20",
                "description": "an air temperature sensor",
                "encodingType": "application/pdf",
                "metadata": "http://datasheets.example.org/DS18B20.pdf",
            },
            "ObservedProperty": {
                "name": "air temperature",
                "definition": "http://vocab.nerc.ac.uk/standard_name/air_temperature/",
                "description": "of the air in the oven",
            },
            "Observations": [{"phenomenonTime": "2021-07-25T03:00:00Z", "result": 70.4}],
        }
    ],
}


@dataclass
class Client:
    """Asks the service with one key."""

    http: TestClient

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a GET that must go well; options without their dollar."""
        # no options leave those that a link has
        params = {f"${k}": str(v) for k, v in options.items()} or None
        answer = self.http.get(ROOT + path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def values(self, path: str, **options: Any) -> list[Any]:
        """What a set holds."""
        found: list[Any] = self.get(path, **options)["value"]
        return found

    def ids(self, path: str, **options: Any) -> list[str]:
        """The ids of what a set holds."""
        return [each["@iot.id"] for each in self.values(path, **options)]

    def status(self, path: str, **options: Any) -> int:
        """The status of a GET."""
        params = {f"${k}": str(v) for k, v in options.items()}
        return int(self.http.get(ROOT + path, params=params).status_code)

    def make(self, path: str, body: Any) -> str:
        """POST that must go well; the address of what was made, from the root."""
        answer = self.http.post(ROOT + path, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["location"]).partition(ROOT)[2]


def desk_at_noon(city: City, store: Store) -> Hand:
    """A desk at noon, with an hour of tide and of rain."""
    found = raise_hand(city, store, NOON)
    found.post_tide([3.0, 3.2, 3.1, 4.0, 4.2, 4.4])
    rows = [
        {"series": "rain-zhapu.rain", "valid_at": f"2021-07-25T03:{minute}:00Z", "value": value}
        for minute, value in ((10, 0.0), (20, 2.5), (30, 7.5), (40, 1.0))
    ]
    headers = found.key(found.account("admin"))
    with TestClient(found.app, headers=headers) as client:
        answer = client.post("/api/v1/readings", json={"readings": rows})
        assert answer.json()["new"] == 4, answer.text
    return found


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for a while must not fail a test."""
    monkeypatch.setattr(bounded, "SECONDS", 120.0)


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    """A desk of one test's own."""
    return desk_at_noon(pinghu, store)


@pytest.fixture(scope="module")
def asked(pinghu: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """A desk of a whole module, which is asked and never changed."""
    store = Store(tmp_path_factory.mktemp("asked") / "var")
    yield desk_at_noon(pinghu, store)
    store.close()


@pytest.fixture(scope="module")
def reader(asked: Hand) -> Iterator[Client]:
    """The administrator at that desk."""
    with TestClient(asked.app, headers=asked.key(asked.account("admin"))) as http:
        yield Client(http)


@pytest.fixture
def client(hand: Hand) -> Iterator[Callable[..., Client]]:
    """Clients with keys: of an account by its role, or of a station."""
    with ExitStack() as stack:

        def made(role: str = "admin", station: str | None = None) -> Client:
            headers = hand.key(hand.account(role), station=station)
            return Client(stack.enter_context(TestClient(hand.app, headers=headers)))

        yield made


@pytest.fixture
def admin(client: Callable[..., Client]) -> Client:
    """The administrator's key: reads, hands in readings, keeps entities."""
    return client("admin")

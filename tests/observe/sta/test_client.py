"""A client that others wrote, against a running server: Fraunhofer's frost_sta_client."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import frost_sta_client as frost
import pytest
import requests
import uvicorn
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from frost_sta_client.service.auth_handler import AuthHandler

from tests.observe.sta.conftest import NOON, ROOT
from tests.service.hand import Hand

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


class Bearer(AuthHandler):  # type: ignore[misc]  # the client has no types
    """Signs requests with a key."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__()
        self.headers = headers

    def add_auth_header(self) -> Any:
        """What `requests` calls with each request."""

        def sign(request: Any) -> Any:
            request.headers.update(self.headers)
            return request

        return sign


@pytest.fixture
def service(hand: Hand) -> Iterator[Any]:
    """The client, at a server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(hand.app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    key = hand.key(hand.account("admin"))
    yield frost.SensorThingsService(f"http://127.0.0.1:{port}{ROOT}", Bearer(key))
    server.should_exit = True
    thread.join(timeout=10)


def test_an_independent_client_reads_makes_changes_and_deletes(service: Any) -> None:
    things = service.things().query().filter("id eq 'zhapu'").list()
    assert [thing.name for thing in things.entities] == ["乍浦潮位站"]
    every = service.observations().query().top(3).list()
    assert len(list(every)) == 10  # over four pages

    point = {"type": "Point", "coordinates": [121.02, 30.7]}
    thing = frost.Thing(name="pier", description="a pier", properties={"colour": "red"})
    about = {"description": "d", "encoding_type": "application/geo+json"}
    thing.locations = [frost.Location(name="l", location=point, **about)]
    celsius = frost.UnitOfMeasurement(name="celsius", symbol="Cel", definition="ucum:Cel")
    stream = frost.Datastream(
        name="temperature",
        description="d",
        observation_type=MEASUREMENT,
        unit_of_measurement=celsius,
    )
    stream.sensor = frost.Sensor(
        name="s", description="d", encoding_type="text/plain", metadata="m"
    )
    stream.observed_property = frost.ObservedProperty(
        name="temperature", definition="http://example.org/temperature", description="d"
    )
    thing.datastreams = [stream]
    service.create(thing)
    found = service.things().find(thing.id)
    assert found.properties == {"colour": "red"}
    stream = found.get_datastreams().query().list().entities[0]

    for minute in range(4):
        moment = NOON - timedelta(minutes=minute)
        service.create(
            frost.Observation(
                result=20.0 + minute,
                phenomenon_time=moment.isoformat(),
                result_time=moment.isoformat(),
                datastream=stream,
            )
        )
    warm = stream.get_observations().query().filter("result gt 21").orderby("result", "desc").list()
    assert [each.result for each in warm.entities] == [23.0, 22.0]

    first = warm.entities[0]
    first.result = 19.5
    service.update(first)
    assert service.observations().find(first.id).result == 19.5
    service.delete(first)
    with pytest.raises(requests.HTTPError, match="404"):
        service.observations().find(first.id)

    arrays = DataArrayValue()
    arrays.datastream = stream
    arrays.components = {arrays.Property.PHENOMENON_TIME, arrays.Property.RESULT}
    for hour in (1, 2):
        moment = NOON - timedelta(hours=hour)
        arrays.add_observation(
            frost.Observation(result=hour, phenomenon_time=moment.isoformat(), datastream=stream)
        )
    document = DataArrayDocument()
    document.add_data_array_value(arrays)
    assert len(service.observations().create(document)) == 2
    assert stream.get_observations().query().count().list().count == 5

    found.description = "an old pier"
    service.update(found)
    assert service.things().find(thing.id).description == "an old pier"
    service.delete(found)
    assert service.things().query().filter("name eq 'pier'").list().entities == []

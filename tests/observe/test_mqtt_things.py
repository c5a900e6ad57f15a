"""SensorThings over MQTT: observations created by their topics, and subscribers told of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from paho.mqtt import client as paho

from anlan.journal import Act
from anlan.observe import Reading, actions
from anlan.observe.sources.mqtt.things import datastream
from tests.observe.mosquitto import Publisher, needs_mosquitto
from tests.observe.mqtt_desk import EIGHT, RIVER, TIDE, Desk, until

pytestmark = needs_mosquitto
THINGS = '[sensorthings]\naddress = "https://desk.test/sta/v1.1"\n'
INTO_TIDE = f"v1.1/Datastreams('{TIDE}')/Observations"


def observation(minutes: int, result: object, **more: object) -> dict[str, object]:
    at = (EIGHT + timedelta(minutes=minutes)).isoformat()
    return {"phenomenonTime": at, "result": result, **more}


class Listener:
    """A client that subscribes to what is told."""

    def __init__(self, station: Publisher, *topics: str) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        ready: list[int] = []

        def message(_client: object, _data: object, told: paho.MQTTMessage) -> None:
            self.heard.append((told.topic, json.loads(told.payload)))

        station.client.on_message = message
        station.client.on_subscribe = lambda *_: ready.append(1)
        station.client.subscribe([(topic, 1) for topic in topics])
        until(lambda: bool(ready))

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """What the desk published: it has ids, which what stations publish has not."""
        return [each for each in self.heard if "@iot.id" in each[1]]


@pytest.fixture
def hub(desk: Desk) -> Iterator[Publisher]:
    opened = Publisher(desk.broker.port)
    yield opened
    opened.close()


def test_an_observation_published_to_its_datastream_is_a_reading(
    desk: Desk, station: Publisher
) -> None:
    desk.open("", THINGS)
    station.send(INTO_TIDE, json.dumps(observation(0, 3.1)), json.dumps(observation(10, 3.2)))
    linked = observation(0, 1.5, Datastream={"@iot.id": RIVER})
    station.send("v1.1/Observations", json.dumps(linked))
    until(lambda: desk.count() == 3)
    assert desk.values(TIDE) == [3.1, 3.2]
    assert desk.values(RIVER) == [1.5]


def test_subscribers_are_told_of_each_new_observation_however_it_came(
    desk: Desk, station: Publisher, hub: Publisher
) -> None:
    desk.open("", THINGS)
    one, both = INTO_TIDE, "v1.1/Observations"
    listener = Listener(hub, one, both)
    station.send(INTO_TIDE, json.dumps(observation(0, 3.1)))
    until(lambda: len(listener.told()) == 2)
    with desk.store.transaction() as tx:  # by another way in
        reading = Reading(TIDE, EIGHT + timedelta(minutes=10), 3.2)
        actions.record(Act(tx, desk.clock.now(), "system"), desk.city, [reading])
    until(lambda: len(listener.told()) == 4)
    assert [topic for topic, _ in listener.told()] == [one, both, one, both]
    entity = listener.told()[0][1]
    assert entity["result"] == 3.1
    assert entity["phenomenonTime"].startswith("2021-07-25T00:00:00")
    assert entity["@iot.selfLink"].startswith("https://desk.test/sta/v1.1/Observations(")
    assert "Datastream@iot.navigationLink" in entity


def test_what_came_before_is_not_told_again_and_what_is_told_is_not_taken_for_new(
    desk: Desk, station: Publisher, hub: Publisher
) -> None:
    for version in ("5", "3.1.1"):  # the older protocol gives us back what we publish
        feed = desk.open("", f'version = "{version}"\n{THINGS}')
        listener = Listener(hub, INTO_TIDE)
        minute = 0 if version == "5" else 10
        station.send(INTO_TIDE, *[json.dumps(observation(minute, 3.1))] * 3)
        station.send(INTO_TIDE, json.dumps(observation(minute + 5, 3.3)))
        until(lambda listener=listener: len(listener.told()) >= 2)  # type: ignore[misc]
        until(lambda feed=feed: feed.state().taken == 2)  # type: ignore[misc]
        assert [told["result"] for _, told in listener.told()] == [3.1, 3.3]
        assert desk.quarantined() == []
        desk.close()


@pytest.mark.parametrize(
    ("topic", "body", "words"),
    [
        (INTO_TIDE, {"result": 3.1}, "phenomenonTime is missing"),
        (INTO_TIDE, [1], "is not a JSON object"),
        (INTO_TIDE, observation(0, "high"), "is not a number"),
        (INTO_TIDE, observation(0, 3.1, resultQuality={"flag": "corrected"}), "not for a station"),
        (INTO_TIDE, observation(0, 3.1, Datastream={"@iot.id": RIVER}), "Datastream"),
        ("v1.1/Datastreams('nowhere')/Observations", observation(0, 3.1), "nowhere"),
        ("v1.1/Observations", observation(0, 3.1), "Datastream"),
        ("v1.1/Things(1)/Observations", observation(0, 3.1), "no [[topic]] of mqtt.toml fits"),
    ],
)
def test_what_is_no_observation_lies_in_quarantine_and_stops_nothing(
    desk: Desk, station: Publisher, topic: str, body: object, words: str
) -> None:
    desk.open("", THINGS)
    station.send(topic, json.dumps(body))
    station.send(INTO_TIDE, json.dumps(observation(30, 3.4)))
    until(lambda: desk.values(TIDE) == [3.4])
    (error,) = desk.quarantined()
    assert words in error


def test_topics_name_their_datastream() -> None:
    assert datastream("v1.1", "v1.1/Datastreams('zhapu.tide')/Observations") == "zhapu.tide"
    assert datastream("v1.1", "v1.1/Datastreams(7)/Observations") == "7"
    assert datastream("v1.1", "v1.1/Datastreams('it''s')/Observations") == "it's"
    assert datastream("v1.1", "v1.1/Observations") == ""
    assert datastream("v1.1", "v1.0/Observations") is None
    assert datastream("v1.1", "v1.1/Datastreams('a')/Observations/x") is None

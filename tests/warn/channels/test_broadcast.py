"""Loudspeakers and boards, through a real broker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from anlan.refusal import Refusal
from anlan.warn.channels import settings
from anlan.warn.channels.broadcast import Broadcast
from tests.observe.mosquitto import Mosquitto, needs_mosquitto
from tests.warn.channels.office import Office, wait_for

pytestmark = needs_mosquitto
CONTACTS = {"wang,mqtt": "speakers/zhapu/1", "li,mqtt": "speakers/zhapu/2"}


class Speaker:
    """A device at one topic, which says that it has played what it heard."""

    def __init__(self, port: int, topic: str) -> None:
        self.heard: list[dict[str, object]] = []
        self.retained: list[bool] = []
        self.ready = False
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=topic, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        self._client.on_subscribe = lambda *_: setattr(self, "ready", True)
        self._client.on_message = self._played
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        wait_for(lambda: self.ready)

    def _played(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        said = json.loads(message.payload)
        self.heard.append(said)
        self.retained.append(message.retain)
        self.say({"delivery": said["delivery"], "state": "delivered"})

    def say(self, receipt: object) -> None:
        self._client.publish("speakers/receipts", json.dumps(receipt), qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path / "broker")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def line(office: Office, broker: Mosquitto) -> Broadcast:
    table = f"""
    kind = "mqtt"
    url = "{broker.url}"
    receipts = "speakers/receipts"
    longest = 50
    time_out_s = 1
    """
    made = office.configure("speakers", table, CONTACTS)
    assert isinstance(made, Broadcast)
    made.start()
    wait_for(lambda: made.connected)
    return made


@pytest.fixture
def speaker(broker: Mosquitto) -> Iterator[Speaker]:
    made = Speaker(broker.port, "speakers/zhapu/1")
    yield made
    made.close()


def test_a_device_hears_the_text_and_its_receipt_comes_back(
    office: Office, line: Broadcast, speaker: Speaker
) -> None:
    name = office.plan("speakers", "wang", "海塘水位上涨。")
    office.deliver()
    wait_for(lambda: office.row(name).state == "delivered")
    assert speaker.heard == [
        {"delivery": name, "alert": "Actual", "text": "海塘水位上涨。", "repeat": 0}
    ]
    assert speaker.retained == [False]


def test_a_device_that_is_not_there_falls_to_the_next_channel(
    office: Office, line: Broadcast, speaker: Speaker
) -> None:
    name = office.plan("speakers", "li")
    assert office.deliver() == {"failed": 1}
    assert office.row(name).reason == "refused by the outlet: the device is not there"


def test_a_text_longer_than_the_board_falls_to_the_next_channel(
    office: Office, line: Broadcast, speaker: Speaker
) -> None:
    office.plan("speakers", "wang", "字" * 51)
    assert office.deliver() == {"failed": 1}
    assert speaker.heard == []


def test_without_a_broker_messages_wait(office: Office, line: Broadcast, broker: Mosquitto) -> None:
    broker.stop()
    wait_for(lambda: not line.connected)
    office.plan("speakers", "wang")
    assert office.deliver() == {"queued": 1}


def test_what_is_no_receipt_changes_nothing(
    office: Office, line: Broadcast, speaker: Speaker
) -> None:
    other = office.plan("voice", "li")
    office.deliver()
    strange: list[object] = [1, [], {"delivery": 5}, "x" * 2000]
    for receipt in [*strange, {"delivery": other, "state": "delivered"}]:
        speaker.say(receipt)
    name = office.plan("speakers", "wang")
    office.deliver()
    wait_for(lambda: office.row(name).state == "delivered")
    assert office.row(other).state == "sent"


def test_the_doctor_connects(office: Office, line: Broadcast, broker: Mosquitto) -> None:
    found = settings.read_channels(office.city)["speakers"]
    assert "lets the desk in" in settings.probe(office.city, found)
    broker.stop()
    with pytest.raises(Refusal, match="does not answer"):
        settings.probe(office.city, found)

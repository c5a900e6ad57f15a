"""Readings by MQTT: through a real broker into the archive, whatever the message looks like."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from anlan.observe.sources.mqtt import keeping
from tests.observe.mosquitto import Mosquitto, Publisher, needs_mosquitto
from tests.observe.mqtt_desk import EIGHT, RAIN, TIDE, TOPICS, WHERE, Desk, level, until

pytestmark = needs_mosquitto


def test_a_batch_that_is_published_reaches_the_archive(desk: Desk, station: Publisher) -> None:
    feed = desk.open()
    rows = [level(5 * n, 3.0 + n / 10) for n in range(3)]
    station.send(WHERE, json.dumps({"readings": rows}))
    until(lambda: desk.count() == 3)
    assert desk.values() == [3.0, 3.1, 3.2]
    until(lambda: feed.state().taken == 3)
    assert (feed.state().refused, feed.state().problem) == (0, "")


def test_what_came_while_the_desk_was_away_comes_when_it_is_back(
    desk: Desk, station: Publisher
) -> None:
    desk.open()
    desk.close()
    for n in range(30):
        station.send(WHERE, json.dumps(level(n, 3.0)))
    desk.open()
    until(lambda: desk.count() == 30)


def test_the_desk_finds_a_broker_that_went_down_and_came_back(desk: Desk) -> None:
    feed = desk.open()
    desk.broker.stop()
    until(lambda: not feed.state().connected)
    assert "broker mqtt://127.0.0.1" in feed.state().problem
    desk.broker.start()
    until(lambda: feed.state().connected)
    again = Publisher(desk.broker.port)
    again.send(WHERE, json.dumps(level(0, 3.0)))
    again.close()
    until(lambda: desk.values() == [3.0])
    assert feed.state().problem == ""


def test_a_desk_starts_before_its_broker(desk: Desk) -> None:
    desk.broker.stop()
    feed = desk.made()
    feed.start()
    until(lambda: "broker mqtt" in feed.state().problem)
    desk.broker.start()
    until(lambda: feed.state().connected)


def test_the_same_message_twice_is_one_reading(desk: Desk, station: Publisher) -> None:
    desk.open()
    message = json.dumps([level(0, 3.0), level(5, 3.1)])
    station.send(WHERE, message, message)
    station.send(WHERE, json.dumps(level(10, 3.2)))
    until(lambda: desk.count() == 3)
    assert desk.values() == [3.0, 3.1, 3.2]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"\xff\xfe", "not JSON in UTF-8"),
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"series": "\\ud800"}', "not JSON in UTF-8"),
        (b"9" * 5000, "not JSON"),
        (b"3.2", "is not a JSON object"),
        (b'{"value": 3.2}', "is not a time with its zone"),
        (json.dumps(level(0, 3.0, series="rain-zhapu.rain")).encode(), "is not of station"),
        (json.dumps(level(0, 3.0, series="nowhere.rain")).encode(), "is not of station"),
        (json.dumps(level(0, 3.0, flag="corrected")).encode(), "not for a station to give"),
        (json.dumps(level(0, 3.0, unit="ft")).encode(), "does not fit river_level"),
        (json.dumps(level(0, float("nan"))).encode(), "is not a number"),
        (json.dumps(level(24 * 60, 3.0)).encode(), "set the station's clock"),
        (b" " * 1_000_000, "1000000 bytes in one message; send at most 256000"),
    ],
)
def test_what_cannot_be_taken_is_kept_in_quarantine_and_stops_nothing(
    desk: Desk, station: Publisher, payload: bytes, words: str
) -> None:
    feed = desk.open()
    station.send(WHERE, payload, json.dumps(level(0, 3.0)))
    until(lambda: desk.values() == [3.0])
    (error,) = desk.quarantined()
    assert words in error
    until(lambda: feed.state().refused == 1)


def test_a_flood_of_rubbish_fills_no_quarantine_and_hides_no_reading(
    desk: Desk, station: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_A_MINUTE", 10)
    feed = desk.open()
    station.send(WHERE, *["rubbish"] * 300, json.dumps(level(0, 3.0)))
    until(lambda: desk.values() == [3.0])
    until(lambda: feed.state().refused == 300)
    assert len(desk.quarantined()) <= 12


def test_a_broker_over_tls_must_show_who_it_is(desk: Desk, tmp_path: Path) -> None:
    authority(tmp_path, desk.city.folder)
    more = [f"certfile {tmp_path}/broker.pem", f"keyfile {tmp_path}/broker.key"]
    desk.broker = secured = Mosquitto(tmp_path / "secured", more)
    secured.start()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ANLAN_MQTT_URL", f"mqtts://127.0.0.1:{secured.port}")
        stranger = desk.made()
        stranger.start()
        until(lambda: "certificate verify failed" in stranger.state().problem)
        desk.close()
        known = desk.open(more='ca = "ca.pem"')
    assert known.state().problem == ""
    desk.close()
    secured.stop()


def authority(broker: Path, city: Path) -> None:
    """A certificate for 127.0.0.1, signed by an authority of the city's own."""
    key, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
    day = timedelta(days=1)

    def made(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
        )

    root = made(name, key.public_key()).add_extension(x509.BasicConstraints(True, None), True)
    there = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    leaf = made(x509.Name([]), own.public_key()).add_extension(there, True)
    pem, sha = serialization.Encoding.PEM, hashes.SHA256()
    (city / "ca.pem").write_bytes(root.sign(key, sha).public_bytes(pem))
    (broker / "broker.pem").write_bytes(leaf.sign(key, sha).public_bytes(pem))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (broker / "broker.key").write_bytes(own.private_bytes(pem, *plain))


def test_a_bad_row_costs_its_batch_nothing_else(desk: Desk, station: Publisher) -> None:
    desk.open()
    rows = [level(0, 3.0), {"value": 1}, "x", level(5, 3.1)]
    station.send(WHERE, json.dumps(rows))
    until(lambda: desk.values() == [3.0, 3.1])
    assert len(desk.quarantined()) == 2


def test_a_station_may_leave_out_its_own_series(desk: Desk, station: Publisher) -> None:
    desk.open()
    at = EIGHT.isoformat()
    rows = [
        {"valid_at": at, "value": 3.0},
        {"series": "battery", "valid_at": at, "value": 12.6},
    ]
    station.send("stations/zhapu/readings", json.dumps(rows))
    until(lambda: desk.count() == 2)
    assert desk.values("zhapu.battery") == [12.6]


FOREIGN = """
[[topic]]
filter = "hydro/0012/up"
items = "data.records"
time = "unix_ms"
[topic.keys]
valid_at = "ts"
[topic.series]
"v.z" = "danghu-level.river_level"
"v.p" = "rain-danghu.rain"

[[topic]]
filter = "tide"
series = "zhapu.tide"
unit = "cm"
datum = "Wusong"
zone = "Asia/Shanghai"
[topic.keys]
valid_at = "when"
value = "0"

[[topic]]
filter = "by/{series}/#"
"""


def test_the_messages_of_others_are_read_as_the_manifest_says(
    desk: Desk, station: Publisher
) -> None:
    desk.open(FOREIGN + '[source.units]\nrain = "cm"\n[source.datums]\nriver_level = "Wusong"\n')
    ms = EIGHT.timestamp() * 1000
    records = [{"ts": ms, "v": {"z": 5.441, "p": 0.2}}, {"ts": ms + 300_000, "v": {"z": 5.541}}]
    station.send("hydro/0012/up", json.dumps({"data": {"records": records}}))
    station.send("tide", json.dumps({"when": "2021-07-25T08:00:00", "0": 541}))
    at = EIGHT.isoformat()
    station.send("by/rain-zhapu.rain/a/b", json.dumps({"valid_at": at, "value": 1.5}))
    until(lambda: desk.count() == 5)
    assert desk.values() == [pytest.approx(3.6), pytest.approx(3.7)]
    assert desk.values(RAIN) == [2.0]
    assert desk.values(TIDE) == [pytest.approx(5.41 - 1.841)]
    assert desk.values("rain-zhapu.rain") == [pytest.approx(15.0)]


def test_a_message_in_which_nothing_stands_is_refused(desk: Desk, station: Publisher) -> None:
    desk.open(FOREIGN)
    station.send("hydro/0012/up", json.dumps({"data": {"records": [{"ts": 0}]}}), b"{}")
    until(lambda: len(desk.quarantined()) == 2)
    assert "none of v.z, v.p stands in the message" in desk.quarantined()[0]


def test_the_older_protocol_serves_too(desk: Desk, station: Publisher) -> None:
    desk.open(more='version = "3.1.1"')
    station.send(WHERE, json.dumps(level(0, 3.0)))
    until(lambda: desk.count() == 1)
    desk.close()
    station.send(WHERE, json.dumps(level(5, 3.0)))
    desk.open(more='version = "3.1.1"')
    until(lambda: desk.count() == 2)


def test_a_topic_that_the_manifest_leaves_out_is_no_longer_asked_for(
    desk: Desk, station: Publisher
) -> None:
    desk.open(TOPICS + '[[topic]]\nfilter = "old"\nseries = "zhapu.tide"\n')
    desk.close()
    desk.open()
    station.send("old", json.dumps(level(0, 3.0)))
    station.send(WHERE, json.dumps(level(0, 3.0)))
    until(lambda: desk.count() == 1)
    assert desk.quarantined() == []

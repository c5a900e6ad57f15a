"""``mqtt.toml``: what it may say, and every fault named with key and remedy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from anlan.city import City
from anlan.observe.sources.mqtt import SOURCE, Settings
from anlan.refusal import Refusal
from tests.conftest import CITIES
from tests.observe.mqtt_desk import RAIN, RIVER, SOURCE_TABLE, TOPICS

BROKER = '[broker]\nurl = "mqtt://hub.pinghu.lan"\n'


def read(city: City, folder: Path, text: str) -> Settings:
    (folder / "mqtt.toml").write_text(text, encoding="utf-8")
    found = SOURCE.settings(replace(city, folder=folder))
    assert found is not None
    return found[1]


def test_the_manifest_of_the_page_on_stations_is_read(pinghu: City, tmp_path: Path) -> None:
    page = (CITIES.parent / "docs" / "stations.md").read_text(encoding="utf-8")
    text = page.split("### Connect a broker")[1].split("```toml\n")[1].split("```")[0]
    found = read(pinghu, tmp_path, text)
    assert (found.broker.host, found.broker.port, found.broker.tls) == (
        "hub.pinghu.lan",
        8883,
        True,
    )
    assert found.filters == ("stations/+/readings", "hydro/0012/up")
    assert SOURCE.series(found) == {RIVER, RAIN}


def test_secrets_come_from_the_environment_and_are_never_shown(
    pinghu: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_MQTT_URL", "mqtts://desk:s%40cret@hub.lan:9883")
    broker = read(pinghu, tmp_path, SOURCE_TABLE + BROKER + TOPICS).broker
    assert (broker.host, broker.user, broker.password) == ("hub.lan", "desk", "s@cret")
    assert broker.words == "mqtts://hub.lan:9883"
    monkeypatch.setenv("ANLAN_MQTT_URL", "https://desk:s%40cret@hub.lan")
    with pytest.raises(Refusal) as refused:
        read(pinghu, tmp_path, SOURCE_TABLE + BROKER + TOPICS)
    assert "cret" not in refused.value.message


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("mqtt://", "http://", "broker.url"),
        ("hub.pinghu.lan", "user:pass@hub.pinghu.lan", "broker.url"),
        ("hub.pinghu.lan", "hub.pinghu.lan:99999", "broker.url"),
        ("hub.pinghu.lan", "hub.pinghu.lan/x", "broker.url"),
        ("[broker]", '[broker]\nversion = "4"', "broker.version"),
        ("[broker]", '[broker]\nca = "nowhere.pem"', "broker.ca"),
        ("[broker]", "[queue]\nmost_mb = 0\n[broker]", "queue.most_mb"),
        ("[[topic]]", "[[topics]]", "topics"),
        ("stations/{station}/readings", "stations/{station}x/readings", "topic 1: filter"),
        ("stations/{station}/readings", "a/#/b", "topic 1: filter"),
        ("stations/{station}/readings", "{station}/{series}", "topic 1: filter"),
        ("stations/{station}/readings", "$SYS/a", "topic 1: filter"),
        ("[[topic]]", '[[topic]]\ntime = "unix"', "topic 1: time"),
        ("[[topic]]", '[[topic]]\nzone = "Beijing"', "topic 1: zone"),
        ("[[topic]]", '[[topic]]\nseries = "nowhere.rain"', "topic 1: series"),
        ("[[topic]]", '[[topic]]\nseries = { z = "nowhere.rain" }', "topic 1: series.z"),
        ("[[topic]]", '[[topic]]\nseries = "zhapu.tide"\nunit = "ft"', "unit"),
        ("[[topic]]", '[[topic]]\ndatum = "Delft"', "topic 1: datum"),
        ("[[topic]]", '[[topic]]\nkeys = { when = "t" }', "topic 1: keys.when"),
    ],
)
def test_a_fault_is_named(pinghu: City, tmp_path: Path, old: str, new: str, field: str) -> None:
    text = SOURCE_TABLE + BROKER + TOPICS
    assert old in text
    with pytest.raises(Refusal) as refused:
        read(pinghu, tmp_path, text.replace(old, new, 1))
    assert refused.value.field == field
    assert refused.value.remedy
    assert "user:pass" not in refused.value.message


def test_without_topics_there_is_nothing_to_listen_to(pinghu: City, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"\[\[topic\]\], or \[sensorthings\]"):
        read(pinghu, tmp_path, SOURCE_TABLE + BROKER)

"""Annex A.1 of OGC 18-088, clause by clause: entities, their relations, resource paths."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.observe.sources.mqtt.feed import MqttFeed
from anlan.observe.sources.mqtt.settings import Broker, Settings
from anlan.observe.sources.running import Running
from anlan.observe.sources.source import Origin
from anlan.observe.sta.model import BY_MQTT, CONFORMANCE, KINDS
from tests.observe.sta.conftest import OVEN, ROOT, Client
from tests.service.hand import Hand

TIDE = "/Datastreams('zhapu.tide')"


def test_the_root_names_the_entity_sets_and_what_is_met(reader: Client) -> None:
    """A.1.10, usage 1."""
    root = reader.get("")
    assert [each["name"] for each in root["value"]] == list(KINDS)
    assert all(each["url"].endswith(f"{ROOT}/{each['name']}") for each in root["value"])
    assert root["serverSettings"]["conformance"] == list(CONFORMANCE)


def test_the_root_names_the_broker_that_takes_observations(pinghu: City, hand: Hand) -> None:
    """create-observations-via-mqtt/observations-creation: claimed where it serves alone."""
    broker = Broker("broker.lan", 1883, False, "desk", "5", user="desk", password="secret")
    origin = Origin("", "", "automatic", timedelta(minutes=5), 60.0)
    for root, expected in (("v1.1", ["mqtt://broker.lan:1883"]), ("", None)):
        settings = Settings(origin, broker, (), root, "/sta/v1.1", 1_000_000, None)
        feed = MqttFeed(pinghu, hand.store, hand.clock, settings)
        hand.app.state.sources = [Running("mqtt", "", "", origin, (), feed)]
        with TestClient(hand.app, headers=hand.key(hand.account("admin"))) as http:
            found = http.get(ROOT).json()["serverSettings"]
        assert (BY_MQTT in found["conformance"]) == (expected is not None)
        assert found.get(BY_MQTT, {}).get("endpoints") == expected


@pytest.mark.parametrize("name", KINDS)
def test_each_entity_has_its_control_information_properties_and_relations(
    admin: Client, name: str
) -> None:
    """A.1.1 to A.1.9: of every entity of every set."""
    admin.make("/Things", OVEN)
    found = admin.values(f"/{name}", top=1000)
    assert found
    for each in found:
        assert each["@iot.selfLink"].endswith(f"{ROOT}/{name}('{each['@iot.id']}')")
        for needed in KINDS[name].needed:
            assert needed in each
            # null is allowed for the time of a result alone
            assert each[needed] is not None or needed == "resultTime"
        for relation in KINDS[name].relations:
            link = each[f"{relation}@iot.navigationLink"]
            assert link == f"{each['@iot.selfLink']}/{relation}"
    # every link leads somewhere
    for relation in KINDS[name].relations:
        assert admin.status(found[-1][f"{relation}@iot.navigationLink"].partition(ROOT)[2]) == 200


def test_a_station_is_a_thing_with_its_series_as_datastreams(reader: Client) -> None:
    thing = reader.get("/Things('zhapu')", expand="Datastreams,Locations")
    assert thing["name"] == "乍浦潮位站"
    assert [each["@iot.id"] for each in thing["Datastreams"]] == ["zhapu.tide", "zhapu.battery"]
    assert thing["Locations"][0]["location"]["coordinates"] == [121.0833, 30.6]
    tide = thing["Datastreams"][0]
    assert tide["unitOfMeasurement"] == {"name": "metre", "symbol": "m", "definition": "ucum:m"}
    assert tide["properties"]["datum"] == "1985"
    # 6.10 m above the zero of the gauge, which lies 1.841 m below the city's datum
    assert tide["properties"]["warning"] == pytest.approx(6.1 - 1.841)


def test_an_observation_holds_value_times_and_quality(reader: Client) -> None:
    found = reader.get(f"{TIDE}/Observations", orderby="phenomenonTime desc", top=1)["value"][0]
    assert found["phenomenonTime"] == "2021-07-25T04:00:00Z"
    assert found["result"] == pytest.approx(4.4 - 1.841)
    assert found["resultTime"] is None
    assert found["resultQuality"] == {
        "flag": "ok",
        "doubts": [],
        "usable": True,
        "synthetic": False,
    }
    again = reader.get(f"/Observations('{found['@iot.id']}')")
    assert again == found


def test_a_sum_has_the_interval_that_it_is_of(reader: Client) -> None:
    rain = reader.values("/Datastreams('rain-zhapu.rain')/Observations", select="phenomenonTime")
    assert rain[1] == {"phenomenonTime": "2021-07-25T03:10:00Z/2021-07-25T03:20:00Z"}
    quality = reader.values("/Datastreams('rain-zhapu.rain')/Observations")[0]["resultQuality"]
    # an invented gauge is said to be one
    assert quality["synthetic"] is True


def test_a_datastream_says_from_when_to_when_it_has_observations(reader: Client) -> None:
    assert reader.get(TIDE)["phenomenonTime"] == "2021-07-25T03:10:00Z/2021-07-25T04:00:00Z"
    assert "phenomenonTime" not in reader.get("/Datastreams('jiaxing.river_level')")


def test_a_property_its_value_and_what_is_within_it_have_addresses(reader: Client) -> None:
    """Usages 4 and 5."""
    assert reader.get(f"{TIDE}/unitOfMeasurement/symbol") == {"symbol": "m"}
    raw = reader.http.get(f"{ROOT}{TIDE}/Observations('zhapu.tide@1627185600000')/result/$value")
    assert float(raw.text) == pytest.approx(4.4 - 1.841)
    assert raw.headers["content-type"].startswith("text/plain")
    # a property without a value is no content
    assert reader.status("/Observations('zhapu.tide@1627185600000')/resultTime") == 204


def test_navigation_leads_from_entity_to_entity(reader: Client) -> None:
    """Usages 6 and 8."""
    path = "/Things('zhapu')/Datastreams('zhapu.tide')/Observations('zhapu.tide@1627185600000')"
    assert reader.get(f"{path}/Datastream/Thing")["@iot.id"] == "zhapu"
    assert reader.get(f"{path}/FeatureOfInterest")["feature"]["type"] == "Point"
    assert reader.ids("/ObservedProperties('tide')/Datastreams") == [
        "zhapu.tide",
        "jinshanzui.tide",
    ]
    assert len(reader.ids("/FeaturesOfInterest('zhapu')/Observations")) == 6


def test_references_are_links_alone(reader: Client) -> None:
    """Usage 7."""
    found = reader.get(f"{TIDE}/Observations/$ref", top=2)
    assert [list(each) for each in found["value"]] == [["@iot.selfLink"]] * 2
    assert "@iot.nextLink" in found
    assert reader.get("/Things('zhapu')/$ref")["@iot.selfLink"].endswith("/Things('zhapu')")


@pytest.mark.parametrize(
    "path",
    [
        "/Nothings",
        "/Things('nobody')",
        "/Things('zhapu')/Nothings",
        "/Things('zhapu')/colour",
        "/Datastreams('zhapu.tide')/Observations('jinshanzui.tide@1627185600000')",
        "/Observations('zhapu.tide@1')",
        "/Observations('zhapu.tide@99999999999999999999')",
        "/Observations('\u202e')",
        "/Things('zhapu')/Datastreams('jinshanzui.tide')",
        "/Things('zhapu')('zhapu')",
    ],
)
def test_what_is_not_there_is_404_with_a_message(reader: Client, path: str) -> None:
    """A.2.1.3."""
    answer = reader.http.get(ROOT + path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "404"


def test_a_doubt_of_the_quality_rules_is_shown(admin: Client) -> None:
    body = {"phenomenonTime": "2021-07-25T03:25:00Z", "result": 4.6}
    made = admin.make(f"{TIDE}/Observations", body)
    quality = admin.get(made)["resultQuality"]
    assert "spike" in quality["doubts"]
    assert quality["usable"] is False


def test_only_the_version_that_holds_is_an_observation(admin: Client) -> None:
    row = {
        "series": "zhapu.tide",
        "valid_at": "2021-07-25T04:00:00Z",
        "value": 2.9,
        "datum": "1985",
    }
    admin.http.post("/api/v1/readings", json={"readings": [row]})
    found = admin.get(f"{TIDE}/Observations", count="true", filter="result gt 2.7")
    assert found["@iot.count"] == 1
    assert found["value"][0]["result"] == 2.9
    assert admin.get(f"{TIDE}/Observations", count="true")["@iot.count"] == 6


def test_the_entity_is_the_same_while_nothing_changes(reader: Client) -> None:
    first = reader.http.get(f"{ROOT}{TIDE}")
    mark = first.headers["etag"]
    again = reader.http.get(f"{ROOT}{TIDE}", headers={"If-None-Match": mark})
    assert again.status_code == 304

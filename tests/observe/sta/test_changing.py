"""Annex A of OGC 18-088 on creating, updating and deleting; and what Anlan adds to it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from anlan.observe import archive
from anlan.store import schema
from tests.observe.sta.conftest import OVEN, ROOT, Client
from tests.service.hand import Hand

TIDE = "/Datastreams('zhapu.tide')"
LATEST = "/Observations('zhapu.tide@1627185600000')"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
LEVEL = {
    "name": "canal level",
    "description": "a second level gauge",
    "observationType": MEASUREMENT,
    "unitOfMeasurement": {"name": "centimetre", "symbol": "cm", "definition": "ucum:cm"},
    "properties": {"datum": "Wusong", "cadence_min": 5},
    "ObservedProperty": {"@iot.id": "river_level"},
    "Sensor": {
        "name": "radar",
        "description": "a radar gauge",
        "encodingType": "text/plain",
        "metadata": "none",
    },
}


def status(client: Client, method: str, path: str, body: Any = None, **headers: str) -> int:
    """The status of a change."""
    answer = client.http.request(method, ROOT + path, json=body, headers=headers)
    if answer.status_code >= 400:
        assert answer.json()["error"]["message"]
    return int(answer.status_code)


@pytest.mark.both_engines
def test_deep_insert_makes_everything_and_links_it(admin: Client) -> None:
    """create-entity, deep-insert, deep-insert-status-code."""
    thing = admin.make("/Things", OVEN)
    found = admin.get(
        thing,
        expand="Locations,HistoricalLocations/Locations,"
        "Datastreams($expand=Sensor,ObservedProperty,Observations/FeatureOfInterest)",
    )
    assert found["properties"] == {"colour": "silver"}
    assert found["HistoricalLocations"][0]["time"] == "2021-07-25T04:00:00Z"
    assert found["HistoricalLocations"][0]["Locations"] == found["Locations"]
    stream = found["Datastreams"][0]
    assert stream["Sensor"]["name"] == "DS18B20"
    assert stream["ObservedProperty"]["name"] == "air temperature"
    observation = stream["Observations"][0]
    assert observation["result"] == 70.4
    # the place of the observation is where its Thing is
    assert observation["FeatureOfInterest"]["feature"]["coordinates"] == [121.02, 30.7]


def test_a_deep_insert_that_fails_makes_nothing(admin: Client, hand: Hand) -> None:
    """deep-insert: on failure, none of the entities."""
    broken = copy.deepcopy(OVEN)
    broken["Datastreams"][0]["Observations"].append({"result": "hot"})  # type: ignore[index]
    assert status(admin, "POST", "/Things", broken) == 400
    assert len(admin.ids("/Things", filter="name eq 'oven'")) == 0
    with hand.store.read() as conn:
        table = schema.sensorthings_entity
        assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_entities_are_linked_to_existing_ones_by_their_id(admin: Client) -> None:
    """link-to-existing-entities; and a Datastream for a station of the city."""
    path = admin.make("/Datastreams", {**LEVEL, "Thing": {"@iot.id": "jiaxing"}})
    assert admin.get(f"{path}/Thing")["@iot.id"] == "jiaxing"
    assert admin.get(f"{path}/ObservedProperty")["name"] == "水位"
    assert len(admin.ids("/Things('jiaxing')/Datastreams")) == 3


def test_an_entity_inline_with_the_id_of_one_that_is_there_is_a_link(admin: Client) -> None:
    """As clients send back what they were given; an id that is not there is left aside."""
    thing = admin.make("/Things", OVEN)
    stream = admin.get(f"{thing}/Datastreams")["value"][0]
    body = {"phenomenonTime": "2021-07-25T03:30:00Z", "result": 71, "Datastream": stream}
    assert admin.get(admin.make("/Observations", body))["result"] == 71.0
    assert len(admin.ids(f"{thing}/Datastreams")) == 1
    sensor: dict[str, Any] = {**LEVEL["Sensor"], "@iot.id": "nowhere"}  # type: ignore[dict-item]
    path = admin.make("/Things('jiaxing')/Datastreams", {**LEVEL, "Sensor": sensor})
    assert admin.get(f"{path}/Sensor")["@iot.id"] != "nowhere"


def test_a_post_to_a_navigation_link_links(admin: Client) -> None:
    path = admin.make("/Things('jiaxing')/Datastreams", LEVEL)
    assert admin.get(f"{path}/Thing")["@iot.id"] == "jiaxing"
    assert (
        status(
            admin,
            "POST",
            "/Things('jiaxing')/Datastreams",
            {**LEVEL, "Thing": {"@iot.id": "zhapu"}},
        )
        == 400
    )


@pytest.mark.both_engines
def test_results_are_kept_in_the_archive_s_unit_and_shown_in_the_datastream_s(
    admin: Client, hand: Hand
) -> None:
    path = admin.make("/Things('jiaxing')/Datastreams", LEVEL)
    place = {"@iot.id": "jiaxing"}
    body = {"phenomenonTime": "2021-07-25T03:00:00Z", "result": 321, "FeatureOfInterest": place}
    made = admin.make(f"{path}/Observations", body)
    assert admin.get(made)["result"] == 321.0
    series = admin.get(path)["@iot.id"]
    with hand.store.read() as conn:
        kept = archive.latest(conn, [series])[series]
    # 321 cm above Wusong zero, which lies 1.841 m below the city's datum
    assert kept.value == pytest.approx(3.21 - 1.841)
    assert admin.ids(f"{path}/Observations", filter="result ge 320.9 and result eq 321")
    assert admin.ids(f"{path}/Observations", orderby="result desc", filter="result lt 4") == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unitOfMeasurement": {"name": "x", "symbol": "furlong", "definition": None}}, "unit"),
        ({"properties": {"datum": "sea"}}, "datum"),
        ({"properties": {"cadence_min": 0}}, "cadence_min"),
        ({"observationType": "http://example.org/OM_TruthObservation"}, "observationType"),
        ({"name": None}, "name"),
        ({"colour": "red"}, "colour"),
        ({"Sensor": None}, "Sensor"),
        ({"Sensor": {"@iot.id": "none"}}, "Sensor"),
        ({"Thing": {"@iot.id": "none"}}, "Thing"),
        ({"Observations": {"@iot.id": "none"}}, "Observations"),
    ],
)
def test_a_datastream_that_does_not_fit_is_refused_by_name(
    reader: Client, change: dict[str, Any], field: str
) -> None:
    body = {**LEVEL, "Thing": {"@iot.id": "jiaxing"}, **change}
    answer = reader.http.post(f"{ROOT}/Datastreams", json=body)
    assert answer.status_code == 400, answer.text
    assert field in answer.json()["error"]["message"]
    assert len(reader.ids("/Datastreams", filter="name eq 'canal level'")) == 0


def test_patch_changes_what_it_names_and_put_everything(admin: Client) -> None:
    """update-entity, update-entity-put."""
    thing = admin.make("/Things", OVEN)
    assert status(admin, "PATCH", thing, {"description": "an old oven"}) == 200
    found = admin.get(thing)
    assert (found["name"], found["description"]) == ("oven", "an old oven")
    assert found["properties"] == {"colour": "silver"}
    assert status(admin, "PUT", thing, {"name": "stove", "description": "new"}) == 200
    assert "properties" not in admin.get(thing)
    assert status(admin, "PUT", thing, {"name": "stove"}) == 400
    # related entities are linked, not made, by a change (10.3.1)
    assert status(admin, "PATCH", thing, {"Datastreams": [LEVEL]}) == 400
    # what the service works out itself is left aside
    assert status(admin, "PATCH", thing, {"@iot.id": "other", "@iot.selfLink": "x"}) == 200
    assert admin.get(thing)["name"] == "stove"


def test_a_thing_that_moves_leaves_where_it_was_in_its_history(admin: Client) -> None:
    """historical-location-auto-creation, historical-location-manual-creation."""
    thing = admin.make("/Things", OVEN)
    first = admin.ids(f"{thing}/Locations")
    there = {**OVEN["Locations"][0], "name": "cellar"}  # type: ignore[index]
    second = admin.make(f"{thing}/Locations", there)
    assert admin.ids(f"{thing}/Locations") != first
    assert len(admin.ids(f"{thing}/HistoricalLocations")) == 2
    assert status(admin, "PATCH", thing, {"Locations": [{"@iot.id": first[0]}]}) == 200
    assert admin.ids(f"{thing}/Locations") == first
    id = second.partition("('")[2].removesuffix("')")
    for time, here in (("2020-01-01T00:00:00Z", first), ("2021-08-01T00:00:00Z", [id])):
        past = {"time": time, "Locations": [{"@iot.id": id}]}
        admin.make(f"{thing}/HistoricalLocations", past)
        assert admin.ids(f"{thing}/Locations") == here


def test_what_an_observation_is_of_stays_when_its_thing_moves(admin: Client) -> None:
    thing = admin.make("/Things", OVEN)
    stream = f"/Datastreams('{admin.ids(f'{thing}/Datastreams')[0]}')"
    old = admin.get(f"{stream}/Observations", expand="FeatureOfInterest")["value"][0]
    there = {"name": "cellar", "description": "", "encodingType": "application/geo+json"}
    admin.make(
        f"{thing}/Locations", {**there, "location": {"type": "Point", "coordinates": [121, 30]}}
    )
    new = admin.make(f"{stream}/Observations", {"result": 1.5})
    assert admin.get(f"{new}/FeatureOfInterest")["feature"]["coordinates"] == [121, 30]
    same = admin.get(f"/Observations('{old['@iot.id']}')/FeatureOfInterest")
    assert same["@iot.id"] == old["FeatureOfInterest"]["@iot.id"]
    assert admin.ids(f"/FeaturesOfInterest('{same['@iot.id']}')/Observations") == [old["@iot.id"]]


@pytest.mark.parametrize("kind", ["Sensor", "ObservedProperty", "Thing"])
def test_what_a_datastream_cannot_be_without_takes_it_along(admin: Client, kind: str) -> None:
    """delete-entity, table 25."""
    thing = admin.make("/Things", OVEN)
    stream = f"/Datastreams('{admin.ids(f'{thing}/Datastreams')[0]}')"
    observation = f"/Observations('{admin.ids(f'{stream}/Observations')[0]}')"
    link = admin.get(f"{stream}/{kind}")["@iot.selfLink"].partition(ROOT)[2]
    assert status(admin, "DELETE", link) == 200
    for gone in (link, stream, observation):
        assert admin.status(gone) == 404


@pytest.mark.both_engines
def test_deleting_a_location_takes_its_history_and_a_feature_its_observations(
    admin: Client,
) -> None:
    thing = admin.make("/Things", OVEN)
    stream = f"/Datastreams('{admin.ids(f'{thing}/Datastreams')[0]}')"
    feature = admin.get(f"{stream}/Observations", expand="FeatureOfInterest")["value"][0]
    path = f"/FeaturesOfInterest('{feature['FeatureOfInterest']['@iot.id']}')"
    assert status(admin, "DELETE", path) == 200
    assert admin.ids(f"{stream}/Observations") == []
    assert status(admin, "DELETE", f"/Locations('{admin.ids(f'{thing}/Locations')[0]}')") == 200
    assert admin.ids(f"{thing}/HistoricalLocations") == admin.ids(f"{thing}/Locations") == []


def test_what_the_city_folder_says_is_changed_there(admin: Client) -> None:
    assert status(admin, "PATCH", "/Things('zhapu')", {"name": "x"}) == 403
    assert status(admin, "DELETE", TIDE) == 403
    assert status(admin, "POST", "/Things('zhapu')/Locations", OVEN["Locations"][0]) == 403  # type: ignore[index]
    assert admin.get("/Things('zhapu')")["name"] == "乍浦潮位站"


def test_an_observation_sent_twice_is_one(admin: Client) -> None:
    body = {"phenomenonTime": "2021-07-25T03:55:00Z", "result": 2.5}
    assert admin.make(f"{TIDE}/Observations", body) == admin.make(f"{TIDE}/Observations", body)
    assert admin.get(f"{TIDE}/Observations", count="true", top=0)["@iot.count"] == 7


@pytest.mark.both_engines
def test_an_observation_keeps_what_its_sender_says(admin: Client) -> None:
    body = {
        "phenomenonTime": "2021-07-25T11:55:00+08:00",
        "resultTime": "2021-07-25T03:56:00Z",
        "validTime": "2021-07-25T03:55:00Z/2021-07-25T04:05:00Z",
        "result": 441,
        "parameters": {"unit": "cm", "datum": "gauge_zero_zhapu", "depth": 3.5, "by": "li"},
        "resultQuality": {"flag": "suspect", "nameOfMeasure": "by eye"},
        "Datastream": {"@iot.id": "zhapu.tide"},
    }
    path = admin.make("/Observations", body)
    found = admin.get(path)
    assert found["result"] == pytest.approx(4.41 - 1.841)
    assert found["resultTime"] == "2021-07-25T03:56:00Z"
    assert found["validTime"] == "2021-07-25T03:55:00Z/2021-07-25T04:05:00Z"
    assert found["parameters"] == {"depth": 3.5, "by": "li"}
    assert found["resultQuality"]["flag"] == "suspect"
    assert found["resultQuality"]["given"] == {"nameOfMeasure": "by eye"}
    for condition in (
        "parameters/depth gt 3",
        "parameters/by eq 'li'",
        "resultTime gt 2021-07-25T00:00:00Z",
        "overlaps(validTime,2021-07-25T04:00:00Z)",
    ):
        assert admin.ids("/Observations", filter=condition) == [found["@iot.id"]], condition


@pytest.mark.both_engines
def test_parameters_of_another_sort_are_not_what_is_asked_for(admin: Client) -> None:
    for minute, depth in ((51, 3.5), (52, "deep"), (53, {"m": 4}), (54, None), (55, True)):
        body = {"phenomenonTime": f"2021-07-25T03:{minute}:00Z", "result": 2.5}
        admin.make(f"{TIDE}/Observations", {**body, "parameters": {"depth": depth}})
    path = f"{TIDE}/Observations"
    assert len(admin.ids(path, filter="parameters/depth gt 3")) == 1
    assert len(admin.ids(path, filter="startswith(parameters/depth,'d')")) == 1
    assert len(admin.ids(path, filter="parameters/depth/m eq 4")) == 1
    assert len(admin.ids(path, filter="parameters/depth eq 'deep' or parameters/x eq 1")) == 1


def test_an_observation_without_a_time_is_of_now(admin: Client) -> None:
    path = admin.make("/Datastreams('zhapu.battery')/Observations", {"result": 12.4})
    assert admin.get(path)["phenomenonTime"] == "2021-07-25T04:00:00Z"


@pytest.mark.parametrize(
    "body",
    [
        {"phenomenonTime": "2021-07-25T03:00:00Z"},
        {"result": "high"},
        {"result": True},
        {"result": [1]},
        {"result": 1, "phenomenonTime": "yesterday"},
        {"result": 1, "phenomenonTime": 1627185600},
        {"result": 1, "phenomenonTime": "2021-07-26T03:00:00Z"},
        {"result": 1, "phenomenonTime": "0001-01-01T00:00:00Z"},
        {"result": 1, "phenomenonTime": "2021-07-25T03:00:00Z/2021-07-25T02:00:00Z"},
        {"result": 1, "resultTime": "2021-07-25T02:00:00Z/2021-07-25T03:00:00Z"},
        {"result": 1, "resultTime": "0001-01-01T00:00:00+14:00"},
        {"result": 1, "parameters": {"unit": "furlong"}},
        {"result": 1, "parameters": {"datum": "sea"}},
        {"result": 1, "parameters": 3},
        {"result": 1, "resultQuality": {"flag": "splendid"}},
        {"result": 1, "FeatureOfInterest": {"@iot.id": "none"}},
    ],
)
def test_a_refused_observation_is_400_and_lies_in_quarantine(
    admin: Client, hand: Hand, body: dict[str, Any]
) -> None:
    assert status(admin, "POST", f"{TIDE}/Observations", body) == 400
    with hand.store.read() as conn:
        row = conn.execute(select(schema.quarantine)).one()
    assert row.source == "admin-1" or row.source
    assert row.error


def test_a_changed_observation_is_a_correction_and_its_history_stays(
    admin: Client, hand: Hand
) -> None:
    assert status(admin, "PATCH", LATEST, {"result": 2.5}) == 200
    found = admin.get(LATEST)
    assert (found["result"], found["resultQuality"]["flag"]) == (2.5, "corrected")
    # its moment is its key, which a change leaves as it is (10.3.1)
    body = {"result": 2.6, "phenomenonTime": "2020-01-01T00:00:00Z"}
    answer = admin.http.patch(ROOT + LATEST, json=body).json()
    assert (answer["result"], answer["phenomenonTime"]) == (2.6, "2021-07-25T04:00:00Z")
    assert status(admin, "PATCH", LATEST, {"parameters": {"by": "li"}}) == 200
    assert admin.get(LATEST)["parameters"] == {"by": "li"}
    assert status(admin, "PUT", LATEST, {"result": 2.7}) == 200
    assert "parameters" not in admin.get(LATEST)
    assert status(admin, "PATCH", LATEST, {"result": None}) == 400
    assert versions(hand) == [pytest.approx(4.4 - 1.841), 2.5, 2.6, 2.7]


def versions(hand: Hand) -> list[float | None]:
    """All that was ever kept of the newest tide."""
    table = schema.observation
    moment = datetime(2021, 7, 25, 4, tzinfo=UTC)
    query = select(table.c.value).where(table.c.series == "zhapu.tide", table.c.valid_at == moment)
    with hand.store.read() as conn:
        return list(conn.execute(query.order_by(table.c.recorded_at)).scalars())


@pytest.mark.both_engines
def test_a_deleted_observation_is_withdrawn_everywhere_and_its_history_stays(
    admin: Client, client: Callable[..., Client], hand: Hand
) -> None:
    assert status(admin, "DELETE", LATEST) == 200
    assert admin.status(LATEST) == 404
    assert admin.get(f"{TIDE}/Observations", count="true", top=0)["@iot.count"] == 5
    assert admin.get(TIDE)["phenomenonTime"].endswith("/2021-07-25T03:50:00Z")
    assert versions(hand) == [pytest.approx(4.4 - 1.841), None]
    shown = admin.http.get("/api/v1/series/zhapu.tide").json()["points"][-1]
    assert shown[1:3] == [None, "corrected"]
    # the station cannot bring it back; what it sends is in the history
    gauge = client("admin", station="zhapu")
    again = {"phenomenonTime": "2021-07-25T04:00:00Z", "result": 2.4}
    assert status(gauge, "POST", f"{TIDE}/Observations", again) == 409
    assert versions(hand) == [pytest.approx(4.4 - 1.841), None, 2.4]
    # somebody can
    assert admin.get(admin.make(f"{TIDE}/Observations", again))["result"] == 2.4


def test_a_change_of_what_has_changed_meanwhile_is_412(admin: Client) -> None:
    thing = admin.make("/Things", OVEN)
    mark = admin.http.get(ROOT + thing).headers["etag"]
    assert status(admin, "PATCH", thing, {"name": "a"}, **{"If-Match": mark}) == 200
    assert status(admin, "PATCH", thing, {"name": "b"}, **{"If-Match": mark}) == 412
    assert admin.get(thing)["name"] == "a"
    assert status(admin, "DELETE", thing, **{"If-Match": "*"}) == 200


def test_a_thing_sent_twice_under_one_key_is_one(admin: Client) -> None:
    headers = {"Idempotency-Key": "oven-1"}
    places = {
        admin.http.post(f"{ROOT}/Things", json=OVEN, headers=headers).headers["location"]
        for _ in range(2)
    }
    assert len(places) == 1
    assert len(admin.ids("/Things", filter="name eq 'oven'")) == 1


def test_a_unit_stays_once_there_are_readings_in_it(admin: Client) -> None:
    path = admin.make("/Things('jiaxing')/Datastreams", LEVEL)
    metres = {"unitOfMeasurement": {"name": "metre", "symbol": "m", "definition": "ucum:m"}}
    assert status(admin, "PATCH", path, metres) == 200
    body = {"result": 2.5, "FeatureOfInterest": {"@iot.id": "jiaxing"}}
    admin.make(f"{path}/Observations", body)
    assert status(admin, "PATCH", path, {"unitOfMeasurement": LEVEL["unitOfMeasurement"]}) == 400
    assert status(admin, "PATCH", path, {"Thing": {"@iot.id": "zhapu"}}) == 400
    assert status(admin, "PATCH", path, {"ObservedProperty": {"@iot.id": "tide"}}) == 400


def test_what_was_made_is_there_after_a_restart(admin: Client, hand: Hand) -> None:
    from anlan.observe.sta import kept

    thing = admin.make("/Things", OVEN)
    kept._memory.clear()
    assert admin.get(thing, expand="Datastreams/Observations")["Datastreams"][0]["Observations"]


def test_who_made_and_changed_what_is_in_the_journal(admin: Client, hand: Hand) -> None:
    thing = admin.make("/Things", {"name": "a", "description": "b"})
    status(admin, "PATCH", thing, {"name": "c"})
    status(admin, "DELETE", thing)
    table = schema.journal
    with hand.store.read() as conn:
        rows = conn.execute(
            select(table.c.kind, table.c.actor)
            .where(table.c.kind.startswith("sensorthings."))
            .order_by(table.c.seq)
        ).all()
    assert [row.kind.partition(".")[2] for row in rows] == ["made", "changed", "withdrawn"]
    assert {row.actor for row in rows} == {hand.account("admin")}

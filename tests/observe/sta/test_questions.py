"""Annex A.2.1 of OGC 18-088: query options, their order, their errors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.sta.conftest import OVEN, ROOT, Client

TIDE = "/Datastreams('zhapu.tide')/Observations"
# m on the city's datum: 3.0, 3.2, 3.1, 4.0, 4.2, 4.4 above a zero 1.841 m below it
LEVELS = [1.159, 1.359, 1.259, 2.159, 2.359, 2.559]
RAIN = "Datastream/ObservedProperty/id eq 'rain'"


def results(client: Client, path: str = TIDE, **options: Any) -> list[float]:
    """The results that a question gives."""
    return [each["result"] for each in client.values(path, **options)]


CONDITIONS: list[tuple[str, list[float]]] = [
    ("result gt 2.2", LEVELS[4:]),
    ("result lt 1.2", LEVELS[:1]),
    ("result ge 2.559", LEVELS[5:]),
    ("result le 1.159", LEVELS[:1]),
    ("result eq 1.259", LEVELS[2:3]),
    ("result ne 1.259", LEVELS[:2] + LEVELS[3:]),
    ("2.2 lt result", LEVELS[4:]),
    ("result gt 1.2 and result lt 1.3", LEVELS[2:3]),
    ("result lt 1.2 or result gt 2.5", [LEVELS[0], LEVELS[5]]),
    ("not (result gt 1.2)", LEVELS[:1]),
    ("not result gt 1.2 or result gt 2.5", [LEVELS[0], LEVELS[5]]),
    ("result add 1 gt 3.5", LEVELS[5:]),
    ("result sub 1 lt 0.2", LEVELS[:1]),
    ("(result mul 2) sub 1 gt 4", LEVELS[5:]),
    ("result div 2 gt 1.2", LEVELS[5:]),
    ("result div 0 gt 1", []),
    ("result mod 1 gt 0.5", LEVELS[5:]),
    ("result mod 0 eq 0", []),
    ("-result lt -2.5", LEVELS[5:]),
    ("round(result) eq 3", LEVELS[5:]),
    ("floor(result) eq 1", LEVELS[:3]),
    ("ceiling(result) eq 3", LEVELS[3:]),
    ("phenomenonTime gt 2021-07-25T03:40:00Z", LEVELS[4:]),
    ("phenomenonTime ge 2021-07-25T11:50:00+08:00", LEVELS[4:]),
    ("phenomenonTime lt 2021-07-25T03:20:00Z", LEVELS[:1]),
    ("phenomenonTime eq 2021-07-25T03:20:00Z", LEVELS[1:2]),
    ("phenomenonTime ne 2021-07-25T03:20:00Z", LEVELS[:1] + LEVELS[2:]),
    ("phenomenonTime ge now() sub duration'PT20M'", LEVELS[3:]),
    ("phenomenonTime add duration'PT1H' gt 2021-07-25T04:50:00Z", LEVELS[5:]),
    ("year(phenomenonTime) eq 2021 and month(phenomenonTime) eq 7", LEVELS),
    ("day(phenomenonTime) eq 25 and hour(phenomenonTime) eq 4", LEVELS[5:]),
    ("minute(phenomenonTime) eq 50 and second(phenomenonTime) eq 0", LEVELS[4:5]),
    ("fractionalseconds(phenomenonTime) eq 0", LEVELS),
    ("date(phenomenonTime) eq 2021-07-25", LEVELS),
    ("date(phenomenonTime) gt date(2021-07-25T00:00:00Z)", []),
    ("time(phenomenonTime) ge 03:50:00", LEVELS[4:]),
    ("time(phenomenonTime) lt time(2000-01-01T03:20:00Z)", LEVELS[:1]),
    ("startswith(resultQuality/flag,'o') and endswith(resultQuality/flag,'k')", LEVELS),
    ("endswith(resultQuality/flag,'book')", []),
    ("substringof('k',resultQuality/flag) and contains(resultQuality/flag,'ok')", LEVELS),
    ("contains(resultQuality/flag,'%')", []),
    ("length(resultQuality/flag) eq 2 and indexof(resultQuality/flag,'k') eq 1", LEVELS),
    ("substring(resultQuality/flag,1) eq 'k'", LEVELS),
    ("substring(resultQuality/flag,0,1) eq 'o' and substring('ok',5) eq ''", LEVELS),
    ("toupper(resultQuality/flag) eq 'OK' and tolower(resultQuality/flag) eq 'ok'", LEVELS),
    ("trim(concat(resultQuality/flag,' ')) eq 'ok'", LEVELS),
    ("startswith(parameters/by,'l')", []),
    ("totaloffsetminutes(phenomenonTime) eq 0", LEVELS),
    ("phenomenonTime gt mindatetime() and phenomenonTime lt maxdatetime()", LEVELS),
    ("during(phenomenonTime,2021-07-25T03:30:00Z/2021-07-25T03:50:00Z)", LEVELS[2:4]),
    ("before(phenomenonTime,2021-07-25T03:20:00Z)", LEVELS[:1]),
    ("after(phenomenonTime,2021-07-25T03:50:00Z)", LEVELS[5:]),
    ("overlaps(phenomenonTime,2021-07-25T03:30:00Z/2021-07-25T03:50:00Z)", LEVELS[2:4]),
    ("starts(phenomenonTime,2021-07-25T03:30:00Z/2021-07-25T03:50:00Z)", LEVELS[2:3]),
    ("finishes(phenomenonTime,2021-07-25T03:30:00Z/2021-07-25T03:50:00Z)", LEVELS[4:5]),
    ("meets(phenomenonTime,2021-07-25T03:30:00Z/2021-07-25T03:50:00Z)", [1.259, 2.359]),
    ("resultTime eq null", LEVELS),
    ("resultTime gt 2021-01-01T00:00:00Z", []),
    ("validTime ne null", []),
    ("result ne null", LEVELS),
    ("resultQuality/flag eq 'ok'", LEVELS),
    ("resultQuality/flag ne 'ok'", []),
    ("id eq 'zhapu.tide@1627185600000'", LEVELS[5:]),
    ("@iot.id ne 'zhapu.tide@1627185600000'", LEVELS[:5]),
    ("id eq 'nonsense'", []),
    ("parameters/depth gt 3", []),
    ("Datastream/id eq 'zhapu.tide'", LEVELS),
    ("Datastream/Thing/name eq '乍浦潮位站' and result gt 2.5", LEVELS[5:]),
    ("startswith(Datastream/Thing/name,'金山')", []),
    ("result gt Datastream/properties/warning sub 2", LEVELS[4:]),
    ("FeatureOfInterest/id eq 'zhapu'", LEVELS),
    ("FeatureOfInterest/id ne 'zhapu'", []),
    ("geo.distance(FeatureOfInterest/feature,geography'POINT (121.0833 30.6)') lt 1", LEVELS),
    ("not (FeatureOfInterest/id eq 'zhapu') or result gt 2.5", LEVELS[5:]),
    ("true", LEVELS),
    ("false", []),
    ("1 add 1 eq 2", LEVELS),
]


@pytest.mark.both_engines
def test_observations_are_filtered_by_the_database(admin: Client) -> None:
    """A.2.1.6 to A.2.1.8: operators and functions over readings, alike on both engines."""
    found = {condition: results(admin, filter=condition) for condition, _ in CONDITIONS}
    assert found == {condition: pytest.approx(expected) for condition, expected in CONDITIONS}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # rain of 03:10 to 03:20 is 2.5 mm, of 03:20 to 03:30 7.5 mm; the end is not part of it
        ("phenomenonTime lt 2021-07-25T03:20:00Z", [0.0, 2.5]),
        ("phenomenonTime gt 2021-07-25T03:20:00Z", [1.0]),
        ("phenomenonTime ge 2021-07-25T03:20:00Z", [7.5, 1.0]),
        ("phenomenonTime le 2021-07-25T03:20:00Z", [0.0, 2.5]),
        ("phenomenonTime eq 2021-07-25T03:10:00Z/2021-07-25T03:20:00Z", [2.5]),
        ("overlaps(phenomenonTime,2021-07-25T03:20:00Z)", [7.5]),
        ("overlaps(phenomenonTime,2021-07-25T03:15:00Z/2021-07-25T03:20:00Z)", [2.5]),
        ("during(phenomenonTime,2021-07-25T03:10:00Z/2021-07-25T03:30:00Z)", [2.5, 7.5]),
        ("before(phenomenonTime,2021-07-25T03:20:00Z/2021-07-25T03:30:00Z)", [0.0, 2.5]),
        ("after(phenomenonTime,2021-07-25T03:10:00Z/2021-07-25T03:20:00Z)", [7.5, 1.0]),
        ("meets(phenomenonTime,2021-07-25T03:20:00Z)", [2.5, 7.5]),
        ("starts(phenomenonTime,2021-07-25T03:20:00Z)", [7.5]),
        ("finishes(phenomenonTime,2021-07-25T03:20:00Z)", [2.5]),
    ],
)
def test_intervals_are_half_open(reader: Client, condition: str, expected: list[float]) -> None:
    """Clause 9.3.3.5.1: start <= time < end."""
    path = "/Datastreams('rain-zhapu.rain')/Observations"
    assert results(reader, path, filter=condition) == expected


@pytest.mark.parametrize(
    ("path", "condition", "expected"),
    [
        ("/Things", "name eq '乍浦潮位站'", ["zhapu"]),
        ("/Things", "id eq 'zhapu' or id eq 'jiaxing'", ["zhapu", "jiaxing"]),
        ("/Things", "startswith(name,'乍浦') and endswith(name,'位站')", ["zhapu"]),
        ("/Things", "substringof('浦潮',name)", ["zhapu"]),
        ("/Things", "contains(name,'浦潮')", ["zhapu"]),
        ("/Things", "length(id) eq 5 and indexof(id,'ap') eq 2", ["zhapu"]),
        ("/Things", "substring(id,1) eq 'hapu'", ["zhapu"]),
        ("/Things", "substring(id,1,3) eq 'hap'", ["zhapu"]),
        ("/Things", "toupper(id) eq 'ZHAPU' and tolower('ZHAPU') eq id", ["zhapu"]),
        ("/Things", "trim(concat(id,' ')) eq 'zhapu'", ["zhapu"]),
        ("/Things", "properties/synthetic eq false and id eq 'jiaxing'", ["jiaxing"]),
        ("/Things", "Datastreams/ObservedProperty/id eq 'wind'", ["wind-zhapu"]),
        ("/Things", "Datastreams/Observations/result gt 5", ["rain-zhapu"]),
        # of one and the same observation
        (
            "/Things",
            "Datastreams/Observations/result gt 5 and "
            "Datastreams/Observations/phenomenonTime lt 2021-07-25T03:15:00Z",
            [],
        ),
        ("/Things", "not Datastreams/Observations/result gt 5 and id eq 'rain-zhapu'", []),
        (
            "/Things",
            "geo.distance(Locations/location,geography'POINT (121.0833 30.6)') lt 100",
            ["zhapu"],
        ),
        (
            "/Locations",
            "st_within(location,geography'POLYGON ((121.08 30.59, 121.085 30.59, 121.085 30.605, "
            "121.08 30.605, 121.08 30.59))')",
            ["zhapu"],
        ),
        ("/Locations", "st_equals(location,geography'POINT (121.0833 30.6)')", ["zhapu"]),
        (
            "/Locations",
            "st_relate(location,geography'POINT (121.0833 30.6)','0FFFFFFF*')",
            ["zhapu"],
        ),
        ("/Datastreams", "phenomenonTime gt 2021-07-25T03:05:00Z", ["zhapu.tide"]),
        ("/Datastreams", "unitOfMeasurement/symbol eq 'm/s'", ["wind-zhapu.wind"]),
        ("/ObservedProperties", "name eq '潮位'", ["tide"]),
        ("/FeaturesOfInterest", "Observations/result gt 5", ["rain-zhapu"]),
    ],
)
def test_entities_are_filtered_by_what_they_lead_to(
    reader: Client, path: str, condition: str, expected: list[str]
) -> None:
    """A.2.1.6: nested paths, strings, places."""
    assert reader.ids(path, filter=condition) == expected


def test_the_length_of_a_line_is_in_metres(reader: Client) -> None:
    # one degree along a meridian near 30 N on WGS 84: 110.9 km
    near = "geo.length(geography'LINESTRING (121 30, 121 31)')"
    assert reader.ids("/Things", filter=f"{near} gt 110800 and {near} lt 111000", top=1)


def test_options_are_evaluated_in_the_order_of_the_standard(reader: Client) -> None:
    """A.2.1.1: filter, count, orderby, skip, top, expand, select."""
    found = reader.get(
        TIDE,
        top=1,
        skip=1,
        orderby="result desc",
        count="true",
        filter="result lt 2.5",
        select="result",
    )
    assert found["@iot.count"] == 5
    assert found["value"] == [{"result": pytest.approx(2.159)}]


def test_expand_nests_with_options_of_its_own(reader: Client) -> None:
    """A.2.1.2."""
    found = reader.get(
        "/Things('zhapu')",
        expand="Datastreams($filter=id eq 'zhapu.tide';$select=name;$expand=Observations("
        "$filter=result gt 1.2;$orderby=phenomenonTime desc;$top=2;$skip=1;$count=true;"
        "$select=result)),Locations/HistoricalLocations",
        select="name",
    )
    assert set(found) == {"name", "Datastreams", "Locations"}
    stream = found["Datastreams"][0]
    assert stream["name"] == "乍浦潮位站 潮位"
    assert [each["result"] for each in stream["Observations"]] == pytest.approx([2.359, 2.159])
    assert stream["Observations@iot.count"] == 5
    rest = stream["Observations@iot.nextLink"].partition(ROOT)[2]
    assert [each["result"] for each in reader.get(rest)["value"]] == pytest.approx([1.259, 1.359])
    assert found["Locations"][0]["HistoricalLocations"] == []


def test_several_ways_through_one_property_are_expanded_together(reader: Client) -> None:
    found = reader.get("/Things('zhapu')", expand="Datastreams/Sensor,Datastreams/ObservedProperty")
    assert found["Datastreams"][0]["Sensor"]["@iot.id"] == "zhapu.tide"
    assert found["Datastreams"][0]["ObservedProperty"]["@iot.id"] == "tide"


def test_an_observation_expands_to_its_datastream_and_feature(reader: Client) -> None:
    found = reader.values(TIDE, top=1, expand="Datastream/Thing,FeatureOfInterest", select="id")[0]
    assert found["@iot.id"] == "zhapu.tide@1627182600000"
    assert found["Datastream"]["Thing"]["@iot.id"] == "zhapu"
    assert found["FeatureOfInterest"]["@iot.id"] == "zhapu"


def test_select_gives_what_it_names_and_links_by_their_name(reader: Client) -> None:
    found = reader.get("/Datastreams('zhapu.tide')", select="id,unitOfMeasurement,Observations")
    assert set(found) == {"@iot.id", "unitOfMeasurement", "Observations@iot.navigationLink"}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("result", sorted(LEVELS)),
        ("result desc", sorted(LEVELS, reverse=True)),
        ("phenomenonTime desc", LEVELS[::-1]),
        ("minute(phenomenonTime),result", [2.559, 1.159, 1.359, 1.259, 2.159, 2.359]),
        ("round(result) desc,phenomenonTime desc", [2.559, 2.359, 2.159, 1.259, 1.359, 1.159]),
        ("resultTime,id desc", LEVELS[::-1]),
    ],
)
def test_observations_are_ordered_by_their_keys(
    reader: Client, order: str, expected: list[float]
) -> None:
    """A.2.1.4."""
    assert results(reader, orderby=order) == pytest.approx(expected)


def test_nothing_comes_first_when_ascending_and_last_when_descending(admin: Client) -> None:
    """Clause 9.3.3.1."""
    admin.make(TIDE, {"phenomenonTime": "2021-07-25T03:55:00Z", "result": None})
    assert results(admin, orderby="result", top=1) == [None]
    assert results(admin, orderby="result desc")[-1] is None
    assert admin.ids("/Datastreams", orderby="phenomenonTime desc", top=1) == ["zhapu.tide"]


def test_observations_of_all_stations_come_in_order_of_time(reader: Client) -> None:
    found = reader.values("/Observations", orderby="phenomenonTime desc", top=4, select="id")
    assert [each["@iot.id"].partition("@")[0] for each in found] == [
        "zhapu.tide",
        "zhapu.tide",
        "rain-zhapu.rain",
        "zhapu.tide",
    ]
    by_station = reader.values("/Observations", orderby="Datastream/Thing/id desc,result", top=1)
    assert by_station[0]["@iot.id"].startswith("zhapu.tide")


@pytest.mark.parametrize("order", [None, "phenomenonTime", "phenomenonTime desc", "result"])
@pytest.mark.parametrize("size", [1, 3])
def test_next_links_lead_through_every_observation_once(
    reader: Client, order: str | None, size: int
) -> None:
    """Clause 9.3.4."""
    options = {"top": size, "select": "id"} | ({"orderby": order} if order else {})
    page = reader.get("/Observations", **options)
    seen = [each["@iot.id"] for each in page["value"]]
    while "@iot.nextLink" in page:
        page = reader.get(page["@iot.nextLink"].partition(ROOT)[2])
        assert len(page["value"]) <= size
        seen += [each["@iot.id"] for each in page["value"]]
    whole = {"top": 100, "select": "id"} | ({"orderby": order} if order else {})
    assert seen == reader.ids("/Observations", **whole)
    assert len(seen) == 10


def test_entities_are_paged_skipped_and_counted(reader: Client) -> None:
    """A.2.1.5."""
    names = reader.ids("/Things", top=1000)
    page = reader.get("/Things", top=2, skip=1, count="true")
    assert [each["@iot.id"] for each in page["value"]] == names[1:3]
    assert page["@iot.count"] == len(names)
    rest = reader.get(page["@iot.nextLink"].partition(ROOT)[2])
    assert [each["@iot.id"] for each in rest["value"]] == names[3:5]
    assert reader.get("/Things", top=0) == {"value": []}
    assert reader.ids("/Things", skip=100_000) == []
    assert "@iot.count" not in reader.get("/Things", count="false")


def test_a_top_beyond_the_page_gives_the_page(reader: Client) -> None:
    """Clause 9.3.3.2: the limit of the service takes its place."""
    assert len(reader.ids("/Things", top=5_000_000)) == len(reader.ids("/Things", top=1000))


@pytest.mark.parametrize(
    "options",
    [
        {"filter": "result"},
        {"filter": "result gt"},
        {"filter": "result gt 1 result"},
        {"filter": "result gt 'high'"},
        {"filter": "result gt phenomenonTime"},
        {"filter": "result eq eq 1"},
        {"filter": "colour eq 1"},
        {"filter": "Datastream/colour eq 1"},
        {"filter": "phenomenonTime gt 2021-13-45T00:00:00Z"},
        {"filter": "phenomenonTime gt 2021-07-25T00:00:00"},
        {"filter": "phenomenonTime gt duration'PT'"},
        {"filter": "overlaps(phenomenonTime,2021-07-26T00:00:00Z/2021-07-25T00:00:00Z)"},
        {"filter": "pg_sleep(10) eq 1"},
        {"filter": "length(result) eq 1"},
        {"filter": "year(result) eq 1"},
        {"filter": "round(result,2) eq 1"},
        {"filter": "id gt 'a'"},
        {"filter": "resultQuality/doubts eq 'spike'"},
        {"filter": "FeatureOfInterest/id eq 'a' add result"},
        {"filter": "st_within(FeatureOfInterest/feature,geography'POINT (1')"},
        {"filter": "name eq 'unclosed"},
        {"filter": "((((result gt 1)))"},
        {"filter": "(" * 5_000 + "result gt 1" + ")" * 5_000},
        {"filter": "(" * 1_000 + "result gt 1" + ")" * 1_000},
        {"filter": "not " * 500 + "true"},
        {"filter": "1 add " * 200 + "1 eq 1"},
        {"filter": "result gt " + "9" * 60},
        {"filter": "x" * 60_000},
        {"filter": "result gt 1\0"},
        {"filter": "result gt 1 \u202eor true"},
        {"filter": "\u200bresult gt 1"},
        {"filter": "result gt 1; DROP TABLE observation"},
        {"filter": "Datastream/Thing/Datastreams/Thing/Datastreams/Thing/Datastreams/id eq 'a'"},
        {"filter": ""},
        {"top": "-1"},
        {"top": "all"},
        {"top": "9" * 30},
        {"skip": "1.5"},
        {"count": "yes"},
        {"select": "colour"},
        {"select": ""},
        {"expand": "Colours"},
        {"expand": "Datastream($top=1"},
        {"expand": "Datastream($top=1)"},
        {"expand": "Datastream(colour)"},
        {"expand": "Datastream/Thing/Datastreams/Thing/Datastreams/Thing"},
        {"orderby": "result down"},
        {"orderby": "colour"},
        {"orderby": ",".join(["result"] * 9)},
        {"orderby": "FeatureOfInterest/id"},
        {"resultFormat": "xml"},
        {"skiptoken": "nonsense"},
    ],
    ids=lambda options: str(options)[:50],
)
def test_a_question_that_cannot_be_answered_is_400_with_a_remedy(
    reader: Client, options: dict[str, str]
) -> None:
    params = {f"${name}": text for name, text in options.items()}
    answer = reader.http.get(f"{ROOT}/Observations", params=params)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert len(error["message"]) < 1500
    assert error["details"][0]["message"]


def test_an_option_that_is_not_known_is_501(reader: Client) -> None:
    """A.2.1.3, clause 9.3.1."""
    assert reader.status("/Things", search="zhapu") == 501
    # what has no dollar is none of ours
    assert reader.http.get(f"{ROOT}/Things?colour=1").status_code == 200


def test_one_entity_can_be_neither_filtered_nor_paged(reader: Client) -> None:
    assert reader.status("/Things('zhapu')", top=1) == 400
    assert reader.status("/Things('zhapu')", select="name") == 200


def test_a_time_with_a_bare_plus_in_its_address_is_read(reader: Client) -> None:
    path = f"{ROOT}{TIDE}?$filter=phenomenonTime ge 2021-07-25T12:00:00+08:00"
    assert len(reader.http.get(path).json()["value"]) == 1


def test_data_arrays_hold_one_list_for_each_datastream(reader: Client) -> None:
    """Clause 12.1."""
    found = reader.get("/Observations", resultFormat="dataArray", top=7, count="true")
    assert found["@iot.count"] == 10
    assert "@iot.nextLink" in found
    rain, tide = found["value"]
    assert rain["Datastream@iot.navigationLink"].endswith("/Datastreams('rain-zhapu.rain')")
    assert rain["dataArray@iot.count"] == 4 == len(rain["dataArray"])
    assert set(rain["components"]) >= {"id", "phenomenonTime", "result", "resultQuality"}
    assert all(len(line) == len(rain["components"]) for line in rain["dataArray"])
    chosen = reader.get(TIDE, resultFormat="dataArray", select="phenomenonTime,result", top=1)
    assert chosen["value"][0]["components"] == ["phenomenonTime", "result"]
    assert chosen["value"][0]["dataArray"] == [["2021-07-25T03:10:00Z", pytest.approx(1.159)]]
    assert tide["dataArray@iot.count"] == 3


def test_what_is_made_can_be_asked_for_like_the_city_s(admin: Client) -> None:
    admin.make("/Things", OVEN)
    found = admin.values(
        "/Observations", filter="Datastream/ObservedProperty/name eq 'air temperature'"
    )
    assert [each["result"] for each in found] == [70.4]
    assert len(admin.ids("/Things", filter="properties/colour eq 'silver'")) == 1
    there = "st_intersects(Locations/location,geography'POINT (121.02 30.7)')"
    assert len(admin.ids("/Things", filter=there)) == 1

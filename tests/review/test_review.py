"""A small event from level to review: built from the store, written as one page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely

from anlan.city import City, Event, Fix, Station, Territory
from anlan.journal import Act
from anlan.observe import Reading, archive
from anlan.observe import actions as observe
from anlan.observe import people as observe_people
from anlan.refusal import Refusal
from anlan.respond import actions, views
from anlan.review import build, check, observed, write
from anlan.review.facts import outline_crossing, read
from anlan.review.indicators import quantiles
from anlan.review.observed import stretches
from anlan.review.page import render
from anlan.store import Store, schema
from tests.respond.town import EAST, ROOT, START, Desk, make_city, people

FACTS = """
[[fact]]
id = "peak"
text = "高潮 02:00"
text_en = "high water at 02:00"
source = "test"
[fact.check]
kind = "tide_peak"
from = 2021-07-25T00:00:00Z
to = 2021-07-25T06:00:00Z
time = 2021-07-25T02:00:00Z
level_m = 3.0
datum = "1985"
tolerance_min = 30
[[fact]]
id = "warned"
text = "高潮前有橙色预警"
text_en = "an orange alert before"
source = "test"
[fact.check]
kind = "warned"
event = "storm_tide"
colour = "orange"
before = 2021-07-25T02:00:00Z
[[fact]]
id = "dry"
text = "东镇无内涝预警"
text_en = "no waterlogging alert"
source = "test"
[fact.check]
kind = "not_warned"
event = "waterlogging"
colour = "orange"
at = 2021-07-25T02:00:00Z
towns = ["990100001000"]
[[fact]]
id = "below"
text = "河水低于 1.9 m"
text_en = "rivers below 1.9 m"
source = "test"
[fact.check]
kind = "level"
from = 2021-07-25T00:00:00Z
to = 2021-07-25T06:00:00Z
below_m = 1.9
[[fact]]
id = "rain"
text = "雨量 30–58 mm"
text_en = "rain 30-58 mm"
source = "test"
[fact.check]
kind = "rain_sum"
from = 2021-07-25T00:00:00Z
to = 2021-07-25T06:00:00Z
towns = ["990100001000"]
least_mm = 30.0
most_mm = 58.0
[[fact]]
id = "landfall"
text = "登陆"
text_en = "landfall"
source = "test"
[fact.check]
kind = "landfall"
time = 2021-07-25T03:00:00Z
lon = 121.0
lat = 30.7
"""


def station(name: str, quantity: str, unit: str) -> Station:
    return Station(
        name, name, name, quantity, 121.0, 30.6, unit, "1985" if unit == "m" else "", None, None,
        None, None, EAST, "", timedelta(hours=1), "gauge", True, "test",
    )  # fmt: skip


@pytest.fixture
def city(tmp_path: Path) -> City:
    plain = make_city(tmp_path / "city")
    units = plain.territory.units()
    units[0] = replace(units[0], polygon=shapely.box(120.8, 30.499, 121.3, 31.0))
    stations = [station("Z", "tide", "m"), station("R", "river_level", "m")]
    stations.append(station("P", "rain", "mm"))
    return replace(
        plain,
        territory=Territory(units),
        stations={each.id: each for each in stations},
        settings={"forecast": {"tide_station": "Z"}},
    )


@pytest.fixture
def event(city: City) -> Event:
    folder = city.folder / "events/flood"
    folder.mkdir(parents=True)
    (folder / "facts.toml").write_text(FACTS, encoding="utf-8")
    # due north along 121.0 E, one degree in an hour: the outline's edge at 30.5 N after 30 min
    track = [
        Fix(START + timedelta(hours=k), 121.0, 30.0 + k, 980, 28, None, None, None) for k in (0, 1)
    ]
    end = START + timedelta(days=1)
    return Event("flood", "试验洪水", "Flood", START, end, end, tuple(track), (), (), True, folder)


@pytest.fixture
def desk(tmp_path: Path, city: City) -> Iterator[Desk]:
    store = Store(tmp_path / "data")
    with store.transaction() as tx:
        people(tx)
        yield Desk(tx, city)
    store.close()


def alert(desk: Desk, name: str, colour: str, hour: float, *, msg_type: str = "Alert") -> None:
    moment = START + timedelta(hours=hour)
    desk.tx.execute(
        schema.alert.insert().values(
            id=name, chain="A", version=1 if msg_type == "Alert" else 2, rule="r", area=ROOT,
            area_name="试城", event="storm_tide", event_name="风暴潮", colour=colour,
            msg_type=msg_type, status="Exercise", state="issued", official=False, issuer="",
            drafted_at=moment - timedelta(minutes=6), sent_at=moment,
            expires_at=moment + timedelta(hours=12), headline="", description="",
            instruction="", grounds=[], references=[], approvals_needed=1,
        )
    )  # fmt: skip
    desk.as_("duty").record("alert.issued", name)


def story(desk: Desk) -> None:
    """An alert at 00:30, duty in two towns: one done in 20 min, the other never answered."""
    levels = {0: 1.0, 1: 2.0, 2: 3.2, 3: 2.0, 4: 1.0}
    readings = []
    for hour, level in levels.items():
        moment = START + timedelta(hours=hour)
        readings.append(Reading("Z.tide", moment, level))
        readings.append(Reading("R.river_level", moment, 1.5 + 0.1 * hour))
        if hour:
            before = moment - timedelta(hours=1)
            readings.append(Reading("P.rain", moment, 10.0, start_at=before))
    desk.wait(6 * 60)
    observe.record(desk.as_("system"), desk.city, readings)
    desk.now = START
    alert(desk, "A1", "orange", 0.5)
    actions.set_level(desk.as_("duty"), desk.city, None, "IV")
    first = views.tasks(desk.tx)[0]
    desk.wait(20)
    person = desk.as_(first["assignee"])
    actions.fire_timers(desk.as_("system"), desk.city)
    actions.task_command(person, desk.city, first["id"], "acknowledge")
    actions.task_command(person, desk.city, first["id"], "complete", {"text": "在岗"})
    desk.wait(100)
    actions.fire_timers(desk.as_("system"), desk.city)


def delivery(desk: Desk, name: str, person: str, channel: str, state: str, reason: str) -> None:
    desk.tx.execute(
        schema.delivery.insert().values(
            id=name, alert="A1", version=1, person=person, channel=channel, tier="resident",
            state=state, reason=reason, body="", planned_at=START,
            sent_at=START if state == "sent" else None,
        )
    )  # fmt: skip


TRUTH: dict[str, Any] = {
    "tide": [
        {
            "colour": "orange",
            "start": START + timedelta(hours=1.5),
            "end": START + timedelta(hours=2.5),
        }
    ],
    "towns": {EAST: []},
    "places": {"U1": [{"start": START + timedelta(hours=2), "end": START + timedelta(hours=3)}]},
}


def test_a_review_scores_alerts_tasks_and_facts(desk: Desk, event: Event) -> None:
    story(desk)
    review = build(desk.tx, desk.city, event, TRUTH)
    scores = review["scores"]
    assert (scores["hits"], scores["misses"], scores["false_alarms"]) == (1, 0, 0)
    assert review["alerts"][0]["lead_time_min"] == 60
    assert review["alerting"]["approve"]["p50_min"] == 6
    tasks = review["tasks"]
    assert (tasks["opened"], tasks["done"], tasks["on_time"]) == (2, 1, 1)
    # both were unanswered after 15 min, and each had one rung above that could be told
    assert (tasks["escalated"], tasks["unfinished"]) == (2, 1)
    assert tasks["acknowledge"] == {"p50_min": 20, "p90_min": 20, "count": 1}
    assert review["journal"]["verified"]
    assert review["places"][0]["lead_min"] is None  # level IV closes no underpass
    kinds = [line["kind"] for line in review["timeline"]]
    assert kinds.index("alert.issued") < kinds.index("incident.level_set")


def test_a_review_in_the_middle_of_a_replay_tells_nothing_of_what_is_to_come(
    desk: Desk, event: Event
) -> None:
    """The newest entry is of 01:00: the tide crosses at 01:30, the place floods at 02:00."""
    alert(desk, "A1", "blue", 0.5)
    desk.now = START + timedelta(hours=1)
    desk.as_("duty").record("alert.issued", "A1")
    review = build(desk.tx, desk.city, event, TRUTH)
    assert review["places"] == []
    assert review["alerts"][0]["outcome"] == "pending"
    assert review["alerts"][0]["crossing_start"] is None
    assert review["misses"] == []
    assert {fact["outcome"] for fact in review["facts"]} == {"时间未到"}
    assert {fact["met"] for fact in review["facts"]} == {None}


def test_what_still_lasts_has_no_end_yet(desk: Desk, event: Event) -> None:
    desk.now = START + timedelta(hours=2)
    desk.as_("duty").record("desk.opened", "desk")
    review = build(desk.tx, desk.city, event, TRUTH)
    (place,) = review["places"]
    assert datetime.fromisoformat(place["reached"]) == desk.now
    (miss,) = review["misses"]
    assert datetime.fromisoformat(miss["end"]) == desk.now


def test_known_facts_stand_beside_what_came_out_with_the_size_of_what_was_missed(
    desk: Desk, event: Event
) -> None:
    story(desk)
    found = {fact["id"]: fact for fact in build(desk.tx, desk.city, event, TRUTH)["facts"]}
    assert (found["peak"]["difference"], found["peak"]["met"]) == ("一致，+0.20 m", True)
    assert (found["warned"]["difference"], found["warned"]["met"]) == ("提前 1.5 小时", True)
    assert found["dry"]["met"] is True
    # the highest river reading of the window is 1.9 m at 04:00: not below
    assert (found["below"]["difference"], found["below"]["met"]) == ("+0.00 m", False)
    assert (found["rain"]["outcome"], found["rain"]["met"]) == ("40.0–40.0 mm（1 站）", True)
    assert found["landfall"]["difference"] == "早 150 分钟"


def test_the_outline_is_crossed_where_the_line_between_fixes_meets_it(
    city: City, event: Event
) -> None:
    outline = city.territory.root.polygon
    assert outline is not None
    crossed = outline_crossing(event, outline)
    assert crossed is not None
    assert abs(crossed - (START + timedelta(minutes=30))) <= timedelta(minutes=1)


def test_who_was_not_reached_by_any_channel_is_counted_by_town_and_named_by_id(
    desk: Desk, event: Event
) -> None:
    story(desk)
    for name in ("P1", "P2"):
        desk.tx.execute(
            schema.person.insert().values(
                id=name, name_enc="x", phone_enc="x", role="resident", tier="resident",
                territory=EAST, language="zh", opted_out=False, on_duty=True, synthetic=True,
            )
        )  # fmt: skip
    delivery(desk, "D1", "P1", "sms", "failed", "空号")
    delivery(desk, "D2", "P1", "voice", "sent", "")
    delivery(desk, "D3", "P2", "sms", "failed", "空号")
    delivery(desk, "D4", "P2", "voice", "unknown", "超时")
    reached = build(desk.tx, desk.city, event, TRUTH)["deliveries"]
    assert reached["planned"] == 4
    assert reached["not_reached"]["by_town"] == {"东镇": 1}
    assert reached["not_reached"]["ids"] == ["P2"]


def test_the_page_is_one_file_marked_synthetic_and_escapes_what_it_shows(
    desk: Desk, event: Event, tmp_path: Path
) -> None:
    story(desk)
    actions.open_incident(desk.as_("duty"), desk.city, "<script>alert(1)</script>")
    review = build(desk.tx, desk.city, event, TRUTH)
    paths = write(review, tmp_path / "out")
    page = paths.html.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page
    assert "含合成或重建数据" in page
    assert "已知事实与结果对照" in page
    assert json.loads(paths.json.read_text(encoding="utf-8")) == review


def test_an_empty_store_has_a_review_too(desk: Desk, tmp_path: Path) -> None:
    review = build(desk.tx, desk.city, None, {"tide": [], "towns": {}})
    assert review["scores"]["hits"] == 0
    assert write(review, tmp_path / "out").html.exists()


def test_stretches_above_a_level_begin_and_end_at_readings(desk: Desk) -> None:
    story(desk)
    rows = archive.window(desk.tx, "Z.tide", START - timedelta(hours=1), START + timedelta(hours=9))
    [found] = stretches(rows, 2.0)
    hours = [(found[key] - START) / timedelta(hours=1) for key in ("start", "end", "peak_time")]
    assert (hours, found["peak_m"]) == ([1, 3, 2], 3.2)


RIVER_RULE = """
approver_roles = ["commander"]
[approve_within_minutes]
[[rule]]
id = "river"
event = "river_level"
name = "河网水位"
name_en = "river level"
code = "11A01"
categories = ["Met"]
source = "test"
assumed = true
areas = "each_station"
[rule.levels]
stations = ["R"]
datum = "1985"
colours = { yellow = 1.65, orange = 2.5 }
hold_minutes = 10
fall_minutes = 120
fall_by_m = 0.2
max_gap_minutes = 90
near_m = 0.1
"""


def test_a_river_that_rose_unwarned_is_missed_by_its_own_gauge(desk: Desk, event: Event) -> None:
    """The river stands at 1.7 m from 02:00 on and nobody warned of its yellow level, 1.65 m."""
    (desk.city.folder / "rules.toml").write_text(RIVER_RULE, encoding="utf-8")
    story(desk)
    review = build(desk.tx, desk.city, event, TRUTH)
    [miss] = review["misses"]
    assert (miss["event"], miss["colour"], miss["where_name"]) == ("river_level", "yellow", "东镇")
    assert datetime.fromisoformat(miss["start"]) == START + timedelta(hours=2)
    assert review["scores"]["by_event"]["storm_tide"]["hits"] == 1


def test_percentiles_of_no_answers_are_not_zero() -> None:
    assert quantiles([]) == {"p50_min": None, "p90_min": None, "count": 0}
    assert quantiles([0, 10]) == {"p50_min": 5, "p90_min": 9, "count": 2}


def test_a_fact_of_an_unknown_kind_is_refused_with_the_kinds_there_are(tmp_path: Path) -> None:
    (tmp_path / "facts.toml").write_text(
        '[[fact]]\nid = "x"\ntext = ""\ntext_en = ""\nsource = ""\ncheck = { kind = "magic" }\n'
    )
    with pytest.raises(Refusal, match="tide_peak, warned"):
        read(tmp_path)


def test_faults_of_facts_are_named_with_their_file(tmp_path: Path) -> None:
    folder = tmp_path / "events/flood"
    folder.mkdir(parents=True)
    (folder / "facts.toml").write_text("[[fact]\n")
    [fault] = check(tmp_path)
    assert (fault.file, "cannot be read" in fault.message) == ("events/flood/facts.toml", True)


def test_pinghus_known_facts_can_be_read_and_each_names_its_source() -> None:
    folder = Path(__file__).parents[2] / "cities/pinghu/events/infa-2021"
    facts = read(folder)
    assert len(facts) >= 8
    assert all(fact["source"].strip() for fact in facts)
    assert datetime.fromisoformat("2021-07-26T09:50:00+08:00") == facts[0]["check"]["time"]


def test_what_people_reported_stands_beside_the_alert_and_scores_nothing(desk: Desk) -> None:
    story(desk)
    desk.now = START
    west = next(u.code for u in desk.city.territory.villages())
    for role, depth, hour in (("crew", "knee", 1), ("resident", "over", 2), ("crew", "waist", 20)):
        act = Act(desk.tx, START + timedelta(hours=hour), f"{role}-{hour}")
        observe_people.record(act, desk.city, role, depth, observe_people.Where(territory=west))
    after = build(desk.tx, desk.city, None, None)
    (told,) = [each["reported"] for each in after["alerts"]]
    # the crew at one o'clock; nobody vouches for the resident, and at twenty it had expired
    assert (told["count"], told["deepest"], told["trust"]) == (1, "knee", 0.9)
    (town,) = after["reports"]
    assert (town["reports"], town["trusted"]) == (3, 2)
    assert "群众上报水深" in render(after, ZoneInfo("Asia/Shanghai"))
    desk.tx.execute(schema.depth_report.delete())
    assert build(desk.tx, desk.city, None, None)["scores"] == after["scores"]


def test_a_spike_is_no_crossing_for_the_review_as_it_was_none_for_the_rules(desk: Desk) -> None:
    moments = [START + timedelta(minutes=10 * n) for n in range(7)]
    levels = [1.0, 1.0, 1.1, 6.0, 1.1, 1.0, 1.0]
    desk.wait(6 * 60)
    readings = [Reading("Z.tide", at, level) for at, level in zip(moments, levels, strict=True)]
    observe.record(desk.as_("system"), desk.city, readings)
    assert observed.truth(desk.tx, desk.city) == {"tide": []}

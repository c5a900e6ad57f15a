"""The service without HTTP, as other ways in call it."""

from __future__ import annotations

from anlan.access import Caller
from anlan.access.desk import Desk
from anlan.observe.sta.requests import create_observations, entity_json, read
from tests.service.hand import Hand

ROOT = "http://desk/sta/v1.1"
TIDE = "Datastreams('zhapu.tide')"


def gauge(hand: Hand, station: str) -> tuple[Desk, Caller]:
    """The desk, and a caller with the key of a station."""
    caller = Caller("admin", "", "", "station", "", None, True, station)
    return Desk(hand.city, hand.store, hand.clock), caller


def test_an_entity_is_found_by_its_path_as_far_as_the_caller_may_know_of_it(hand: Hand) -> None:
    desk, caller = gauge(hand, "zhapu")
    found = entity_json(desk, caller, TIDE, ROOT)
    assert found is not None
    assert found["@iot.selfLink"] == f"{ROOT}/{TIDE}"
    assert entity_json(desk, caller, "Datastreams('jinshanzui.tide')", ROOT) is None
    options = [("$top", "1"), ("$select", "result")]
    answer = read(desk, caller, f"{TIDE}/Observations", options, ROOT)
    assert list(answer.body["value"][0]) == ["result"]


def test_observations_are_taken_each_for_itself(hand: Hand) -> None:
    desk, caller = gauge(hand, "zhapu")
    bodies = [
        {"phenomenonTime": "2021-07-25T03:58:00Z", "result": 2.5},
        {"phenomenonTime": "2021-07-25T03:59:00Z", "result": "high"},
        7,
    ]
    with desk.act(caller) as act:
        good, bad, worse = create_observations(act, desk, caller, bodies, "zhapu.tide")
        (foreign,) = create_observations(act, desk, caller, bodies[:1], "jinshanzui.tide")
    assert good.id == "zhapu.tide@1627185480000"
    assert bad.refusal is not None
    assert worse.refusal is not None
    assert foreign.refusal is not None
    assert foreign.refusal.kind == "forbidden"
    found = entity_json(desk, caller, f"Observations('{good.id}')", ROOT)
    assert found is not None
    assert found["result"] == 2.5

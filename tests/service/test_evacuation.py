"""An evacuation plan from forecast to tasks, and again when the water moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from anlan.city import City
from anlan.store import Store, schema
from tests.respond.roads.flooded import publish
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)
NOWHERE = (0.0, 0.0, 0.0, 0.0)
DRY = {"p50": [0.0], "p90": [0.0]}
EARLY, LATE = "OH01", "OH05"


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NIGHT)


@pytest.fixture
def duty(hand: Hand) -> Iterator[TestClient]:
    with hand.signed_in(hand.account("duty_officer")) as client:
        yield client


def plan(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/v1/evacuation")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def accept(client: TestClient, seen: str) -> Any:
    return client.post("/api/v1/evacuation/accept", json={"seen": seen})


def test_with_no_forecast_nobody_is_in_reach_and_nothing_is_accepted(duty: TestClient) -> None:
    found = plan(duty)

    assert (found["persons"], found["groups"], found["forecast"]) == (0, [], False)
    assert accept(duty, found["digest"]).status_code == 422


def test_people_are_planned_before_the_water_with_the_time_to_leave(
    hand: Hand, duty: TestClient
) -> None:
    publish(hand.city, hand.store, "ONE", NIGHT, NOWHERE, DRY, {EARLY: 2, LATE: 5})

    found = plan(duty)

    first, second = found["groups"]
    assert [first["id"], second["id"]] == [EARLY, LATE]
    assert found["moved"] == found["persons"] == first["persons"] + second["persons"]
    for group in found["groups"]:
        onset, leave = (datetime.fromisoformat(group[key]) for key in ("onset", "leave_by"))
        # half an hour's margin and the way come off
        assert NIGHT < leave < onset - timedelta(minutes=30)
        assert sum(move["persons"] for move in group["moves"]) == group["persons"]
    assert "虚构" in found["groups"][0]["name"]


def test_accepting_gives_villages_their_tasks_and_a_newer_run_shows_what_changes(
    hand: Hand, duty: TestClient
) -> None:
    publish(hand.city, hand.store, "ONE", NIGHT, NOWHERE, DRY, {EARLY: 4})
    first = plan(duty)

    answer = accept(duty, first["digest"])
    assert answer.status_code == 200, answer.text
    [given] = answer.json()["tasks"]
    with hand.store.read() as conn:
        T = schema.task
        task = conn.execute(select(T).where(T.c.id == given["task"])).one()
    assert task.assignee.startswith("village-")
    assert "最迟" in task.instruction
    assert plan(duty)["changes"] == []

    hand.step(30)
    publish(
        hand.city, hand.store, "TWO", hand.clock.now(), NOWHERE, DRY, {EARLY: 2, LATE: 5}
    )  # fmt: skip
    second = plan(duty)
    assert second["accepted"]["older_run"]
    assert {(one["group"], one["what"]) for one in second["changes"]} == {
        (EARLY, "earlier"),
        (LATE, "added"),
    }
    # the page of before the newer run decides nothing
    assert accept(duty, first["digest"]).status_code == 409
    again = accept(duty, second["digest"]).json()
    assert {one["group"] for one in again["tasks"]} == {EARLY, LATE}
    held = plan(duty)["accepted"]["cases"]
    assert held[EARLY] == given["case"], "the place keeps its case"
    # nobody is proposed to pump for the sake of moving people
    lines = duty.get("/api/v1/dispatch/proposal").json()["lines"]
    assert not {line["case"] for line in lines} & set(held.values())


def test_one_approval_of_the_new_plan_withdraws_what_it_makes_needless(
    hand: Hand, duty: TestClient
) -> None:
    publish(hand.city, hand.store, "ONE", NIGHT, NOWHERE, DRY, {EARLY: 4, LATE: 5})
    first = accept(duty, plan(duty)["digest"]).json()
    tasks = {one["group"]: one for one in first["tasks"]}

    hand.step(30)
    publish(hand.city, hand.store, "TWO", hand.clock.now(), NOWHERE, DRY, {EARLY: 2})
    second = plan(duty)
    assert {(one["group"], one["task"], one["why"]) for one in second["withdrawals"]} == {
        (EARLY, tasks[EARLY]["task"], "replaced"),
        (LATE, tasks[LATE]["task"], "removed"),
    }
    answer = accept(duty, second["digest"]).json()
    assert set(answer["withdrawn"]) == {one["task"] for one in tasks.values()}
    states = {one["id"]: one["state"] for one in duty.get("/api/v1/tasks").json()}
    assert {states.get(one["task"], "expired") for one in tasks.values()} == {"expired"}
    assert states[answer["tasks"][0]["task"]] not in ("expired", "done")
    # where nobody has to leave any more the case that the plan opened ends too
    case = duty.get(f"/api/v1/cases/{tasks[LATE]['case']}").json()
    assert case["state"] == "cancelled"
    assert duty.get(f"/api/v1/cases/{tasks[EARLY]['case']}").json()["state"] != "cancelled"
    assert plan(duty)["withdrawals"] == []

    # and when the water stays away from everybody, that plan can be accepted as well
    hand.step(30)
    publish(hand.city, hand.store, "THREE", hand.clock.now(), NOWHERE, DRY, {})
    third = plan(duty)
    assert third["groups"] == []
    assert [one["why"] for one in third["withdrawals"]] == ["removed"]
    assert accept(duty, third["digest"]).status_code == 200
    assert (plan(duty)["changes"], plan(duty)["withdrawals"]) == ([], [])
    assert accept(duty, plan(duty)["digest"]).status_code == 422


def test_a_full_or_flooded_shelter_takes_nobody(hand: Hand, duty: TestClient) -> None:
    publish(hand.city, hand.store, "ONE", NIGHT, NOWHERE, DRY, {EARLY: 5})
    [group] = plan(duty)["groups"]
    nearest = group["moves"][0]["shelter"]
    full = hand.city.shelters[nearest].capacity
    duty.post(f"/api/v1/resources/shelters/{nearest}/open", json={"open": True})
    duty.post(f"/api/v1/resources/shelters/{nearest}/people", json={"persons": full})

    [after] = plan(duty)["groups"]

    assert nearest not in [move["shelter"] for move in after["moves"]]
    chosen = hand.city.shelters[after["moves"][0]["shelter"]]
    box = (chosen.lon - 0.01, chosen.lat - 0.01, chosen.lon + 0.01, chosen.lat + 0.01)
    hand.step(30)
    publish(
        hand.city, hand.store, "TWO", hand.clock.now(), box, {"p50": [0.0], "p90": [0.4]},
        {EARLY: 5},
    )  # fmt: skip
    found = plan(duty)
    [wet] = [one for one in found["shelters"] if one["id"] == chosen.id]
    assert (wet["dry"], wet["assigned"]) == (False, 0)


def test_names_are_masked_and_opened_only_for_a_purpose_that_is_logged(
    hand: Hand, duty: TestClient
) -> None:
    publish(hand.city, hand.store, "ONE", NIGHT, NOWHERE, DRY, {EARLY: 5})
    village = hand.city.places[EARLY].territory
    path = f"/api/v1/evacuation/villages/{village}/people"

    masked = duty.get(path).json()
    assert masked
    assert all(one["name"].endswith("*") and one["phone"] is None for one in masked)
    assert duty.post(path, json={"purpose": " "}).status_code == 422
    opened = duty.post(path, json={"purpose": "电话通知转移"}).json()
    assert all(one["phone"] for one in opened)
    assert not any("*" in one["name"] for one in opened)
    with hand.store.read() as conn:
        J = schema.journal
        entries = conn.execute(select(J).where(J.c.kind == "person.opened")).all()
    assert {entry.subject for entry in entries} == {one["id"] for one in opened}
    assert {entry.actor for entry in entries} == {hand.account("duty_officer")}

    with hand.signed_in(hand.account("liaison")) as department:
        assert department.get(path).status_code == 403
    away = next(
        unit
        for unit in hand.city.territory.towns()
        if not hand.city.territory.is_within(village, unit.code)
    )
    with hand.signed_in(hand.account("town_officer", within=away.code)) as other:
        assert other.get(path).status_code == 404
        assert plan(other)["groups"] == []

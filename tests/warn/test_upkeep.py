"""Silences of the desk, and the monthly communication test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.refusal import Refusal
from anlan.store import Store, schema
from anlan.warn import actions, communication, silences
from anlan.warn.delivery import State
from tests.service.hand import Hand, raise_hand
from tests.warn.world import START, World


def quiet(world: World, **more: Any) -> str:
    given = {"hours": 2, "up_to": "orange", "reason": "闸门调试", **more}
    name: str = world.act("duty-1", lambda act: silences.silence(act, world.city, **given))
    return name


def test_a_silence_of_the_desk_holds_back_until_it_ends(world: World) -> None:
    quiet(world, rules=["storm-tide"])
    world.read("zhapu", 4.3, 4.3, 4.3)  # yellow
    assert world.evaluate() == []
    assert world.rows(schema.alert) == []
    world.forward(hours=2, seconds=1)
    world.read("zhapu", 4.3, 4.3, 4.3)
    assert len(world.evaluate()) == 1


def test_red_goes_out_in_spite_of_every_silence(world: World) -> None:
    quiet(world)
    world.read("zhapu", 5.0, 5.0)
    (alert,) = world.evaluate()
    (row,) = world.rows(schema.alert, id=alert)
    assert row.colour == "red"


def test_lifted_it_holds_nothing_back_and_both_are_in_the_journal(world: World) -> None:
    name = quiet(world)
    world.read("zhapu", 4.3, 4.3, 4.3)
    assert world.evaluate() == []
    world.act("duty-1", lambda act: silences.lift(act, name))
    assert len(world.evaluate()) == 1
    assert [len(world.journal(f"silence.{verb}")) for verb in ("set", "lifted")] == [1, 1]
    with pytest.raises(Refusal, match="does not hold"):
        world.act("duty-1", lambda act: silences.lift(act, name))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"up_to": "red"}, "up_to"),
        ({"hours": 0}, "hours"),
        ({"hours": 73}, "hours"),
        ({"hours": float("nan")}, "hours"),
        ({"reason": " "}, "reason"),
        ({"rules": ["nothing"]}, "rules"),
        ({"areas": ["110000000000"]}, "territory"),
    ],
)
def test_a_silence_that_cannot_be_is_refused_by_field(
    world: World, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        quiet(world, **wrong)
    assert refusal.value.field == field
    with world.store.read() as conn:
        assert silences.standing(conn, world.now) == []


def begin(world: World) -> str:
    name: str = world.act("duty-1", lambda act: communication.begin(act, world.city, live=False))
    return name


def read_report(world: World, test: str) -> dict[str, Any]:
    with world.store.read() as conn:
        return communication.report(conn, test, world.now)


def test_everybody_who_must_answer_is_asked_by_every_channel_and_told_it_is_a_test(
    world: World,
) -> None:
    test = begin(world)
    rows = world.rows(schema.delivery, alert=test)
    asked = {row.person for row in rows}
    assert asked == {
        "zhapu-officer", "xindai-officer", "zhapu-village", "zhapu-grid", "zhapu-volunteer",
    }  # fmt: skip
    assert {row.channel for row in rows} == {"dingtalk", "sms", "voice"}
    assert all(row.body.startswith("【演练】【测试】") for row in rows)
    world.deliver()
    lines = (world.folder / "outbox" / "exercise.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == len(rows) == read_report(world, test)["waiting"]
    world.forward(minutes=121)
    assert read_report(world, test)["silent"] == len(rows)
    assert json.loads(lines[0])["body"].count("不是预警") == 1


def test_nobody_is_asked_twice_within_an_hour(world: World) -> None:
    begin(world)
    world.forward(minutes=59)
    with pytest.raises(Refusal, match="wait an hour"):
        begin(world)
    world.forward(minutes=2)
    begin(world)


def test_the_report_names_dead_silent_and_answered_addresses(world: World) -> None:
    test = begin(world)
    world.deliver()
    sms = {row.person: row.id for row in world.rows(schema.delivery, alert=test, channel="sms")}

    def hear(person: str, state: State) -> None:
        world.act("system", lambda act: actions.receipt(act, sms[person], state))

    hear("zhapu-grid", State.FAILED)
    hear("zhapu-village", State.ANSWERED)
    hear("zhapu-officer", State.DELIVERED)
    world.forward(hours=3)
    world.fire()
    found = read_report(world, test)
    by_sms = found["by_channel"]["sms"]
    assert (by_sms["dead"], by_sms["answered"], by_sms["arrived"]) == (1, 1, 1)
    dead = [each for each in found["troubled"] if each["what"] == "dead"]
    assert [(each["person"], each["channel"]) for each in dead] == [("zhapu-grid", "sms")]
    # nobody is escalated for a test, and no further message goes out
    assert world.journal("delivery.escalated") == []
    assert len(world.rows(schema.delivery, alert=test)) == found["asked"]


def test_who_has_no_address_at_all_is_in_the_report(world: World) -> None:
    table = schema.person
    world.act(
        "system",
        lambda act: act.tx.execute(
            table.update().where(table.c.id == "zhapu-grid").values(phone_enc="", tier="grid")
        ),
    )
    found = read_report(world, begin(world))
    # the file outlet of DingTalk needs no number; the others do
    mine = [each for each in found["troubled"] if each["person"] == "zhapu-grid"]
    assert mine == []
    rows = world.rows(schema.delivery, alert=found["id"], person="zhapu-grid")
    assert [row.channel for row in rows] == ["dingtalk"]


def test_it_comes_round_once_a_month_also_after_an_outage(world: World) -> None:
    world.act("system", lambda act: communication.schedule(act, world.city, live=False))
    first = datetime(2021, 8, 1, 2, 0, tzinfo=UTC)  # 10:00 in the city
    assert first > START
    world.now = first - timedelta(seconds=1)
    world.fire()
    assert world.journal("communication_test.begun") == []
    world.now = first + timedelta(days=3)  # the desk was down
    world.fire()
    world.fire()
    assert len(world.journal("communication_test.begun")) == 1
    world.now = datetime(2021, 9, 1, 2, 0, tzinfo=UTC)
    world.fire()
    assert len(world.journal("communication_test.begun")) == 2


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, START)


@pytest.fixture
def desk(hand: Hand) -> Iterator[TestClient]:
    with hand.signed_in(hand.account("duty_officer")) as client:
        yield client


def test_the_desk_sets_silences_and_reads_the_report_masked(hand: Hand, desk: TestClient) -> None:
    made = desk.post("/api/v1/silences", json={"hours": 1, "up_to": "blue", "reason": "检修"})
    assert made.status_code == 200, made.text
    (held,) = desk.get("/api/v1/silences").json()
    assert held["up_to"] == "blue"
    assert "检修" not in str(held)
    assert desk.post(f"/api/v1/silences/{held['id']}/lift").status_code == 200
    assert desk.get("/api/v1/silences").json() == []
    test = desk.post("/api/v1/communication-tests").json()["id"]
    hand.step(1)
    found = desk.get(f"/api/v1/communication-tests/{test}").json()
    assert found["asked"] > 100
    names = {person.name for person in hand.city.people}
    assert not any(name in str(found["troubled"]) for name in names)
    assert desk.get("/api/v1/communication-tests/CT9999").status_code == 404
    with hand.signed_in(hand.account("grid_worker")) as worker:
        assert worker.get("/api/v1/communication-tests").status_code == 403
        assert worker.post("/api/v1/silences", json={}).status_code in (403, 422)

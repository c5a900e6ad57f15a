"""Hand-offs: never lost, never silently doubled, never to the wrong kind of outlet."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import FileOutlet, RealFileOutlet, actions, views
from anlan.warn.channels import (
    ActualMessage,
    ExerciseMessage,
    ExerciseOutlet,
    Handed,
    Outcome,
    Outlet,
    RealOutlet,
    hand_over,
)
from anlan.warn.delivery import RANK, RECEIPTS, Found, State, after_query, after_receipt, key
from tests.warn.world import World

pytestmark = pytest.mark.both_engines

CHANNELS = ("sms", "voice", "dingtalk")


class Killed(BaseException):
    """The process dies here."""


class Provider(ExerciseOutlet):
    """An exercise provider that remembers what it took, and can be told how to fail."""

    def __init__(self, tells: bool = True) -> None:
        self.taken: list[ExerciseMessage] = []
        self.tells = tells
        self.die_before = self.die_after = self.break_after = self.refuse = False

    def send(self, messages: Sequence[ExerciseMessage]) -> list[Handed]:
        if self.refuse:
            return [Handed(Outcome.REFUSED)] * len(messages)
        if self.die_before:
            raise Killed
        self.taken += messages
        if self.die_after:
            raise Killed
        if self.break_after:
            raise TimeoutError
        return [Handed(Outcome.ACCEPTED)] * len(messages)

    def query(self, key: str) -> Found:
        if not self.tells:
            return Found.CANNOT_TELL
        return Found.SENT if key in {each.key for each in self.taken} else Found.ABSENT


def outlets(provider: Outlet) -> dict[str, Outlet]:
    return dict.fromkeys(CHANNELS, provider)


def issue_red(world: World) -> str:
    world.read("zhapu", 5.0, 5.0)
    (alert,) = world.evaluate()
    world.approve(alert, "duty-1", "boss")
    return alert


def test_the_audience_is_inside_or_responsible_by_role_and_tier(world: World) -> None:
    alert = issue_red(world)
    told = {row.person for row in world.rows(schema.delivery, alert=alert)}
    assert told == {"commander", "water", "zhapu-officer", "zhapu-village", "zhapu-grid"}


def test_the_preview_says_who_how_and_what_before_anybody_approves(world: World) -> None:
    world.read("zhapu", 5.0, 5.0)
    (alert,) = world.evaluate()
    with world.store.read() as conn:
        preview = actions.preview(conn, world.city, alert)
    assert preview.total == 5
    assert preview.by_channel == {"dingtalk": 4, "sms": 1}
    assert all(str(sample["text"]).startswith("【演练】") for sample in preview.samples)
    assert world.rows(schema.delivery) == []


def test_residents_are_told_only_of_kinds_granted_and_the_unreachable_are_counted(
    world: World,
) -> None:
    world.read("rain-zhapu", 40.0, 40.0, 40.0, step=60)
    (alert,) = world.evaluate()
    with world.store.read() as conn:
        preview = actions.preview(conn, world.city, alert)
    assert preview.by_tier["resident"] == 1
    assert preview.unreachable == [("no-phone", "no_phone"), ("opted-out", "opted_out")]
    world.approve(alert, "duty-1", "boss")
    states = {row.person: row.state for row in world.rows(schema.delivery, alert=alert)}
    assert (states["no-phone"], states["opted-out"]) == ("failed", "suppressed")


def test_every_exercise_text_is_marked_and_written_to_the_file(world: World) -> None:
    alert = issue_red(world)
    counts = world.deliver()
    lines = (world.folder / "outbox" / "exercise.jsonl").read_text("utf-8").splitlines()
    assert counts["sent"] == len(lines) == 5
    assert all(json.loads(line)["body"].startswith("【演练】") for line in lines)
    assert world.deliver()["sent"] == 5
    assert len((world.folder / "outbox" / "exercise.jsonl").read_bytes().splitlines()) == 5
    assert len(world.rows(schema.delivery, alert=alert, state="sent")) == 5


def test_killed_before_the_call_nothing_is_lost_and_no_text_is_a_repeat(world: World) -> None:
    issue_red(world)
    provider = Provider()
    provider.die_before = True
    with pytest.raises(Killed):
        world.deliver(outlets(provider))
    assert len(world.rows(schema.delivery, state="sending")) > 0
    provider.die_before = False
    assert world.deliver(outlets(provider))["sent"] == 5
    assert len(provider.taken) == 5
    assert not any("重发" in each.body for each in provider.taken)


def test_killed_after_acceptance_nothing_is_sent_twice(world: World) -> None:
    issue_red(world)
    provider = Provider()
    provider.die_after = True
    with pytest.raises(Killed):
        world.deliver(outlets(provider))
    taken = len(provider.taken)
    provider.die_after = False
    assert world.deliver(outlets(provider))["sent"] == 5
    keys = [each.key for each in provider.taken]
    assert len(keys) == len(set(keys)) == 5
    assert taken > 0


def test_what_no_outlet_can_tell_is_repeated_marked_and_counted(world: World) -> None:
    issue_red(world)
    provider = Provider(tells=False)
    provider.die_after = True
    with pytest.raises(Killed):
        world.deliver(outlets(provider))
    first = len(provider.taken)
    provider.die_after = False
    world.deliver(outlets(provider))
    again = provider.taken[first:]
    repeats = [each for each in again if each.repeat]
    assert len(repeats) == first
    assert all(each.body.startswith("【演练】【重发】") for each in repeats)
    assert sum(row.repeat for row in world.rows(schema.delivery)) == first


FAULTS = ("die_before", "die_after", "break_after")


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("faults", list(itertools.product(FAULTS, FAULTS)))
def test_no_crash_point_loses_a_message_or_doubles_one_silently(
    world: World, faults: tuple[str, ...], tells: bool
) -> None:
    issue_red(world)
    provider = Provider(tells)
    for fault in faults:
        setattr(provider, fault, True)
        with contextlib.suppress(Killed):
            world.deliver(outlets(provider))
        setattr(provider, fault, False)
    for _ in range(3):
        world.deliver(outlets(provider))
    wanted = {row.id for row in world.rows(schema.delivery)}
    assert {row.state for row in world.rows(schema.delivery)} == {"sent"}
    assert {each.key for each in provider.taken} == wanted, "nothing is lost"
    for key_ in wanted:
        copies = [each.body for each in provider.taken if each.key == key_]
        assert len(copies) == 1 or not tells, "an outlet that tells never gets it twice"
        assert all("【重发】" in body for body in copies[1:]), "no copy is silent"


def test_repeats_end_and_the_unknown_stays_visible(world: World) -> None:
    issue_red(world)
    provider = Provider(tells=False)
    provider.break_after = True
    for _ in range(6):
        world.deliver(outlets(provider))
    assert {row.state for row in world.rows(schema.delivery)} == {"unknown"}
    assert {row.repeat for row in world.rows(schema.delivery)} == {2}


def test_a_refused_channel_falls_to_the_next(world: World) -> None:
    alert = issue_red(world)
    broken, good = Provider(), Provider()
    broken.refuse = True
    mixed: dict[str, Outlet] = {"dingtalk": broken, "sms": good, "voice": good}
    world.deliver(mixed)
    assert world.fire() > 0
    world.deliver(mixed)
    with world.store.read() as conn:
        assert views.coverage(conn, alert) == {"sent": 5}
    reasons = {row.reason for row in world.rows(schema.delivery, channel="sms", state="sent")}
    assert "fall-back from dingtalk" in reasons


def test_silence_climbs_grid_community_town_city_once(world: World) -> None:
    issue_red(world)
    world.deliver()
    for _ in range(8):
        world.forward(minutes=16)
        world.fire()
        world.deliver()
    rows = world.rows(schema.delivery)
    climbed = [(r.person, r.reason) for r in rows if r.reason.startswith("escalation")]
    assert len(climbed) == len(set(climbed))
    assert set(climbed) >= {
        ("zhapu-village", "escalation from grid"),
        ("zhapu-officer", "escalation from community"),
        ("commander", "escalation from town"),
    }
    texts = [row.body for row in rows if row.reason == "escalation from grid"]
    assert "未确认" in texts[0]


def test_who_answers_is_not_escalated(world: World) -> None:
    issue_red(world)
    world.deliver()
    for row in world.rows(schema.delivery, state="sent"):
        world.act("system", partial(actions.acknowledge, delivery_id=row.id))
    world.forward(hours=2)
    assert world.fire() == 0
    assert len(world.journal("delivery.answered")) == 5


def test_what_was_never_handed_over_cannot_be_answered(world: World) -> None:
    issue_red(world)
    row = world.rows(schema.delivery)[0]
    with pytest.raises(Refusal, match="only what was handed over can be answered"):
        world.act("system", lambda act: actions.acknowledge(act, row.id))


def test_a_new_version_suppresses_what_still_waits(world: World) -> None:
    world.read("zhapu", 4.3, 4.3)
    (first,) = world.evaluate()
    world.approve(first, "duty-1")
    world.forward(minutes=20)
    world.read("zhapu", 5.0, 5.0)
    (second,) = world.evaluate()
    world.approve(second, "duty-1", "boss")
    assert {row.state for row in world.rows(schema.delivery, alert=first)} == {"suppressed"}
    assert {row.state for row in world.rows(schema.delivery, alert=second)} == {"planned"}


class Megaphone(RealOutlet):
    """A real outlet that must never hear of an exercise."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def transmit(self, messages: Sequence[ActualMessage]) -> list[Handed]:
        self.heard += messages
        return [Handed(Outcome.ACCEPTED)] * len(messages)

    def query(self, key: str) -> Found:
        return Found.ABSENT


def test_exercise_traffic_cannot_reach_a_real_outlet(world: World) -> None:
    issue_red(world)
    real = Megaphone()
    world.deliver(outlets(real))
    for _ in range(5):
        world.forward(minutes=16)
        world.fire()
        world.deliver(outlets(real))
    assert real.heard == []
    assert {row.state for row in world.rows(schema.delivery)} == {"failed"}


def test_actual_needs_the_real_clock_and_a_cleared_sender(world: World) -> None:
    sender = {"id": "ops@pinghu.example", "name": "平湖市防指", "actual": True}
    cleared = replace(world.city, settings={**world.city.settings, "sender": sender})
    world.read("zhapu", 4.3, 4.3)
    for city, live, status in (
        (world.city, True, "Exercise"),
        (cleared, False, "Exercise"),
        (cleared, True, "Actual"),
    ):
        (alert,) = world.act("system", partial(actions.evaluate, city=city, live=live))
        assert world.rows(schema.alert, id=alert)[0].status == status
        with world.store.transaction() as tx:
            tx.execute(update(schema.alert).values(state="expired", rule="gone"))


def test_actual_traffic_reaches_real_outlets_only(world: World) -> None:
    alert = issue_red(world)
    with world.store.transaction() as tx:
        tx.execute(update(schema.alert).values(status="Actual"))
    exercise, real = Provider(), Megaphone()
    world.deliver({"sms": exercise, "voice": exercise, "dingtalk": real})
    assert exercise.taken == []
    assert len(real.heard) == 4
    assert len(world.rows(schema.delivery, alert=alert, state="failed")) == 1


def test_the_hand_over_itself_refuses_the_wrong_kind(tmp_path: Path) -> None:
    exercise = ExerciseMessage("D1", "a", 1, "sms", "p", "【演练】x", 0)
    actual = ActualMessage("D2", "a", 1, "sms", "p", "x", 0)
    with pytest.raises(Refusal, match="exercise traffic goes to exercise outlets"):
        hand_over(RealFileOutlet(tmp_path), [exercise])
    with pytest.raises(Refusal, match="actual traffic to real ones"):
        hand_over(FileOutlet(tmp_path), [actual])
    assert not (tmp_path / "actual.jsonl").exists()


def test_an_exercise_message_without_its_mark_cannot_be_made() -> None:
    with pytest.raises(Refusal, match="lacks its mark"):
        ExerciseMessage("D1", "a", 1, "sms", "p", "台风来了", 0)


def test_a_line_torn_by_a_crash_was_never_accepted(tmp_path: Path) -> None:
    outlet = FileOutlet(tmp_path)
    outlet.send([ExerciseMessage("D1", "a", 1, "sms", "p", "【演练】x", 0)])
    with outlet.path.open("ab") as file:
        file.write(b'{"key": "D2", "bo')
    again = FileOutlet(tmp_path)
    assert (again.query("D1"), again.query("D2")) == (Found.SENT, Found.ABSENT)
    again.send([ExerciseMessage("D2", "a", 1, "sms", "p", "【演练】y", 0)])
    assert [json.loads(line)["key"] for line in again.path.read_text("utf-8").splitlines()] == [
        "D1",
        "D2",
    ]


@given(st.sampled_from(State), st.lists(st.sampled_from(RECEIPTS), max_size=8))
def test_receipts_only_move_forward(start: State, receipts: list[State]) -> None:
    state = start
    for receipt in receipts:
        after = after_receipt(state, receipt)
        if after is None:
            continue
        if State.FAILED not in (after, state):
            assert RANK[after] > RANK[state]
        assert state not in (State.SUPPRESSED, State.PLANNED, State.QUEUED)
        assert not (after is State.FAILED and RANK.get(state, 0) >= RANK[State.DELIVERED])
        state = after


@given(st.sampled_from(Found), st.integers(0, 10))
def test_a_query_never_repeats_what_was_sent(found: Found, repeat: int) -> None:
    state, is_repeat = after_query(found, repeat)
    assert not (found is Found.SENT and state is not State.SENT)
    assert is_repeat == (found is Found.CANNOT_TELL and state is State.PLANNED)


@given(st.text(max_size=8), st.integers(1, 9), st.text(max_size=8), st.sampled_from(CHANNELS))
def test_one_key_per_alert_version_person_and_channel(a: str, v: int, p: str, c: str) -> None:
    assert key(a, v, p, c) == key(a, v, p, c)
    assert key(a, v, p, c) != key(a, v + 1, p, c)


def test_late_receipts_reach_the_row(world: World) -> None:
    issue_red(world)
    world.deliver()
    row = world.rows(schema.delivery, state="sent")[0]
    for state, expected in (("read", "read"), ("delivered", "read"), ("failed", "read")):
        assert (
            world.act("system", partial(actions.receipt, delivery_id=row.id, state=state))
            == expected
        )
    with pytest.raises(Refusal, match="'lost' is no receipt"):
        world.act("system", lambda act: actions.receipt(act, row.id, "lost"))


def test_the_off_duty_are_replaced_by_their_deputy_and_never_by_silence(world: World) -> None:
    people = schema.person
    with world.store.transaction() as tx:
        off = update(people).where(people.c.id.in_(["zhapu-officer", "zhapu-village"]))
        tx.execute(off.values(on_duty=False))
        tx.execute(
            update(people).where(people.c.id == "zhapu-officer").values(deputy="xindai-officer")
        )
    alert = issue_red(world)
    told = {row.person: row.reason for row in world.rows(schema.delivery, alert=alert)}
    assert told["xindai-officer"] == "deputy for zhapu-officer"
    assert "zhapu-village" in told
    assert "zhapu-officer" not in told

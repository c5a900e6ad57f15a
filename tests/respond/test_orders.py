"""The command log: who ordered what to whom, when, and when it was acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from anlan.refusal import Refusal
from anlan.respond import actions, command_log, orders, posts
from anlan.respond.deadlines import fire_timers
from anlan.store import schema
from tests.respond.town import Desk

pytestmark = pytest.mark.both_engines


@pytest.fixture
def incident(desk: Desk) -> str:
    return actions.open_incident(desk.as_("duty"), desk.city, "试验事件")


def order(desk: Desk, incident: str, to: str | None = "town-east", **more: object) -> str:
    given = {"to": to, **more}
    return orders.give(desk.as_("duty"), desk.city, incident, "撤离旱闸沿线", **given)  # type: ignore[arg-type]


def line(desk: Desk, name: str) -> orders.View:
    return next(each for each in orders.listed(desk.tx, desk.city, desk.now) if each["id"] == name)


def journal(desk: Desk, kind: str) -> list[str]:
    J = schema.journal
    return list(desk.tx.execute(J.select().where(J.c.kind == kind)).scalars())


def test_an_order_is_acknowledged_by_whom_it_was_given_to(desk: Desk, incident: str) -> None:
    name = order(desk, incident)
    desk.wait(4)
    orders.acknowledge(desk.as_("town-east"), name, words="收到")
    found = line(desk, name)
    assert found["state"] == "acknowledged"
    assert found["acknowledged_at"] == desk.now.isoformat()
    assert (found["answer"], found["late"]) == ("收到", False)


def test_an_answer_by_telephone_is_put_down_with_how_it_came(desk: Desk, incident: str) -> None:
    name = order(desk, incident, to=None, to_name="交通局值班室")
    with pytest.raises(Refusal, match="say how it came"):
        orders.acknowledge(desk.as_("commander"), name)
    orders.acknowledge(desk.as_("commander"), name, means="phone", words="王主任：收到")
    found = line(desk, name)
    assert found["to_name"] == "交通局值班室"
    assert (found["acknowledged_by"], found["acknowledged_means"]) == ("commander", "phone")


def test_an_order_may_be_put_down_later_than_it_was_given(desk: Desk, incident: str) -> None:
    desk.wait(30)
    given = desk.now - timedelta(minutes=20)
    name = order(desk, incident, by="commander", means="radio", given_at=given)
    found = line(desk, name)
    assert (found["given_at"], found["entered_at"]) == (given.isoformat(), desk.now.isoformat())
    assert (found["by"], found["entered_by"]) == ("commander", "duty")
    J = schema.journal
    entry = desk.tx.execute(J.select().where(J.c.subject == name)).one()
    assert (entry.valid_at, entry.recorded_at) == (given, desk.now)


@pytest.mark.parametrize("minutes", [1, -26 * 60])
def test_an_order_is_not_of_the_future_nor_of_days_ago(
    desk: Desk, incident: str, minutes: int
) -> None:
    with pytest.raises(Refusal, match="given_at"):
        order(desk, incident, given_at=desk.now + timedelta(minutes=minutes))


def test_silence_is_put_down_once_and_shown_as_late(desk: Desk, incident: str) -> None:
    name = order(desk, incident, ack_min=10)
    desk.wait(11)
    fire_timers(desk.as_("system"), desk.city)
    fire_timers(desk.as_("system"), desk.city)
    assert len(journal(desk, "order.unanswered")) == 1
    assert line(desk, name)["late"]


def test_an_unanswered_order_climbs_one_rung_once_and_who_is_told_may_answer(
    desk: Desk, incident: str
) -> None:
    name = order(desk, incident, to="grid-east-1", ack_min=10)
    before = orders.listed(desk.tx, desk.city, desk.now, concerning="village-east-1")
    for _ in range(3):
        desk.wait(11)
        fire_timers(desk.as_("system"), desk.city)
    assert before == []
    [seen] = orders.listed(desk.tx, desk.city, desk.now, concerning="village-east-1")
    assert (seen["id"], seen["told"]) == (name, ["village-east-1"])
    assert orders.listed(desk.tx, desk.city, desk.now, concerning="town-east") == []
    assert orders.allowed(desk.tx, seen, "village-east-1") == ["acknowledge", "done"]
    said = command_log.lines(desk.tx, desk.city, desk.now, incident)
    assert [each["to"] for each in said if each["kind"] == "order.unanswered"] == ["village-east-1"]
    orders.acknowledge(desk.as_("village-east-1"), name, means="phone", words="他在堤上，我去")
    assert line(desk, name)["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("to", "told"),
    [("town-east", "commander"), (None, "commander"), ("crew-build", "liaison-build")],
)
def test_an_order_climbs_past_who_gave_it_and_for_outsiders_to_the_city(
    desk: Desk, incident: str, to: str | None, told: str
) -> None:
    name = order(desk, incident, to=to, to_name="" if to else "交通局值班室", ack_min=10)
    desk.wait(11)
    fire_timers(desk.as_("system"), desk.city)
    assert line(desk, name)["told"] == [told]


def test_an_answered_order_fires_nothing(desk: Desk, incident: str) -> None:
    name = order(desk, incident, ack_min=10)
    orders.acknowledge(desk.as_("town-east"), name)
    desk.wait(60)
    fire_timers(desk.as_("system"), desk.city)
    assert journal(desk, "order.unanswered") == []
    assert not line(desk, name)["late"]


def test_who_holds_a_post_writes_in_the_log_and_nobody_else_does(desk: Desk, incident: str) -> None:
    with pytest.raises(Refusal) as refused:
        orders.give(desk.as_("liaison-build"), desk.city, incident, "待命", to="town-east")
    assert refused.value.kind == "forbidden"
    posts.take(desk.as_("liaison-build"), desk.city, incident, "operations")
    orders.give(desk.as_("liaison-build"), desk.city, incident, "待命", to="town-east")


def test_another_s_order_is_not_answered_by_a_bystander(desk: Desk, incident: str) -> None:
    name = order(desk, incident)
    stranger = desk.as_("town-west")
    commands: list[Callable[[], None]] = [
        lambda: orders.acknowledge(stranger, name),
        lambda: orders.report_done(stranger, name, "好了"),
        lambda: orders.withdraw(stranger, name, "不要了"),
    ]
    for command in commands:
        with pytest.raises(Refusal) as refused:
            command()
        assert refused.value.kind == "forbidden"


def test_an_order_ends_once(desk: Desk, incident: str) -> None:
    name = order(desk, incident)
    orders.report_done(desk.as_("town-east"), name, "已撤 12 人")
    found = line(desk, name)
    assert (found["state"], found["ended_words"]) == ("done", "已撤 12 人")
    assert found["acknowledged_at"] is not None, "what is done has been heard"
    with pytest.raises(Refusal, match="is 'done'"):
        orders.withdraw(desk.as_("duty"), name, "不要了")


def test_the_journal_holds_no_word_of_an_order(desk: Desk, incident: str) -> None:
    order(desk, incident, to=None, to_name="王主任")
    rows = desk.tx.execute(schema.journal.select()).all()
    said = "".join(str(tuple(row)) for row in rows)
    assert "王主任" not in said
    assert "旱闸" not in said


def test_an_erased_note_leaves_the_line_standing(desk: Desk, incident: str) -> None:
    name = order(desk, incident)
    desk.tx.execute(schema.note.delete())
    assert line(desk, name)["what"] is None
    assert "内容已删除" in command_log.as_csv(
        command_log.lines(desk.tx, desk.city, desk.now, incident), desk.city.zone, False
    )


def test_an_incident_does_not_close_over_an_open_order(desk: Desk, incident: str) -> None:
    name = order(desk, incident)
    with pytest.raises(Refusal, match="1 orders without outcome"):
        actions.close_incident(desk.as_("duty"), desk.city, incident, "结束")
    actions.close_incident(desk.as_("duty"), desk.city, incident, "结束", cancel_open=True)
    assert line(desk, name)["state"] == "withdrawn"


def test_the_log_tells_everything_in_its_order(desk: Desk, incident: str) -> None:
    duty = desk.as_("duty")
    desk.wait(1)
    actions.set_level(desk.as_("duty"), desk.city, incident, "IV", "潮位上涨")
    desk.wait(1)
    posts.take(desk.as_("commander"), desk.city, incident, "commander")
    desk.wait(1)
    order(desk, incident)
    orders.give(
        desk.as_("duty"), desk.city, incident, "东镇来电：堤脚渗水", kind="report", to_name="李某"
    )
    desk.wait(1)
    posts.relieve(desk.as_("commander"), desk.city, incident, "commander", "换班")
    found = command_log.lines(desk.tx, desk.city, desk.now, incident)
    assert [each["kind"] for each in found] == [
        "incident.opened", "decision", "post.taken", "order", "report", "post.relieved",
    ]  # fmt: skip
    assert found[1]["what"] == "启动 IV 级应急响应：潮位上涨"
    assert (found[4]["who"], found[4]["to"]) == ("李某", None)
    assert duty.actor == "duty"


def test_a_cell_is_never_a_formula(desk: Desk, incident: str) -> None:
    orders.give(desk.as_("duty"), desk.city, incident, '=HYPERLINK("http://x")', to_name="@SUM(1)")
    text = command_log.as_csv(
        command_log.lines(desk.tx, desk.city, desk.now, incident), desk.city.zone, True
    )
    assert "演练" in text.splitlines()[0]
    cells = [cell for row in text.splitlines() for cell in row.split(",")]
    assert not any(cell.strip('"').startswith(("=", "@", "+", "-")) for cell in cells)


@pytest.mark.parametrize(
    ("field", "value"),
    [("what", " "), ("what", "字" * 2001), ("what", "a\x00b"), ("to_name", "名" * 81),
     ("kind", "wish"), ("means", "pigeon"), ("ack_min", float("nan")), ("to", "nobody")],
)  # fmt: skip
def test_what_cannot_be_put_down_is_refused_by_its_name(
    desk: Desk, incident: str, field: str, value: object
) -> None:
    given: dict[str, object] = {"what": "待命", "to_name": "某", field: value}
    what = given.pop("what")
    with pytest.raises(Refusal) as refused:
        orders.give(desk.as_("duty"), desk.city, incident, what, **given)  # type: ignore[arg-type]
    assert refused.value.field == field

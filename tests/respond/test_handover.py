"""The hand-over: drafted from the state, signed by who leaves, acknowledged by who comes."""

from __future__ import annotations

import pytest

from anlan.refusal import Refusal
from anlan.respond import actions, handover, orders, posts
from anlan.store import schema
from tests.respond.test_levels import assess, document, issue
from tests.respond.town import EAST_ONE, Desk

pytestmark = pytest.mark.both_engines


@pytest.fixture
def incident(desk: Desk) -> str:
    issue(desk, "yellow")
    return actions.set_level(desk.as_("duty"), desk.city, None, "IV").incident


def text_of(desk: Desk, name: str) -> str:
    note = handover.get(desk.tx, name).text_note
    return orders.notes(desk.tx, [note])[note] or ""


def test_the_draft_says_how_things_stand(desk: Desk, incident: str) -> None:
    duty = desk.as_("duty")
    actions.open_case(duty, desk.city, "resident_report", territory=EAST_ONE, text="积水")
    orders.give(desk.as_("duty"), desk.city, incident, "撤离", to="town-east")
    posts.take(desk.as_("duty"), desk.city, incident, "operations")
    desk.wait(150)
    said = text_of(desk, handover.draft(desk.as_("duty"), desk.city, incident))
    for expected in (
        "响应等级：IV 级", "未结 3 件，其中超期 3 件", "无人签收", "O0002", "已超时",
        "试城风暴潮黄色", "没有在时效内的预报研判", "本人岗位：作战组", "已超时：撤离",
    ):  # fmt: skip
        assert expected in said, expected


def test_the_outlook_is_that_of_the_assessment_in_force(desk: Desk, incident: str) -> None:
    content = document() | {
        "tide": {
            "peak": {"p50": 4.5, "p90": 4.9},
            "peak_time": desk.now.isoformat(),
            "datum": "1985",
        },
        "rain": {"total_mm": {"p50": 120.0, "p90": 180.0}},
        "horizon_h": 24.0,
        "issued": desk.now.isoformat(),
    }
    assess(desk, content)
    said = text_of(desk, handover.draft(desk.as_("duty"), desk.city, incident))
    assert "面雨量中值 120 毫米，九成不超过 180 毫米" in said
    assert "最高潮位中值 4.50 米、九成不超过 4.90 米" in said
    desk.wait(25 * 60)
    assert "120 毫米" not in text_of(desk, handover.draft(desk.as_("duty"), desk.city, incident))


def test_drafting_again_keeps_one_draft(desk: Desk, incident: str) -> None:
    first = handover.draft(desk.as_("duty"), desk.city, incident)
    desk.wait(5)
    assert handover.draft(desk.as_("duty"), desk.city, incident) == first


def test_the_watch_passes_with_the_acknowledgement_and_the_posts_with_it(
    desk: Desk, incident: str
) -> None:
    posts.take(desk.as_("duty"), desk.city, incident, "commander")
    name = handover.draft(desk.as_("duty"), desk.city, incident)
    handover.sign(desk.as_("duty"), name, "一切如上；盯住二号闸", "commander")
    assert posts.holders(desk.tx, incident) == {"commander": "duty"}, "not before it is taken"
    passed = handover.acknowledge(desk.as_("commander"), desk.city, name, "知道了")
    assert passed == ["commander"]
    assert posts.holders(desk.tx, incident) == {"commander": "commander"}


def test_a_post_that_the_newcomer_may_not_hold_stays(desk: Desk, incident: str) -> None:
    posts.take(desk.as_("duty"), desk.city, incident, "commander")
    name = handover.draft(desk.as_("duty"), desk.city, incident)
    handover.sign(desk.as_("duty"), name, "交班")
    assert handover.acknowledge(desk.as_("liaison-build"), desk.city, name) == []
    assert posts.holders(desk.tx, incident) == {"commander": "duty"}


def test_signed_words_stand(desk: Desk, incident: str) -> None:
    name = handover.draft(desk.as_("duty"), desk.city, incident)
    handover.save(desk.as_("duty"), name, "草稿")
    handover.sign(desk.as_("duty"), name, "定稿")
    for change in (handover.save, handover.sign):
        with pytest.raises(Refusal) as refused:
            change(desk.as_("duty"), name, "改")
        assert refused.value.kind == "conflict"
    assert text_of(desk, name) == "定稿"


def test_nobody_hands_the_watch_to_themselves(desk: Desk, incident: str) -> None:
    name = handover.draft(desk.as_("duty"), desk.city, incident)
    with pytest.raises(Refusal):
        handover.sign(desk.as_("duty"), name, "交班", "duty")
    handover.sign(desk.as_("duty"), name, "交班")
    with pytest.raises(Refusal) as refused:
        handover.acknowledge(desk.as_("duty"), desk.city, name)
    assert refused.value.kind == "forbidden"


def test_only_who_was_named_takes_it(desk: Desk, incident: str) -> None:
    name = handover.draft(desk.as_("duty"), desk.city, incident)
    handover.sign(desk.as_("duty"), name, "交班", "commander")
    with pytest.raises(Refusal) as refused:
        handover.acknowledge(desk.as_("liaison-build"), desk.city, name)
    assert refused.value.kind == "forbidden"


def test_another_s_draft_is_not_there(desk: Desk, incident: str) -> None:
    name = handover.draft(desk.as_("duty"), desk.city, incident)
    assert handover.listed(desk.tx, desk.city, "commander") == []
    for command in (
        lambda: handover.save(desk.as_("commander"), name, "改"),
        lambda: handover.acknowledge(desk.as_("commander"), desk.city, name),
        lambda: handover.discard(desk.as_("commander"), name),
    ):
        with pytest.raises(Refusal) as refused:
            command()
        assert refused.value.kind == "not_found"


def test_who_keeps_no_watch_hands_none_over(desk: Desk, incident: str) -> None:
    with pytest.raises(Refusal) as refused:
        handover.draft(desk.as_("town-east"), desk.city, incident)
    assert refused.value.kind == "forbidden"


def test_in_calm_times_a_watch_is_handed_over_without_an_incident(desk: Desk) -> None:
    said = text_of(desk, handover.draft(desk.as_("duty"), desk.city))
    assert "事件：无" in said


def test_the_journal_holds_no_word_of_a_hand_over(desk: Desk, incident: str) -> None:
    name = handover.draft(desk.as_("duty"), desk.city, incident)
    handover.sign(desk.as_("duty"), name, "盯住二号闸")
    rows = desk.tx.execute(schema.journal.select()).all()
    assert "二号闸" not in "".join(str(tuple(row)) for row in rows)

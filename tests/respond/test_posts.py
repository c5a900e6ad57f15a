"""The posts of the command post: one holder at a time, and it shows who."""

from __future__ import annotations

import tomllib

import pytest
from pydantic import ValidationError

from anlan.refusal import Refusal
from anlan.respond import actions, posts
from anlan.respond.plan import Plan
from anlan.respond.records import C, T, get_incident
from tests.respond.town import PLAN, Desk

pytestmark = pytest.mark.both_engines


@pytest.fixture
def incident(desk: Desk) -> str:
    return actions.open_incident(desk.as_("duty"), desk.city, "试验事件")


def shown(desk: Desk, incident: str, post: str) -> posts.View:
    row = get_incident(desk.tx, incident)
    return next(each for each in posts.board(desk.tx, desk.city, row) if each["post"] == post)


def test_a_post_is_assigned_taken_over_and_relieved(desk: Desk, incident: str) -> None:
    posts.assign(desk.as_("duty"), desk.city, incident, "commander", "duty")
    desk.wait(10)
    posts.take(desk.as_("commander"), desk.city, incident, "commander")
    found = shown(desk, incident, "commander")
    assert found["account"] == "commander"
    assert [(each["account"], each["how"]) for each in found["past"]] == [("duty", "taken")]
    posts.relieve(desk.as_("commander"), desk.city, incident, "commander", "换班")
    assert posts.holders(desk.tx, incident) == {}


def test_only_the_roles_of_the_plan_hold_a_post(desk: Desk, incident: str) -> None:
    with pytest.raises(Refusal) as refused:
        posts.assign(desk.as_("duty"), desk.city, incident, "commander", "town-east")
    assert "commander, duty_officer" in refused.value.message
    with pytest.raises(Refusal) as forbidden:
        posts.take(desk.as_("liaison-build"), desk.city, incident, "commander")
    assert forbidden.value.kind == "forbidden"


def test_nobody_but_the_command_post_puts_another_on_a_post(desk: Desk, incident: str) -> None:
    with pytest.raises(Refusal):
        posts.assign(desk.as_("liaison-build"), desk.city, incident, "liaison", "liaison-build")
    posts.assign(desk.as_("duty"), desk.city, incident, "liaison", "duty")
    with pytest.raises(Refusal):
        posts.relieve(desk.as_("liaison-build"), desk.city, incident, "liaison", "换人")


def test_a_post_that_the_level_asks_for_shows_as_missing(desk: Desk, incident: str) -> None:
    assert not shown(desk, incident, "operations")["missing"]
    actions.set_level(desk.as_("duty"), desk.city, incident, "III")
    assert shown(desk, incident, "operations")["missing"]
    posts.take(desk.as_("duty"), desk.city, incident, "operations")
    assert not shown(desk, incident, "operations")["missing"]


def test_the_holder_of_a_step_s_post_gets_its_task(desk: Desk, incident: str) -> None:
    path = desk.city.folder / "plan.toml"
    path.write_text(PLAN.replace('target = "town"\n', 'target = "town"\npost = "operations"\n'))
    posts.take(desk.as_("commander"), desk.city, incident, "operations")
    actions.set_level(desk.as_("duty"), desk.city, incident, "IV")
    rows = desk.tx.execute(T.select().join(C, C.c.id == T.c.case_id)).all()
    assert {row.assignee for row in rows} == {"commander"}


def test_a_closed_incident_has_no_posts(desk: Desk, incident: str) -> None:
    posts.take(desk.as_("duty"), desk.city, incident, "commander")
    actions.close_incident(desk.as_("duty"), desk.city, incident, "结束")
    assert posts.holders(desk.tx, incident) == {}
    with pytest.raises(Refusal) as refused:
        posts.take(desk.as_("commander"), desk.city, incident, "commander")
    assert refused.value.kind == "conflict"


def test_a_disabled_account_holds_nothing_new(desk: Desk, incident: str) -> None:
    from anlan.store import schema

    A = schema.account
    desk.tx.execute(A.update().where(A.c.id == "commander").values(disabled=True))
    with pytest.raises(Refusal):
        posts.assign(desk.as_("duty"), desk.city, incident, "commander", "commander")


@pytest.mark.parametrize(
    "wrong",
    [
        PLAN.replace('target = "town"\n', 'target = "town"\npost = "nobody"\n'),
        PLAN + '[[post]]\nid = "a"\nname = "a"\nname_en = "a"\nroles = []\n',
        PLAN + 2 * '[[post]]\nid = "a"\nname = "a"\nname_en = "a"\nroles = ["admin"]\n',
    ],
)
def test_a_plan_with_a_wrong_post_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Plan.model_validate(tomllib.loads(wrong))

"""What colours a firm, read from the store: assessment, reports, visits, cases, the response."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from anlan.access import seed_accounts
from anlan.city import City
from anlan.journal import Act
from anlan.observe import people
from anlan.respond import actions
from anlan.respond.firms import dossier, work
from anlan.respond.firms.facts import facts_of_all
from anlan.respond.firms.settings import load
from anlan.store import Store, schema

pytestmark = pytest.mark.both_engines
NOON = datetime(2021, 7, 25, 4, 0, tzinfo=UTC)
FIRM = "F001"


def act(tx: Any, minutes: float = 0, actor: str = "duty-1") -> Act:
    return Act(tx, NOON + timedelta(minutes=minutes), actor)


def expect_water(tx: Any, city: City, danger: float, attention: float) -> None:
    """An assessment that says so of the firm's village, and nothing of any place."""
    village = city.firms[FIRM].territory
    part = {"code": village, "probability": {"0.15": attention, "0.30": 0.0, "0.50": danger}}
    tx.execute(
        schema.assessment.insert().values(
            run="R1", made_at=NOON, level="", reason="", content={"places": [], "villages": [part]}
        )
    )


def line(tx: Any, city: City, minutes: float = 0) -> Any:
    found = dossier.lines(tx, city, NOON + timedelta(minutes=minutes))
    return next(one for one in found if one["id"] == FIRM)


@pytest.mark.parametrize(
    ("danger", "attention", "colour", "code"),
    [(0.5, 0.9, "red", "danger"), (0.49, 0.3, "yellow", "attention"), (0.4, 0.29, "green", None)],
)
def test_the_assessment_of_its_village_colours_a_firm(
    pinghu: City, store: Store, danger: float, attention: float, colour: str, code: str | None
) -> None:
    with store.transaction() as tx:
        expect_water(tx, pinghu, danger, attention)
        found = line(tx, pinghu)
    assert found["colour"] == colour
    assert [reason["code"] for reason in found["reasons"]][:1] == ([code] if code else [])
    if code:
        assert found["reasons"][0]["ref_name"] == pinghu.territory.unit(found["territory"]).name


def test_a_trusted_report_of_water_at_the_gate_turns_a_firm_red_and_wears_off(
    pinghu: City, store: Store
) -> None:
    firm = pinghu.firms[FIRM]
    with store.transaction() as tx:
        seed_accounts(tx, pinghu)
        where = people.Where(None, "", firm.lon, firm.lat, 10.0)
        people.record(act(tx, actor="crew-rescue-1"), pinghu, "crew", "knee", where)
        assert [reason["code"] for reason in line(tx, pinghu, 1)["reasons"]] == ["water_reported"]
        assert line(tx, pinghu, 6 * 60 + 1)["colour"] == "green"


def test_in_a_response_a_firm_that_nobody_visits_turns_yellow(pinghu: City, store: Store) -> None:
    rules = load(pinghu.folder).colour
    with store.transaction() as tx:
        seed_accounts(tx, pinghu)
        incident = actions.open_incident(act(tx), pinghu, "台风")
        actions.set_level(act(tx), pinghu, incident, "IV", "演练")
        later = rules.visit_days_in_response * 24 * 60
        assert line(tx, pinghu, later)["colour"] == "green"
        assert [r["code"] for r in line(tx, pinghu, later + 60)["reasons"]] == ["never_visited"]
        case = work.open_for(
            act(tx, later), pinghu, pinghu.firms[FIRM], "firm_visit", form={"purpose": "during"}
        )
        seen = {"water_in": False, "power_off": False, "work": "running"}
        work.finish(act(tx, later + 1), pinghu, case, "一切正常", form=seen)
        assert line(tx, pinghu, later + 60)["colour"] == "green"


def test_the_latest_word_on_how_a_firm_works_counts_but_a_visit_does_not_resume_it(
    pinghu: City, store: Store
) -> None:
    firm = pinghu.firms[FIRM]
    rules = load(pinghu.folder).colour

    def operation(tx: Any) -> str:
        return str(facts_of_all(tx, pinghu, rules, NOON)[FIRM].operation)

    def visited(tx: Any, minutes: float, seen: str) -> None:
        case = work.open_for(
            act(tx, minutes), pinghu, firm, "firm_visit", form={"purpose": "after"}
        )
        form = {"water_in": False, "power_off": False, "work": seen}
        work.finish(act(tx, minutes), pinghu, case, "已看", form=form)

    with store.transaction() as tx:
        seed_accounts(tx, pinghu)
        visited(tx, 1, "reduced")
        assert operation(tx) == "reduced"
        visited(tx, 2, "running")
        assert operation(tx) == "running"
        visited(tx, 3, "stopped")
        visited(tx, 4, "running")
        assert operation(tx) == "stopped"


def test_a_city_without_firms_has_an_empty_list_and_needs_no_file(
    talstadt: City, store: Store
) -> None:
    with store.transaction() as tx:
        assert dossier.lines(tx, talstadt, NOON) == []


def test_every_firm_of_pinghu_is_invented_says_so_and_has_a_team(pinghu: City) -> None:
    known = load(pinghu.folder)
    towns = {town.code for town in pinghu.territory.towns()}
    assert {team.town for team in known.team} == towns
    for firm in pinghu.firms.values():
        assert firm.synthetic
        assert "虚构" in firm.name
        assert pinghu.accounts[firm.account].role == "firm"
        town = pinghu.territory.town_of(firm.territory)
        assert town is not None
        assert known.team_of(town.code) is not None

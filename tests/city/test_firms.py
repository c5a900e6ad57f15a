"""Firms and neighbouring cities in a city folder: what is wrong with them is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.city import check, load
from anlan.respond import check as check_response

HEADER = "id,name,name_en,kind,lon,lat,territory,account,employees,essential,synthetic"
VILLAGE = "990001001001"


def put(copy: Path, *firms: str, accounts: tuple[str, ...] = ()) -> list[str]:
    """The faults once the folder has these firms and more accounts."""
    (copy / "firms.csv").write_text("\n".join([HEADER, *firms]) + "\n", encoding="utf-8")
    (copy / "neighbours.csv").write_text(
        "code,name,name_en,lon,lat,synthetic,source\n990002000000,邻市,Next,9.6,49.1,true,\n",
        encoding="utf-8",
    )
    table = copy / "accounts.csv"
    table.write_text(table.read_text(encoding="utf-8") + "\n".join(accounts), encoding="utf-8")
    return [str(fault) for fault in check(copy)]


def firm(copy: Path, **change: str) -> str:
    unit = load(copy).territory.unit(VILLAGE)
    row = {
        "id": "F1",
        "name": "Mühle",
        "name_en": "Mill",
        "kind": "food",
        "lon": str(unit.lon),
        "lat": str(unit.lat),
        "territory": VILLAGE,
        "account": "",
        "employees": "12",
        "essential": "true",
        "synthetic": "true",
    }
    return ",".join((row | change).values())


def test_a_sound_firm_and_a_partner_of_a_neighbour_are_no_faults(copy: Path) -> None:
    account = "mill,Mühle,Mill,firm," + VILLAGE + ",,"
    partner = "next-1,Nachbar,Next,partner,990002000000,,"
    assert put(copy, firm(copy, account="mill"), accounts=(account, partner)) == []
    city = load(copy)
    assert city.firms["F1"].account == "mill"
    assert [unit.code for unit in city.territory.neighbours()] == ["990002000000"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "bank"}, "not known here"),
        ({"territory": "990001009999"}, "not a code of territory.csv"),
        ({"account": "nobody"}, "not an id of accounts.csv"),
        ({"account": "duty-1"}, "not of role firm"),
        ({"name": "Mill 07131234567"}, "telephone number"),
        ({"lon": "120.9"}, "outside the city's outline"),
    ],
)
def test_what_is_wrong_with_a_firm_is_named(copy: Path, change: dict[str, str], words: str) -> None:
    [fault] = put(copy, firm(copy, **change))
    assert fault.startswith("firms.csv row 2")
    assert words in fault


def test_one_account_speaks_for_one_firm(copy: Path) -> None:
    rows = (firm(copy, account="mill"), firm(copy, id="F2", account="mill"))
    faults = put(copy, *rows, accounts=("mill,Mühle,Mill,firm," + VILLAGE + ",,",))
    assert ["speaks for firm F1 already" in fault for fault in faults] == [True]


def test_a_partner_answers_for_a_neighbour_and_nobody_else_does(copy: Path) -> None:
    inside = "p1,P,P,partner," + VILLAGE + ",,"
    outside = "p2,P,P,liaison,990002000000,,"
    faults = put(copy, accounts=(inside + "\n", outside))
    assert ["neighbours.csv" in faults[0], "territory.csv" in faults[1]] == [True, True]


def test_a_city_with_firms_needs_its_service_teams(copy: Path) -> None:
    assert put(copy, firm(copy)) == []
    assert any("enterprise.toml" in str(fault) for fault in check_response(copy))

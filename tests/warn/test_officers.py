"""Two officers are two people: not one with two accounts, two links, or a deputy's name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.city import City
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import actions, officers
from tests.warn.world import World


@pytest.fixture
def draft(world: World) -> str:
    """An orange draft, which needs two officers."""
    world.read("zhapu", 4.6, 4.6)
    (alert,) = world.evaluate()
    return alert


def approve(
    world: World, alert: str, officer: str, via: str = "", behalf: str | None = None
) -> None:
    world.act(
        officer, lambda act: actions.approve(act, world.city, alert, via=via), on_behalf=behalf
    )


def state(world: World, alert: str) -> str:
    return str(world.rows(schema.alert, id=alert)[0].state)


def test_two_accounts_that_one_administrator_let_in_are_one_pair_of_hands(
    world: World, draft: str
) -> None:
    approve(world, draft, "duty-1", via="admin")
    with pytest.raises(Refusal, match="'admin' stands behind"):
        approve(world, draft, "boss", via="admin")
    assert state(world, draft) == "draft"
    approve(world, draft, "boss")
    assert state(world, draft) == "issued"


def test_who_let_the_first_officer_in_cannot_be_the_second(world: World, draft: str) -> None:
    approve(world, draft, "duty-1", via="boss")
    with pytest.raises(Refusal, match="second officer"):
        approve(world, draft, "boss")


def test_two_names_given_at_one_terminal_are_one_pair_of_hands(world: World, draft: str) -> None:
    approve(world, draft, "duty-1", via=officers.TERMINAL)
    with pytest.raises(Refusal, match="'terminal' stands behind"):
        approve(world, draft, "boss", via=officers.TERMINAL)
    approve(world, draft, "boss")
    assert state(world, draft) == "issued"


def test_two_accounts_with_one_telephone_number_are_one_person(world: World, draft: str) -> None:
    one = next(person for person in world.city.people if person.account == "duty-1")
    twin = replace(one, id="PX", account="boss")
    others = [person for person in world.city.people if person.account != "boss"]
    world.city = replace(world.city, people=(*others, twin))
    approve(world, draft, "duty-1")
    with pytest.raises(Refusal, match="second officer"):
        approve(world, draft, "boss")
    approve(world, draft, "duty-2")
    assert state(world, draft) == "issued"


@pytest.mark.parametrize(
    ("second", "behalf"), [("duty-2", "duty-1"), ("duty-1", "duty-2"), ("boss", "duty-2")]
)
def test_a_deputy_uses_up_both_names(world: World, draft: str, second: str, behalf: str) -> None:
    approve(world, draft, "duty-1", behalf="duty-2")
    with pytest.raises(Refusal, match="second officer"):
        approve(world, draft, second, behalf=behalf)
    approve(world, draft, "boss")
    assert state(world, draft) == "issued"


def test_people_are_shown_the_officers_and_not_the_way_they_came() -> None:
    kept = officers.used_up("duty-1", "duty-2", "admin")
    assert officers.officers_of(kept) == ["duty-1", "duty-2"]


NAMES = st.sampled_from(["a", "b", "c", "d"])
WAYS = st.tuples(NAMES, st.none() | NAMES, st.just("") | NAMES)


@given(WAYS, WAYS)
def test_two_approvals_are_of_two_people_only_if_they_share_no_name(
    first: tuple[str, str | None, str], second: tuple[str, str | None, str]
) -> None:
    class Nobody:
        people: tuple[()] = ()

    city: City = Nobody()  # type: ignore[assignment]
    shared = ({*first} & {*second}) - {None, ""}
    found = officers.same_hands(city, [officers.used_up(*first)], officers.used_up(*second))
    assert (found is not None) is bool(shared)

"""Personal data: masked, opened by purpose for a short time, erased by date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from anlan.access import issue, privacy
from anlan.access.desk import Desk
from anlan.access.vault import Vault, seed_people
from anlan.city import City
from anlan.journal import Act, keep_note, verify
from anlan.refusal import Refusal
from anlan.store import Store, schema
from anlan.warn.records import people
from tests.access.test_sign_in import NOW, Present
from tests.service.hand import Hand, raise_hand

P, N = schema.person, schema.note
WHY = {"purpose": "回电核实求助 C0001"}


@pytest.fixture(scope="module")
def hand(pinghu: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """One desk for reading; what changes people has a store of its own."""
    store = Store(tmp_path_factory.mktemp("privacy") / "var")
    yield raise_hand(pinghu, store, NOW)
    store.close()


@pytest.fixture
def clock(hand: Hand) -> Present:
    clock = Present(NOW)
    hand.app.state.desk = Desk(hand.city, hand.store, hand.clock, wall=clock)
    with hand.store.transaction() as tx:
        tx.execute(schema.opening.delete())
    return clock


def neighbour(hand: Hand, town: str) -> Any:
    """A resident of the town, as people.csv has them."""
    known = hand.city.territory
    return next(
        person
        for person in hand.city.people
        if person.role == "resident" and known.is_within(person.territory, town) and person.phone
    )


def test_a_list_of_people_shows_family_names_and_no_numbers(hand: Hand, clock: Present) -> None:
    officer = hand.account("town_officer")
    town = hand.city.accounts[officer].territory
    with hand.signed_in(officer) as browser:
        shown = browser.get("/api/v1/people").json()
        text = browser.get("/api/v1/people").text
    assert shown
    assert all(hand.city.territory.is_within(one["territory"], town) for one in shown)
    for person in hand.city.people:
        assert person.name not in text
        assert not person.phone or person.phone not in text


def test_a_name_cannot_be_searched_out_letter_by_letter(hand: Hand, clock: Present) -> None:
    person = hand.city.people[0]
    with hand.signed_in(hand.account("duty_officer")) as browser:
        for find in (person.name, person.name[0], person.phone, "%", "_"):
            found = browser.get("/api/v1/people", params={"find": find}).json()
            assert person.id not in [one["person"] for one in found] or find in person.id
        found = browser.get("/api/v1/people", params={"find": person.id}).json()
        assert [one["person"] for one in found] == [person.id]


def test_a_number_is_opened_for_a_purpose_which_the_person_can_read(
    hand: Hand, clock: Present
) -> None:
    officer = hand.account("town_officer")
    person = next(p for p in hand.city.people if p.account == hand.account("resident") and p.phone)
    officer = hand.account(
        "town_officer",
        within=next(
            town.code
            for town in hand.city.territory.towns()
            if hand.city.territory.is_within(person.territory, town.code)
        ),
    )
    with hand.signed_in(officer) as browser:
        answer = browser.post(f"/api/v1/people/{person.id}/open", json=WHY)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
    assert (shown["name"], shown["phone"]) == (person.name, person.phone)
    assert shown["seconds"] == 120
    with hand.signed_in(person.account) as phone:
        [mine] = phone.get("/api/v1/me/openings").json()
    assert (mine["by"], mine["purpose"]) == (officer, WHY["purpose"])
    with hand.signed_in(hand.account("commander")) as desk:
        assert [one["person"] for one in desk.get("/api/v1/openings").json()] == [person.id]
    with hand.store.read() as conn:
        J = schema.journal
        [entry] = conn.execute(J.select().where(J.c.kind == "person.opened")).all()
        assert (entry.subject, entry.actor) == (person.id, officer)
        # ids and digests alone: neither the purpose nor the name is in the chain
        assert WHY["purpose"] not in str(entry)
        assert verify(conn).verified


def test_a_purpose_that_says_nothing_is_refused(hand: Hand, clock: Present) -> None:
    person = hand.city.people[0].id
    with hand.signed_in(hand.account("duty_officer")) as browser:
        for purpose in ("", "   ", "x", "。" * 301):
            answer = browser.post(f"/api/v1/people/{person}/open", json={"purpose": purpose})
            assert (answer.status_code, answer.json()["field"]) == (422, "purpose")
        assert browser.get("/api/v1/openings").json() == []


def test_nobody_opens_one_after_the_other(hand: Hand, clock: Present) -> None:
    person = hand.city.people[0].id
    with hand.signed_in(hand.account("duty_officer")) as browser:
        for _ in range(privacy.MOST_AN_HOUR):
            assert browser.post(f"/api/v1/people/{person}/open", json=WHY).status_code == 200
        assert browser.post(f"/api/v1/people/{person}/open", json=WHY).status_code == 429
        clock.step_to(clock.now() + timedelta(hours=1, seconds=1))
        assert browser.post(f"/api/v1/people/{person}/open", json=WHY).status_code == 200


# ---- erasing


@pytest.fixture
def filled(talstadt: City, store: Store) -> City:
    rule = {"keep_days": {"resident": 30, "texts": 10, "photos": 20}}
    city = replace(talstadt, settings={**talstadt.settings, "privacy": rule})
    raise_hand(city, store, NOW)
    return city


def resident(city: City) -> Any:
    return next(person for person in city.people if person.role == "resident" and person.account)


def erase(city: City, store: Store, **later: float) -> privacy.Erased:
    return privacy.erase_all_due(store, city, Vault.of(store), NOW + timedelta(**later))


def test_people_are_erased_on_their_day_and_not_before(
    filled: City, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "MOST_AT_ONCE", 3)
    count = sum(person.role == "resident" for person in filled.people)
    assert erase(filled, store).people == 0
    assert erase(filled, store, days=29).people == 0
    assert erase(filled, store, days=30).people == count
    assert erase(filled, store, days=31).people == 0
    person, vault = resident(filled), Vault.of(store)
    with store.read() as conn:
        row = conn.execute(P.select().where(P.c.id == person.id)).one()
        assert (vault.open(row.name_enc), row.phone_enc, row.lon, row.account) == (
            "",
            "",
            None,
            None,
        )
        assert person.id not in [one.id for one in people(conn)]
        account = schema.account
        left = conn.execute(account.select().where(account.c.id == person.account)).one()
        assert (left.disabled, left.name) == (True, "已注销")
        assert verify(conn).verified
    with store.transaction() as tx:
        act = Act(tx, NOW, "system")
        assert seed_people(act, filled, vault) == 0, "what was erased came back from the file"
        with pytest.raises(Refusal, match="erased"):
            privacy.open_person(act, vault, person.id, "回电核实情况", NOW)


def test_erasing_takes_the_texts_sent_to_the_person_and_the_sign_ins(
    filled: City, store: Store
) -> None:
    person, vault = resident(filled), Vault.of(store)
    D = schema.delivery
    with store.transaction() as tx:
        act = Act(tx, NOW, "system")
        issue(act, person.account, "link", NOW)
        privacy.open_person(act, vault, person.id, "回电核实情况", NOW)
        row = {"id": "D1", "alert": "A1", "version": 1, "person": person.id, "channel": "sms"}
        more = {
            "tier": "resident",
            "state": "sent",
            "body": f"{person.name}您好",
            "planned_at": NOW,
        }
        tx.execute(D.insert().values({**row, **more}))
        assert privacy.erase_person(act, vault, person.id, NOW)
        assert not privacy.erase_person(act, vault, person.id, NOW), "twice"
        assert tx.execute(D.select()).one().body == ""
        assert tx.execute(N.select()).one().body is None
        K = schema.credential
        assert not tx.execute(K.select().where(K.c.account == person.account)).all()
        assert verify(tx).verified
    store.engine.dispose()
    for file in store.data_dir.glob("anlan.db*"):
        assert person.phone.encode() not in file.read_bytes()


def test_an_officers_account_belongs_to_the_post_and_stays(filled: City, store: Store) -> None:
    person = next(one for one in filled.people if one.account == "duty-1")
    with store.transaction() as tx:
        privacy.erase_person(Act(tx, NOW, "system"), Vault.of(store), person.id, NOW)
        A = schema.account
        assert not tx.execute(A.select().where(A.c.id == "duty-1")).one().disabled


def test_texts_and_photos_go_on_their_own_days_and_the_chain_still_holds(
    filled: City, store: Store
) -> None:
    with store.transaction() as tx:
        act = Act(tx, NOW, "duty-1")
        name = keep_note(act, "case.text", "张三家进水")
        act.record("case.opened", "C1", content=name)
        tx.execute(
            schema.attachment.insert().values(digest="p", mime="image/jpeg", content=b"x", at=NOW)
        )
    assert erase(filled, store, days=9) == privacy.Erased(0, 0, 0)
    assert erase(filled, store, days=11) == privacy.Erased(0, 1, 0)
    assert erase(filled, store, days=21) == privacy.Erased(0, 0, 1)
    with store.read() as conn:
        assert conn.execute(N.select()).one().body is None
        assert verify(conn).verified


def test_a_city_without_a_rule_erases_nothing_by_itself(talstadt: City, store: Store) -> None:
    raise_hand(talstadt, store, NOW)
    assert erase(talstadt, store, days=40_000) == privacy.Erased(0, 0, 0)


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"keep_days": {"king": 3}}, "privacy.keep_days.king"),
        ({"keep_days": {"resident": 0}}, "privacy.keep_days.resident"),
        ({"keep_days": {"texts": "long"}}, "privacy.keep_days.texts"),
        ({"keep_day": {}}, "privacy"),
        ("short", "privacy"),
    ],
)
def test_a_rule_that_is_none_is_refused_by_name(talstadt: City, table: Any, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        privacy.keep_days(replace(talstadt, settings={**talstadt.settings, "privacy": table}))
    assert refused.value.field == field

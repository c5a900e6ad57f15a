"""Accounts, rights, links and people: named, least privilege, encrypted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from anlan.access import ROLES, caller, issue, load_accounts, redeem_link, seed_accounts
from anlan.access.credentials import INVITED, disable
from anlan.access.rights import Caller
from anlan.access.vault import Vault, key_file, masked_name, seed_people
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, schema

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def _account(city: City, role: str) -> str:
    return next(account.id for account in city.accounts.values() if account.role == role)


def _as(city: City, role: str, exercise: bool = True) -> Caller:
    account = city.accounts[_account(city, role)]
    return Caller(
        account.id, account.name, account.name_en, role, account.territory, None, exercise
    )


def test_a_sign_in_link_works_once(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        seed_accounts(tx, pinghu)
        act = Act(tx, NOW, "system")
        link = issue(act, _account(pinghu, "duty_officer"), "link", NOW)
        account, session = redeem_link(act, link, NOW)
        assert account == _account(pinghu, "duty_officer")
        found = caller(tx, session, NOW, exercise=True)
        assert found is not None
        assert found.role == "duty_officer"
        with pytest.raises(Refusal, match="ask the desk for a new one"):
            redeem_link(act, link, NOW)


def _without(city: City, *gone: str) -> City:
    kept = {name: row for name, row in city.accounts.items() if name not in gone}
    return replace(city, accounts=kept)


def test_who_is_taken_out_of_the_file_is_let_in_no_more(pinghu: City, store: Store) -> None:
    who = _account(pinghu, "duty_officer")
    with store.transaction() as tx:
        act = Act(tx, NOW, "system")
        load_accounts(act, pinghu)
        _, session = redeem_link(act, issue(act, who, "link", NOW), NOW)
        key, link = issue(act, who, "key", NOW), issue(act, who, "link", NOW)
        assert load_accounts(act, _without(pinghu, who)).left == (who,)
        assert caller(tx, session, NOW, True) is caller(tx, key, NOW, True) is None
        with pytest.raises(Refusal):
            redeem_link(act, link, NOW)
        # it is said once, and a row that comes back opens the account again
        assert load_accounts(act, _without(pinghu, who)).left == ()
        assert load_accounts(act, pinghu).back == (who,)
        redeem_link(act, issue(act, who, "link", NOW), NOW)
        J = schema.journal
        said = select(J.c.kind).where(J.c.subject == who).order_by(J.c.seq)
        kinds = list(tx.execute(said).scalars())
    begun = kinds.index("access.session_ended")
    assert kinds[begun : begun + 3] == ["access.session_ended", "access.left", "access.enabled"]


def test_what_somebody_disabled_by_hand_stays_so_whatever_the_file_says(
    pinghu: City, store: Store
) -> None:
    who = _account(pinghu, "duty_officer")
    with store.transaction() as tx:
        act = Act(tx, NOW, "system")
        load_accounts(act, pinghu)
        disable(act, who)
        assert load_accounts(act, _without(pinghu, who)).left == ()
        assert load_accounts(act, pinghu).back == ()
        with pytest.raises(Refusal, match="disabled"):
            issue(act, who, "link", NOW)


def test_letting_the_last_administrator_go_is_warned_of(pinghu: City, store: Store) -> None:
    admins = [one.id for one in pinghu.accounts.values() if one.role == "admin"]
    with store.transaction() as tx:
        act = Act(tx, NOW, "system")
        assert load_accounts(act, pinghu).warning == ""
        found = load_accounts(act, _without(pinghu, *admins))
    assert set(found.left) == set(admins)
    assert "role admin" in found.warning
    assert admins[0] in found.warning


def test_an_invited_account_stays_and_another_citys_file_lets_nobody_out(
    pinghu: City, store: Store
) -> None:
    with store.transaction() as tx:
        act = Act(tx, NOW, "system")
        load_accounts(act, pinghu)
        row = {"id": f"{INVITED}1", "name": "x", "name_en": "x", "role": "resident"}
        place = {"territory": pinghu.territory.root.code, "disabled": False}
        tx.execute(schema.account.insert().values(**row, **place))
        assert load_accounts(act, pinghu).left == ()
        with pytest.raises(Refusal, match="of the city 'pinghu'"):
            load_accounts(act, replace(pinghu, id="other"))


def test_a_link_older_than_a_day_is_worth_nothing(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        seed_accounts(tx, pinghu)
        act = Act(tx, NOW, "system")
        link = issue(act, _account(pinghu, "duty_officer"), "link", NOW)
        with pytest.raises(Refusal, match="older than a day"):
            redeem_link(act, link, NOW + timedelta(hours=25))


def test_a_link_is_no_session_and_a_stations_key_can_only_hand_in_readings(
    pinghu: City, store: Store
) -> None:
    with store.transaction() as tx:
        seed_accounts(tx, pinghu)
        act = Act(tx, NOW, "system")
        holder = _account(pinghu, "admin")
        assert caller(tx, issue(act, holder, "link", NOW), NOW, True) is None
        found = caller(tx, issue(act, holder, "key", NOW, station="zhapu"), NOW, True)
        assert found is not None
        assert found.rights == ROLES["station"] == {"ingest"}


def test_secrets_are_kept_as_hashes_only(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        seed_accounts(tx, pinghu)
        token = issue(Act(tx, NOW, "system"), _account(pinghu, "admin"), "key", NOW)
    store.engine.dispose()
    assert token.encode() not in (store.data_dir / "anlan.db").read_bytes()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_the_command_post_decides_on_warnings(pinghu: City, role: str) -> None:
    who = Caller("x", "x", "x", role, pinghu.territory.root.code, None, exercise=True)
    if role in ("commander", "duty_officer"):
        who.require("decide")
    else:
        with pytest.raises(Refusal, match="duty_officer"):
            who.require("decide")


def test_handing_out_links_is_for_the_desk_only_while_nothing_is_real(pinghu: City) -> None:
    assert "accounts" in _as(pinghu, "duty_officer", exercise=True).rights
    assert "accounts" not in _as(pinghu, "duty_officer", exercise=False).rights


def test_a_town_officer_sees_the_own_town_only(pinghu: City) -> None:
    who = _as(pinghu, "town_officer")
    own, other = (
        who.territory,
        next(town.code for town in pinghu.territory.towns() if town.code != who.territory),
    )
    assert who.sees(pinghu, own)
    assert who.sees(pinghu, pinghu.territory.children(own)[0].code)
    assert not who.sees(pinghu, other)
    assert _as(pinghu, "duty_officer").sees(pinghu, other)


def test_people_lie_encrypted_and_the_key_outside_the_data_folder(
    pinghu: City, store: Store
) -> None:
    vault = Vault.of(store)
    with store.transaction() as tx:
        added = seed_people(Act(tx, NOW, "system"), pinghu, vault)
        assert added == len(pinghu.people)
        assert seed_people(Act(tx, NOW, "system"), pinghu, vault) == 0
        row = tx.execute(
            select(schema.person).where(schema.person.c.id == pinghu.people[0].id)
        ).one()
    assert vault.open(row.phone_enc) == pinghu.people[0].phone
    assert pinghu.people[0].phone not in row.phone_enc
    assert not key_file(store).is_relative_to(store.data_dir)
    assert key_file(store).stat().st_mode & 0o077 == 0


def test_without_its_key_a_store_with_people_is_not_opened(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        seed_people(Act(tx, NOW, "system"), pinghu, Vault.of(store))
    key_file(store).unlink()
    with pytest.raises(Refusal, match="ANLAN_KEY_FILE"):
        Vault.of(store)


def test_a_mask_tells_the_family_name_only() -> None:
    assert masked_name("王小明") == "王**"

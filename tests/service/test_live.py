"""The live stream tells the desk everything and everybody else of their own things alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anlan.access import Caller
from anlan.access.desk import Desk
from anlan.city import City
from anlan.journal import Act
from anlan.respond import actions
from anlan.service.live import entries_after
from anlan.store import Store, schema
from tests.service.hand import Hand, raise_hand

NIGHT = datetime(2021, 7, 25, 17, 0, tzinfo=UTC)


@pytest.fixture
def hand(pinghu: City, store: Store) -> Hand:
    return raise_hand(pinghu, store, NIGHT)


def caller(hand: Hand, account: str) -> Caller:
    found = hand.city.accounts[account]
    return Caller(
        id=found.id, name=found.name, name_en=found.name_en, role=found.role,
        territory=found.territory, department=None, exercise=True,
    )  # fmt: skip


def heard(hand: Hand, account: str) -> list[dict[str, object]]:
    desk = Desk(hand.city, hand.store, hand.clock)
    return entries_after(desk, caller(hand, account), 0)[1]


def report(hand: Hand, account: str) -> str:
    """A case reported by ``account`` where they live; goes to the grid worker there."""
    with hand.store.transaction() as tx:
        act = Act(tx, hand.clock.now(), account)
        where = hand.city.accounts[account].territory
        return actions.open_case(
            act, hand.city, "resident_report", "", territory=where, text="进水", reporter=account
        )


def send(hand: Hand, account: str) -> None:
    """A message to ``account``, as the journal tells of it."""
    with hand.store.transaction() as tx:
        P = schema.person
        person = tx.execute(P.select().where(P.c.account == account)).first()
        assert person is not None
        tx.execute(
            schema.delivery.insert().values(
                id=f"D-{account}", alert="a", version=1, person=person.id, channel="sms",
                tier="resident", state="sent", body="x", planned_at=NIGHT,
            )
        )  # fmt: skip
        Act(tx, NIGHT, "system").record("delivery.sent", f"D-{account}")


def test_of_two_residents_each_hears_of_own_reports_and_messages_alone(hand: Hand) -> None:
    first, second = hand.account("resident", 0), hand.account("resident", 1)
    report(hand, first)
    send(hand, second)
    with hand.store.read() as conn:
        J = schema.journal
        seqs = {row.subject: row.seq for row in conn.execute(J.select())}
    mine, theirs = heard(hand, first), heard(hand, second)
    assert mine
    assert all(str(entry["kind"]).startswith("case.") for entry in mine)
    assert theirs == [{"seq": seqs[f"D-{second}"], "kind": "delivery.sent"}]
    assert all(set(entry) == {"seq", "kind"} for entry in mine + theirs)


def test_a_grid_worker_hears_of_the_task_given_and_another_does_not(hand: Hand) -> None:
    case = report(hand, hand.account("resident"))
    with hand.store.read() as conn:
        task = conn.execute(schema.task.select().where(schema.task.c.case_id == case)).first()
    assert task is not None
    other = next(
        account.id
        for account in hand.city.accounts.values()
        if account.role == "grid_worker" and account.id != task.assignee
    )
    assert any(str(entry["kind"]).startswith("task.") for entry in heard(hand, task.assignee))
    assert heard(hand, other) == []


def test_what_is_offered_to_a_role_is_heard_by_that_role_where_it_lies(hand: Hand) -> None:
    volunteer, resident = hand.account("volunteer"), hand.account("resident")
    report(hand, resident)
    with hand.store.transaction() as tx:
        tx.execute(
            schema.task.update().values(
                state="offered", assignee=None, role="volunteer",
                territory=hand.city.accounts[volunteer].territory,
            )
        )  # fmt: skip
    assert heard(hand, volunteer)
    assert not any(str(entry["kind"]).startswith("task.") for entry in heard(hand, resident))


def test_the_desk_hears_of_everything_with_its_subject(hand: Hand) -> None:
    case = report(hand, hand.account("resident"))
    found = heard(hand, hand.account("duty_officer"))
    assert case in {entry["subject"] for entry in found}
    with hand.store.read() as conn:
        assert len(found) == len(conn.execute(schema.journal.select()).all())

"""Whoever waits for readings is told of those that were committed, and of no others."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from anlan.observe import Reading, archive
from anlan.store import Store, savepoint
from anlan.store.news import Key

NOON = datetime(2021, 7, 24, 4, tzinfo=UTC)
TIDE = "zhapu.tide"


def reading(minutes: int, value: float = 3.0) -> Reading:
    return Reading(TIDE, NOON + timedelta(minutes=minutes), value)


@pytest.fixture
def told(store: Store) -> list[Key]:
    heard: list[Key] = []

    def listen(keys: Sequence[Key]) -> None:
        with store.read() as conn:  # what is told has been committed
            assert all(archive.latest(conn, [key[0]]) for key in keys)
        heard.extend(keys)

    store.on_readings(listen)
    return heard


def test_new_and_corrected_readings_are_told_and_repeats_are_not(
    store: Store, told: list[Key]
) -> None:
    with store.transaction() as tx:
        archive.add(tx, [reading(0), reading(5)], NOON)
        assert told == []
    with store.transaction() as tx:
        archive.add(tx, [reading(0), reading(5, 3.5)], NOON)
    five = (TIDE, NOON + timedelta(minutes=5))
    assert told == [(TIDE, NOON), five, five]


def test_what_was_undone_is_not_told(store: Store, told: list[Key]) -> None:
    with contextlib.suppress(ZeroDivisionError), store.transaction() as tx:
        archive.add(tx, [reading(0)], NOON)
        raise ZeroDivisionError
    with store.transaction() as tx:
        archive.add(tx, [reading(5)], NOON)
        with contextlib.suppress(ZeroDivisionError), savepoint(tx):
            archive.add(tx, [reading(10)], NOON)
            raise ZeroDivisionError
    assert told == [(TIDE, NOON + timedelta(minutes=5))]


def test_a_listener_that_fails_harms_neither_the_commit_nor_the_others(
    store: Store, told: list[Key]
) -> None:
    def fail(_keys: Sequence[Key]) -> None:
        raise ZeroDivisionError

    store.on_readings(fail)
    store.on_readings(lambda keys: told.extend(keys))
    with store.transaction() as tx:
        archive.add(tx, [reading(0)], NOON)
    assert told == [(TIDE, NOON)] * 2

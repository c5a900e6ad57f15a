"""No channel is used faster than it may be, whatever the clock does."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from anlan.warn.channels.rate import Bucket
from tests.warn.channels.office import START


@given(
    per_minute=st.integers(1, 3000),
    waits=st.lists(st.floats(0, 90, allow_nan=False), max_size=60),
)
def test_never_more_than_the_limit_in_any_minute(per_minute: int, waits: list[float]) -> None:
    bucket, now, taken = Bucket(per_minute, START), START, []
    for wait in waits:
        now += timedelta(seconds=wait)
        taken.append((now, bucket.spend(now, 10_000)))
    for moment, _ in taken:
        window = [n for at, n in taken if moment <= at < moment + timedelta(seconds=60)]
        assert sum(window) <= per_minute


def test_a_limit_is_used_to_the_full_over_an_hour() -> None:
    bucket, sent = Bucket(20, START), 0
    for second in range(3600):
        sent += bucket.spend(START + timedelta(seconds=second), 20)
    assert 60 * 15 <= sent <= 60 * 20


def test_a_clock_that_steps_back_lends_nothing() -> None:
    bucket = Bucket(20, START)
    assert bucket.spend(START, 20) == 5
    assert bucket.spend(START - timedelta(hours=1), 20) == 0
    assert bucket.spend(START, 20) == 0


def test_asked_for_patience_it_lets_none_go_until_then() -> None:
    bucket = Bucket(60, START)
    bucket.hold(START, 600)
    assert bucket.room(START + timedelta(seconds=599)) == 0
    assert bucket.room(START + timedelta(seconds=600)) == 15

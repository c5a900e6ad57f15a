"""What the database says of readings is what the archive says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from anlan.observe import archive
from anlan.observe.quantity import QUANTITIES
from anlan.observe.reading import FLAGS
from anlan.observe.sta.holding import O, holds
from anlan.store import Store

NOON = datetime(2021, 7, 25, 4, 0, tzinfo=UTC)
VERSIONS = st.lists(
    st.tuples(
        st.sampled_from(["a.tide", "b.rain", "c.other"]),
        st.integers(0, 1),  # valid time
        st.integers(0, 4),  # time of arrival
        st.sampled_from([None, -500.0, 0.0, 2.5, 3.5, 400.0, 1e12]),
        st.sampled_from(FLAGS),
        st.sampled_from([None, 5, 10]),  # minutes before the valid time
    ),
    max_size=12,
    unique_by=lambda row: row[:3],
)


@pytest.mark.both_engines
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VERSIONS)
def test_the_same_version_holds_in_sql_and_in_the_archive(
    store: Store,
    rows: list[tuple[str, int, int, float | None, str, int | None]],
) -> None:
    with store.transaction() as tx:
        tx.execute(O.delete())
        for series, valid, recorded, value, flag, start in rows:
            moment = NOON + timedelta(hours=valid)
            tx.execute(
                O.insert().values(
                    series=series,
                    valid_at=moment,
                    recorded_at=NOON + timedelta(days=1, minutes=recorded),
                    start_at=None if start is None else moment - timedelta(minutes=start),
                    value=value,
                    flag=flag,
                    source="test",
                )
            )
        everything = tx.execute(select(O).order_by(O.c.recorded_at)).all()
        found = tx.execute(select(O).where(holds(tuple(QUANTITIES)))).all()
    assert sorted(found) == sorted(archive.holding(everything))

"""Batches that are kept in one transaction: as if one had come after the other, each answered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.access.desk import Desk
from anlan.city import City
from anlan.clock import SteppedClock
from anlan.journal import verify
from anlan.observe import Reading, RefusedRow, actions
from anlan.observe.actions import Batch
from anlan.observe.posting import Posted, Posting
from anlan.refusal import Refusal
from anlan.store import Store, schema
from tests.conftest import CITIES

NOW = datetime(2021, 7, 25, 4, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)
SERIES = ("zhapu.tide", "danghu-level.river_level", "rain-danghu.rain", "nowhere.tide")
ROWS = st.builds(
    Reading,
    series=st.sampled_from(SERIES),
    valid_at=st.integers(-1, 3).map(lambda n: NOW - n * 2 * TEN),
    value=st.sampled_from([1.0, 1.5, 99.0, None]),
    flag=st.sampled_from(["ok", "suspect", "corrected", "invented"]),
    start_at=st.none(),
    source=st.sampled_from(["", "another way"]),
)
BAD = RefusedRow(1, "not a row", Refusal("row 1: no row", field="row", remedy="a row"))
BATCHES = st.lists(
    st.builds(
        Batch,
        actor=st.sampled_from(["admin-1", "hub-7"]),
        readings=st.lists(ROWS, max_size=6),
        refused=st.sampled_from([(), (BAD,)]),
    ),
    min_size=1,
    max_size=6,
)


def outcome(store: Store, city: City, groups: Sequence[Sequence[Batch]]) -> dict[str, Any]:
    """What groups of batches leave, and what their senders are told."""
    with store.transaction() as tx:
        for table in (schema.observation, schema.quarantine):
            tx.execute(table.delete())
    told: list[actions.Recorded] = []
    for number, group in enumerate(groups):
        with store.transaction() as tx:
            now = NOW + timedelta(seconds=number)
            told += actions.record_all(tx, city, now, group)
    with store.read() as conn:
        rows = conn.execute(schema.observation.select()).all()
        aside = conn.execute(schema.quarantine.select()).all()
        assert verify(conn).verified
    history: dict[tuple[str, datetime], list[tuple[datetime, object]]] = {}
    for row in rows:
        version = (row.value, row.flag, row.start_at, row.source)
        history.setdefault((row.series, row.valid_at), []).append((row.recorded_at, version))
    return {
        "told": [(each.new, each.repeated, each.conflicts, len(each.refused)) for each in told],
        "history": {key: [v for _, v in sorted(seen)] for key, seen in history.items()},
        "aside": sorted((row.source, row.raw, row.error) for row in aside),
    }


@pytest.mark.both_engines
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=BATCHES, cuts=st.sets(st.integers(1, 5)))
def test_any_grouping_of_batches_leaves_and_answers_what_one_at_a_time_does(
    pinghu: City, store: Store, batches: list[Batch], cuts: set[int]
) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(batches)), len(batches)]
    groups = [batches[start:end] for start, end in pairwise(edges)]
    assert outcome(store, pinghu, groups) == outcome(store, pinghu, [[each] for each in batches])


def entries(store: Store) -> list[tuple[str, str]]:
    with store.read() as conn:
        journal = conn.execute(schema.journal.select().order_by(schema.journal.c.seq)).all()
    return [(row.kind, row.actor) for row in journal]


def tide(number: int, value: float = 3.0) -> Reading:
    return Reading("zhapu.tide", NOW - number * TEN, value)


def test_batches_of_an_actor_share_a_journal_entry_and_every_actor_is_named(
    pinghu: City, store: Store
) -> None:
    door = Posting(Desk(pinghu, store, SteppedClock(NOW)))
    posted = [Posted(Batch(actor, [tide(n)])) for n, actor in enumerate(("a", "b", "a"))]
    answers = door._commit(posted)
    assert [answer["new"] for answer in answers] == [1, 1, 1]
    assert entries(store) == [("observe.batch", "a"), ("observe.batch", "b")]


def test_one_key_twice_in_a_transaction_is_one_deed_with_one_answer(
    pinghu: City, store: Store
) -> None:
    door = Posting(Desk(pinghu, store, SteppedClock(NOW)))
    one = Posted(Batch("a", [tide(0)]), "repeat:1")
    answers = [*door._commit([one, one, Posted(Batch("a", [tide(1)]))]), door.take(one)]
    assert [(answer["new"], answer["repeated"]) for answer in answers] == [(1, 0)] * 4


def test_a_batch_that_the_store_cannot_keep_fails_for_its_sender_alone(
    pinghu: City, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = actions.record_all

    def choke(tx: Any, city: City, now: datetime, batches: Sequence[Batch]) -> Any:
        if any(each.value == 6.66 for batch in batches for each in batch.readings):
            raise ZeroDivisionError
        return real(tx, city, now, batches)

    monkeypatch.setattr(actions, "record_all", choke)
    door = Posting(Desk(pinghu, store, SteppedClock(NOW)))
    values = (3.0, 6.66, 3.1, 3.2)
    with ThreadPoolExecutor(4) as pool, store.transaction():  # so that they come together
        told = [
            pool.submit(door.take, Posted(Batch("a", [tide(n, value)])))
            for n, value in enumerate(values)
        ]
    assert [told[n].result()["new"] for n in (0, 2, 3)] == [1, 1, 1]
    assert isinstance(told[1].exception(), ZeroDivisionError)


DYING = """
import sys, threading
from datetime import datetime, timedelta
from pathlib import Path
from anlan.access.desk import Desk
from anlan.city import load
from anlan.clock import SteppedClock
from anlan.observe import Reading
from anlan.observe.actions import Batch
from anlan.observe.posting import Posted, Posting
from anlan.store import Store

now = datetime.fromisoformat(sys.argv[3])
door = Posting(Desk(load(sys.argv[1]), Store(Path(sys.argv[2])), SteppedClock(now)))
left, lock = list(range(int(sys.argv[4])))[::-1], threading.Lock()

def work():
    while True:
        with lock:
            if not left:
                return
            number = left.pop()
        at = now - number * timedelta(hours=2)
        batch = [Reading("zhapu.tide", at - n * timedelta(minutes=10), 3.0) for n in range(10)]
        door.take(Posted(Batch("hub", batch), f"repeat:{number}"))
        with lock:
            print(number, flush=True)

threads = [threading.Thread(target=work) for _ in range(8)]
for each in threads:
    each.start()
for each in threads:
    each.join()
"""


def test_kills_among_batches_that_wait_and_commit_lose_and_double_nothing_acknowledged(
    tmp_path: Path,
) -> None:
    """Killed after some acknowledgements, begun again with all; at last it may come to its end."""
    count, told = 100, set[int]()
    given = [str(CITIES / "pinghu"), str(tmp_path / "var"), NOW.isoformat(), str(count)]
    environment = {k: v for k, v in os.environ.items() if k != "ANLAN_DATABASE_URL"}
    for acknowledged in (40, None):
        with subprocess.Popen(
            [sys.executable, "-c", DYING, *given], stdout=subprocess.PIPE, env=environment
        ) as running:
            assert running.stdout is not None
            for number, line in enumerate(running.stdout, start=1):
                told.add(int(line))
                if number == acknowledged:
                    running.kill()
                    break
            told |= {int(line) for line in running.stdout if line.endswith(b"\n")}
        assert running.returncode == (0 if acknowledged is None else -signal.SIGKILL)
        store = Store(tmp_path / "var")
        with store.read() as conn:
            rows = conn.execute(schema.observation.select()).all()
            assert verify(conn).verified
        store.close()
        at = [row.valid_at for row in rows]
        assert len(set(at)) == len(at)
        whole = {(NOW - moment) // timedelta(hours=2) for moment in at}
        assert told <= whole
        assert len(at) == 10 * len(whole)
    assert told == set(range(count))

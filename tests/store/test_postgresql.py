"""What PostgreSQL alone can do wrong: be away, be shared, be set up for another language."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from tests.postgresql import Server
from tests.service.hand import raise_hand

from anlan.city import City
from anlan.journal import Act, verify
from anlan.refusal import Refusal
from anlan.store import Store, get_meta, schema, set_meta

NOON = datetime(2021, 7, 24, 4, tzinfo=UTC)


@pytest.fixture
def url(postgresql_server: Server) -> Iterator[str]:
    made = postgresql_server.fresh()
    yield made
    postgresql_server.drop(made)


@pytest.mark.parametrize(
    "text", ["mysql://desk:s3cret@db/anlan", "postgresql://desk:s3cret@db", "s3cret"]
)
def test_an_address_of_no_database_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refusal, match="postgresql://USER") as refused:
        Store(tmp_path, text)
    assert "s3cret" not in str(refused.value.as_dict())


def test_a_server_that_does_not_answer_is_named_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r"database 127\.0\.0\.1:1/anlan cannot be reached"
    ) as refused:
        Store(tmp_path, "postgresql://desk:s3cret@127.0.0.1:1/anlan")
    assert "s3cret" not in str(refused.value.as_dict())


def test_a_database_without_chinese_is_refused(tmp_path: Path, postgresql_server: Server) -> None:
    with pytest.raises(Refusal, match=r"SQL_ASCII.*--encoding UTF8"):
        Store(tmp_path, postgresql_server.empty("SQL_ASCII"))


def test_one_process_holds_a_database_from_whatever_folder(tmp_path: Path, url: str) -> None:
    first, second = Store(tmp_path / "a", url), Store(tmp_path / "b", url)
    first.hold()
    with pytest.raises(Refusal, match="in use by another anlan process"):
        second.hold()
    with second.transaction() as tx:  # a command beside the desk may still act
        set_meta(tx, "cursor", 1)
    first.close()
    second.hold()
    second.close()


def test_who_lost_the_server_takes_hold_of_it_again(
    tmp_path: Path, url: str, postgresql_server: Server
) -> None:
    desk, late = Store(tmp_path / "a", url), Store(tmp_path / "b", url)
    desk.hold()
    with desk.transaction() as tx:
        set_meta(tx, "cursor", 1)
    postgresql_server.stop()
    with pytest.raises(OperationalError), desk.transaction():
        pytest.fail("the server is away")
    postgresql_server.start()
    with desk.transaction() as tx:
        assert get_meta(tx, "cursor") == 1
        set_meta(tx, "cursor", 2)
    with pytest.raises(Refusal, match="in use"):
        late.hold()
    desk.close()
    late.close()


def test_who_lost_the_hold_to_another_writes_no_more(
    tmp_path: Path, url: str, postgresql_server: Server
) -> None:
    desk, other = Store(tmp_path / "a", url), Store(tmp_path / "b", url)
    desk.hold()
    postgresql_server.stop()
    postgresql_server.start()
    other.hold()
    with pytest.raises(Refusal, match="in use"), desk.transaction():
        pytest.fail("two of them would send twice")
    other.close()
    desk.close()


def test_the_desk_answers_503_while_the_database_is_away_and_goes_on_after(
    pinghu: City, tmp_path: Path, url: str, postgresql_server: Server
) -> None:
    store = Store(tmp_path, url)
    hand = raise_hand(pinghu, store, NOON)
    client = TestClient(hand.app, headers={"X-Anlan": "1"})
    client.get(hand.link("admin"), follow_redirects=False)
    body = "series,valid_at,value\nzhapu.tide,2021-07-24T12:00+08:00,3.1\n"
    csv = {"content-type": "text/csv"}
    assert client.post("/api/v1/readings", content=body, headers=csv).json()["new"] == 1
    postgresql_server.stop()
    away = client.post("/api/v1/readings", content=body.replace("3.1", "3.2"), headers=csv)
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    assert "send it again" in away.json()["message"]
    postgresql_server.start()
    after = client.post("/api/v1/readings", content=body.replace("3.1", "3.2"), headers=csv)
    assert after.json()["conflicts"] == 1
    with store.read() as conn:
        values = conn.execute(select(schema.observation.c.value)).scalars().all()
        assert len(values) == 2
        assert verify(conn).verified
    store.close()


@pytest.mark.both_engines
def test_writers_of_two_processes_append_to_one_unbroken_chain(
    tmp_path: Path, new_database: Callable[[], None]
) -> None:
    stores = [Store(tmp_path), Store(tmp_path)]
    failed: list[BaseException] = []

    def write(store: Store, name: str) -> None:
        try:
            for number in range(25):
                with store.transaction() as tx:
                    Act(tx, NOON, name).record("test.done", f"{name}{number}")
        except BaseException as problem:
            failed.append(problem)

    threads = [
        threading.Thread(target=write, args=(stores[n % 2], f"writer-{n}-")) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].read() as conn:
        found = verify(conn)
    assert (failed, found.verified, found.entries) == ([], True, 100)
    for store in stores:
        store.close()


@pytest.mark.both_engines
def test_a_view_does_not_see_what_is_committed_after_it_began(store: Store) -> None:
    with store.read() as conn:
        assert get_meta(conn, "cursor") is None
        with store.transaction() as tx:
            set_meta(tx, "cursor", 1)
        assert get_meta(conn, "cursor") is None
    with store.read() as conn:
        assert get_meta(conn, "cursor") == 1


@pytest.mark.both_engines
def test_words_are_ordered_by_code_point_and_may_hold_anything(store: Store) -> None:
    names = ["b", "B", "a", "é", "中", "_", "z\0"]
    with store.transaction() as tx:
        for name in names:
            set_meta(tx, name, 1)
    with store.read() as conn:
        kept = conn.execute(select(schema.meta.c.key).order_by(schema.meta.c.key)).scalars().all()
        assert get_meta(conn, "z\0") == 1
    assert kept == sorted(name.replace("\0", "\ufffd") for name in names)

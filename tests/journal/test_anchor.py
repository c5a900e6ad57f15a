"""The anchor: what a chain alone cannot show, shows against a file outside the database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, update
from typer.testing import CliRunner

from anlan.cli.commands import app
from anlan.journal import Act, anchor, verify
from anlan.journal.entry import GENESIS, HEAD, J, entry_hash
from anlan.journal.entry import _fields as fields_of
from anlan.refusal import Refusal
from anlan.service.anchoring import Anchoring
from anlan.store import Store, set_meta

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def write(store: Store, *kinds: str) -> None:
    with store.transaction() as tx:
        for kind in kinds:
            Act(tx, NOW, "duty-1").record(f"alert.{kind}", "A1")


def forge(tx: Connection) -> None:
    """Chain all entries anew, head and all: what somebody with the whole database can do."""
    prev, seq = GENESIS, 0
    for row in tx.execute(select(J).order_by(J.c.seq)).all():
        own = entry_hash(fields_of(row), prev)
        tx.execute(update(J).where(J.c.seq == row.seq).values(prev_hash=prev, hash=own))
        prev, seq = own, row.seq
    set_meta(tx, HEAD, {"seq": seq, "hash": prev})


def pinned(store: Store, file: Path, at: datetime = NOW) -> anchor.Point:
    with store.read() as conn:
        point = anchor.head(conn, at)
    assert point is not None
    assert anchor.append(file, point)
    return point


def problem(store: Store, file: Path) -> str:
    with store.read() as conn:
        found = anchor.check(conn, file)
    assert found.verified is not bool(found.problem)
    return found.problem


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "anchor"


@pytest.fixture
def kept(store: Store, file: Path) -> Store:
    """A journal of six entries, anchored at the second and the fourth."""
    with store.transaction() as tx:
        store.dedicate(tx, "live")
    write(store, "drafted", "approved")
    pinned(store, file)
    write(store, "approved", "issued")
    pinned(store, file, NOW + timedelta(minutes=5))
    write(store, "cancelled", "issued")
    return store


@pytest.mark.both_engines
class TestOfAWholeJournal:
    def test_it_holds_and_says_how_far_it_is_vouched_for(self, kept: Store, file: Path) -> None:
        with kept.read() as conn:
            found = anchor.check(conn, file)
        assert (found.verified, found.entries, found.anchored) == (True, 6, 4)
        assert found.anchored_at == NOW + timedelta(minutes=5)

    def test_a_changed_row_shows_with_or_without_an_anchor(self, kept: Store, file: Path) -> None:
        with kept.transaction() as tx:
            tx.execute(update(J).where(J.c.seq == 3).values(actor="li"))
        assert "entry 3" in problem(kept, file)

    def test_a_journal_written_anew_passes_its_own_check_and_not_the_anchor(
        self, kept: Store, file: Path
    ) -> None:
        with kept.transaction() as tx:
            tx.execute(update(J).where(J.c.seq == 3).values(actor="li"))
            forge(tx)
        with kept.read() as conn:
            assert verify(conn).verified
        assert problem(kept, file).startswith("entries 3 to 4 are not those anchored")

    def test_an_entry_slipped_out_and_the_rest_moved_up_shows(
        self, kept: Store, file: Path
    ) -> None:
        with kept.transaction() as tx:
            tx.execute(delete(J).where(J.c.seq == 2))
            for seq in range(3, 7):
                tx.execute(update(J).where(J.c.seq == seq).values(seq=seq - 1))
            forge(tx)
        assert "rewritten" in problem(kept, file)

    def test_an_end_cut_off_with_its_head_shows(self, kept: Store, file: Path) -> None:
        with kept.transaction() as tx:
            tx.execute(delete(J).where(J.c.seq > 3))
            forge(tx)
        with kept.read() as conn:
            assert verify(conn).verified
        said = problem(kept, file)
        assert said.startswith("entries 4 to 4 are missing")
        assert "2026-11-21T08:05:00+00:00" in said

    def test_an_emptied_journal_shows(self, kept: Store, file: Path) -> None:
        with kept.transaction() as tx:
            tx.execute(delete(J))
            forge(tx)
        assert "another journal" in problem(kept, file)

    def test_a_database_begun_anew_shows_though_it_is_whole(self, kept: Store, file: Path) -> None:
        with kept.transaction() as tx:
            tx.execute(delete(J))
            for kind in "abcdef":
                Act(tx, NOW, "li").record(f"alert.{kind}", "A1")
        assert "exchanged or begun anew" in problem(kept, file)


def test_an_older_copy_in_its_place_shows_also_after_it_went_on(
    store: Store, file: Path, tmp_path: Path
) -> None:
    write(store, "drafted")
    pinned(store, file)
    store.close()
    shutil.copytree(store.data_dir, tmp_path / "older")
    later = Store(store.data_dir)
    write(later, "approved", "issued")
    pinned(later, file)
    later.close()
    older = Store(tmp_path / "older")
    assert "older copy" in problem(older, file)
    write(older, "rejected", "drafted", "rejected")
    assert "rewritten" in problem(older, file)
    older.close()


@given(st.lists(st.integers(1, 3), min_size=2, max_size=5), st.data())
def test_a_changed_missing_or_moved_line_of_the_anchor_is_named(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("lines") / "anchor"
    seq = 0
    for step in steps:
        seq += step
        anchor.append(file, anchor.Point("j", "live", seq, f"h{seq}", NOW))
    assert [point.seq for point in anchor.read(file)][-1] == seq
    lines = file.read_text().splitlines()
    where = data.draw(st.integers(0, len(lines) - 2))
    match data.draw(st.sampled_from(["change", "drop", "swap"])):
        case "change":
            lines[where] = lines[where].replace('"kind":"live"', '"kind":"replay"')
        case "drop":
            del lines[where]
        case _:
            lines[where], lines[where + 1] = lines[where + 1], lines[where]
    file.write_text("\n".join(lines) + "\n")
    with pytest.raises(Refusal, match="line"):
        anchor.read(file)


def test_a_last_line_torn_by_a_power_cut_is_put_right(kept: Store, file: Path) -> None:
    whole = file.read_text()
    file.write_text(whole + '{"at":"2026-11-')
    pinned(kept, file)
    assert len(anchor.read(file)) == 3
    assert file.read_text().startswith(whole)


def test_the_same_head_is_anchored_once(kept: Store, file: Path) -> None:
    point = pinned(kept, file)
    assert not anchor.append(file, point)


def test_hostile_anchors_are_refused(kept: Store, file: Path) -> None:
    for text in ("x", "[]", "{}", "\x00", '{"seq":1e999}', "9" * 10_000):
        file.write_text(text + "\n")
        with pytest.raises(Refusal):
            problem(kept, file)
    file.write_bytes(b"\xff\xfe\n")
    with pytest.raises(Refusal):
        problem(kept, file)


# ---- the desk anchors by itself


@pytest.fixture
def collector() -> Iterator[tuple[str, list[str]]]:
    """A server elsewhere that keeps what is sent to it."""
    taken: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/anchors", taken
    server.shutdown()
    server.server_close()


def test_the_desk_anchors_beside_its_data_and_sends_it_elsewhere(
    store: Store, collector: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    url, taken = collector
    write(store, "drafted")
    anchoring = Anchoring(store, url)
    assert anchoring.anchor()
    assert not anchoring.anchor(), "nothing new"
    write(store, "approved")
    assert anchoring.anchor()
    path = anchor.anchor_file(store)
    assert not path.is_relative_to(store.data_dir)
    assert [json.loads(line)["seq"] for line in taken] == [1, 2]
    assert path.read_text().splitlines() == taken


def test_the_desk_says_so_and_adds_nothing_when_the_journal_was_rewritten(store: Store) -> None:
    write(store, "drafted", "approved")
    anchoring = Anchoring(store)
    anchoring.anchor()
    before = anchor.anchor_file(store).read_text()
    with store.transaction() as tx:
        tx.execute(update(J).where(J.c.seq == 2).values(actor="li"))
        forge(tx)
    write(store, "issued")
    assert not anchoring.anchor()
    assert "rewritten" in (anchoring.problem or "")
    assert anchor.anchor_file(store).read_text() == before


# ---- the commands


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(word) for word in words])
    return found.exit_code, found.stdout


def test_the_command_says_what_is_vouched_for_and_ends_with_1_when_it_is_not(
    store: Store, file: Path
) -> None:
    write(store, "drafted", "approved")
    data = ("--data-dir", store.data_dir)
    assert run("journal", "verify", *data)[0] == 0
    assert run("journal", "anchor", *data)[0] == 0
    code, said = run("journal", "verify", *data)
    assert code == 0
    assert "anchored to entry 2" in said
    assert run("journal", "anchor", "--to", file, *data)[0] == 0
    with store.transaction() as tx:
        tx.execute(delete(J).where(J.c.seq == 2))
        forge(tx)
    code, said = run("journal", "verify", "--anchor", file, *data)
    assert code == 1
    assert said.startswith("entries 2 to 2 are missing")
    code, said = run("journal", "verify", "--json", *data)
    assert (code, json.loads(said)["verified"]) == (1, False)
    assert run("journal", "anchor", *data)[0] != 0
    assert run("journal", "verify", "--anchor", file.with_name("none"), *data)[0] != 0

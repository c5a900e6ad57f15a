"""`anlan observe export` and `import`: what is written can be read, flags and all."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from anlan.city import City
from anlan.cli.observe import app
from anlan.clock import SteppedClock
from anlan.observe import FLAGS, Reading, archive, exchange
from anlan.refusal import Refusal
from anlan.store import Store, schema

pytestmark = pytest.mark.both_engines

NOON = datetime(2021, 7, 24, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RAIN, TIDE = "rain-zhapu.rain", "zhapu.tide"


def test_every_flag_survives_export_and_import(
    pinghu: City, tmp_path: Path, new_database: Callable[[], None]
) -> None:
    readings = [
        Reading(TIDE, NOON + n * MINUTE, None if flag == "missing" else 3.1 + n / 7, None, flag)
        for n, flag in enumerate(FLAGS)
    ]
    readings += [Reading(RAIN, NOON + n * MINUTE, 0.1 * n, NOON, "ok") for n in range(1, 4)]
    exported: list[str] = []
    for name in ("first", "second"):
        new_database()
        store = Store(tmp_path / name)
        if name == "first":
            with store.transaction() as tx:
                archive.add(tx, readings, NOON)
        else:
            file = tmp_path / "readings.csv"
            file.write_text(exported[0])
            given = ["import", str(pinghu.folder), str(file), "--data-dir", str(store.data_dir)]
            done = CliRunner().invoke(app, given)
            assert done.exit_code == 0, done.output
        store.close()
        given = ["export", str(pinghu.folder), "--data-dir", str(tmp_path / name)]
        exported.append(CliRunner().invoke(app, given).stdout)
    assert exported[0] == exported[1]
    rows = list(csv.DictReader(io.StringIO(exported[0])))
    assert [row["flag"] for row in rows if row["series"] == TIDE] == list(FLAGS)
    assert len(rows) == len(readings)


def test_days_are_exported_by_their_end(pinghu: City, tmp_path: Path) -> None:
    store = Store(tmp_path)
    ends = [NOON + timedelta(hours=n) for n in range(48)]
    with store.transaction() as tx:
        archive.add(tx, [Reading(RAIN, end, 1.0, end - timedelta(hours=1)) for end in ends], NOON)
    store.close()
    given = ["export", str(pinghu.folder), "--every", "1day", "--data-dir", str(tmp_path)]
    rows = list(csv.DictReader(io.StringIO(CliRunner().invoke(app, given).stdout)))
    full = next(row for row in rows if row["valid_at"] == "2021-07-26T08:00:00+08:00")
    assert (full["sum"], full["count"], full["availability"]) == ("24.0", "24", "1.0")


def _write_parquet(path: Path, rows: int, first: datetime = NOON) -> None:
    ends = [first + n * MINUTE for n in range(rows)]
    table = pa.table({"series": [TIDE] * rows, "valid_at": ends, "value": [3.0] * rows})
    pq.write_table(table, path, row_group_size=50_000)


def test_parquet_brings_back_what_it_was_given(
    pinghu: City, tmp_path: Path, new_database: Callable[[], None]
) -> None:
    readings = [
        Reading(TIDE, NOON + n * MINUTE, None if flag == "missing" else 3.1 + n / 7, None, flag)
        for n, flag in enumerate(FLAGS)
    ]
    readings += [Reading(RAIN, NOON + n * MINUTE, 0.1 * n, NOON, "ok") for n in range(1, 4)]
    file = tmp_path / "readings.parquet"
    folders = [tmp_path / name for name in ("first", "second")]
    store = Store(folders[0])
    with store.transaction() as tx:
        archive.add(tx, readings, NOON)
    store.close()
    given = ["export", str(pinghu.folder), "-o", str(file), "--data-dir", str(folders[0])]
    assert CliRunner().invoke(app, given).exit_code == 0
    new_database()
    given = ["import", str(pinghu.folder), str(file), "--data-dir", str(folders[1])]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    store = Store(folders[1])
    with store.read() as conn:
        kept = [
            (o.series, o.valid_at, o.value, o.start_at, o.flag)
            for name in (TIDE, RAIN)
            for o in archive.window(conn, name, NOON - MINUTE, NOON + 60 * MINUTE)
        ]
    store.close()
    assert kept == [(r.series, r.valid_at, r.value, r.start_at, r.flag) for r in readings]


def test_a_span_is_exported_by_its_ends(pinghu: City, store: Store) -> None:
    with store.transaction() as tx:
        archive.add(tx, [Reading(TIDE, NOON + n * MINUTE, 3.0) for n in range(10)], NOON)
    told: list[float] = []
    rows: list[tuple[object, ...]] = []
    written = exchange.give(
        store,
        pinghu,
        [TIDE],
        lambda newest: NOON + 2 * MINUTE,
        NOON + 5 * MINUTE,
        None,
        rows.extend,
        told.append,
    )
    assert (written, [row[1] for row in rows]) == (3, [NOON + n * MINUTE for n in (3, 4, 5)])
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"series,time,value\n", "column valid_at is missing"),
        ("a.csv", b"series,valid_at,value\n\xff\xfe\n", "is not UTF-8"),
        ("a.csv", b'series,valid_at,value\n"' + b"x" * 140_000, "is not CSV"),
        ("a.parquet", b"PAR1 and then nothing", "is not Parquet that can be read"),
        ("b.csv", None, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_readings_is_refused(
    pinghu: City, store: Store, tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Refusal, match=sentence):
        exchange.take(store, pinghu, SteppedClock(NOON), tmp_path / name)


def test_a_file_of_another_kind_is_given_up_after_a_thousand_refused_rows(
    pinghu: City, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "readings.csv"
    good = f"{TIDE},2021-07-24T11:00+08:00,3.1\n"
    file.write_text("series,valid_at,value\n" + good + "elsewhere.tide,now,3\n" * 15_000)
    with pytest.raises(Refusal, match=r"'elsewhere\.tide' is not one of this city's"):
        exchange.take(store, pinghu, SteppedClock(NOON), file)
    with store.read() as conn:
        refused = conn.execute(select(func.count()).select_from(schema.quarantine)).scalar_one()
        assert refused == exchange.MOST_REFUSED
        assert TIDE in archive.latest(conn, [TIDE])


def test_a_long_file_takes_no_more_memory_than_a_short_one(
    pinghu: City, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "readings.parquet"
    _write_parquet(file, 8 * exchange.BATCH, NOON - timedelta(days=100))
    page = os.sysconf("SC_PAGE_SIZE")
    resident: list[int] = []

    def told(share: float) -> None:
        resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * page)

    done = exchange.take(store, pinghu, SteppedClock(NOON), file, told=told)
    assert done.new == 8 * exchange.BATCH
    # after the first three batches, in which caches fill, less than a batch of rows weighs
    assert max(resident[3:]) - resident[2] < 8_000_000

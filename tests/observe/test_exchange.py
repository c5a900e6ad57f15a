"""`anlan observe export` and `import`: what is written can be read, flags and all."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.city import City
from anlan.cli.observe import app
from anlan.observe import FLAGS, Reading, archive
from anlan.store import Store

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

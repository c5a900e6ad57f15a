"""Readings from and to files, CSV or Parquet, of any length: a batch in memory at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.observe import actions, archive
from anlan.observe.quantity import QUANTITIES
from anlan.observe.reading import COLUMNS, FLAGS, RefusedRow, parse_rows, require_columns
from anlan.refusal import Refusal
from anlan.store import Store

BATCH = 10_000  # rows in one transaction: the desk beside it waits no longer than for these
MOST_REFUSED = 1_000  # rows; a file with more is another kind of file
SHOWN = 20  # refused rows in the answer
STRETCH = timedelta(days=30)  # read at a time when writing
Row = Mapping[str, object]
# (share of the file that has been read, its rows from there on)
Batches = Iterator[tuple[float, list[Row]]]
Told = Callable[[float], None]
# takes rows in the order of `COLUMNS`
Writer = Callable[[list[tuple[Any, ...]]], None]


@dataclass
class Imported:
    """What became of a file: counts, and the first refused rows with their reasons."""

    rows: int = 0
    new: int = 0
    repeated: int = 0
    conflicts: int = 0
    refused: int = 0
    shown: list[RefusedRow] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "rows": self.rows,
            "new": self.new,
            "repeated": self.repeated,
            "conflicts": self.conflicts,
            "refused": self.refused,
            "refused_first": [{"row": row.row, **row.refusal.as_dict()} for row in self.shown],
        }


def take(
    store: Store,
    city: City,
    clock: Clock,
    path: Path,
    unit: str | None = None,
    told: Told = lambda share: None,
) -> Imported:
    """Import a file in batches, each kept before the next is read; safe to repeat.

    Args:
        path: ``.parquet``, or CSV; columns as `reading.COLUMNS`.
        unit: of all values where no column says.
        told: is told the share of the file that has been read.

    Raises:
        Refusal: when the file cannot be read or lacks a column; when more than `MOST_REFUSED`
            rows were refused, whose reasons are in quarantine. What was taken before stays.
    """
    done = Imported()
    for share, rows in batches(path):
        given: Iterable[Row] = rows if unit is None else ({"unit": unit, **row} for row in rows)
        readings, refused = parse_rows(given, city, path.name, FLAGS, first=done.rows + 1)
        with store.transaction() as tx:
            act = Act(tx, clock.now(), "system")
            kept = actions.record(act, city, readings, refused[: MOST_REFUSED - done.refused])
        done.rows += len(rows)
        done.new += kept.new
        done.repeated += kept.repeated
        done.conflicts += kept.conflicts
        done.refused += len(kept.refused)
        done.shown += kept.refused[: SHOWN - len(done.shown)]
        told(share)
        if done.refused >= MOST_REFUSED:
            raise Refusal(
                f"{done.refused} of the first {done.rows} rows of {path.name} were refused, the "
                f"first because: {done.shown[0].refusal.message}. Nothing further was read; mend "
                "the file and import it again, what was taken stays",
                field="file",
                value=path.name,
                remedy="a file whose rows fit this city",
            )
    return done


def batches(path: Path) -> Batches:
    """The rows of a CSV or Parquet file, `BATCH` at a time.

    Raises:
        Refusal: when it cannot be read or lacks a column.
    """
    return _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)


def _csv(path: Path) -> Batches:
    with _opened(path) as raw:
        size = max(path.stat().st_size, 1)
        with io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
            table = csv.DictReader(text)
            try:
                require_columns(table.fieldnames or ())
                rows: Iterator[Row] = ({k: v for k, v in row.items() if k and v} for row in table)
                while batch := list(islice(rows, BATCH)):
                    yield min(raw.tell() / size, 1.0), batch
            except csv.Error as problem:
                raise Refusal(
                    f"line {table.line_num + 1} of {path.name} is not CSV ({problem}); look for a "
                    "quotation mark without its partner",
                    field="file",
                    value=path.name,
                    remedy=",".join(COLUMNS),
                ) from problem
            except UnicodeDecodeError as problem:
                raise Refusal(
                    f"file {path.name} is not UTF-8 after line {table.line_num} ({problem.reason})",
                    field="file",
                    value=path.name,
                    remedy="a UTF-8 CSV file",
                ) from problem


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        file = path.open("rb")
    except OSError as problem:
        raise Refusal(
            f"file {path} cannot be read ({problem.strerror})",
            field="file",
            value=path,
            remedy="a file that exists",
        ) from problem
    with file:
        yield file


def _parquet(path: Path) -> Batches:
    pq, arrow = _pyarrow("pyarrow.parquet"), _pyarrow("pyarrow")
    with _opened(path) as raw:
        try:
            file = pq.ParquetFile(raw)
            require_columns(file.schema_arrow.names)
            wanted = [name for name in file.schema_arrow.names if name in COLUMNS]
            total, read = max(file.metadata.num_rows, 1), 0
            for batch in file.iter_batches(batch_size=BATCH, columns=wanted):
                read += batch.num_rows
                rows = batch.to_pylist()
                yield (
                    min(read / total, 1.0),
                    [{k: v for k, v in row.items() if v is not None} for row in rows],
                )
        except (arrow.ArrowException, OSError, ValueError, OverflowError) as problem:
            raise Refusal(
                f"file {path.name} is not Parquet that can be read ({str(problem)[:200]})",
                field="file",
                value=path.name,
                remedy=f"Parquet with the columns {','.join(COLUMNS)}, or CSV",
            ) from problem


def _pyarrow(name: str) -> Any:
    try:
        return __import__(name, fromlist=["_"])
    except ModuleNotFoundError as problem:
        raise Refusal(
            "Parquet needs the library pyarrow, which is not installed; "
            "pip install 'anlan[parquet]', or use CSV",
            field="file",
            remedy="pip install 'anlan[parquet]'",
        ) from problem


def csv_writer(out: IO[str], city: City) -> Writer:
    """Rows as CSV with a header, times in the city's zone."""
    table = csv.writer(out)
    table.writerow(COLUMNS)

    def shown(value: object) -> object:
        if isinstance(value, datetime):
            return value.astimezone(city.zone).isoformat()
        return "" if value is None else value

    def write(rows: list[tuple[Any, ...]]) -> None:
        table.writerows([shown(value) for value in row] for row in rows)

    return write


@contextmanager
def parquet_writer(path: Path) -> Iterator[Writer]:
    """Rows into a Parquet file, times in UTC to the millisecond."""
    pq, pa = _pyarrow("pyarrow.parquet"), _pyarrow("pyarrow")
    word, moment = pa.dictionary(pa.int32(), pa.string()), pa.timestamp("ms", tz="UTC")
    kinds = (pa.string(), moment, pa.float64(), word, word, moment, word)
    form = pa.schema(list(zip(COLUMNS, kinds, strict=True)))
    opened: AbstractContextManager[Any] = pq.ParquetWriter(path, form, compression="zstd")
    with opened as file:

        def write(rows: list[tuple[Any, ...]]) -> None:
            columns = zip(*rows, strict=True)
            arrays = [pa.array(c, k) for c, k in zip(columns, kinds, strict=True)]
            file.write_batch(pa.record_batch(arrays, schema=form))

        yield write


def give(
    store: Store,
    city: City,
    series: Iterable[str],
    since: Callable[[datetime], datetime],
    until: datetime | None,
    as_of: datetime | None,
    write: Writer,
    told: Told = lambda share: None,
) -> int:
    """Write the readings of several series, one after the other; returns how many.

    Args:
        since: from the newest valid time of a series to the moment before its first one wanted.
        until: the last valid time wanted; None: the newest.
        as_of: as known then.
    """
    names, written = list(series), 0
    with store.read() as conn:
        newest = archive.latest(conn, names, as_of)
        for number, name in enumerate(names):
            first = archive.oldest(conn, name)
            if name in newest and first is not None:
                end = newest[name].valid_at
                # the start of a window is left out
                start = max(since(end), first - timedelta(milliseconds=1))
                end = end if until is None else min(end, until)
                for share, rows in _stretches(conn, city, name, start, end, as_of):
                    write(rows)
                    written += len(rows)
                    told((number + share) / len(names))
            told((number + 1) / len(names))
    return written


def _stretches(
    conn: Any, city: City, name: str, start: datetime, end: datetime, as_of: datetime | None
) -> Iterator[tuple[float, list[tuple[Any, ...]]]]:
    quantity = QUANTITIES[name.rpartition(".")[2]]
    datum = city.datum if quantity.has_datum else None
    at, whole = start, max(end - start, timedelta(milliseconds=1))
    while at < end:
        upto = min(at + STRETCH, end)
        found = archive.window(conn, name, at, upto, as_of)
        if found:
            yield (
                (upto - start) / whole,
                [
                    (name, o.valid_at, o.value, quantity.unit, datum, o.start_at, o.flag)
                    for o in found
                ],
            )
        at = upto

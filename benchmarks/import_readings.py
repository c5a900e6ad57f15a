"""How an import of many readings goes: ``python -m benchmarks.import_readings [--rows N] [--csv]``.

Writes N readings (10 million by default) of all of Pinghu's gauges to a file, then takes them in as
``anlan observe import`` does, every batch durable before the next is read, and prints readings/s
and memory at every tenth. Memory that does not grow is the promise. The database is SQLite in a
temporary folder, or that of ANLAN_DATABASE_URL.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from anlan.city import City, load
from anlan.clock import RealClock
from anlan.observe import QUANTITIES, exchange
from anlan.store import Store

CITY = Path("cities/pinghu")
START = datetime(1990, 1, 1, tzinfo=UTC)
BLOCK = 100_000


def write(city: City, path: Path, rows: int) -> None:
    """A file of ``rows`` readings, one series after the other, a minute apart."""
    names = [station.series for station in city.stations.values()]
    each = -(-rows // len(names))
    fields = [
        ("series", pa.string()),
        ("valid_at", pa.timestamp("s", tz="UTC")),
        ("value", pa.float64()),
    ]
    form = pa.schema([*fields, ("unit", pa.string()), ("datum", pa.string())])
    writer = pacsv.CSVWriter if path.suffix == ".csv" else pq.ParquetWriter
    with writer(path, form) as out:
        for number, name in enumerate(names):
            quantity = QUANTITIES[name.rpartition(".")[2]]
            count = min(each, rows - number * each)
            for first in range(0, max(count, 0), BLOCK):
                block = range(first, min(first + BLOCK, count))
                columns = [
                    pa.array([name] * len(block)),
                    pa.array([START + timedelta(minutes=n) for n in block], fields[1][1]),
                    pa.array([2.0 + n % 97 / 100 for n in block]),
                    pa.array([quantity.unit] * len(block)),
                    pa.array([city.datum if quantity.has_datum else ""] * len(block)),
                ]
                out.write_table(pa.table(columns, form))


def resident_mb() -> float:
    """Memory of this process now, MB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--csv", action="store_true")
    given = parser.parse_args()
    city = load(CITY)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / ("readings.csv" if given.csv else "readings.parquet")
        write(city, file, given.rows)
        store = Store(Path(folder) / "var")
        print(f"{given.rows} readings in {file.name} into {store.database.words.split(',')[0]}")
        begun, cpu, last = time.perf_counter(), time.process_time(), [0.0]

        def told(share: float) -> None:
            if share >= last[0] + 0.1 or share == 1.0:
                last[0] = share
                rate = share * given.rows / (time.perf_counter() - begun)
                print(f"{share:4.0%}  {rate:7.0f} readings/s  {resident_mb():6.0f} MB", flush=True)

        done = exchange.take(store, city, RealClock(), file, told=told)
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
        store.close()
    print(f"{done.new} new, {done.refused} refused; {wall:.0f} s wall, {cpu:.0f} s processor")


if __name__ == "__main__":
    main()

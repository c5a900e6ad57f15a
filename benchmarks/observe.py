"""``python -m benchmarks.observe [--write docs/performance.md]``: how fast readings are kept.

A desk in a process of its own, a mosquitto broker in another, and stations in this one share the
machine. Counted is what another connection to the database sees. Beside each rate stands that of a
plain loop of INSERTs into the same table with the same batch and durability.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import machine
from benchmarks import observe_senders as senders
from benchmarks.observe_desk import PAIRS, PROBE, Ports, lay
from benchmarks.table import Part, Promise, write_between_markers

BATCH = 50  # readings in a message
REQUEST = 500  # readings in a request
LINKS = 40  # of SL 651 stations
PACE = 5000.0  # readings a second while latencies are taken, batched
SINGLES = 1500.0  # and as messages of one
LOOK_S = 0.004  # how often the database is looked at
COLUMNS = "series, valid_at, recorded_at, start_at, value, flag, source"


class Bench:
    """The desk, its broker, and an eye on its database."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ports = folder, Ports.free()
        lay(folder, self.ports)
        self._broker = _mosquitto(folder, self.ports.broker)
        self._desk = subprocess.Popen([sys.executable, "-m", "benchmarks.observe_desk", folder])
        _until(lambda: (folder / "key").exists(), 180)  # the first start compiles
        self.key = (folder / "key").read_text()
        _until(self._answers, 30)
        self._eye = sqlite3.connect(folder / "var" / "anlan.db", check_same_thread=False)

    def _answers(self) -> bool:
        try:
            states = [each["state"] for each in self.get("/api/v1/sources")]
        except OSError:
            return False
        return all(state["connected"] for state in states)

    def get(self, path: str) -> list[dict[str, dict[str, bool]]]:
        """The JSON under a path."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports.http}{path}",
            headers={"authorization": f"Bearer {self.key}"},
        )
        with urllib.request.urlopen(request) as answer:
            found: list[dict[str, dict[str, bool]]] = json.load(answer)
            return found

    def rows(self) -> int:
        """How many readings are committed."""
        return int(self._eye.execute("SELECT count(*) FROM observation").fetchone()[0])

    def one(self, query: str, *given: object) -> object:
        """The first value of a query."""
        row = self._eye.execute(query, given).fetchone()
        return None if row is None else row[0]

    def commits(self) -> int:
        """Batches committed so far, which the journal counts."""
        return int(str(self.one("SELECT count(*) FROM journal WHERE kind = 'observe.batch'")))

    def close(self) -> None:
        """End both."""
        for process in (self._desk, self._broker):
            process.terminate()
            process.wait(20)


def _mosquitto(folder: Path, port: int) -> subprocess.Popen[bytes]:
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n"
    )
    return subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL)


def _until(what: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise TimeoutError("the desk did not come so far in time")
        time.sleep(LOOK_S)


@contextmanager
def bench() -> Iterator[Bench]:
    """A new desk with an empty database."""
    with tempfile.TemporaryDirectory() as name:
        made = Bench(Path(name))
        try:
            yield made
        finally:
            made.close()


def floor(folder: Path, batch: int, rows: int) -> float:
    """Readings a second of a plain loop: the same table and durability, ``batch`` in a commit."""
    path = folder / "floor.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(folder / "var" / "anlan.db") as desk:
        (table,) = desk.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'observation'"
        ).fetchone()
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute(table)
    marks = f"INSERT INTO observation ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
    values = [
        (f"level-{n % PAIRS:03d}.river_level", n // PAIRS, n, None, 1.0, "ok", "floor")
        for n in range(rows)
    ]
    begin = time.perf_counter()
    for start in range(0, rows, batch):
        plain.execute("BEGIN IMMEDIATE")
        plain.executemany(marks, values[start : start + batch])
        plain.execute("COMMIT")
    wall = time.perf_counter() - begin
    plain.close()
    return rows / wall


def rate(made: Bench, count: int, send: Callable[[], object]) -> tuple[float, float]:
    """Readings a second from the first byte sent to the last commit, and readings a commit."""
    before, commits = made.rows(), made.commits()
    begin = time.perf_counter()
    send()
    _until(lambda: made.rows() >= before + count, 300)
    wall = time.perf_counter() - begin
    return count / wall, count / max(made.commits() - commits, 1)


def _send(made: Bench, way: str, count: int, batch: int, now: datetime) -> tuple[float, float]:
    """`rate` of ``count`` readings by one way."""
    if way == "SL 651":
        frames = senders.sl651_reports(count // 24 // LINKS, now, LINKS)
        return rate(
            made, sum(map(len, frames)) * 24, lambda: senders.report(made.ports.sl651, frames)
        )
    rows = senders.readings(count, now)
    if way == "HTTP":
        bodies = senders.http_bodies(rows, batch)
        return rate(made, count, lambda: senders.post(made.ports.http, made.key, bodies, 4))
    messages = senders.mqtt_messages(rows, batch)
    line = senders.Mqtt(made.ports.broker)
    try:
        return rate(made, count, lambda: line.send(messages))
    finally:
        line.close()


def throughput(scale: float) -> Part:
    """Readings a second by each way, beside the loop."""
    now = datetime.now(UTC).replace(microsecond=0)
    rows = []
    with machine.Watch() as watch:
        for way, sent, batch, total in (
            ("MQTT, batches", f"{BATCH} a message", BATCH, 100_000),
            ("MQTT, single, QoS 1", "1 a message", 1, 20_000),
            ("HTTP", f"{REQUEST} a request, 4 connections", REQUEST, 100_000),
            ("SL 651", f"24 a report, {LINKS} links", 24, 48_000),
        ):
            count = int(total * scale)
            with bench() as made:
                found = _send(made, way, count, batch, now)
                least = floor(made.folder, batch, max(min(count, batch * 2000), batch))
                together = max(round(found[1]), 1)
                same = floor(made.folder, together, count)
            rows.append(
                {
                    "way": way,
                    "sent": sent,
                    "rate": found[0],
                    "floor": least,
                    "ratio": least / found[0],
                    "together": together,
                    "same": same,
                    "same_ratio": same / found[0],
                }
            )
    by_way = {str(row["way"]): row for row in rows}
    ways = list(by_way)
    return Part(
        "Readings to durable storage",
        {
            "way": "way",
            "sent": "sent as",
            "rate": "readings/s",
            "floor": "loop, batch as sent",
            "ratio": "loop / desk",
            "together": "readings a journal entry",
            "same": "loop, batch as there",
            "same_ratio": "loop / desk ",
        },
        rows,
        [
            Promise("MQTT, batched, readings/s, at least 5,000", _of(by_way, ways[0]), 5000, False),
            Promise(
                "single, messages/s, at least 1,500",
                _of(by_way, "MQTT, single, QoS 1"),
                1500,
                False,
            ),
            Promise(
                "slowest way beside the loop with the batch as sent, at most 3 ×",
                max(float(str(row["ratio"])) for row in rows),
                3.0,
            ),
        ],
        [
            "the loop only inserts, from memory; the desk also serves a broker or sockets, parses, "
            "checks, looks for repeats and writes the journal, and rules are decided meanwhile",
            watch.note(),
        ],
    )


def _of(rows: dict[str, dict[str, object]], way: str) -> float:
    return float(str(rows[way]["rate"]))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of them lie; milliseconds from seconds."""
    return sorted(values)[min(math.ceil(share * len(values)), len(values)) - 1] * 1000.0


class Probe:
    """Single readings of one gauge among the others, followed on their way."""

    def __init__(self, made: Bench) -> None:
        self._made = made
        self.sent: dict[int, float] = {}  # valid time, ms -> when it was sent
        self.committed: dict[int, float] = {}
        self.decided: dict[int, float] = {}
        self.shown: dict[int, float] = {}
        self._recorded: dict[int, int] = {}
        self._heard: dict[str, float] = {}
        self._ending = threading.Event()
        self._eye = threading.Thread(target=self._look, daemon=True)
        self._ear = threading.Thread(target=self._listen, daemon=True)

    def run(self, seconds: float, load: Callable[[threading.Event], None]) -> None:
        """Send ten a second over MQTT while ``load`` runs."""
        self._eye.start()
        self._ear.start()
        loading = threading.Thread(target=load, args=(self._ending,))
        loading.start()
        line = senders.Mqtt(self._made.ports.broker)
        time.sleep(1.0)
        end = time.perf_counter() + seconds
        topic = f"stations/{PROBE.partition('.')[0]}/readings"
        while time.perf_counter() < end:
            at = datetime.now(UTC)
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)
            row = {"valid_at": at.isoformat(), "value": 1.5}
            self.sent[round(at.timestamp() * 1000)] = time.perf_counter()
            line.send([(topic, json.dumps(row).encode())])
            time.sleep(0.1)
        until = time.perf_counter() + 15
        while min(len(self.shown), len(self.decided)) < len(self.sent) and (
            time.perf_counter() < until
        ):
            time.sleep(0.05)
        self._ending.set()
        loading.join()
        self._eye.join(5)
        line.close()

    def _look(self) -> None:
        made, last = self._made, 0
        while not self._ending.is_set():
            rows = made._eye.execute(
                "SELECT valid_at, recorded_at FROM observation WHERE series = ? AND valid_at > ?",
                (PROBE, last),
            ).fetchall()
            now = time.perf_counter()
            for valid_at, recorded_at in rows:
                if valid_at in self.sent:
                    self.committed[valid_at], self._recorded[valid_at] = now, recorded_at
                    last = max(last, valid_at)
            cursor = made.one("SELECT value FROM meta WHERE key = 'chain.cursor'")
            if isinstance(cursor, str):
                step = datetime.fromisoformat(json.loads(cursor)).timestamp() * 1000
                for valid_at, recorded_at in self._recorded.items():
                    # a step begun after the reading was recorded has seen it
                    if valid_at not in self.decided and step > recorded_at:
                        self.decided[valid_at] = now
            time.sleep(LOOK_S)

    def _listen(self) -> None:
        made = self._made
        request = urllib.request.Request(
            f"http://127.0.0.1:{made.ports.http}/api/v1/live",
            headers={"authorization": f"Bearer {made.key}"},
        )
        with urllib.request.urlopen(request) as stream:
            for raw in stream:
                if not raw.startswith(b"data: ") or b"observe.batch" not in raw:
                    continue
                now = time.perf_counter()
                at = datetime.fromisoformat(json.loads(raw[6:])["at"]).timestamp() * 1000
                for valid_at, recorded_at in list(self._recorded.items()):
                    if valid_at not in self.shown and at >= recorded_at:
                        self.shown[valid_at] = now
                if self._ending.is_set():
                    return

    def after(self, found: dict[int, float]) -> list[float]:
        """Seconds from sending to ``found``; a probe that never came counts as infinite."""
        return [found.get(key, math.inf) - sent for key, sent in self.sent.items()]


def _load(made: Bench, per_s: float, batch: int) -> Callable[[threading.Event], None]:
    """Send ``per_s`` readings a second in messages of ``batch``, evenly, until told to end."""
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    messages = senders.mqtt_messages(senders.readings(int(per_s * 90), newest), batch)

    def run(ending: threading.Event) -> None:
        line = senders.Mqtt(made.ports.broker)
        begin, sent = time.perf_counter(), 0
        while not ending.is_set() and sent < len(messages):
            due = int((time.perf_counter() - begin) * per_s / batch)
            if due > sent:
                line.send(messages[sent:due])
                sent = due
            time.sleep(0.01)
        line.close()

    return run


def latency(seconds: float) -> Part:
    """From a station's socket to commit, to rule decision and to the live stream."""
    rows, worst = [], {"committed": 0.0, "decided": 0.0}
    with machine.Watch() as watch:
        for name, per_s, batch in (
            (f"{PACE:,.0f} readings/s, {BATCH} a message", PACE, BATCH),
            (f"{SINGLES:,.0f} single messages/s", SINGLES, 1),
        ):
            with bench() as made:
                probe = Probe(made)
                probe.run(seconds, _load(made, per_s, batch))
                for what, found in (
                    ("committed", probe.committed),
                    ("rule decision", probe.decided),
                    ("on the live stream", probe.shown),
                ):
                    times = probe.after(found)
                    p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
                    rows.append(
                        {"load": name, "to": what, "p50": p50, "p99": p99, "probes": len(times)}
                    )
                    if what != "on the live stream":
                        key = "committed" if what == "committed" else "decided"
                        worst[key] = max(worst[key], p99)
    return Part(
        "From a reading's socket to …",
        {"load": "under", "to": "to", "p50": "p50 ms", "p99": "p99 ms", "probes": "probes"},
        rows,
        [
            Promise("socket to committed, p99 ms, at most 1,000", worst["committed"], 1000),
            Promise("socket to rule decision, p99 ms, at most 1,000", worst["decided"], 1000),
        ],
        [watch.note(), "the live stream looks at the journal every 0.4 s"],
    )


def queries(rounds: int) -> Part:
    """Reading 72 h of each of 200 series, over HTTP, with the quality rules' doubts."""
    now = datetime.now(UTC).replace(microsecond=0)
    with machine.Watch() as watch, bench() as made:
        every = 2 * PAIRS * 72 * 12
        line = senders.Mqtt(made.ports.broker)
        messages = senders.mqtt_messages(senders.readings(every, now), 200)
        rate(made, every, lambda: line.send(messages))
        line.close()
        time.sleep(1.0)
        names = [f"level-{n:03d}.river_level" for n in range(PAIRS)]
        names += [f"rain-{n:03d}.rain" for n in range(PAIRS)]
        times, wholes = [], []
        for _ in range(rounds):
            begun = time.perf_counter()
            for name in names:
                begin = time.perf_counter()
                made.get(f"/api/v1/series/{name}")
                times.append(time.perf_counter() - begin)
            wholes.append(time.perf_counter() - begun)
    return Part(
        f"72 h of a series, of 200 with {every:,} readings in all",
        {"what": "over HTTP", "p50": "p50 ms", "p99": "p99 ms"},
        [
            {"what": "one series", "p50": quantile(times, 0.5), "p99": quantile(times, 0.99)},
            {"what": "all 200", "p50": quantile(wholes, 0.5), "p99": quantile(wholes, 0.99)},
        ],
        [],
        [watch.note()],
    )


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the readings sent")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load for latencies")
    parser.add_argument("--rounds", type=int, default=3, help="of the queries")
    parser.add_argument("--only", choices=("rate", "latency", "query"))
    parser.add_argument("--write", type=Path, help="document with markers to put the figures in")
    given = parser.parse_args()
    told = f"{datetime.now(UTC):%d %B %Y} on {machine.describe()}"
    print(told, flush=True)
    parts = []
    measures: dict[str, Callable[[], Part]] = {
        "rate": lambda: throughput(given.scale),
        "latency": lambda: latency(given.seconds),
        "query": lambda: queries(given.rounds),
    }
    for name, measure in measures.items():
        if given.only in (None, name):
            parts.append(measure())
            print(f"\n{parts[-1].markdown()}", end="", flush=True)
    if given.write:
        text = "\n".join(
            [f"Printed by `make bench-observe`, {told}.\n", *(part.markdown() for part in parts)]
        )
        write_between_markers(given.write, "bench-observe", text)


if __name__ == "__main__":
    main()

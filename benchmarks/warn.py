"""``python -m benchmarks.warn [--write docs/performance.md]``: how fast words leave, and whether
any is lost or doubled.

A carrier of SMPP 3.4 in this process, the desk's post room in another; people and numbers are
invented. The carrier takes what it gets; the limit is the one that the channel is given.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import func, select
from tests.warn.channels.smsc import Centre

from anlan.chain import Arrivals, Chain
from anlan.city import load
from anlan.clock import RealClock, SteppedClock
from anlan.observe import Reading
from anlan.store import Store, schema
from anlan.warn import actions
from anlan.warn.channels.smpp.text import UCS2
from anlan.warn.message import REPEAT_MARK, load_messages
from anlan.warn.planning import audience as choose
from anlan.warn.records import alert_row
from benchmarks import machine
from benchmarks.table import Part, Promise, write_between_markers
from benchmarks.warn_town import (
    FIRST_NUMBER,
    PASSWORD,
    THERE,
    Town,
    add_gauges,
    approve,
    crowd,
    draft,
    lay,
)

PER_MINUTE = 12_000.0  # what the carrier grants here: 200 a second
MANY = 10_000
D = schema.delivery


def quantile(values: Sequence[float], share: float) -> float:
    """In the unit of the values."""
    return float(np.quantile(np.asarray(values), share))


@contextmanager
def town(
    here: int, elsewhere: int, per_minute: float = PER_MINUTE
) -> Iterator[tuple[Town, Path, Centre]]:
    """A city with its crowd, and the carrier that its messages go to."""
    os.environ[PASSWORD] = "secret"
    centre = Centre()
    with tempfile.TemporaryDirectory(prefix="bench-warn-") as name:
        folder = Path(name)
        lay(folder, centre.port, per_minute)
        made = crowd(folder, here, elsewhere)
        try:
            yield made, folder, centre
        finally:
            made.store.close()
            centre.close()


@contextmanager
def sending(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The post room in a process of its own, at work."""
    (folder / "sending").unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.warn_town", str(folder)])
    try:
        wait_for((folder / "sending").exists, 60)
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(true: Callable[[], object], seconds: float) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError("it never came about")
        time.sleep(0.01)


def states(store: Store) -> Counter[str]:
    """Deliveries by state."""
    with store.read() as conn:
        rows = conn.execute(select(D.c.state, func.count()).group_by(D.c.state)).all()
    return Counter(dict(rows))


def audience(people: int, rounds: int) -> Part:
    """Who is told: a polygon among all people; a preview; an approval for 10,000."""
    clock = RealClock()
    took: dict[str, list[float]] = {"polygon": [], "preview": [], "approval": []}
    counted = dict.fromkeys(took, 0)
    with machine.Watch() as watch, town(MANY, people - MANY) as (made, _, _):
        everywhere = made.city.territory.root
        west, south, east, north = everywhere.polygon.bounds  # type: ignore[union-attr]
        wave = [
            [float(lon), float((south + north) / 2 + 0.02 * np.sin(60 * lon))]
            for lon in np.linspace(west, east, 400)
        ]
        ring = [*wave, [east, south], [west, south], wave[0]]
        polygon = {"type": "Polygon", "coordinates": [ring]}
        texts = load_messages(made.city)
        for _ in range(rounds):
            for name, area, shape in (
                ("polygon", everywhere.code, polygon),
                ("preview", "330482101000", None),
            ):
                alert = draft(made, clock, "orange", area, shape)
                begun = time.perf_counter()
                with made.store.read() as conn:
                    if shape is None:
                        counted[name] = actions.preview(conn, made.city, alert).total
                    else:
                        row = alert_row(conn, alert)
                        counted[name] = len(choose(conn, made.city, texts, row).recipients)
                took[name].append(time.perf_counter() - begun)
            begun = time.perf_counter()
            counted["approval"] = approve(made, clock, alert)
            took["approval"].append(time.perf_counter() - begun)
    words = {
        "polygon": f"inundation polygon of {len(ring)} points x {people:,} people: who is told",
        "preview": f"preview for a town, among {people:,} people",
        "approval": "both approvals, deliveries planned and on disk",
    }
    rows = [
        {
            "what": words[name],
            "told": counted[name],
            "p50": quantile(took[name], 0.5),
            "p99": quantile(took[name], 0.99),
        }
        for name in took
    ]
    return Part(
        "Audience",
        {"what": "what", "told": "people told", "p50": "p50 s", "p99": "p99 s"},
        rows,
        [
            Promise("polygon among 100,000 people, p99 s, at most 1", rows[0]["p99"], 1.0),  # type: ignore[arg-type]
            Promise("approval for 10,000 recipients, p99 s, at most 1", rows[2]["p99"], 1.0),  # type: ignore[arg-type]
        ],
        [
            f"{rounds} rounds, each a warning of its own; from disk, nothing kept in memory",
            watch.note(),
        ],
    )


def taken(centre: Centre) -> list[tuple[str, bool]]:
    """(number, is marked as a repeat) of every message that the carrier took."""
    return [
        (
            each.to,
            REPEAT_MARK in each.octets.decode("utf-16-be") if each.coding == UCS2 else False,
        )
        for each in centre.taken
    ]


def end_to_end(count: int) -> Part:
    """From the approval to the carrier, red overtaking on the way."""
    with machine.Watch() as watch, town(count, 500) as (made, folder, centre), sending(folder):
        clock = RealClock()
        blue = draft(made, clock, "blue")
        red = draft(made, clock, "red", THERE)
        begun = time.perf_counter()
        planned = approve(made, clock, blue, ["first"])
        wait_for(lambda: len(centre.taken) >= count // 4, 120)
        before = len(centre.taken)
        red_begun = time.perf_counter()
        urgent = approve(made, clock, red)
        numbers = _numbers(made, red)
        wait_for(lambda: numbers <= {each.to[-11:] for each in centre.taken}, 120)
        red_took = time.perf_counter() - red_begun
        between = [each.to[-11:] for each in centre.taken[before:]]
        last = max(at for at, number in enumerate(between) if number in numbers)
        overtaken = sum(number not in numbers for number in between[:last])
        wait_for(lambda: len(centre.taken) >= planned + urgent, 300)
        took = time.perf_counter() - begun
        wait_for(lambda: states(made.store)["sent"] == planned + urgent, 30)
    at_best = (planned + urgent - min(PER_MINUTE / 4, 200)) / (PER_MINUTE / 60)
    return Part(
        f"{planned:,} deliveries end to end, at {PER_MINUTE:,.0f} a minute by SMPP",
        {"what": "what", "n": "messages", "s": "s"},
        [
            {"what": "blue: approval to the last hand-off", "n": planned + urgent, "s": took},
            {
                "what": "what the carrier's limit alone would take",
                "n": planned + urgent,
                "s": at_best,
            },
            {
                "what": "red issued meanwhile: approval to its last hand-off",
                "n": urgent,
                "s": red_took,
            },
            {"what": "blue ones that left before the last red one", "n": overtaken, "s": None},
        ],
        [
            Promise("approval to the last of 10,000, s, at most 60", took, 60.0),
            Promise(
                "messages not taken exactly once", abs(len(centre.taken) - planned - urgent), 0
            ),
        ],
        [watch.note()],
    )


def _numbers(made: Town, alert: str) -> set[str]:
    with made.store.read() as conn:
        rows = conn.execute(select(D.c.person).where(D.c.alert == alert, D.c.channel == "sms"))
        return {str(FIRST_NUMBER + int(name[1:])) for name in rows.scalars()}


def killed(count: int, kills: int) -> Part:
    """The post room killed while it hands over; another takes its place."""
    with machine.Watch() as watch, town(count, 0) as (made, folder, centre):
        clock = RealClock()
        alert = draft(made, clock, "orange")
        planned = approve(made, clock, alert)
        for number in range(kills):
            with sending(folder) as process:
                wanted = planned * (number + 1) // (kills + 1)
                wait_for(lambda: len(centre.taken) >= wanted, 180)  # noqa: B023
                process.send_signal(signal.SIGKILL)
        with sending(folder):
            wait_for(lambda: states(made.store)["sent"] == planned, 300)
        with made.store.read() as conn:
            rows = conn.execute(select(D)).all()
        repeats = sum(row.repeat for row in rows)
    got = taken(centre)
    each = Counter(number for number, _ in got)
    marked = sum(is_repeat for _, is_repeat in got)
    doubled_rows = len(rows) - len(
        {(row.alert, row.version, row.person, row.channel) for row in rows}
    )
    lost = planned - len(each)
    unmarked = sum(times - 1 for times in each.values()) - marked
    return Part(
        f"kill -9 of the post room, {kills} times during {planned:,} hand-offs",
        {"what": "what", "n": "n"},
        [
            {"what": "deliveries planned", "n": planned},
            {"what": "people whose message the carrier took", "n": len(each)},
            {"what": "delivery rows doubled", "n": doubled_rows},
            {"what": "lost", "n": lost},
            {"what": "hand-offs left unknown and repeated, counted", "n": repeats},
            {"what": "of them marked 重发 at the carrier", "n": marked},
            {"what": "taken twice without the mark", "n": max(unmarked, 0)},
        ],
        [
            Promise("delivery rows doubled", doubled_rows, 0),
            Promise("lost", lost, 0),
            Promise("taken twice without the mark", max(unmarked, 0), 0),
            Promise("repeats, at most a batch of 50 for each kill", repeats, 50.0 * kills),
        ],
        [watch.note()],
    )


def storm(count: int) -> Part:
    """So many gauges cross their level within a minute, red ones among them."""
    with machine.Watch() as watch, tempfile.TemporaryDirectory(prefix="bench-warn-") as name:
        folder = Path(name)
        city_folder = lay(folder, 1, PER_MINUTE)
        series = add_gauges(city_folder, count)
        rules = (city_folder / "rules.toml").read_text("utf-8")
        (city_folder / "rules.toml").write_text(rules + RULE, "utf-8")
        city = load(city_folder)
        store = Store(folder / "data")
        start = datetime(2021, 7, 25, tzinfo=UTC)
        clock = SteppedClock(start)
        chain = Chain(city, store, clock, {}, None)
        chain.step(start, Arrivals([Reading(each, start, 1.9, None, "ok") for each in series]))
        took, drafted = [], 0
        for second in range(60):
            now = start + timedelta(minutes=10, seconds=second)
            clock.step_to(now)
            mine = series[second::60]
            level = 2.3 if second >= 50 else 2.1  # red comes last
            begun = time.perf_counter()
            step = chain.step(
                now, Arrivals([Reading(each, now, level, None, "ok") for each in mine])
            )
            took.append(time.perf_counter() - begun)
            drafted += len(step.alerts)
        with store.read() as conn:
            A = schema.alert
            rows = conn.execute(select(A.c.colour, A.c.area).where(A.c.rule == "storm")).all()
        store.close()
    towns = len(city.territory.towns())
    red = sum(row.colour == "red" for row in rows)
    return Part(
        f"Alert storm: {count:,} gauges cross within 60 s",
        {"what": "what", "n": "n", "p50": "p50 s", "p99": "p99 s"},
        [
            {"what": "drafts for officers, one for each town", "n": len(rows)},
            {"what": "of them red at the end", "n": red},
            {"what": "changes of drafts in the minute", "n": drafted},
            {
                "what": "a step: readings kept, all rules decided",
                "n": 60,
                "p50": quantile(took, 0.5),
                "p99": quantile(took, 0.99),
            },
        ],
        [
            Promise("drafts, at most one for each town", len(rows), towns),
            Promise("towns without a draft", towns - len({row.area for row in rows}), 0),
            Promise("towns that are not red", len(rows) - red, 0),
            Promise("a step, p99 s, at most 1", quantile(took, 0.99), 1.0),
        ],
        [watch.note()],
    )


RULE = """
[[rule]]
id = "storm"
event = "river_level"
name = "河道高水位"
name_en = "High river level"
code = "RL"
categories = ["Met"]
source = "benchmark: invented"
areas = "by_town"
[rule.levels]
quantity = "river_level"
colours = { blue = 2.0, red = 2.2 }
hold_minutes = 0
fall_minutes = 120
fall_by_m = 0.05
max_gap_minutes = 90
near_m = 0.0
"""


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--deliveries", type=int, default=MANY)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--stations", type=int, default=2000)
    parser.add_argument("--only", choices=("audience", "sending", "kill", "storm"))
    parser.add_argument("--write", type=Path, help="document with markers to put the figures in")
    given = parser.parse_args()
    told = f"{datetime.now(UTC):%d %B %Y} on {machine.describe()}"
    print(told, flush=True)
    measures: dict[str, Callable[[], Part]] = {
        "audience": lambda: audience(given.people, given.rounds),
        "sending": lambda: end_to_end(given.deliveries),
        "kill": lambda: killed(given.deliveries, given.kills),
        "storm": lambda: storm(given.stations),
    }
    parts = []
    for name, measure in measures.items():
        if given.only in (None, name):
            parts.append(measure())
            print(f"\n{parts[-1].markdown()}", end="", flush=True)
    if given.write:
        text = "\n".join(
            [f"Printed by `make bench-warn`, {told}.\n", *(part.markdown() for part in parts)]
        )
        write_between_markers(given.write, "bench-warn", text)


if __name__ == "__main__":
    main()

"""The desk that `benchmarks.observe` loads: Pinghu with 200 more stations, in a process of its own.

``python -m benchmarks.observe_desk FOLDER``: rules, warnings, deliveries and live stream at work as
in ``anlan serve``; forecasts, which compute in processes of their own, are left out.
"""

from __future__ import annotations

import csv
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from anlan import warn
from anlan.access import issue, seed_accounts
from anlan.access.desk import WALL, Desk
from anlan.access.vault import Vault, seed_people
from anlan.chain import Chain
from anlan.city import load
from anlan.clock import RealClock
from anlan.journal import Act
from anlan.observe.sources import feeds
from anlan.service.app import create_app
from anlan.service.live_chain import LiveChain
from anlan.store import Store

PINGHU = Path("cities/pinghu")
PAIRS = 100  # of a level gauge and a rain gauge: 200 series
PROBE = "danghu-level.river_level"  # of Pinghu's own: a rule looks at it
SOURCE = """
[source]
owner = "benchmark"
licence = "own network"
quality = "automatic"
cadence_minutes = 5
"""


@dataclass(frozen=True)
class Ports:
    """Where the desk listens and where its broker does."""

    http: int
    sl651: int
    broker: int

    @classmethod
    def free(cls) -> Ports:
        """Three that nobody listens on."""
        probes = [socket.socket() for _ in range(3)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        ports = [int(probe.getsockname()[1]) for probe in probes]
        for probe in probes:
            probe.close()
        return cls(*ports)


def address(number: int) -> str:
    """The SL 651 address of a pair of gauges."""
    return f"{9000000000 + number:010d}"


def lay(folder: Path, ports: Ports) -> Path:
    """The city folder."""
    city = folder / "city"
    shutil.copytree(PINGHU, city, ignore=shutil.ignore_patterns("events", "generator"))
    with (city / "stations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    level = next(row for row in rows if f"{row['id']}.{row['quantity']}" == PROBE)
    rain = next(row for row in rows if row["quantity"] == "rain")
    for number in range(PAIRS):
        for kind, model in (("level", level), ("rain", rain)):
            name = f"{kind}-{number:03d}"
            blank = {"warning": "", "guarantee": "", "role": "gauge", "cadence_min": "5"}
            rows.append({**model, "id": name, "name": name, "name_en": name, **blank})
    with (city / "stations.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    with (city / "city.toml").open("a", encoding="utf-8") as file:
        file.write("\n[ingest]\nrequests_per_minute = 1e6\nmegabytes_per_minute = 1e6\n")
    (city / "mqtt.toml").write_text(
        f'{SOURCE}\n[broker]\nurl = "mqtt://127.0.0.1:{ports.broker}"\n\n'
        '[[topic]]\nfilter = "stations/{station}/readings"\n',
        encoding="utf-8",
    )
    stations = "".join(
        f'[[station]]\naddress = "{address(number)}"\npassword = "1234"\n[station.series]\n'
        f'DRZ1 = "level-{number:03d}.river_level"\nDRP = "rain-{number:03d}.rain"\n'
        for number in range(PAIRS)
    )
    (city / "sl651.toml").write_text(
        f"{SOURCE}\n[server]\nport = {ports.sl651}\n{stations}", encoding="utf-8"
    )
    (folder / "ports").write_text(f"{ports.http} {ports.sl651} {ports.broker}")
    return city


def main() -> None:
    """Run the desk until it is ended; its key stands in the file ``key``."""
    folder = Path(sys.argv[1])
    ports = Ports(*(int(word) for word in (folder / "ports").read_text().split()))
    city, clock = load(folder / "city"), RealClock()
    store = Store(folder / "var")
    store.hold()
    vault = Vault.of(store)
    admin = next(a.id for a in city.accounts.values() if a.role == "admin")
    with store.transaction() as tx:
        store.dedicate(tx, "live")
        seed_accounts(tx, city)
        seed_people(Act(tx, clock.now(), "system"), city, vault)
        key = issue(Act(tx, clock.now(), "system"), admin, "key", WALL.now())
    outlets = warn.live_outlets(city, store.data_dir / "outbox", store, clock, vault)
    chain = Chain(city, store, clock, outlets, None)
    loop = LiveChain(chain, clock)
    app = create_app(Desk(city, store, clock), None, None, lambda: loop.problem)
    app.state.sources = feeds(city, store, clock)
    for source in app.state.sources:
        source.start()
    loop.start()
    # whole at once: who waits for it reads it as soon as it is there
    (folder / "key.new").write_text(key)
    (folder / "key.new").rename(folder / "key")
    uvicorn.run(app, host="127.0.0.1", port=ports.http, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()

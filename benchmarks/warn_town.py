"""The city that `benchmarks.warn` warns: Pinghu with a crowd of invented people, and its carrier.

``python -m benchmarks.warn_town FOLDER`` hands over what waits there, as a desk does, until it is
killed. People, numbers and stations are synthetic; the carrier is a local message centre.
"""

from __future__ import annotations

import csv
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anlan import warn
from anlan.access.vault import Vault
from anlan.city import City, load
from anlan.clock import Clock, RealClock
from anlan.journal import Act
from anlan.store import Store, schema
from anlan.warn import actions
from anlan.warn.handwritten import write

PINGHU = Path(__file__).parents[1] / "cities" / "pinghu"
HERE = "330482101000"  # the town that is warned
THERE = "330482102000"  # another, for what overtakes
PASSWORD = "ANLAN_CHANNEL_SMS_PASSWORD"
FIRST_NUMBER = 10_000_000_000  # no mobile number of the mainland begins so
OFFICERS = ("first", "second")
BODY = "请勿进入地下车库和下穿通道。"


@dataclass(frozen=True)
class Town:
    """A city folder, its store, and how its messages leave."""

    city: City
    store: Store
    vault: Vault


def lay(folder: Path, port: int, per_minute: float, settle_s: float = 3.0) -> Path:
    """The city folder: Pinghu cleared to send, with a message centre at ``port``."""
    city = folder / "city"
    shutil.copytree(PINGHU, city, ignore=shutil.ignore_patterns("events", "generator"))
    settings = (city / "city.toml").read_text("utf-8")
    cleared = settings.replace("[sender]\n", "[sender]\nactual = true\n")
    (city / "city.toml").write_text(cleared, "utf-8")
    texts = (city / "messages.toml").read_text("utf-8")
    narrow = '[audience.default]\nblue = ["city", '
    assert narrow in texts
    # of blue too, so that something is under way which red overtakes
    everybody = texts.replace(narrow, narrow + '"resident", ')
    (city / "messages.toml").write_text(everybody, "utf-8")
    (city / "channels.toml").write_text(
        f'[sms]\nkind = "smpp"\nhost = "127.0.0.1"\nport = {port}\nuser = "anlan"\n'
        f'sender = "10690330482"\nper_minute = {per_minute}\nsettle_s = {settle_s}\n'
        "time_out_s = 5\nwindow = 50\n",
        "utf-8",
    )
    return city


def crowd(folder: Path, here: int, elsewhere: int) -> Town:
    """A store with residents: ``here`` in the warned town, the others anywhere else."""
    city = load(folder / "city")
    store = Store(folder / "data")
    vault = Vault.of(store)
    chance = np.random.default_rng(20210725)
    villages = city.territory.villages()
    inside = [unit for unit in villages if unit.parent == HERE]
    outside = [unit for unit in villages if unit.parent != HERE]
    name = vault.seal("居民")
    rows = []
    for number in range(here + elsewhere):
        units = inside if number < here else outside
        unit = units[int(chance.integers(len(units)))]
        east, north = chance.normal(0.0, 0.004, 2)
        rows.append(
            {
                "id": f"B{number:06d}",
                "account": None,
                "name_enc": name,
                "phone_enc": vault.seal(str(FIRST_NUMBER + number)),
                "role": "resident",
                "tier": "resident",
                "territory": unit.code,
                "language": "zh",
                # home decides who lives in the warned town; positions are for the polygon
                "lon": unit.lon + east,
                "lat": unit.lat + north,
                "place": None,
                "deputy": None,
                "opted_out": False,
                "on_duty": True,
                "synthetic": True,
            }
        )
    officers = [
        {"id": who, "name": who, "name_en": who, "role": "commander", "department": None}
        for who in OFFICERS
    ]
    with store.transaction() as tx:
        tx.execute(schema.person.insert(), rows)
        tx.execute(
            schema.account.insert(),
            [
                {**each, "territory": city.territory.root.code, "disabled": False}
                for each in officers
            ],
        )
    return Town(city, store, vault)


def draft(
    town: Town,
    clock: Clock,
    colour: str,
    area: str = HERE,
    polygon: Mapping[str, object] | None = None,
) -> str:
    """A warning written by hand, not yet approved."""
    with town.store.transaction() as tx:
        return write(
            Act(tx, clock.now(), OFFICERS[0]),
            town.city,
            event="waterlogging",
            colour_name=colour,
            area=area,
            headline="内涝",
            description=BODY,
            live=clock.real,
            polygon=polygon,
        )


def approve(town: Town, clock: Clock, alert: str, officers: Sequence[str] = OFFICERS) -> int:
    """Approve as each officer; how many deliveries were planned."""
    planned = 0
    for officer in officers:
        with town.store.transaction() as tx:
            planned = actions.approve(Act(tx, clock.now(), officer), town.city, alert).deliveries
    return planned


def add_gauges(city: Path, count: int) -> list[str]:
    """Give a city folder so many more river gauges, spread over its towns; their series."""
    with (city / "stations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    model = next(row for row in rows if row["quantity"] == "river_level" and row["warning"])
    towns = list(load(city).territory.towns())
    made = []
    for number in range(count):
        town = towns[number % len(towns)]
        name = f"storm-{number:04d}"
        made.append(f"{name}.river_level")
        own = {"id": name, "name": name, "name_en": name, "territory": town.code, "role": "gauge"}
        rows.append({**model, **own, "lon": str(town.lon), "lat": str(town.lat)})
    with (city / "stations.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return made


@contextmanager
def senders(town: Town) -> Iterator[warn.Senders]:
    """The post room of the city, at work."""
    outbox = town.store.data_dir / "outbox"
    clock = RealClock()
    outlets = warn.live_outlets(town.city, outbox, town.store, clock, town.vault)
    room = warn.Senders(town.store, clock, outlets)
    room.start()
    try:
        yield room
    finally:
        room.stop()


def main() -> None:
    """Hand over until killed."""
    folder = Path(sys.argv[1])
    os.environ.setdefault(PASSWORD, "secret")
    store = Store(folder / "data")
    with senders(Town(load(folder / "city"), store, Vault.of(store))):
        (folder / "sending").touch()
        threading.Event().wait()


if __name__ == "__main__":
    main()

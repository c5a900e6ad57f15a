"""A night of In-Fa on a coarse grid: the real city and event, cut to the hours that matter."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from anlan.city import City, load
from anlan.clock import SteppedClock
from anlan.replay import Plan, Replay, prepare
from anlan.store import Store

PINGHU = Path(__file__).parents[2] / "cities" / "pinghu"
FROM, TO = "2021-07-25T18:00:00+08:00", "2021-07-26T06:00:00+08:00"
LAST_CYCLE = "2021-07-26T00:00:00+08:00"
PLAN = Plan("infa-2021", "near", seed=1, resolution_m=400.0, members=2)


def short_city(folder: Path) -> City:
    """Pinghu with In-Fa cut to twelve hours around the dangerous tide."""
    shutil.copytree(PINGHU, folder, ignore=shutil.ignore_patterns("generator", "__pycache__"))
    path = folder / "events" / "infa-2021" / "event.toml"
    text = path.read_text("utf-8")
    for key, value in (("from", FROM), ("to", TO), ("cycles_until", LAST_CYCLE)):
        text, found = re.subn(rf"(?m)^{key}\s*=.*$", f"{key} = {value}", text)
        assert found == 1, key
    path.write_text(text, "utf-8")
    return load(folder)


def ready(city: City, data: Path, plan: Plan = PLAN) -> Replay:
    """A replay of the short event on a fresh or left store."""
    event = city.event(plan.event)
    return prepare(plan, city, Store(data), SteppedClock(event.start))

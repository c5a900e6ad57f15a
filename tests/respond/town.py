"""A town of the tests' own: one city, two towns, three villages, and everybody by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from anlan.city import City, HazardPlace, Shelter, Team, Territory, Unit
from anlan.journal import Act
from anlan.store import schema

ROOT, EAST, WEST = "990100000000", "990100001000", "990100002000"
EAST_ONE, EAST_TWO, WEST_ONE = "990100001001", "990100001002", "990100002001"
START = datetime(2021, 7, 25, 0, 0, tzinfo=UTC)

PLAN = """
[plan]
id = "test-plan"
name = "试验预案"
name_en = "Test plan"
source = "invented"
probability = 0.3

[escalation]
minutes = 15

[escalation.ladders]
grid_worker = ["village_officer", "town_officer", "duty_officer"]
village_officer = ["town_officer", "duty_officer"]
town_officer = ["duty_officer"]
crew = ["liaison", "duty_officer"]
duty_officer = ["commander"]

[[trigger]]
level = "IV"
words = "风暴潮黄色"
alert = { event = "storm_tide", colour = "yellow" }

[[trigger]]
level = "II"
words = "危旧房多"
alert = { event = "storm_tide", colour = "orange" }
assessment = [{ path = "city.old_houses.p50", at_least = 5 }]

[[step]]
id = "duty"
level = "IV"
title = "值班"
title_en = "Duty"
text = "双人在岗"
kind = "plan_step"
roles = ["town_officer"]
target = "town"
ack_min = 15
done_min = 60

[[step]]
id = "shelters"
level = "III"
title = "开放安置点"
title_en = "Open shelters"
text = "清点床位"
kind = "plan_step"
roles = ["village_officer"]
target = "shelter"
ack_min = 15
done_min = 120

[[step]]
id = "underpass"
level = "III"
title = "封闭下穿"
title_en = "Close underpass"
text = "两端硬隔离"
kind = "plan_step"
roles = ["crew", "town_officer"]
target = "place"
select = ["underpass"]
of = "forecast"
ack_min = 10
done_min = 60

[[step]]
id = "move"
level = "II"
title = "转移"
title_en = "Move"
text = "逐户转移"
kind = "plan_step"
roles = ["village_officer"]
target = "place"
select = ["old_houses"]
of = "affected"
ack_min = 15
done_min = 240
after = ["shelters"]
wait_min = 90
"""

PACKS = {
    "plan_step": """
[pack]
kind = "plan_step"
title = "预案步骤"
title_en = "Plan step"
priority = 2

[owner]
roles = ["town_officer"]

[deadlines]
due_min = 240
verify_min = 60
""",
    "resident_report": """
[pack]
kind = "resident_report"
title = "涉水险情报告"
title_en = "Report"
priority = 1
opens = ["resident", "grid_worker", "village_officer", "town_officer", "duty_officer"]

[owner]
roles = ["grid_worker", "village_officer", "town_officer"]

[deadlines]
due_min = 120
verify_min = 60

[[task]]
title = "现场核实"
instruction = "查看积水"
ack_min = 15
done_min = 90
""",
}


def unit(code: str, name: str, level: str, parent: str, lon: float, lat: float) -> Unit:
    return Unit(code, name, name, level, parent, lon, lat, 1000, 10, None, False, True, "test")


def place(name: str, kind: str, territory: str, department: str = "") -> HazardPlace:
    return HazardPlace(
        id=name,
        name=name,
        name_en=name,
        kind=kind,
        lon=121.0,
        lat=30.6,
        territory=territory,
        department=department,
        attention_m=0.15,
        danger_m=0.3,
        ground_m=1.5,
        rim_m=None,
        catchment_m2=None,
        area_m2=None,
        pump_m3s=None,
        residents=20,
        old_houses=4,
        road_m=0.0,
        synthetic=True,
    )


def make_city(folder: Path) -> City:
    """The town as a `City`, with the plan and the packs above written to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    (folder / "packs").mkdir(exist_ok=True)
    for kind, text in PACKS.items():
        (folder / "packs" / f"{kind}.toml").write_text(text, encoding="utf-8")
    territory = Territory(
        [
            unit(ROOT, "试城", "city", "", 121.0, 30.7),
            unit(EAST, "东镇", "town", ROOT, 121.1, 30.7),
            unit(WEST, "西镇", "town", ROOT, 120.9, 30.7),
            unit(EAST_ONE, "东一村", "village", EAST, 121.10, 30.70),
            unit(EAST_TWO, "东二村", "village", EAST, 121.12, 30.72),
            unit(WEST_ONE, "西一村", "village", WEST, 120.90, 30.70),
        ]
    )
    places = [
        place("U1", "underpass", EAST_ONE, "建设"),
        place("U2", "underpass", WEST_ONE, "建设"),
        place("H1", "old_houses", EAST_ONE),
        place("H2", "old_houses", WEST_ONE),
    ]
    shelter = Shelter("S1", "东镇中学", 121.1, 30.7, EAST_ONE, 300, True)
    return City(
        folder=folder,
        id="test",
        name="试城",
        name_en="Test city",
        crs="EPSG:4549",
        zone=ZoneInfo("Asia/Shanghai"),
        datum="1985",
        datums={"1985": 0.0},
        territory=territory,
        stations={},
        places={each.id: each for each in places},
        lines=(),
        polders=(),
        structures=(),
        accounts={},
        people=(),
        shelters={"S1": shelter},
        teams={"V1": Team("V1", "东镇志愿队", "volunteer", EAST, "", "volunteer-east", 12, True)},
        settings={},
        synthetic=("everything",),
        digest="",
    )


ACCOUNTS = [
    ("commander", "commander", ROOT, None),
    ("duty", "duty_officer", ROOT, None),
    ("liaison-build", "liaison", ROOT, "建设"),
    ("crew-build", "crew", ROOT, "建设"),
    ("crew-water", "crew", ROOT, "水利"),
    ("town-east", "town_officer", EAST, None),
    ("town-west", "town_officer", WEST, None),
    ("village-east-1", "village_officer", EAST_ONE, None),
    ("grid-east-1", "grid_worker", EAST_ONE, None),
    ("village-west-1", "village_officer", WEST_ONE, None),
    ("resident-east", "resident", EAST_ONE, None),
]


def people(tx: Connection) -> None:
    for name, role, territory, department in ACCOUNTS:
        tx.execute(
            schema.account.insert().values(
                id=name,
                name=name,
                name_en=name,
                role=role,
                territory=territory,
                department=department,
                disabled=False,
            )
        )


class Desk:
    """One transaction with a clock that the test moves, and anybody's hands."""

    def __init__(self, tx: Connection, city: City) -> None:
        self.tx, self.city, self.now = tx, city, START

    def as_(self, actor: str, on_behalf: str | None = None) -> Act:
        return Act(self.tx, self.now, actor, on_behalf)

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

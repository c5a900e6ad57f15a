"""accounts.csv, people.csv, teams.csv of Pinghu. Every person is invented.

Phone numbers run from 10000000001: no number of the mainland's mobile plan begins with 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from making import chance, pick, write_table
from pinghu_facts import CITY, DEPARTMENTS, TOWNS
from pinghu_land import point, to_xy
from pinghu_places import Place
from pinghu_territory import Village

FIRST_PHONE = 10_000_000_001

_SURNAMES = "安澜泽沐汀涵淳溪潮湖港塘浦泾埭"
_GIVEN = (
    "一鸣",
    "子安",
    "思源",
    "知行",
    "若水",
    "望舒",
    "清和",
    "云帆",
    "景行",
    "怀瑾",
    "明远",
    "书白",
    "乐山",
    "听雨",
    "晓舟",
    "长风",
    "守拙",
    "南乔",
    "北辰",
    "青禾",
    "初夏",
    "秋实",
    "冬阳",
    "春晖",
)


class Register:
    """Accounts and people as they are made; ids count up in the order of making."""

    def __init__(self) -> None:
        self.accounts: list[dict[str, object]] = []
        self.people: list[dict[str, object]] = []
        self.teams: list[dict[str, object]] = []

    def account(
        self, name: str, role: str, territory: str, title_en: str, department: str = "",
        deputy: str = "",
    ) -> str:  # fmt: skip
        """Add an account called ``name``; returns it."""
        self.accounts.append(
            {
                "id": name, "name": person_name(name), "name_en": title_en, "role": role,
                "territory": territory, "department": department, "deputy": deputy,
            }
        )  # fmt: skip
        return name

    def person(
        self, role: str, tier: str, territory: str, x: float, y: float, account: str = "",
        place: str = "", deputy: str = "", language: str = "zh",
    ) -> str:  # fmt: skip
        """Add a person; returns the id."""
        number = len(self.people) + 1
        name = f"PE{number:04d}"
        lon, lat = point(x, y)
        self.people.append(
            {
                "id": name, "account": account,
                "name": person_name(account or name), "phone": FIRST_PHONE + number - 1,
                "role": role, "tier": tier, "territory": territory, "language": language,
                "lon": lon, "lat": lat, "place": place, "deputy": deputy,
                "opted_out": role == "resident" and chance("opted out", name) < 0.03,
                "on_duty": role != "resident" and chance("on duty", name) < 0.92,
                "synthetic": True,
            }
        )  # fmt: skip
        return name


def person_name(key: str) -> str:
    """An invented name, mostly with a word of water for a surname."""
    return pick(_SURNAMES, "surname", key) + pick(_GIVEN, "given", key)


def make(units: Sequence[Village], places: Sequence[Place]) -> Register:
    """About 1,100 people and their accounts."""
    register = Register()
    _city(register)
    _towns(register, units)
    _villages(register, units)
    _teams(register)
    _residents(register, units, places)
    return register


def _city(register: Register) -> None:
    x, y = (float(v) for v in to_xy([(121.015, 30.699)])[0])

    def staff(
        name: str, role: str, title: str, department: str = "应急管理局", deputy: str = ""
    ) -> None:
        register.account(name, role, CITY, title, department, deputy)
        register.person(role, "city", CITY, x, y, name)

    staff("commander-1", "commander", "Commander 1", deputy="commander-2")
    staff("commander-2", "commander", "Commander 2", deputy="commander-1")
    for n in (1, 2, 3):
        staff(f"duty-{n}", "duty_officer", f"Duty officer {n}", deputy=f"duty-{n % 3 + 1}")
    staff("analyst-1", "analyst", "Analyst")
    staff("admin", "admin", "Administrator")
    for key, department, name_en in DEPARTMENTS:
        account = register.account(
            f"liaison-{key}", "liaison", CITY, f"Liaison, {name_en}", department
        )
        deputy = register.person("liaison", "department", CITY, x, y)
        register.person("liaison", "department", CITY, x, y, account, deputy=deputy)


def _towns(register: Register, units: Sequence[Village]) -> None:
    for code, _, name_en, centre, _ in TOWNS:
        x, y = (float(v) for v in to_xy([centre])[0])
        key = name_en.lower()
        first = register.account(
            f"town-{key}-1", "town_officer", code, f"Town officer 1, {name_en}",
            deputy=f"town-{key}-2",
        )  # fmt: skip
        second = register.account(
            f"town-{key}-2", "town_officer", code, f"Town officer 2, {name_en}", deputy=first
        )
        deputy = register.person("town_officer", "town", code, x, y, second)
        register.person("town_officer", "town", code, x, y, first, deputy=deputy)


def _villages(register: Register, units: Sequence[Village]) -> None:
    for unit in units:
        short = unit.code[6:]
        officer = register.account(
            f"village-{short}", "village_officer", unit.code, f"Village officer {short}"
        )
        grid = register.account(
            f"grid-{short}", "grid_worker", unit.code, f"Grid worker {short}", deputy=officer
        )
        above = register.person("village_officer", "community", unit.code, unit.x, unit.y, officer)
        register.person("grid_worker", "grid", unit.code, unit.x, unit.y, grid, deputy=above)


def _teams(register: Register) -> None:
    """Pump trucks and rescue crews of the city's departments, volunteers of each town."""
    by_name = {name_en: (code, name, centre) for code, name, name_en, centre, _ in TOWNS}
    trucks = ("Danghu", "Danghu", "Zhongdai", "Zhapu", "Xincang", "Xindai")
    rescue = ("Danghu", "Zhapu", "Xindai", "Dushangang", "Guangchen")
    for kind, word, homes, department in (
        ("pump_truck", "移动泵车", trucks, "住建局"),
        ("rescue", "抢险救援队", rescue, "应急管理局"),
    ):
        for n, home in enumerate(homes, start=1):
            code, name, centre = by_name[home]
            x, y = (float(v) for v in to_xy([centre])[0])
            account = register.account(
                f"crew-{kind.replace('_', '-')}-{n}", "crew", code,
                f"{'Pump truck' if kind == 'pump_truck' else 'Rescue'} crew {n}", department,
            )  # fmt: skip
            mate = register.person("crew", "department", code, x, y)
            register.person("crew", "department", code, x, y, account, deputy=mate)
            _team(
                register,
                f"{name}{word}{n}（虚构）",
                kind,
                code,
                department,
                account,
                4 if kind == "pump_truck" else 12,
            )
    for code, name, name_en, centre, _ in TOWNS:
        x, y = (float(v) for v in to_xy([centre])[0])
        account = register.account(
            f"volunteer-{name_en.lower()}", "volunteer", code, f"Volunteers, {name_en}"
        )
        register.person("volunteer", "grid", code, x, y, account)
        for _ in range(3):
            register.person("volunteer", "grid", code, x, y)
        _team(register, f"{name}志愿者服务队（虚构）", "volunteer", code, "", account, 20)


def _team(
    register: Register, name: str, kind: str, territory: str, department: str, account: str,
    strength: int,
) -> None:  # fmt: skip
    register.teams.append(
        {
            "id": f"T{len(register.teams) + 1:02d}", "name": name, "kind": kind,
            "territory": territory, "department": department, "account": account,
            "strength": strength, "synthetic": True,
        }
    )  # fmt: skip


def _residents(register: Register, units: Sequence[Village], places: Sequence[Place]) -> None:
    """Residents of low communities and old houses, of every village, and a few firms."""
    homes = [place for place in places if place.kind in ("low_community", "old_houses")]
    number = 0
    for place in homes:
        code = str(place.row["territory"])
        for n in range(16 if place.kind == "low_community" else 10):
            account = ""
            if n == 0 and number < 8:
                number += 1
                account = register.account(
                    f"resident-{number}", "resident", code, f"Resident {number}"
                )
            language = "en" if n == 5 and place.kind == "low_community" else "zh"
            register.person(
                "resident", "resident", code, place.x, place.y, account, place.id,
                language=language,
            )  # fmt: skip
    for unit in units:
        for n in range(2 if unit.urban else 3):
            x = unit.x + 300.0 * (chance("home x", unit.code, n) - 0.5)
            y = unit.y + 300.0 * (chance("home y", unit.code, n) - 0.5)
            register.person("resident", "resident", unit.code, x, y)
    for place in places:
        if place.kind == "underpass":
            register.person("firm", "resident", str(place.row["territory"]), place.x, place.y)


def write(folder: Path, register: Register) -> None:
    """accounts.csv, people.csv, teams.csv."""
    write_table(
        folder / "accounts.csv", "id,name,name_en,role,territory,department,deputy",
        register.accounts,
    )  # fmt: skip
    write_table(
        folder / "people.csv",
        "id,account,name,phone,role,tier,territory,language,lon,lat,place,deputy,opted_out,"
        "on_duty,synthetic",
        register.people,
    )
    write_table(
        folder / "teams.csv", "id,name,kind,territory,department,account,strength,synthetic",
        register.teams,
    )  # fmt: skip

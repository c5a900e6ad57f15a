"""firms.csv and neighbours.csv of Pinghu. Every firm is invented; the neighbours are real.

A firm has an account of its own and no telephone number: the desk reaches it by its page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from making import between, chance, pick, write_table
from pinghu_facts import NEIGHBOURS, TOWNS
from pinghu_land import point
from pinghu_people import Register
from pinghu_territory import Village

#: kind, words of the trade, English, whether its supplies are needed in an emergency
TRADES: tuple[tuple[str, str, str, bool], ...] = (
    ("manufacture", "精密机械", "Precision Machinery", False),
    ("manufacture", "箱包制造", "Luggage", False),
    ("manufacture", "服装", "Garments", False),
    ("manufacture", "光机电", "Optics and Mechatronics", False),
    ("food", "食品", "Foods", True),
    ("food", "粮油加工", "Grain and Oil", True),
    ("logistics", "冷链物流", "Cold Chain Logistics", True),
    ("logistics", "货运", "Freight", True),
    ("chemical", "化工新材料", "Chemical Materials", False),
    ("energy", "燃气", "Gas", True),
    ("medical", "医疗器械", "Medical Devices", True),
    ("retail", "农副产品配送", "Farm Produce", True),
)
FIRMS_PER_TOWN = 6
_FIRST = "泽汀涵淳沐澜湖泾浦港"
_SECOND = "源丰和盛达恒瑞宁泰川"


def make(units: Sequence[Village], register: Register) -> list[dict[str, object]]:
    """Six firms in each town, each with an account in ``register``."""
    firms: list[dict[str, object]] = []
    for code, _, name_en, _, _ in TOWNS:
        own = [unit for unit in units if unit.town == code]
        for n in range(1, FIRMS_PER_TOWN + 1):
            number = len(firms) + 1
            key = f"F{number:03d}"
            # the first one of each town stands in its first village: a known place to look
            unit = own[0 if n == 1 else int(chance("firm village", key) * len(own))]
            kind, trade, trade_en, essential = TRADES[(number * 5) % len(TRADES)]
            word = pick(_FIRST, "firm a", key) + pick(_SECOND, "firm b", key)
            account = register.account(
                f"firm-{number:03d}", "firm", unit.code, f"Contact of firm {key}"
            )
            # villages lie at least 350 m inside their town
            lon, lat = point(
                unit.x + between(-250.0, 250.0, "firm x", key),
                unit.y + between(-250.0, 250.0, "firm y", key),
            )
            firms.append(
                {
                    "id": key, "name": f"{word}{trade}有限公司（虚构）",
                    "name_en": f"{trade_en} of {name_en} No. {n} (invented)", "kind": kind,
                    "lon": lon, "lat": lat, "territory": unit.code, "account": account,
                    "employees": round(between(12, 480, "employees", key)),
                    "essential": essential, "synthetic": True,
                }
            )  # fmt: skip
    return firms


def partners(register: Register) -> None:
    """Two people of each neighbouring city who take part in joint teams."""
    for code, _, name_en, _ in NEIGHBOURS:
        for n in (1, 2):
            register.account(
                f"partner-{name_en.lower()}-{n}", "partner", code, f"Partner {n}, {name_en}"
            )


def write(folder: Path, firms: Sequence[dict[str, object]]) -> None:
    """firms.csv, neighbours.csv."""
    write_table(
        folder / "firms.csv",
        "id,name,name_en,kind,lon,lat,territory,account,employees,essential,synthetic",
        firms,
    )
    write_table(
        folder / "neighbours.csv",
        "code,name,name_en,lon,lat,synthetic,source",
        [
            {
                "code": code, "name": name, "name_en": name_en, "lon": centre[0],
                "lat": centre[1], "synthetic": False,
                "source": "code: NBS; point: approximate",
            }
            for code, name, name_en, centre in NEIGHBOURS
        ],
    )  # fmt: skip

# ruff: noqa: E501  tables read best with a row on a line
"""depots.csv, supplies.csv, equipment.csv of Pinghu: everything invented, quantities assumed."""

from __future__ import annotations

from pathlib import Path

from making import between, chance, write_table
from pinghu_facts import CITY, TOWNS
from pinghu_land import point, to_xy

#: item, unit, in the city's depot (a town has an eighth), months it keeps (0: for years)
ITEMS: tuple[tuple[str, str, int, int], ...] = (
    ("编织袋", "只", 40_000, 0),
    ("砂石料", "吨", 600, 0),
    ("土工布", "平方米", 12_000, 0),
    ("铁锹", "把", 900, 0),
    ("救生衣", "件", 1_600, 60),
    ("救生圈", "个", 700, 60),
    ("雨衣", "套", 1_200, 48),
    ("应急照明灯", "盏", 300, 36),
    ("折叠床", "张", 1_000, 0),
    ("棉被", "床", 1_500, 60),
    ("瓶装水", "箱", 2_400, 12),
    ("方便食品", "箱", 1_800, 6),
    ("急救包", "个", 400, 24),
    ("消毒药剂", "千克", 300, 18),
)
#: kind, word, vehicle, unit, capacity low and high, in the city's depot, towns that have one more
EQUIPMENT: tuple[tuple[str, str, str, str, int, int, int, tuple[str, ...]], ...] = (
    ("pump", "移动排水泵", "truck", "m3/h", 400, 1500, 3, ("Zhongdai", "Zhapu", "Xindai", "Xincang", "Guangchen", "Lindai", "Dushangang", "Caoqiao")),
    ("boat", "冲锋舟", "boat", "persons", 6, 10, 3, ("Zhapu", "Xindai", "Guangchen", "Dushangang")),
    ("bus", "转移大巴", "bus", "persons", 35, 50, 6, ("Danghu", "Zhongdai", "Zhapu", "Xindai", "Dushangang")),
    ("lorry", "物资货车", "truck", "t", 4, 10, 3, ("Zhapu", "Xincang")),
    ("generator", "发电车", "truck", "kW", 100, 400, 2, ("Zhapu",)),
    ("lighting", "照明车", "truck", "kW", 5, 20, 2, ()),
)  # fmt: skip
CITY_DEPOT = (121.022, 30.708)


def write(folder: Path) -> None:
    """The three tables."""
    homes: list[tuple[str, str, str, float, float, str, str]] = [
        ("WZ00", "", "平湖市防汛物资中心仓库（虚构）", *CITY_DEPOT, CITY, "liaison-emergency")
    ]
    for n, (code, name, name_en, centre, _) in enumerate(TOWNS, start=1):
        x, y = (float(v) for v in to_xy([centre])[0])
        x += between(-400, 400, "depot", code, "x")
        y += between(-400, 400, "depot", code, "y")
        keeper = f"town-{name_en.lower()}-1"
        homes.append(
            (f"WZ{n:02d}", name_en, f"{name}防汛物资仓库（虚构）", *point(x, y), code, keeper)
        )
    depots: list[dict[str, object]] = []
    supplies: list[dict[str, object]] = []
    equipment: list[dict[str, object]] = []
    for depot, town, title, lon, lat, code, keeper in homes:
        of_city = depot == "WZ00"
        where = {
            "lon": lon, "lat": lat, "territory": code,
            "department": "应急管理局" if of_city else "", "account": keeper, "synthetic": True,
        }  # fmt: skip
        depots.append({"id": depot, "name": title, **where})
        for item, unit, whole, months in ITEMS:
            lots = 2 if of_city and months else 1
            for k in range(lots):
                share = (1.0 if of_city else 0.125) / lots
                amount = round(
                    whole * share * between(0.6, 1.1, depot, item, k), -1 if whole > 999 else 0
                )
                supplies.append(
                    {
                        "id": f"L{len(supplies) + 1:04d}", "depot": depot, "item": item, "unit": unit,
                        "quantity": int(amount), "expires": _expires(months, depot, item, k),
                        "synthetic": True,
                    }
                )  # fmt: skip
        for kind, word, vehicle, unit, low, high, of_centre, towns in EQUIPMENT:
            for k in range(of_centre if of_city else int(town in towns)):
                size = int(between(low, high, kind, depot, k))
                equipment.append(
                    {
                        "id": f"E{len(equipment) + 1:03d}",
                        "name": f"{title.split('防汛')[0]}{word}{k + 1}号（虚构）", "kind": kind,
                        "vehicle": vehicle, "unit": unit,
                        "capacity": round(size, -1) if kind == "pump" else size, **where,
                    }
                )  # fmt: skip
    write_table(
        folder / "depots.csv", "id,name,lon,lat,territory,department,account,synthetic", depots
    )
    write_table(folder / "supplies.csv", "id,depot,item,unit,quantity,expires,synthetic", supplies)
    write_table(
        folder / "equipment.csv",
        "id,name,kind,vehicle,capacity,unit,skills,lon,lat,territory,department,account,synthetic",
        equipment,
    )


def _expires(months: int, *parts: object) -> str:
    """A day within the item's life from the flood season of 2021 on; some have just passed it."""
    if not months:
        return ""
    total = 2021 * 12 + 6 + int(months * chance("expires", *parts))
    day = 1 + int(27 * chance("day", *parts))
    return f"{total // 12}-{total % 12 + 1:02d}-{day:02d}T00:00:00+08:00"

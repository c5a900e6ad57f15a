# ruff: noqa: E501  tables read best with a row on a line
"""stations.csv of Pinghu: sourced neighbours with their published levels, invented gauges inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from making import write_table
from pinghu_facts import CITY, TOWNS
from pinghu_land import point, to_xy, warp

_SHANGHAI = "position and levels: Shanghai hydrology network table, snapshot 2025-07-30"
_JIAXING = "levels: Jiaxing flood HQ in the news (bankipay 12965; jxxznews 20160711); position: same table as Fengwei"
_ZHAPU = "position and old single warning level 6.10 m: NMEFC / TyphoonSearchSys data files"

_INVENTED = "invented gauge"

#: id, name, English, quantity, lon, lat, datum, warning, guarantee, territory, cadence, role,
#: synthetic, source
_LEVELS: tuple[tuple[Any, ...], ...] = (
    ("zhapu", "乍浦潮位站", "Zhapu tide gauge", "tide", 121.0833, 30.6, "gauge_zero_zhapu", 6.10, None, "330482101000", 10, "boundary_tide", False, _ZHAPU),
    ("jinshanzui", "金山嘴", "Jinshanzui", "tide", 121.367461, 30.729878, "Wusong", 5.4, 6.2, CITY, 10, "gauge", False, _SHANGHAI),
    ("jiaxing", "嘉兴", "Jiaxing", "river_level", 120.700421, 30.75559, "1985", 1.46, 1.86, CITY, 60, "boundary_inland", False, _JIAXING),
    ("fengwei", "枫围", "Fengwei", "river_level", 121.003014, 30.902706, "Wusong", 3.5, None, CITY, 60, "boundary_inland", False, _SHANGHAI),
    ("zhangyan", "张堰（二）", "Zhangyan", "river_level", 121.295958, 30.77905, "Wusong", 3.3, 3.9, CITY, 60, "boundary_inland", False, _SHANGHAI),
    ("zhujing", "洙泾", "Zhujing", "river_level", 121.175508, 30.897467, "Wusong", 3.65, 4.2, CITY, 60, "gauge", False, _SHANGHAI),
    ("danghu-level", "当湖水位站（虚构）", "Danghu river gauge", "river_level", 121.022, 30.703, "1985", 1.46, 1.86, "330482001000", 15, "gauge", True, f"{_INVENTED}; levels taken from Jiaxing, assumed"),
    ("xindai-level", "新埭水位站（虚构）", "Xindai river gauge", "river_level", 121.072, 30.800, "1985", 1.46, 1.86, "330482102000", 15, "gauge", True, f"{_INVENTED}; levels taken from Jiaxing, assumed"),
    ("guangchen-level", "广陈水位站（虚构）", "Guangchen river gauge", "river_level", 121.142, 30.760, "1985", 1.46, 1.86, "330482106000", 15, "gauge", True, f"{_INVENTED}; levels taken from Jiaxing, assumed"),
    ("lindai-level", "林埭水位站（虚构）", "Lindai river gauge", "river_level", 121.088, 30.668, "1985", 1.46, 1.86, "330482107000", 15, "gauge", True, f"{_INVENTED}; levels taken from Jiaxing, assumed"),
    ("dushan-level", "独山闸内水位站（虚构）", "Dushan sluice, inner side", "river_level", 121.158, 30.670, "1985", 1.46, 1.86, "330482108000", 15, "gauge", True, f"{_INVENTED}; levels taken from Jiaxing, assumed"),
)  # fmt: skip


def write(folder: Path) -> None:
    """stations.csv."""
    names = (
        "id,name,name_en,quantity,lon,lat,datum,warning,guarantee,territory,cadence_min,role,"
        "synthetic,source"
    )
    rows = [dict(zip(names.split(","), entry, strict=True)) for entry in _LEVELS]
    for row in rows:
        if row["synthetic"]:  # on the water: the courses have been bent
            row["lon"], row["lat"] = point(*warp(to_xy([(row["lon"], row["lat"])]))[0])
        row |= {"unit": "m", "owner": "" if row["synthetic"] is False else "平湖市水利局（演示）"}
    for code, name, name_en, (lon, lat), _ in TOWNS:
        rows.append(
            {
                "id": f"rain-{name_en.lower()}", "name": f"{name}雨量站（虚构）",
                "name_en": f"{name_en} rain gauge", "quantity": "rain",
                "lon": round(lon + 0.004, 4), "lat": round(lat + 0.003, 4), "unit": "mm",
                "territory": code, "owner": "平湖市气象局（演示）", "cadence_min": 10,
                "role": "gauge", "synthetic": True, "source": _INVENTED,
            }
        )  # fmt: skip
    rows.append(
        {
            "id": "wind-zhapu", "name": "乍浦港测风站（虚构）", "name_en": "Zhapu port wind mast",
            "quantity": "wind", "lon": 121.09, "lat": 30.607, "unit": "m/s",
            "territory": "330482101000", "owner": "平湖市气象局（演示）", "cadence_min": 10,
            "role": "gauge", "synthetic": True, "source": _INVENTED,
        }
    )  # fmt: skip
    write_table(
        folder / "stations.csv",
        "id,name,name_en,quantity,lon,lat,unit,datum,warning,guarantee,territory,owner,"
        "cadence_min,role,synthetic,source",
        rows,
    )

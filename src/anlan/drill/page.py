"""The report of a drill as one printable page, Chinese first, and as JSON beside it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from anlan.drill.measure import Measured
from anlan.legible import legible_all

VERDICTS = {
    "met": "按时",
    "late": "超时",
    "missed": "未做到",
    "pending": "未到时限",
    "unplayed": "未出现",
}


class Paths(NamedTuple):
    """The files written."""

    html: Path
    json: Path


def write(report: Measured, out_dir: Path, zone: ZoneInfo) -> Paths:
    """Write ``drill.html`` and ``drill.json`` into ``out_dir``, which is made."""
    out_dir.mkdir(parents=True, exist_ok=True)
    paths = Paths(out_dir / "drill.html", out_dir / "drill.json")
    paths.html.write_text(render(report, zone), encoding="utf-8")
    paths.json.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    return paths


def render(report: Measured, zone: ZoneInfo) -> str:
    """The page as text; needs nothing from outside; everything from the data is escaped."""

    def local(text: str | None, pattern: str = "%m-%d %H:%M") -> str:
        return datetime.fromisoformat(text).astimezone(zone).strftime(pattern) if text else "—"

    def minutes(value: float | None) -> str:
        return "—" if value is None else f"{value:g} 分"

    environment = Environment(
        loader=PackageLoader("anlan.drill", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"local": local, "minutes": minutes}
    template = environment.get_template("report.html")
    return template.render(r=legible_all(report), verdicts=VERDICTS, zone=str(zone))

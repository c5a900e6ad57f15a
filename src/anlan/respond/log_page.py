"""The command log as a page to print and sign."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from anlan.city import City
from anlan.legible import legible_all
from anlan.respond.command_log import COLUMNS, table


def render(
    lines: list[dict[str, Any]], city: City, incident: str, now: datetime, exercise: bool
) -> str:
    """The page as text; everything in it is escaped. Times in the city's zone."""
    environment = Environment(
        loader=PackageLoader("anlan.respond", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    lines = legible_all(lines)
    rows = table(lines, city.zone)
    late = [bool(line.get("late")) for line in lines]
    return environment.get_template("command_log.html").render(
        name=lines[0]["what"],
        incident=incident,
        city=city.name,
        zone=str(city.zone),
        made=now.astimezone(city.zone).strftime("%Y-%m-%d %H:%M"),
        columns=COLUMNS,
        rows=list(zip(rows, late, strict=True)),
        exercise=exercise,
        synthetic=city.synthetic,
    )

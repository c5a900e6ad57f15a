"""What came of a rehearsal: JSON, and a table for people."""

from __future__ import annotations

import statistics
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Table as Shown

from anlan.city import City
from anlan.replay.rehearse import Rehearsed
from anlan.review.contingency import Table
from anlan.warn.rules import Rules

DEFINITIONS = {
    "event": "stretch at a level or above at one place, by the reference; those nearer than "
    "--apart are one",
    "hit": "an event at whose beginning a warning of its level or above was in force in its area",
    "miss": "an event without one; late: such a warning came while it lasted",
    "false_alarm": "a warning at a level that no event of that level in its area overlapped; one "
    "still in force at the end counts as open",
    "lead_hours": "from the warning to the event's beginning, hits only",
    "window": "the warning's validity, from being said until it fell, was cancelled or expired",
    "officers": "none: what the rules decide counts as said at once, every 10 minutes",
    "standard": "NWS Instruction 10-1601 (warnings and events counted each in their own list); "
    "CSI from POD and FAR after Schaefer (1990)",
}


def as_json_object(city: City, result: Rehearsed) -> dict[str, Any]:
    """One rehearsal as JSON; times carry the city's offset."""

    def local(moment: datetime) -> str:
        return moment.astimezone(city.zone).isoformat()

    return {
        "name": result.past.name,
        "from": local(result.past.start),
        "to": local(result.past.end),
        "reference": result.reference,
        "reconstructed": result.reconstructed,
        "runs": result.runs,
        "lost_runs": result.lost_runs,
        "scores": [
            {"rule": rule, "level": level, **_counts(table)}
            for rule, levels in result.scores.items()
            for level, table in (levels or {}).items()
        ],
        "unjudged": [rule for rule, levels in result.scores.items() if levels is None],
        "held": [
            {"rule": rule, "reason": reason, "times": times}
            for (rule, reason), times in result.held.items()
        ],
        "messages": [
            {
                "rule": each.rule,
                "event": each.event,
                "step": each.step,
                "level": each.colour.word,
                "area": list(each.area),
                "sent": local(each.sent),
                "expires": local(each.expires),
                "reason": each.reason,
                "grounds": list(each.grounds),
            }
            for each in result.messages
        ],
    }


def _counts(table: Table) -> dict[str, Any]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 3)

    return {
        "events": table.events,
        "hits": table.hits,
        "misses": table.misses,
        "late": table.late,
        "warnings": table.warnings,
        "verified": table.verified,
        "false_alarms": table.false_alarms,
        "open": table.open,
        "pod": rounded(table.pod),
        "far": rounded(table.far),
        "csi": rounded(table.csi),
        "lead_hours": list(table.leads_h),
    }


def show(city: City, rules: Rules, result: Rehearsed) -> None:
    """A table for people, on standard output; how it is counted stands in docs/rules.md."""
    start, end = (each.astimezone(city.zone) for each in (result.past.start, result.past.end))
    runs = f"{result.runs} runs" if result.runs else "no forecast"
    lost = f", {result.lost_runs} lost" if result.lost_runs else ""
    typer.echo(f"{result.past.name}   {start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}   {runs}{lost}")
    typer.echo(f"reference: {result.reference}")
    shown = Shown(box=None, pad_edge=False)
    for title, side in (
        ("rule", "left"),
        ("level", "left"),
        ("events", "right"),
        ("hits", "right"),
        ("misses (late)", "right"),
        ("warnings", "right"),
        ("false", "right"),
        ("POD", "right"),
        ("FAR", "right"),
        ("CSI", "right"),
        ("lead h: median (least–most)", "right"),
    ):
        shown.add_column(title, justify="left" if side == "left" else "right", no_wrap=True)
    for rule in rules.rules:
        levels = result.scores[rule.id]
        if levels is None:
            said = sum(each.rule == rule.id for each in result.messages)
            shown.add_row(rule.id, "unjudged", *["–"] * 3, str(said), *["–"] * 5)
            continue
        counted = {level: each for level, each in levels.items() if each.events or each.warnings}
        for level, table in counted.items():
            shown.add_row(rule.id, level, *_cells(table))
        if not counted:
            shown.add_row(rule.id, "none", *_cells(Table()))
    _print(shown)
    for (rule_id, reason), times in result.held.items():
        typer.echo(f"held back: {rule_id}, {times} times: {reason}")
    typer.echo("")


def _print(shown: Shown) -> None:
    Console(width=120, highlight=False).print(shown)


def _cells(table: Table) -> list[str]:
    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    late = f" ({table.late})" if table.late else ""
    leads = "–"
    if table.leads_h:
        middle = statistics.median(table.leads_h)
        leads = f"{middle:.1f} ({min(table.leads_h):.1f}–{max(table.leads_h):.1f})"
    still = f" ({table.open} open)" if table.open else ""
    return [
        str(table.events),
        str(table.hits),
        f"{table.misses}{late}",
        f"{table.warnings}{still}",
        str(table.false_alarms),
        share(table.pod),
        share(table.far),
        share(table.csi),
        leads,
    ]

"""Write the scores of a replay's worlds as the page docs/scores.md shows them.

    anlan replay cities/pinghu infa-2021 --world all --json > var/scores.json
    python scripts/scores.py var/scores.json docs/scores.md

Keeps the page's head and replaces everything after ``## Result``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

RESULT = "## Result\n"
MARK = {True: "met", False: "**missed**", None: "not judged"}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in row) + " |\n" for row in lines) + "\n"


def _time(text: str | None) -> str:
    return text[5:16].replace("T", " ") if text else "–"


def _of_event(result: dict[str, Any], event: str) -> str:
    found = result["scores"].get("by_event", {}).get(event, {})
    return "/".join(str(found.get(name, 0)) for name in ("hits", "misses", "false_alarms", "late"))


def page(results: list[dict[str, Any]]) -> str:
    """Everything after the heading ``Result``."""
    first = results[0]
    events = sorted({e for r in results for e in r["scores"].get("by_event", {})})
    text = (
        f"Event `{first['event']}`, seed {first['seed']}, {len(first['runs'])} forecast cycles of "
        f"{first['runs'][0]['members']} members. Everything that happened in a world is "
        "reconstructed, not measured. Times are Beijing time, levels metres on the 1985 datum.\n\n"
    )
    text += table(
        ["world", "hits", "misses", "false alarms", "late", "Zhapu peak", "at", "rain, mean mm"],
        (
            [
                r["world"],
                *(r["scores"].get(n, 0) for n in ("hits", "misses", "false_alarms", "late")),
                f"{r['surge']['peak_m']:.2f}",
                _time(r["surge"]["peak_time"]),
                r["rain_replayed_mm"]["mean"],
            ]
            for r in results
        ),
    )
    text += "By event (hits/misses/false alarms/late):\n\n"
    text += table(
        ["world", *events], ([r["world"], *(_of_event(r, e) for e in events)] for r in results)
    )
    text += "What became of it:\n\n"
    text += table(
        ["world", "deliveries", "failed", "cases closed", "tasks done", "late", "escalated"],
        (
            [
                r["world"],
                r["deliveries"]["planned"],
                r["deliveries"]["failed"],
                f"{r['cases']['closed']}/{r['cases']['opened']}",
                f"{r['tasks']['done']}/{r['tasks']['opened']}",
                r["tasks"]["late"],
                r["tasks"]["escalated"],
            ]
            for r in results
        ),
    )
    for result in results:
        text += f"### World `{result['world']}`\n\n"
        text += "Storm-tide alerts, each with its lead over the replayed crossing:\n\n"
        text += table(
            ["issued", "colour", "type", "outcome", "crossing", "lead, min"],
            (
                [
                    _time(a["issued"]),
                    a["colour"],
                    a["msgType"],
                    a["outcome"] or "–",
                    _time(a["crossing_start"]),
                    "–" if a["lead_time_min"] is None else round(a["lead_time_min"]),
                ]
                for a in result["alerts"]
                if a["event"] == "storm_tide"
            ),
        )
        if result["misses"]:
            text += "Missed crossings:\n\n"
            text += table(
                ["event", "where", "colour", "from"],
                (
                    [m["event"], m["where_name"], m["colour"], _time(m["start"])]
                    for m in result["misses"]
                ),
            )
    text += "### Known facts beside world `near`\n\n"
    text += table(
        ["fact", "came out", "difference", ""],
        ([f["text_en"], f["outcome"], f["difference"], MARK[f["met"]]] for f in first["facts"]),
    )
    return text.rstrip() + "\n"


def main() -> None:
    """Read the results, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("page", type=Path)
    given = parser.parse_args()
    found = json.loads(given.results.read_text("utf-8"))
    head = given.page.read_text("utf-8").split(RESULT)[0]
    text = page(found if isinstance(found, list) else [found])
    given.page.write_text(f"{head}{RESULT}\n{text}", "utf-8")


if __name__ == "__main__":
    main()

"""The report: sections to Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from validation.record import Figure, Section, Table, number

IMAGES = "images/validation"


def document(sections: Sequence[Section], version: str) -> str:
    """The whole page; ends with a line feed."""
    promised = [(s, f) for s in sections for f in s.figures if f.held is not None]
    volumes = [(s, v) for s in sections for v in s.volumes]
    missed = [f for _, f in promised if not f.held]
    lost = [v for _, v in volumes if not v.held]
    parts = [
        "# Validation 验证",
        "",
        "Published cases beside the flow model. `make validate` writes this page and its pictures; no number here was",
        "typed by hand except those of others, which carry their source. What is promised is this project's own word;",
        "**miss** says plainly that it is not held.",
        "",
        f"Anlan {version}, NumPy {np.__version__}. Single precision, Courant number 0.7 and one thread unless a case says",
        "otherwise. Schemes: *inertial* (staggered grid, no advection), *full* (the same with momentum-conserving",
        "advection, the operational one), *second order* (HLLC, the referee). `python -m validation --only NAME` runs one case.",
        "",
        f"**{len(promised) - len(missed)} of {len(promised)} promised figures held; "
        f"{len(volumes) - len(lost)} of {len(volumes)} runs kept their volume.**",
        "",
        "| case | figure | value | promise | |",
        "|---|---|---|---|---|",
        *(
            f"| [{s.title}](#{anchor(s.title)}) | {f.what} | {_value(f)} | {_promise(f)} | {_verdict(f)} |"
            for s, f in promised
        ),
        "",
    ]
    for section in sections:
        parts += _section(section)
    parts += _volumes(sections)
    return "\n".join(parts).rstrip() + "\n"


def anchor(title: str) -> str:
    """The anchor that a reader of Markdown makes of a heading."""
    kept = "".join(c for c in title.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _value(figure: Figure) -> str:
    return f"{number(figure.value)} {figure.unit}".rstrip()


def _promise(figure: Figure) -> str:
    if figure.promise is None:
        return ""
    sign = "≥" if figure.at_least else "≤"
    return f"{sign} {number(figure.promise)} {figure.unit}".rstrip()


def _verdict(figure: Figure) -> str:
    return {None: "", True: "held", False: "**miss**"}[figure.held]


def _section(section: Section) -> list[str]:
    lines = [f"## {section.title}", "", f"*Source:* {section.source}", "", section.setup, ""]
    if section.figures:
        lines += ["| figure | value | promise | | beside |", "|---|---|---|---|---|"]
        lines += [
            f"| {f.what} | {_value(f)} | {_promise(f)} | {_verdict(f)} | {f.beside} |"
            for f in section.figures
        ]
        lines.append("")
    for table in section.tables:
        lines += _table(table)
    for note in section.notes:
        lines += [note, ""]
    for picture in section.pictures:
        lines += [f"![{picture.caption}]({IMAGES}/{picture.file})", ""]
        lines += [f"*{picture.caption}*", ""]
    return lines


def _table(table: Table) -> list[str]:
    rule = "|" + "---|" * len(table.columns)
    return [
        f"{table.heading}:",
        "",
        "| " + " | ".join(table.columns) + " |",
        rule,
        *("| " + " | ".join(row) + " |" for row in table.rows),
        "",
    ]


def _volumes(sections: Sequence[Section]) -> list[str]:
    """Volume of every run, at the end."""
    rows = [(s.title, v) for s in sections for v in s.volumes]
    if not rows:
        return []
    lines = [
        "## Volume of every run",
        "",
        "Relative error of the budget: what remains of initial + rain + inflow − outflow − infiltration − evaporation −",
        "drained − storage, over all water that was handled. Promise: 1e-6 in single precision, 1e-12 in double.",
        "",
        "| case | run | precision | error | |",
        "|---|---|---|---|---|",
    ]
    for title, v in rows:
        verdict = "held" if v.held else "**miss**"
        lines.append(
            f"| {title} | {v.run} | {v.precision} | {number(abs(v.error), 2)} | {verdict} |"
        )
    return [*lines, ""]

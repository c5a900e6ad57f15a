"""The report of a drill of the plan, as `anlan drill -o` writes it, for the review beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anlan.refusal import Refusal

#: What the review shows of it, and of its parts.
PARTS = ("drill", "verdict", "injects", "steps", "orders")
ABOUT = ("name", "name_en", "started_at")
LARGEST = 20_000_000  # bytes


def read_drill(path: Path) -> Mapping[str, Any]:
    """The report in ``drill.json``; raises `Refusal` for what is none."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"is larger than {LARGEST} bytes")
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["exercise"] is not True:
            raise ValueError("is no exercise")
        lacks = [name for name in PARTS if name not in found]
        lacks += [f"drill.{name}" for name in ABOUT if name not in found["drill"]]
        if lacks:
            raise ValueError(f"lacks {', '.join(lacks)}")
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as problem:
        raise Refusal(
            f"{path} is not the report of a drill ({problem}); `anlan drill CITY PLAN --speed max "
            "-o DIR` writes one as DIR/drill.json",
            field="drill",
            value=str(path),
            remedy="drill.json of anlan drill -o",
        ) from None
    report: Mapping[str, Any] = found
    return report

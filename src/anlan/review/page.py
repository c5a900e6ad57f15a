"""The review as one printable page of HTML, Chinese or English, and as JSON beside it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from anlan.legible import legible_all
from anlan.observe.people import CLASSES
from anlan.refusal import Refusal
from anlan.review.build import Review
from anlan.review.colours import COLOUR_WORDS

OUTCOMES = {
    "hit": ("命中", "hit"),
    "late": ("迟报", "late"),
    "false_alarm": ("空报", "false alarm"),
    "pending": ("待定", "open"),
    "unjudged": ("无法判定", "not judged"),
    None: ("—", "—"),
}
PARTS = {
    "facts": ("事实对照", "Known facts"),
    "alerts": ("预警", "Alerts"),
    "skill": ("预报检验", "Forecast skill"),
    "response": ("响应用时", "Response times"),
    "plan": ("预案步骤", "Plan"),
    "damage": ("灾情与帮扶", "Damage and help"),
    "capability": ("能力短板", "Capability"),
    "proposals": ("改进建议", "What should change"),
    "drill": ("演练对照", "Drill"),
    "course": ("过程", "Timeline"),
}
ROLES = {
    "commander": "指挥长",
    "duty_officer": "值班员",
    "liaison": "部门联络员",
    "town_officer": "镇街干部",
    "village_officer": "村社干部",
    "grid_worker": "网格员",
    "crew": "抢险队",
    "volunteer": "志愿者",
}
STATES = {
    "planned": "待发",
    "queued": "排队",
    "sending": "发送中",
    "sent": "已发送",
    "delivered": "已送达",
    "read": "已读",
    "answered": "已回复",
    "failed": "失败",
    "unknown": "不明",
    "suppressed": "未发（有原因）",
}


class Paths(NamedTuple):
    """The files written."""

    html: Path
    json: Path


def write(
    review: Review, out_dir: Path, zone: ZoneInfo | None = None, language: str = "zh"
) -> Paths:
    """Write ``review.html`` and ``review.json`` into ``out_dir``, which is made.

    ``zone``: the city's, for the times people read; China Standard Time unless given. The page
    needs nothing from outside: it can be mailed, printed or kept. Raises `Refusal` for a language
    other than zh and en.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    paths = Paths(out_dir / "review.html", out_dir / "review.json")
    paths.html.write_text(
        render(review, zone or ZoneInfo("Asia/Shanghai"), language), encoding="utf-8"
    )
    text = json.dumps(review, ensure_ascii=False, indent=1)
    paths.json.write_text(text, encoding="utf-8")
    return paths


def render(review: Review, zone: ZoneInfo, language: str = "zh") -> str:
    """The page in Chinese or English. Everything from the data is escaped. Raises `Refusal`."""
    if language not in ("zh", "en"):
        raise Refusal(
            f"a review is in zh or en, not in {language[:20]!r}",
            field="language",
            value=language[:20],
            remedy="zh or en",
        )
    column = 0 if language == "zh" else 1

    def word(zh: str, en: str) -> str:
        return (zh, en)[column]

    def local(text: str | None, pattern: str = "%m-%d %H:%M") -> str:
        if not text:
            return "—"
        return datetime.fromisoformat(text).astimezone(zone).strftime(pattern)

    def minutes(value: float | None) -> str:
        if value is None:
            return "—"
        sign, whole = ("-" if value < 0 else ""), abs(round(value))
        if column:
            return (
                f"{sign}{whole // 60} h {whole % 60:02d}" if whole >= 60 else f"{sign}{whole} min"
            )
        return f"{sign}{whole // 60} 时 {whole % 60:02d} 分" if whole >= 60 else f"{sign}{whole} 分"

    environment = Environment(
        loader=PackageLoader("anlan.review", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"local": local, "minutes": minutes}
    template = environment.get_template("review.html")
    shown = legible_all(review)
    there = {
        "facts": shown["facts"],
        "skill": shown["skill"]["runs"],
        "plan": shown["steps"],
        "drill": shown["drill"],
    }
    return template.render(
        r=shown,
        t=word,
        language=language,
        parts=[(name, words[column]) for name, words in PARTS.items() if there.get(name, True)],
        same_drill=shown["drill"] is not None and shown["drill"]["steps"] == shown["steps"],
        colours=COLOUR_WORDS,
        outcomes={name: words[column] for name, words in OUTCOMES.items()},
        roles=ROLES,
        states=STATES,
        depths={name: each.words_en if column else each.words for name, each in CLASSES.items()},
        zone=str(zone),
        key_lines=key_lines(shown),
    )


MOST_LINES = 60
MINOR = ("alert.drafted", "alert.approved", "run.published", "task.escalated", "case.escalated")


def key_lines(review: Review) -> list[dict[str, object]]:
    """The lines of the timeline that fit one page: the minor kinds give way first."""
    lines = review["timeline"]
    dropped = list(MINOR)
    while len(lines) > MOST_LINES and dropped:
        kind = dropped.pop(0)
        lines = [line for line in lines if line["kind"] != kind]
    return lines[:MOST_LINES]

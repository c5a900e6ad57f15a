"""What the review says of damage, help, capability, skill and plan; a drill beside it; English."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from anlan.city import Event
from anlan.refusal import Refusal
from anlan.respond.expand import DOWN
from anlan.review import build, read_drill
from anlan.review.page import render
from anlan.review.proposals import propose
from anlan.review.skill import place_skill
from anlan.store import schema
from tests.respond.town import EAST, START, Desk
from tests.review.test_review import TRUTH, city, desk, event, story

__all__ = ["city", "desk", "event"]

HELP = """
[pack]
kind = "help"
title = "求助"
title_en = "Help"
priority = 1
[owner]
roles = ["duty_officer"]
[deadlines]
due_min = 60
verify_min = 60
[[field]]
key = "need"
type = "choices"
label = "需要"
label_en = "Needed"
choices = [
  { value = "move", label = "转移", label_en = "Moving out" },
  { value = "power", label = "断电", label_en = "Power cut" },
]
[[field]]
key = "people"
type = "integer"
label = "人数"
label_en = "People"
unit = "人"
[[field]]
key = "depth"
type = "integer"
label = "水深"
label_en = "Depth"
unit = "cm"
[[field]]
key = "who"
type = "text"
label = "姓名"
label_en = "Name"
personal = true
"""


def case(desk: Desk, name: str, state: str, form: dict[str, Any], **more: Any) -> None:
    facts: dict[str, Any] = {
        "kind": "help", "title": name, "territory": EAST, "owner_role": "duty_officer",
        "opened_at": START, "due_at": START + timedelta(hours=1), "priority": 1, "source": "test",
        "data": {"form": form}, "closed_at": None,
    } | more  # fmt: skip
    desk.tx.execute(schema.case_item.insert().values(id=name, state=state, **facts))


def test_damage_and_help_are_counted_as_the_forms_ask_and_name_nobody(desk: Desk) -> None:
    (desk.city.folder / "packs").mkdir(exist_ok=True)
    (desk.city.folder / "packs/help.toml").write_text(HELP, encoding="utf-8")
    half = START + timedelta(minutes=30)
    case(
        desk, "C1", "closed", {"need": ["move", "power"], "people": 4, "depth": 30}, closed_at=half
    )
    case(desk, "C2", "open", {"need": ["move"], "people": 2, "depth": 50, "who": {"sealed": "x"}})
    case(desk, "C3", "merged", {"need": ["power"], "people": 9})
    desk.wait(120)
    desk.as_("duty").record("desk.opened", "desk")
    (kind,) = build(desk.tx, desk.city, None, None)["kinds"]
    assert (kind["opened"], kind["closed"], kind["unsettled"], kind["set_aside"]) == (2, 1, 1, 1)
    assert (kind["late"], kind["close"]["p50_min"]) == (1, 30)
    need, people_there, depth = kind["answers"]
    assert [(each["label"], each["count"]) for each in need["counts"]] == [("转移", 2), ("断电", 1)]
    assert (people_there["total"], depth["greatest"]) == (6, 50)


def test_what_was_asked_for_and_did_not_come_is_short_and_becomes_a_proposal(desk: Desk) -> None:
    R, F = schema.resource_request, schema.resource_fill
    desk.tx.execute(
        R.insert().values(
            id="R1", case_id="C", item="沙袋", unit="只", quantity=500.0, filled=200.0,
            state="partly", territory=EAST, requested_by="duty", requested_at=START,
        )
    )  # fmt: skip
    desk.tx.execute(
        F.insert().values(
            id="F1", request="R1", source_kind="lot", source="L", depot="D", quantity=200.0,
            returned=0.0, consumed=0.0, state="sent", sent_by="duty",
            sent_at=START + timedelta(minutes=25),
        )
    )  # fmt: skip
    review = build(desk.tx, desk.city, None, None)
    (short,) = review["capability"]["resources"]
    assert (short["short"], short["short_by_town"], short["first"]["p50_min"]) == (
        300,
        {"东镇": 1},
        25,
    )
    (proposal,) = review["proposals"]
    assert (proposal["about"], proposal["ref"]) == ("stores", "沙袋")
    assert "缺 300" in proposal["text"]
    assert "300 short" in proposal["text_en"]


def step(in_time: int, of: int, longest: float) -> dict[str, Any]:
    done = {"count": of, "of": of, "in_time": in_time, "p50_min": longest / 2, "max_min": longest}
    asked = {"count": of, "of": of, "in_time": of, "p50_min": 5.0, "max_min": 9.0}
    named = {"step": "patrol", "title": "巡查", "title_en": "Patrol", "ack_min": 15, "done_min": 60}
    return named | {"acknowledge": asked, "finish": done}


@pytest.mark.parametrize(
    ("measured", "says"),
    [
        (step(4, 10, 130.0), "按时完成 4/10（时限 60 分，中位 65 分，最长 130 分）"),
        (step(10, 10, 20.0), "最长只用 20 分（时限 60 分），时限可缩短"),
        (step(9, 10, 70.0), ""),  # nine of ten in time is no reason to change a plan
        (step(0, 2, 130.0), ""),  # two are too few
    ],
)
def test_the_plan_is_to_change_where_measured_times_and_deadlines_part(
    measured: dict[str, Any], says: str
) -> None:
    nobody = {"volunteers_short": 0}
    told = propose([measured], {}, [], {"not_reached": {"persons": 0}}, [], nobody, {})
    assert [each["ref"] for each in told] == (["patrol"] if says else [])
    assert says in "".join(each["text"] for each in told)


def test_places_are_held_to_what_the_run_said_of_its_own_hours(desk: Desk) -> None:
    """Two places: 75 % said and it came; 25 % said and it came only after the run's six hours."""
    said = [("U1", 0.75), ("U2", 0.25)]
    content = {
        "issued": START.isoformat(), "horizon_h": 6, "tide": None,
        "places": [{"id": name, "attention": {"probability": p}} for name, p in said],
    }  # fmt: skip
    desk.tx.execute(
        schema.assessment.insert().values(
            run="r", made_at=START, level="", reason="", content=content
        )
    )
    late = {"start": START + timedelta(hours=7), "end": START + timedelta(hours=8)}
    truth = {"U1": TRUTH["places"]["U1"], "U2": [late]}
    held = place_skill(desk.tx, truth, START + timedelta(hours=9))
    assert (held["cases"], held["happened"], held["brier"]) == (2, 1, 0.0625)
    assert held["skill"] == 0.75  # always saying a half would score 0.25
    assert place_skill(desk.tx, truth, START + timedelta(hours=5))["cases"] == 0


def test_a_drill_of_the_plan_stands_beside_the_event_marked_as_an_exercise(
    desk: Desk, tmp_path: Path
) -> None:
    story(desk)
    bare = build(desk.tx, desk.city, None, None)
    assert "演练对照" not in render(bare, ZoneInfo("Asia/Shanghai"))
    done = bare["steps"][0] | {"finish": bare["steps"][0]["finish"] | {"p50_min": 33.0}}
    marks = {"met": 3, "late": 1, "missed": 0, "pending": 0, "unplayed": 0}
    asked = {"words": "二十分钟内封闭", "words_en": "closed", "within_min": 20, "after_min": 26.0}
    inject = {"title": "漫水", "title_en": "Water", "expected": [asked | {"verdict": "late"}]}
    report = {
        "exercise": True, "verdict": marks, "steps": [done], "injects": [inject],
        "drill": {"name": "夜间演练", "name_en": "Night drill", "started_at": START.isoformat()},
        "orders": {"given": 2, "unanswered": 0},
    }  # fmt: skip
    path = tmp_path / "drill.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    both = build(desk.tx, desk.city, None, None, read_drill(path))
    page = render(both, ZoneInfo("Asia/Shanghai"))
    for words in ("演练对照", "演练 EXERCISE", "二十分钟内封闭（时限 20 分，实际 26 分）", "33 分"):
        assert words in page
    path.write_text('{"exercise": false}', encoding="utf-8")
    with pytest.raises(Refusal, match=r"not the report of a drill \(is no exercise\)"):
        read_drill(path)


def test_the_review_can_be_had_in_english(desk: Desk, event: Event) -> None:
    story(desk)
    review = build(desk.tx, desk.city, event, TRUTH)
    page = render(review, ZoneInfo("Asia/Shanghai"), "en")
    for words in (
        "after-action review",
        "Known facts",
        "high water at 02:00",
        "level set",
        "1 h 00",
    ):
        assert words in page
    for words in ("复盘依据", "预案步骤", "改进建议", "签收", "启动/调整响应"):
        assert words not in page
    with pytest.raises(Refusal, match="zh or en"):
        render(review, ZoneInfo("Asia/Shanghai"), "fr")


def test_standing_down_is_not_dealing_with_a_place_before_the_water_came(desk: Desk) -> None:
    for name, step in (("close", "underpass"), ("open", f"underpass{DOWN}")):
        case(desk, name, "closed", {}, kind="plan_step", place="U1", plan_step=step)
    done, due = {"open": START + timedelta(minutes=30)}, START + timedelta(days=1)
    for name in ("close", "open"):
        desk.tx.execute(
            schema.task.insert().values(
                id=f"T-{name}", case_id=name, title="", instruction="", state="done", role="crew",
                territory=EAST, opened_at=START, done_at=done.get(name), due_at=due,
                escalation=0, late=False, evidence={},
            )
        )  # fmt: skip
    desk.wait(180)
    desk.as_("duty").record("desk.opened", "desk")
    (place,) = build(desk.tx, desk.city, None, TRUTH)["places"]
    assert (place["place"], place["done"]) == ("U1", None)

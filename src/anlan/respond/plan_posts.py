"""The posts 岗位 of the command post, as the plan's ``[[post]]`` tables give them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["IV", "III", "II", "I"]


class Row(BaseModel):
    """A table of the plan: no unknown keys, never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Post(Row):
    """A post; only accounts with one of ``roles`` hold it; from level ``from`` it must be held."""

    id: str
    name: str
    name_en: str
    roles: tuple[str, ...] = Field(min_length=1)
    duty: str = ""
    duty_en: str = ""
    must_from: Level | None = Field(default=None, alias="from")


_STAFF = ("commander", "duty_officer", "liaison")
DEFAULT_POSTS = tuple(
    Post.model_validate(
        {"id": i, "name": n, "name_en": e, "roles": r, "duty": d, "duty_en": de, "from": f}
    )
    for i, n, e, r, f, d, de in (
        ("commander", "指挥长", "Incident commander", ("commander", "duty_officer"), "IV",
         "定等级、定目标、下指令，对全局负责",
         "Sets level and objectives, gives orders, answers for the whole"),
        ("operations", "作战组", "Operations", _STAFF, "III",
         "指挥现场力量，落实指令和任务",
         "Leads the forces in the field; carries out orders and tasks"),
        ("planning", "研判组", "Planning", ("analyst", *_STAFF), "III",
         "汇总情况，研判预报，起草下一步方案",
         "Gathers the situation, reads the forecast, drafts what comes next"),
        ("logistics", "保障组", "Logistics", _STAFF, "III",
         "调集队伍、物资、车辆和避灾场所",
         "Brings teams, supplies, vehicles and shelters together"),
        ("information", "信息发布", "Public information", ("analyst", *_STAFF), "II",
         "统一口径，发布信息，回应关切",
         "Speaks with one voice: informs, answers questions"),
        ("liaison", "联络员", "Liaison", ("liaison", "duty_officer", "commander"), "III",
         "对接各部门、镇街道和上级",
         "Link to departments, towns and the level above"),
        ("safety", "安全官", "Safety", _STAFF, "II",
         "盯住抢险人员的安全，有权叫停作业",
         "Watches over those at work; may stop it"),
    )
)  # fmt: skip
"""The command and general staff of the Incident Command System (NIMS, FEMA 2017, Appendix B)."""

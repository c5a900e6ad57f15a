"""What the measured times say about plan and rules: proposals with their figures, for people.

Pure. Each proposal rests on figures of the review beside it; nothing is changed by it. The marks
below are assumptions, and each proposal names the figure that reached its mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

#: Fewer cases than this say nothing.
ENOUGH = 3
#: Share in time below which a step's deadline, or who does it, needs a look.
IN_TIME = 0.8
#: A step whose longest time is below this share of its deadline has time to spare.
SPARE = 0.5
#: Share of judged alerts that were false above which their rule needs a look.
FALSE_SHARE = 0.5


class Proposal(TypedDict):
    """``about``: plan, rules, contacts, stores or volunteers; ``ref``: id of what it is about."""

    about: str
    ref: str
    text: str
    text_en: str


def propose(
    steps: Sequence[Mapping[str, Any]],
    scores: Mapping[str, Any],
    misses: Sequence[Mapping[str, Any]],
    deliveries: Mapping[str, Any],
    resources: Sequence[Mapping[str, Any]],
    people: Mapping[str, Any],
    events: Mapping[str, tuple[str, str]],
) -> list[Proposal]:
    """Proposals in the order of the chain: rules, contacts, plan, stores, volunteers.

    ``events``: Chinese and English names of what alerts are about, by id.
    """
    return [
        *_rules(scores, misses, events),
        *_contacts(deliveries),
        *(found for step in steps for found in _step(step)),
        *_stores(resources),
        *_volunteers(people),
    ]


def _rules(
    scores: Mapping[str, Any],
    misses: Sequence[Mapping[str, Any]],
    events: Mapping[str, tuple[str, str]],
) -> Iterator[Proposal]:
    for event, own in scores.get("by_event", {}).items():
        zh, en = events.get(event, (event, event))
        hits, false = own["hits"], own["false_alarms"]
        if hits + false >= ENOUGH and false / (hits + false) > FALSE_SHARE:
            yield Proposal(
                about="rules",
                ref=event,
                text=f"{zh}：{hits + false} 条预警中 {false} 条空报，"
                "研究提高阈值或延长持续时间，先用 anlan alert rehearse 在历史过程上演算。",
                text_en=f"{en}: {false} of {hits + false} alerts were false; consider a higher "
                "threshold or a longer hold, and rehearse it on past events first.",
            )
        late = [m["late_min"] for m in misses if m["event"] == event and m["late_min"] is not None]
        if own["misses"]:
            came = f"，其中 {len(late)} 次在开始后 {max(late):.0f} 分钟内才发出" if late else ""
            came_en = f", {len(late)} warned only up to {max(late):.0f} min after" if late else ""
            yield Proposal(
                about="rules",
                ref=event,
                text=f"{zh}：漏报 {own['misses']} 次{came}，研究降低阈值、缩短持续时间或审批时限。",
                text_en=f"{en}: {own['misses']} missed{came_en}; consider a lower threshold, a "
                "shorter hold or a shorter time to approve.",
            )


def _contacts(deliveries: Mapping[str, Any]) -> Iterator[Proposal]:
    missed = deliveries["not_reached"]
    if missed["persons"]:
        towns = "、".join(f"{name} {n}" for name, n in missed["by_town"].items())
        yield Proposal(
            about="contacts",
            ref="",
            text=f"{missed['persons']} 人任何渠道都没有送达（{towns}），核对号码并补第二渠道。",
            text_en=f"{missed['persons']} people were reached by no channel ({towns}); check their "
            "numbers and give each a second channel.",
        )


def _step(step: Mapping[str, Any]) -> Iterator[Proposal]:
    asked, done = step["acknowledge"], step["finish"]
    if asked["of"] >= ENOUGH and asked["in_time"] < IN_TIME * asked["of"]:
        yield Proposal(
            about="plan",
            ref=step["step"],
            text=f"“{step['title']}”按时签收 {asked['in_time']}/{asked['of']}"
            f"（时限 {step['ack_min']:g} 分，中位 {_min(asked['p50_min'])}），"
            "增设副岗或改由在岗人员接收。",
            text_en=f"“{step['title_en']}”: answered in time {asked['in_time']} of {asked['of']} "
            f"(asked {step['ack_min']:g} min, median {_min(asked['p50_min'], 'min')}); name a "
            "deputy or give it to who is on duty.",
        )
    if done["of"] >= ENOUGH and done["in_time"] < IN_TIME * done["of"]:
        yield Proposal(
            about="plan",
            ref=step["step"],
            text=f"“{step['title']}”按时完成 {done['in_time']}/{done['of']}"
            f"（时限 {step['done_min']:g} 分，中位 {_min(done['p50_min'])}，"
            f"最长 {_min(done['max_min'])}），"
            "提前启动、增加力量，或把时限改为做得到的。",
            text_en=f"“{step['title_en']}”: done in time {done['in_time']} of {done['of']} (asked "
            f"{step['done_min']:g} min, median {_min(done['p50_min'], 'min')}, longest "
            f"{_min(done['max_min'], 'min')}); start earlier, give it more hands, or ask for what "
            "can be done.",
        )
    elif (
        done["count"] >= ENOUGH
        and done["in_time"] == done["of"]
        and done["max_min"] < SPARE * step["done_min"]
    ):
        yield Proposal(
            about="plan",
            ref=step["step"],
            text=f"“{step['title']}”最长只用 {_min(done['max_min'])}"
            f"（时限 {step['done_min']:g} 分），时限可缩短。",
            text_en=f"“{step['title_en']}” took {_min(done['max_min'], 'min')} at most (asked "
            f"{step['done_min']:g} min); the deadline may be shorter.",
        )


def _stores(resources: Sequence[Mapping[str, Any]]) -> Iterator[Proposal]:
    for each in resources:
        if each["short"] > 0:
            towns = "、".join(each["short_by_town"])
            yield Proposal(
                about="stores",
                ref=each["item"],
                text=f"{each['item']}：需要 {each['wanted']:g} {each['unit']}，缺 {each['short']:g}"
                f"（{towns}），增加储备或签互助协议。",
                text_en=f"{each['item']}: {each['wanted']:g} {each['unit']} wanted, "
                f"{each['short']:g} short ({towns}); stock more or agree on help with neighbours.",
            )


def _volunteers(people: Mapping[str, Any]) -> Iterator[Proposal]:
    if people["volunteers_short"]:
        yield Proposal(
            about="volunteers",
            ref="",
            text=f"志愿服务缺 {people['volunteers_short']} 人"
            f"（{people['volunteer_work_short']} 项），扩大招募或提高超额邀请比例。",
            text_en=f"{people['volunteers_short']} volunteers short in "
            f"{people['volunteer_work_short']} jobs; recruit more or ask more people at once.",
        )


def _min(value: float | None, unit: str = "分") -> str:
    return "—" if value is None else f"{value:.0f} {unit}"

"""A hand-over's facts in words: Chinese, a heading for each thing that the next watch asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from anlan.respond.plan import COLOUR_WORDS
from anlan.respond.task import STATES

Facts = Mapping[str, Any]
NONE = "无。"
LONGEST_ORDER = 60


@dataclass(frozen=True)
class Called:
    """What the ids of the facts are called: accounts, posts, and what orders say."""

    people: Mapping[str, str]
    posts: Mapping[str, str]
    orders: Mapping[str, str]


def words_of(facts: Facts, called: Called, zone: ZoneInfo, leaver: str) -> str:
    """The draft of the note. Pure."""

    def local(text: str | None) -> str:
        moment = datetime.fromisoformat(text) if text else None
        return "—" if moment is None else moment.astimezone(zone).strftime("%m-%d %H:%M")

    def who(account: str | None) -> str:
        return called.people.get(account, account) if account else "无人认领"

    level = f"{facts['level']} 级" if facts["level"] else "未启动"
    head = [
        f"交接班记录　{local(facts['at'])}　交班：{who(leaver)}",
        f"事件：{facts['name'] or '无'}　响应等级：{level}"
        + (f"（{local(facts['level_set_at'])} 起）" if facts["level_set_at"] else ""),
    ]
    proposed = facts["proposed_level"]
    # before anything was assessed nobody proposes to end the response
    if proposed != facts["level"] and (proposed or facts["proposed_run"]):
        head.append(
            f"系统建议：{proposed + ' 级' if proposed else '结束响应'}　{facts['proposed_reason']}"
        )
    if facts["posts"]:
        head.append(f"本人岗位：{'、'.join(called.posts.get(p, p) for p in facts['posts'])}")
    parts = [
        ("一、未结事项", _cases(facts["cases"], who, local)),
        ("二、任务", _tasks(facts["tasks"], who, local)),
        ("三、未办结指令", _orders(facts["orders"], called, who, local)),
        ("四、预警", _alerts(facts["alerts"], local)),
        ("五、在外力量与物资", [*_away(facts["away"], who), *_lent(facts["lent"])]),
        ("六、天气水情展望", _outlook(facts["outlook"], local)),
        ("七、无人答复与失联", _unanswered(facts)),
        ("八、需要特别交代（请填写）", [""]),
    ]
    lines = [*head]
    for title, body in parts:
        lines += ["", title, *(body or [NONE])]
    return "\n".join(lines)


def _more(count: int, shown: int) -> list[str]:
    return [f"　……另有 {count - shown} 项，见系统"] if count > shown else []


def _cases(found: Facts, who: Any, local: Any) -> list[str]:
    if not found["open"] and not found["waiting"]:
        return []
    lines = [
        f"未结 {found['open']} 件，其中超期 {found['late_count']} 件、"
        f"待核实 {found['unchecked']} 件；等待前序步骤 {found['waiting']} 件。"
    ]
    for row in found["late"]:
        lines.append(
            f"　超期 {row['id']} {row['title']}（{who(row['owner'])}，应于 {local(row['due'])}）"
        )
    return lines + _more(found["late_count"], len(found["late"]))


def _tasks(found: Facts, who: Any, local: Any) -> list[str]:
    if not found["open"]:
        return []
    lines = [
        f"进行中 {found['open']} 项，其中无人签收 {found['unanswered_count']} 项、"
        f"超期未完成 {found['late_count']} 项。"
    ]
    for word, name in (("无人签收", "unanswered"), ("超期", "late")):
        for row in found[name]:
            lines.append(
                f"　{word} {row['id']} {row['title']}"
                f"（{who(row['assignee'])}，应于 {local(row['due'])}）"
            )
        lines += _more(found[f"{name}_count"], len(found[name]))
    return lines


def _orders(found: Facts, called: Called, who: Any, local: Any) -> list[str]:
    states = {"given": "未回复", "acknowledged": "已回复、未办结"}
    lines = [
        f"　{row['id']}　{local(row['given'])} 下达　"
        f"{who(row['to']) if row['to'] else '（系统外）'}　"
        + states[row["state"]]
        + ("，已超时" if row["late"] else "")
        + _said(called.orders.get(row["id"], ""))
        for row in found["rows"]
    ]
    return lines + _more(found["open"], len(found["rows"]))


def _said(what: str) -> str:
    short = " ".join(what.split())
    short = short[:LONGEST_ORDER] + ("……" if len(short) > LONGEST_ORDER else "")
    return f"：{short}" if short else ""


def _alerts(found: Facts, local: Any) -> list[str]:
    def line(word: str, row: Facts) -> str:
        issuer = f"，{row['issuer']}发布" if row["issuer"] else ""
        colour = COLOUR_WORDS.get(row["colour"], "")
        return f"　{word} {row['area']}{row['event']}{colour}（至 {local(row['expires'])}{issuer}）"

    lines = [line("生效", row) for row in found["in_force"]]
    lines += _more(found["count"], len(found["in_force"]))
    return lines + [line("待批草稿", row) for row in found["drafts"]]


def _away(found: list[Facts], who: Any) -> list[str]:
    return [
        f"　{row['team'] or who(row['assignee'])}：{row['title']}（{STATES[row['state']]}）"
        for row in found
    ]


def _lent(found: Facts) -> list[str]:
    lines = [f"　{row['name']}：在用（{row['case']}）" for row in found["things"]]
    lines += _more(found["count"], len(found["things"]))
    if found["supplies"]:
        lines.append(f"　已发出、未结清的物资 {found['supplies']} 批。")
    if found["sheltered"]:
        lines.append(f"　避灾场所在住 {found['sheltered']} 人。")
    return lines


def _outlook(found: Facts | None, local: Any) -> list[str]:
    if found is None:
        return ["目前没有在时效内的预报研判；以上级发布和实测为准。"]
    lines = [f"依据 {local(found['issued'])} 起报、{found['horizon_h']:g} 小时的预报研判："]
    if found["rain_p50"] is not None:
        lines.append(
            f"　面雨量中值 {found['rain_p50']:.0f} 毫米，九成不超过 {found['rain_p90']:.0f} 毫米。"
        )
    if found["tide_p50"] is not None:
        lines.append(
            f"　最高潮位中值 {found['tide_p50']:.2f} 米、九成不超过 {found['tide_p90']:.2f} 米"
            f"（{found['datum']}），约 {local(found['tide_time'])}。"
        )
    if found["attention_p50"] is not None:
        lines.append(
            f"　预计达到关注水深的隐患点 {found['attention_p50']:.0f} 处、"
            f"危险水深 {found['danger_p50']:.0f} 处（中值）。"
        )
    return lines


def _unanswered(facts: Facts) -> list[str]:
    messages = facts["messages"]
    lines = []
    if messages["unanswered"]:
        lines.append(f"　过时未答复的预警送达 {messages['unanswered']} 条。")
    if messages["unknown"]:
        lines.append(f"　去向不明的预警送达 {messages['unknown']} 条。")
    if facts["silent"]:
        lines.append(f"　失联测站：{'、'.join(facts['silent'])}。")
    return lines

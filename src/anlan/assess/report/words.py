"""The report's words in Chinese and English, one line each.

A city's own language is ``[city] language`` of its folder, or else Chinese where the city's
name is written in Chinese characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anlan.refusal import Refusal

Language = str
LANGUAGES = ("zh", "en")

WORDS: Mapping[str, tuple[str, str]] = {
    # heading
    "title": ("洪涝灾害影响评估报告", "Flood impact assessment"),
    "exercise": ("演练 EXERCISE", "EXERCISE"),
    "exercise_note": (
        "本报告用于演练，其中的预报和数据不代表真实情况，不得作为实际处置依据。",
        "Made for an exercise. Nothing in it describes a real situation; do not act on it.",
    ),
    "event": ("灾害过程", "Event"),
    "run": ("预报批次", "Forecast run"),
    "issued": ("起报时间", "Issued"),
    "horizon": ("预报时效", "Horizon"),
    "members": ("集合成员", "Members"),
    "datum": ("高程基准", "Datum"),
    "hours": ("{n} 小时", "{n} h"),
    "count_members": ("{n} 个", "{n}"),
    "local_time": ("当地时间（{zone}）", "local time ({zone})"),
    # level
    "level": ("建议应急响应", "Proposed response"),
    "level_of": ("{level} 级应急响应", "Level {level}"),
    "level_none": ("未建议启动响应", "No response proposed"),
    "level_note": ("系统建议，由指挥长决定", "A proposal; the commander decides"),
    "reason": ("理由", "Reason"),
    # summary
    "summary": ("结论", "In short"),
    "fig_tide": ("最高潮位", "Highest tide"),
    "fig_rain": ("过程面雨量", "Rain, city mean"),
    "fig_places": ("可能进水隐患点", "Places that may flood"),
    "fig_residents": ("可能受影响居民", "Residents touched"),
    "fig_old": ("可能受影响老旧房屋", "Old houses touched"),
    "fig_road": ("可能积水道路", "Road under water"),
    "unit_places": ("处", ""),
    "unit_people": ("人", ""),
    "unit_houses": ("栋", ""),
    "range": ("{low}–{high}", "{low}–{high}"),
    "median_range": (
        "中位数；括号内和数字下方为 10%–90% 范围。",
        "Medians, with the 10–90 % range in brackets or below.",
    ),
    "key_figures": ("主要指标", "Key figures"),
    "indicator": ("指标", "Figure"),
    # captions
    "table": ("表", "Table"),
    "figure": ("图", "Figure"),
    "legend": ("图例", "Key to the maps"),
    # sections
    "maps": ("淹没范围与隐患点", "Where the water stands"),
    "levels": ("潮位与河道水位", "Tide and rivers"),
    "places": ("隐患点清单", "Hazard places"),
    "towns": ("镇街道影响", "Towns"),
    "villages": ("重点村社区", "Villages to watch"),
    "departments": ("部门责任", "Departments"),
    "notes": ("说明", "Notes"),
    # maps
    "map_p": ("积水超过 {depth} m 的概率", "Probability of more than {depth} m"),
    "map_depth": ("最大积水深度（中位数）", "Greatest depth (median)"),
    "map_track": ("集合台风路径", "Typhoon tracks of the ensemble"),
    "probability": ("概率", "Probability"),
    "depth_m": ("深度 / m", "Depth / m"),
    "place_dot": ("隐患点（按关注概率着色）", "Hazard place, by probability of attention"),
    "river": ("河道", "River"),
    "sea_dike": ("海塘", "Sea dike"),
    "town_edge": ("镇街道界线（近似）", "Town boundary (approximate)"),
    "not_standard": ("非标准地图", "Not an official map"),
    "known_track": ("起报前定位", "Fixes known at issue"),
    "member_track": ("集合成员", "Members"),
    "track_hours": ("+{n} h", "+{n} h"),
    # charts
    "tide_chart": ("{name} 潮位过程", "Tide at {name}"),
    "river_chart": ("{name} 水位过程", "Level at {name}"),
    "level_axis": ("水位 / m（{datum}）", "Level / m ({datum})"),
    "median": ("中位数", "Median"),
    "band": ("10%–90%", "10–90 %"),
    "band_all": ("全部成员", "All members"),
    "warning": ("警戒", "Warning"),
    "guarantee": ("保证", "Guarantee"),
    "station": ("站点", "Station"),
    "peak": ("最高水位 / m", "Peak / m"),
    "peak_time": ("出现时间", "Time of peak"),
    "p_over": ("超{name}概率", "P over {name}"),
    # tables
    "name": ("名称", "Name"),
    "kind": ("类型", "Kind"),
    "town": ("镇街道", "Town"),
    "village": ("村社区", "Village"),
    "department": ("责任部门", "Department"),
    "attention": ("关注", "Attention"),
    "danger": ("危险", "Danger"),
    "threshold": ("阈值 / m", "Threshold / m"),
    "onset": ("起始", "Onset"),
    "duration": ("历时 / h", "Hours"),
    "peak_depth": ("最大深度 / m", "Peak depth / m"),
    "residents": ("居民 / 人", "Residents"),
    "old_houses": ("老旧房屋 / 栋", "Old houses"),
    "road": ("道路 / m", "Road / m"),
    "places_count": ("隐患点 / 处", "Places"),
    "places_over": ("超关注 / 处", "Over attention"),
    "expected": ("预计超关注 / 处", "Expected over attention"),
    "expected_danger": ("预计超危险 / 处", "Expected over danger"),
    "rain_1h": ("最大 1 h 雨量 / mm", "Max 1 h rain / mm"),
    "rain_3h": ("最大 3 h 雨量 / mm", "Max 3 h rain / mm"),
    "services": ("公共服务设施", "Public services"),
    "col_places": ("超关注 / 超危险（处）", "Places: attention / danger"),
    "col_rain": ("1 h / 3 h 最大雨量（mm）", "Max rain 1 h / 3 h, mm"),
    "col_residents": ("居民：中位 / 90%", "Residents: median / 90 %"),
    "note_towns": (
        "关注：辖区内至少一处隐患点达到关注阈值的概率。镇名下为可能受影响的公共服务设施。",
        "Attention: the chance that at least one place of the town crosses. Below the name: "
        "public services that may be touched.",
    ),
    "reported": ("已上报", "Reported"),
    "forecast_says": ("预报 {chance}", "forecast {chance}"),
    "reported_depth": (
        "现场上报 {low}–{high} m，{time}，可信度 {trust}",
        "People report {low}–{high} m, {time}, trust {trust}",
    ),
    "reported_disputed": (
        "现场上报 {low}–{high} m，{time}，可信度 {trust}，有不同上报",
        "People report {low}–{high} m, {time}, trust {trust}; others differ",
    ),
    "has_synthetic": ("含合成数据", "with synthetic data"),
    "no_department": ("未指定", "not named"),
    "rest_places": (
        "其余 {n} 处隐患点概率更低，未列出。",
        "{n} more places are less likely and are not listed.",
    ),
    "rest_villages": (
        "其余 {n} 个村社区概率更低，未列出。",
        "{n} more villages are less likely and are not listed.",
    ),
    "none_listed": ("没有达到列表标准的对象。", "Nothing reaches the mark for this list."),
    "none": ("—", "—"),
    # notes
    "note_members": (
        "概率是集合成员中超过阈值的比例；共 {n} 个成员，小于 {p}% 的差别没有意义。",
        "A probability is the share of the {n} members that exceed the threshold; "
        "differences below {p} % mean nothing.",
    ),
    "note_onset": (
        "起始时间和历时取超过阈值的成员的中位数；村社区的起始时间按中位数淹没过程推算。",
        "Onset and duration are medians of the members that cross; for villages they follow "
        "the median course of the water.",
    ),
    "note_residents": (
        "受影响居民按村社区积水面积比例（深于 0.15 m）与已知隐患点居民取大值，不重复计数。",
        "Residents touched: the share of a village deeper than 0.15 m, or those known to live "
        "at its hazard places, whichever is larger; nobody is counted twice.",
    ),
    "note_underpass": (
        "下穿通道按自身汇水面积、排水泵和入口高程推算；泵按额定能力运行，未考虑停电和堵塞。",
        "Underpasses are computed from their own catchment, pump and rim; pumps run at rated "
        "capacity, without power cuts or blockage.",
    ),
    "note_hollow": (
        "低于所在网格平均地面的隐患点，按网格内地面高程均匀分布推算水深（假定）。",
        "Places below the mean ground of their cell: depth follows from an even spread of "
        "ground heights within the cell (assumed).",
    ),
    "note_synthetic": ("以下数据为合成或重建数据", "Synthetic or reconstructed data"),
    "note_map": (
        "图件为非标准地图，界线为近似，仅供内部研判，不得公开发布。",
        "The maps are not official ones and their boundaries are approximate: not for the public.",
    ),
    "page": ("第 {n} 页", "Page {n}"),
    "footer": ("Anlan 安澜", "Anlan"),
}

KINDS: Mapping[str, tuple[str, str]] = {
    "underpass": ("下穿通道", "Underpass"),
    "low_community": ("低洼小区", "Low community"),
    "old_houses": ("老旧房屋", "Old houses"),
    "pump_station": ("泵站", "Pump station"),
    "dike_section": ("堤塘段", "Dike section"),
    "road": ("道路", "Road"),
    "public_service": ("公共服务", "Public service"),
}


def language_of(name: str, settings: Mapping[str, Any]) -> Language:
    """``"zh"`` or ``"en"``: the city folder's ``language``, or else by the city's name."""
    named = settings.get("language")
    if named in LANGUAGES:
        return str(named)
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in name) else "en"


class Words:
    """The words of one language; ``words("level_of", level="II")``. Raises `Refusal`."""

    def __init__(self, language: Language) -> None:
        if language not in LANGUAGES:
            raise Refusal(
                f"a report is in zh or en, not in {language[:20]!r}",
                field="language",
                value=language[:20],
                remedy="zh or en",
            )
        self.language = language
        self._column = 0 if language == "zh" else 1

    def __call__(self, key: str, **values: object) -> str:
        """The text for ``key`` with its blanks filled.

        Raises:
            KeyError: if there is no such text.
        """
        return WORDS[key][self._column].format(**values)

    def numbered(self, position: int, title: str) -> str:
        """A section's title with its number, counted from 1."""
        if self.language == "zh":
            return f"{'一二三四五六七八九十'[position - 1]}、{title}"
        return f"{position}  {title}"

    def kind(self, kind: str) -> str:
        """A kind of hazard place; a kind this list does not know as it stands."""
        return KINDS[kind][self._column] if kind in KINDS else kind

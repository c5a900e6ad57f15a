"""The conclusion in plain words: rain, tide, places, people, in that order, and no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.assess.document import Assessment, Exceedance, TidePart
from anlan.assess.report.edge import chance, day_hour_text, number, spread
from anlan.assess.report.words import Words
from anlan.city import City

#: Towns named as the most touched.
NAMED_TOWNS = 3
#: Places named as those that people report of.
NAMED_PLACES = 3


def sentences(city: City, assessment: Assessment, words: Words) -> list[str]:
    """The paragraphs of the conclusion, one sentence or two each."""
    chinese = words.language == "zh"
    parts = [_rain_zh if chinese else _rain_en, _places_zh if chinese else _places_en]
    texts = [part(city, assessment, words) for part in parts]
    texts[1] += _reported(city, assessment, words)
    if assessment["tide"] is not None:
        tide = _tide_zh if chinese else _tide_en
        texts.insert(1, tide(city, assessment["tide"], words))
    if assessment["city"]["residents"]["p90"] > 0:
        texts.append((_people_zh if chinese else _people_en)(city, assessment, words))
    return texts


def town_name(city: City, code: str, words: Words) -> str:
    """A unit's name in the report's language."""
    unit = city.territory.unit(code)
    return unit.name if words.language == "zh" else unit.name_en or unit.name


def _end(city: City, assessment: Assessment, words: Words) -> str:
    issued = datetime.fromisoformat(assessment["issued"])
    end = issued + timedelta(hours=assessment["horizon_h"])
    return day_hour_text(end, city.zone, words)


def _rain_zh(city: City, assessment: Assessment, words: Words) -> str:
    rain = assessment["rain"]
    return (
        f"预计至{_end(city, assessment, words)}（未来 {assessment['horizon_h']:g} 小时），"
        f"全市面雨量 {rain['total_mm']['p50']:.0f} mm（{spread(rain['total_mm'], words)} mm），"
        f"最强镇街道 3 小时雨量 {rain['max_3h_mm']['p50']:.0f} mm"
        f"（{spread(rain['max_3h_mm'], words)} mm）。"
    )


def _rain_en(city: City, assessment: Assessment, words: Words) -> str:
    rain = assessment["rain"]
    return (
        f"Until {_end(city, assessment, words)} ({assessment['horizon_h']:g} h ahead) the city "
        f"receives {rain['total_mm']['p50']:.0f} mm of rain on average "
        f"({spread(rain['total_mm'], words)} mm), and the wettest town "
        f"{rain['max_3h_mm']['p50']:.0f} mm within 3 h "
        f"({spread(rain['max_3h_mm'], words)} mm)."
    )


def _tide_zh(city: City, tide: TidePart, words: Words) -> str:
    over = "；".join(
        f"超过{words(level['name'])}水位 {level['level_m']:.2f} m 的概率 "
        f"{chance(level['probability'], len(tide['member_peaks']))}"
        for level in tide["exceedance"]
    )
    return (
        f"{tide['name']}最高潮位 {tide['peak']['p50']:.2f} m"
        f"（{spread(tide['peak'], words, 2)} m，{city.datum} 高程基准），"
        f"出现在{day_hour_text(tide['peak_time'], city.zone, words)}前后"
        + (f"；{over}。" if over else "。")
    )


def _tide_en(city: City, tide: TidePart, words: Words) -> str:
    station = city.stations[tide["station"]]

    def odds(level: Exceedance) -> str:
        return (
            f"the {words(level['name']).lower()} level of {level['level_m']:.2f} m is exceeded "
            f"with {chance(level['probability'], len(tide['member_peaks']))}"
        )

    over = ", ".join(odds(level) for level in tide["exceedance"])
    return (
        f"The tide at {station.name_en or station.name} peaks at {tide['peak']['p50']:.2f} m "
        f"({spread(tide['peak'], words, 2)} m, {city.datum}) about "
        f"{day_hour_text(tide['peak_time'], city.zone, words)}" + (f"; {over}." if over else ".")
    )


def _first_town(assessment: Assessment) -> tuple[str, str] | None:
    """Code and onset of the town where a place most likely crosses first."""
    likely = [
        (town["onset"], town["code"])
        for town in assessment["towns"]
        if town["onset"] is not None and town["attention_probability"] >= 0.5
    ]
    if not likely:
        return None
    onset, code = min(likely)
    return code, onset


def _places_zh(city: City, assessment: Assessment, words: Words) -> str:
    total, touched = len(assessment["places"]), assessment["city"]
    if touched["places_attention"]["p90"] == 0:
        return f"全市 {total} 处隐患点中，预计没有达到关注阈值的。"
    text = (
        f"全市 {total} 处隐患点中，预计 {number(touched['places_attention']['p50'])} 处"
        f"（{spread(touched['places_attention'], words)} 处）达到关注阈值，"
        f"其中 {number(touched['places_danger']['p50'])} 处"
        f"（{spread(touched['places_danger'], words)} 处）达到危险阈值"
    )
    first = _first_town(assessment)
    if first is not None:
        text += (
            f"；最早在{town_name(city, first[0], words)}，"
            f"约{day_hour_text(first[1], city.zone, words)}"
        )
    return text + "。"


def _places_en(city: City, assessment: Assessment, words: Words) -> str:
    total, touched = len(assessment["places"]), assessment["city"]
    if touched["places_attention"]["p90"] == 0:
        return f"None of the {total} hazard places is expected to reach attention."
    text = (
        f"Of {total} hazard places {number(touched['places_attention']['p50'])} "
        f"({spread(touched['places_attention'], words)}) are expected to pass attention and "
        f"{number(touched['places_danger']['p50'])} "
        f"({spread(touched['places_danger'], words)}) danger"
    )
    first = _first_town(assessment)
    if first is not None:
        text += (
            f", first in {town_name(city, first[0], words)} about "
            f"{day_hour_text(first[1], city.zone, words)}"
        )
    return text + "."


def _reported(city: City, assessment: Assessment, words: Words) -> str:
    there = [
        city.places[part["id"]]
        for part in assessment["places"]
        if (told := part.get("reported")) and told["attention"]
    ]
    if not there:
        return ""
    if words.language == "zh":
        names = "、".join(place.name for place in there[:NAMED_PLACES])
        return f"另据可信的现场上报，{names}等 {len(there)} 处水深已达关注阈值。"
    names = ", ".join(place.name_en or place.name for place in there[:NAMED_PLACES])
    return f" By trusted reports of people there, water stands above attention at {names}" + (
        "." if len(there) <= NAMED_PLACES else f" and {len(there) - NAMED_PLACES} more."
    )


def _most_touched(city: City, assessment: Assessment, words: Words) -> list[str]:
    touched = sorted(
        (town for town in assessment["towns"] if town["residents_p90"] > 0),
        key=lambda town: (-town["residents_p50"], -town["residents_p90"], town["code"]),
    )
    return [town_name(city, town["code"], words) for town in touched[:NAMED_TOWNS]]


def _people_zh(city: City, assessment: Assessment, words: Words) -> str:
    touched = assessment["city"]
    towns = "、".join(_most_touched(city, assessment, words))
    return (
        f"可能受影响居民 {number(touched['residents']['p50'])} 人"
        f"（{spread(touched['residents'], words)} 人），老旧房屋 "
        f"{number(touched['old_houses']['p50'])} 栋，积水道路 "
        f"{number(touched['road_m']['p50'])} m，主要在{towns}。"
    )


def _people_en(city: City, assessment: Assessment, words: Words) -> str:
    touched = assessment["city"]
    towns = ", ".join(_most_touched(city, assessment, words))
    return (
        f"About {number(touched['residents']['p50'])} residents "
        f"({spread(touched['residents'], words)}), {number(touched['old_houses']['p50'])} old "
        f"houses and {number(touched['road_m']['p50'])} m of road may be touched, mostly in "
        f"{towns}."
    )

"""English beside an authority's Chinese warning: what, which level, where, from when to when.

The names are those of the warning signals in general use (CMA Order 16 of 2007 and the marine and
hydrological authorities' kinds); an issuer's own text is not translated, since a wrong word in it
would be ours.
"""

from __future__ import annotations

from datetime import datetime

from anlan.city import City
from anlan.warn.records import local

# the longest that a Chinese name holds is taken
_EVENTS = {
    "台风": "typhoon",
    "暴雨": "rainstorm",
    "暴雪": "snowstorm",
    "寒潮": "cold wave",
    "大风": "gale",
    "海上大风": "gale at sea",
    "雷暴大风": "thunderstorm gale",
    "雷雨大风": "thunderstorm gale",
    "沙尘暴": "sandstorm",
    "高温": "heat wave",
    "干旱": "drought",
    "雷电": "lightning",
    "冰雹": "hail",
    "霜冻": "frost",
    "大雾": "heavy fog",
    "霾": "haze",
    "道路结冰": "road icing",
    "低温": "low temperature",
    "强对流": "severe convection",
    "龙卷": "tornado",
    "洪水": "flood",
    "江河洪水": "river flood",
    "山洪": "flash flood",
    "内涝": "waterlogging",
    "积涝": "waterlogging",
    "渍涝": "waterlogging",
    "风暴潮": "storm surge",
    "海浪": "high waves",
    "海啸": "tsunami",
    "地质灾害": "geological hazard",
    "森林火险": "forest fire danger",
}


def english_event(name: str) -> str:
    """What an authority warns of, in English; ``severe event`` for a name that is not known."""
    found = [chinese for chinese in _EVENTS if chinese in name]
    english = _EVENTS[max(found, key=len)] if found else "severe event"
    return name if name.isascii() and name else english[0].upper() + english[1:]


def english_text(city: City, areas: str, begins: datetime, ends: datetime) -> str:
    """Where and when, in English; ``areas`` are the English names of the city's units."""
    times = f"from {local(city, begins, 'en')} to {local(city, ends, 'en')}"
    return f"For {areas}, {times}. The issuer's own words are in Chinese."

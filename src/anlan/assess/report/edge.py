"""Numbers and moments as people read them: the city's own time, whole people, plain percent."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from anlan.assess.document import Quantiles
from anlan.assess.report.words import Words

#: What happens between hourly states is not known to the minute, and not shown to it.
SHOWN_TO = timedelta(minutes=10)


def moment_text(moment: str | datetime | None, zone: ZoneInfo, words: Words) -> str:
    """Day and time to ten minutes in the city's zone, such as 26日 02:10 or 26 Jul 02:10."""
    if moment is None:
        return words("none")
    local = _to_ten_minutes(_local(moment, zone))
    if words.language == "zh":
        return f"{local.day}日 {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}"


def date_text(moment: str | datetime, zone: ZoneInfo, words: Words) -> str:
    """Year to minute in the city's zone."""
    local = _local(moment, zone)
    if words.language == "zh":
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {local:%B %Y, %H:%M}"


def day_hour_text(moment: str | datetime, zone: ZoneInfo, words: Words) -> str:
    """Month, day and time to ten minutes in the city's zone, for running text."""
    local = _to_ten_minutes(_local(moment, zone))
    if words.language == "zh":
        return f"{local.month}月{local.day}日{local:%H:%M}"
    return f"{local.day} {local:%B, %H:%M}"


def percent(share: float) -> str:
    """A probability as whole percent; what is not quite none or all keeps its sign."""
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{share * 100:.0f}%"


def chance(share: float, members: int) -> str:
    """A probability in running text: that no member crosses does not mean never."""
    if share == 0:
        return f"<{percent(1 / members)}"
    return percent(share)


def zone_text(moment: str, zone: ZoneInfo) -> str:
    """The zone's offset at a moment, such as UTC+8 or UTC+5:30."""
    offset = _local(moment, zone).utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    hours, minutes = divmod(int(abs(offset).total_seconds()) // 60, 60)
    return f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


def number(value: float, digits: int = 0) -> str:
    """A number with thin thousands, such as 12,400."""
    return f"{value:,.{digits}f}"


def spread(quantiles: Quantiles, words: Words, digits: int = 0) -> str:
    """The 10–90 % range."""
    return words(
        "range", low=number(quantiles["p10"], digits), high=number(quantiles["p90"], digits)
    )


def tone(share: float) -> str:
    """Name of the shade a probability is set on: from none to ``p4``."""
    for name, least in (("p4", 0.75), ("p3", 0.5), ("p2", 0.25), ("p1", 0.05)):
        if share >= least:
            return name
    return ""


def _local(moment: str | datetime, zone: ZoneInfo) -> datetime:
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at.astimezone(zone)


def _to_ten_minutes(local: datetime) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + round((local - midnight) / SHOWN_TO) * SHOWN_TO

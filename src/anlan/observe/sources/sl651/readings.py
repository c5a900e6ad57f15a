"""From what a station says to readings of the city: units, datum, rain counters, clocks.

Pure: the last counter goes in and the new one comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anlan.city import City
from anlan.observe.quantity import QUANTITIES, to_archive_unit
from anlan.observe.reading import Reading
from anlan.observe.sources.sl651.body import Message, Value
from anlan.observe.sources.sl651.manifest import COUNTER, SPANS, Terminal

# a station whose sending time is further from ours has lost its clock
CLOCK_WITHIN = timedelta(minutes=10)
# more rain than this in each hour begun is a counter that was reset or has jumped; the most
# measured anywhere in one hour is about 400 mm
MOST_RAIN_MM_PER_H = 500.0
# no station keeps readings longer; what is said to be older has a wrong time
OLDEST = timedelta(days=366)
# a sum over more than this says too little about when it fell
LONGEST_SUM = timedelta(days=1)


@dataclass(frozen=True)
class Counter:
    """A rain counter as last read."""

    at: datetime
    mm: float


@dataclass
class Taken:
    """What a message gives: readings, and words about what could not be taken."""

    readings: list[Reading] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    counter: Counter | None = None


def rain_since(before: Counter, now: Counter, rolls_at: float) -> tuple[float, str]:
    """Rain between two readings of a counter, mm, and its flag.

    A counter that went back has begun again at zero, either because it was full (then the rain
    before and after adds up) or because somebody or a power cut set it back (then what it
    shows has fallen at least: ``suspect``). What tells them apart is how much rain the first
    would mean. A jump that no rain can make is ``suspect`` too.
    """
    hours = -(-(now.at - before.at) // timedelta(hours=1))
    most = MOST_RAIN_MM_PER_H * hours
    flag = "ok" if now.at - before.at <= LONGEST_SUM else "suspect"
    rise = now.mm - before.mm
    if rise >= 0:
        return round(rise, 3), flag if rise <= most else "suspect"
    rolled = rise + rolls_at
    if 0 <= rolled <= most:
        return round(rolled, 3), flag
    return now.mm, "suspect"


def take(
    message: Message, terminal: Terminal, city: City, arrived: datetime, counter: Counter | None
) -> Taken:
    """The readings of ``message``, which arrived at ``arrived`` (UTC).

    With a lost clock (sending time more than `CLOCK_WITHIN` from the arrival, or none) the
    values of the moment carry the time of arrival and are ``suspect``; values of several
    times, which then nobody can place, are refused. Counters older than the last give
    nothing: their rain is in the sum that spans them.
    """
    taken = Taken(counter=counter)
    lost = message.sent is None or abs(message.sent - arrived) > CLOCK_WITHIN
    by_name: dict[str, list[Value]] = {}
    for value in message.values:
        by_name.setdefault(value.element.name, []).append(value)
    for name, values in by_name.items():
        if name not in terminal.series:
            continue
        if lost and len(values) > 1:
            taken.objections.append(
                f"{name}: values of several times from a station whose clock is lost "
                f"(sent {message.sent}, arrived {arrived}); set its clock"
            )
            continue
        for value in values:
            at = arrived if lost else value.at
            if at is None or not arrived - OLDEST <= at <= arrived + CLOCK_WITHIN:
                taken.objections.append(
                    f"{name}: time of observation {at} is not within {OLDEST.days} days before "
                    f"its arrival {arrived}; set the station's clock"
                )
                continue
            reading = _reading(value, at, taken, terminal, city)
            if reading is not None:
                taken.readings.append(reading._replace(flag="suspect") if lost else reading)
    return taken


def _reading(
    value: Value, at: datetime, taken: Taken, terminal: Terminal, city: City
) -> Reading | None:
    name, series = value.element.name, terminal.series[value.element.name]
    source = f"sl651:{terminal.address}"
    if name == COUNTER:
        before = taken.counter
        if value.value is None or (before is not None and at <= before.at):
            return None
        taken.counter = Counter(at, value.value)
        if before is None:
            return None
        rain, flag = rain_since(before, taken.counter, terminal.counter_mm)
        return Reading(series, at, rain, before.at, flag, source)
    start = at - SPANS[name] if name in SPANS else None
    if value.value is None:
        return Reading(series, at, None, start, "missing", source)
    quantity = series.rpartition(".")[2]
    relative = terminal.base_m if name.startswith("DRZ") else 0.0
    measured = to_archive_unit(quantity, value.value + relative, value.element.unit, name)
    if QUANTITIES[quantity].has_datum:
        measured = city.level(measured, terminal.datums[series])
    return Reading(series, at, measured, start, "ok", source)

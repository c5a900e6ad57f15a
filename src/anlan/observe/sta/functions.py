"""What operators and functions of $filter mean (OGC 18-088, tables 22 and 23). Pure.

Values are text, numbers (float), truths, None, `Span`, date, time, timedelta and shapely
geometries (longitude, latitude). A value of the wrong sort gives None, which is not true.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import shapely
from pyproj import Geod
from shapely.ops import nearest_points

from anlan.observe.sta.lexer import Span

WGS84 = Geod(ellps="WGS84")
LONGEST_TEXT = 100_000
FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)


def before(x: Span, y: Span) -> bool:
    """Of half-open intervals: x is over when y begins; a moment must lie before."""
    return x.end < y.start or (x.end == y.start and not x.instant)


def after(x: Span, y: Span) -> bool:
    """x begins when y is over; a moment must lie after."""
    return x.start > y.end or (x.start == y.end and not y.instant)


def during(x: Span, y: Span) -> bool:
    """x lies within y."""
    return y.start <= x.start < y.end and x.end <= y.end


def overlaps(x: Span, y: Span) -> bool:
    """x and y have a moment in common."""
    if x.instant and y.instant:
        return x == y
    if x.instant or y.instant:
        point, span = (x, y) if x.instant else (y, x)
        return span.start <= point.start < span.end
    return x.start < y.end and y.start < x.end


def meets(x: Span, y: Span) -> bool:
    """One ends where the other begins."""
    if x.instant and y.instant:
        return x == y
    return x.end == y.start or y.end == x.start


def starts(x: Span, y: Span) -> bool:
    """Both begin together."""
    return x.start == y.start


def finishes(x: Span, y: Span) -> bool:
    """Both end together."""
    return x.end == y.end


TEMPORAL: dict[str, Callable[[Span, Span], bool]] = {
    "before": before,
    "after": after,
    "during": during,
    "overlaps": overlaps,
    "meets": meets,
    "starts": starts,
    "finishes": finishes,
}


_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "mod": math.fmod,
}


def compare(name: str, x: Any, y: Any) -> bool:
    """eq, ne, gt, ge, lt, le. Values of different sorts are unequal, and in no order."""
    if x is None or y is None:
        return {"eq": x is y, "ne": x is not y}.get(name, False)
    if isinstance(x, Span) and isinstance(y, Span):
        return {
            "eq": x == y,
            "ne": x != y,
            "lt": before(x, y),
            "gt": after(x, y),
            "le": x.start <= y.start and x.end <= y.end,
            "ge": x.start >= y.start and x.end >= y.end,
        }[name]
    alike = type(x) is type(y) or (_number(x) and _number(y))
    if not alike or isinstance(x, (dict, list)):
        return {"eq": x == y and alike, "ne": x != y or not alike}.get(name, False)
    if isinstance(x, (bool, shapely.Geometry)) or name in ("eq", "ne"):
        return bool({"eq": x == y, "ne": x != y}.get(name, False))
    return bool(_ORDER[name](x, y))


def _number(x: object) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def _arithmetic(name: str, x: Any, y: Any) -> Any:
    if isinstance(x, Span) and isinstance(y, timedelta) and name in ("add", "sub"):
        shift = y if name == "add" else -y
        return Span(x.start + shift, x.end + shift)
    if isinstance(x, Span) and isinstance(y, Span) and name == "sub":
        return x.start - y.start if x.instant and y.instant else None
    if isinstance(x, timedelta) and isinstance(y, timedelta) and name in ("add", "sub"):
        return x + y if name == "add" else x - y
    if not (_number(x) and _number(y)):
        return None
    if name in ("div", "mod") and y == 0:
        return None
    found = float(_NUMBERS[name](x, y))
    return found if math.isfinite(found) else None


def _text(name: str, arguments: Sequence[Any]) -> Any:
    first = arguments[0]
    if not isinstance(first, str):
        return None
    if name == "length":
        return float(len(first))
    if name in ("tolower", "toupper", "trim"):
        return {"tolower": first.lower, "toupper": first.upper, "trim": first.strip}[name]()
    if name == "substring":
        at = arguments[1:]
        if not all(_number(each) and 0 <= each < LONGEST_TEXT for each in at):
            return None
        start = int(at[0])
        return first[start : start + int(at[1])] if len(at) == 2 else first[start:]
    second = arguments[1]
    if not isinstance(second, str):
        return None
    if name == "concat":
        return (first + second)[:LONGEST_TEXT]
    return _TEXTS[name](first, second)


_TEXTS: dict[str, Callable[[str, str], Any]] = {
    "substringof": lambda part, whole: part in whole,
    "contains": lambda whole, part: part in whole,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "indexof": lambda whole, part: float(whole.find(part)),
}
_PARTS: dict[str, Callable[[datetime], Any]] = {
    "year": lambda t: float(t.year),
    "month": lambda t: float(t.month),
    "day": lambda t: float(t.day),
    "hour": lambda t: float(t.hour),
    "minute": lambda t: float(t.minute),
    "second": lambda t: float(t.second),
    "fractionalseconds": lambda t: t.microsecond / 1e6,
    "date": lambda t: t.date(),
    "time": lambda t: t.time(),
    "totaloffsetminutes": lambda t: 0.0,  # all our times are UTC
}


def _part(name: str, x: Any) -> Any:
    if isinstance(x, Span):
        return _PARTS[name](x.start)
    if isinstance(x, date) and name in ("year", "month", "day"):
        return float(getattr(x, name))
    if isinstance(x, time) and name in ("hour", "minute", "second"):
        return float(getattr(x, name))
    return None


def _spatial(name: str, arguments: Sequence[Any]) -> Any:
    shapes = arguments[:2]
    if not all(isinstance(each, shapely.Geometry) for each in shapes):
        return None
    try:
        if name == "geo.length":
            return abs(float(WGS84.geometry_length(shapes[0])))
        one, other = shapes
        if name == "geo.distance":
            a, b = nearest_points(one, other)
            return float(WGS84.inv(a.x, a.y, b.x, b.y)[2])
        if name == "st_relate":
            pattern = arguments[2]
            if not isinstance(pattern, str) or not re.fullmatch("[012TF*]{9}", pattern):
                return None
            return bool(shapely.relate_pattern(one, other, pattern))
        relation = "intersects" if name == "geo.intersects" else name.removeprefix("st_")
        return bool(getattr(shapely, relation)(one, other))
    except (shapely.errors.GEOSException, ValueError):
        return None  # a geometry that is none, such as a polygon that crosses itself


def apply(name: str, arguments: Sequence[Any], now: datetime) -> Any:
    """The value of an operator (but and, or, not) or function; None where it has none."""
    if name in ("eq", "ne", "gt", "ge", "lt", "le"):
        return compare(name, arguments[0], arguments[1])
    if name in ("now", "mindatetime", "maxdatetime"):
        moment = {"now": now, "mindatetime": FIRST, "maxdatetime": LAST}[name]
        return Span(moment, moment)
    if any(each is None for each in arguments):
        return None
    try:
        if name in ("add", "sub", "mul", "div", "mod"):
            return _arithmetic(name, *arguments)
        if name in TEMPORAL:
            x, y = arguments
            spans = isinstance(x, Span) and isinstance(y, Span)
            return TEMPORAL[name](x, y) if spans else None
        if name in ("round", "floor", "ceiling"):
            x = arguments[0]
            # halves away from zero, as OData says and databases do
            whole = {
                "round": lambda v: math.copysign(math.floor(abs(v) + 0.5), v),
                "floor": math.floor,
                "ceiling": math.ceil,
            }[name]
            return float(whole(x)) if _number(x) else None
        if name in _PARTS:
            return _part(name, arguments[0])
        if name.startswith(("geo.", "st_")):
            return _spatial(name, arguments)
        return _text(name, arguments)
    except OverflowError:
        return None


def geometry(value: Any) -> shapely.Geometry | None:
    """GeoJSON, a geometry or a Feature with one, as a geometry; None for anything else."""
    if isinstance(value, dict) and value.get("type") == "Feature":
        value = value.get("geometry")
    if not isinstance(value, dict) or "coordinates" not in value:
        return None
    try:
        found = shapely.geometry.shape(value)
    except (shapely.errors.ShapelyError, ValueError, TypeError, AttributeError, IndexError):
        return None
    return None if found.is_empty else found

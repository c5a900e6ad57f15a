"""Bodies of requests: JSON within bounds, and its properties checked by the table of kinds."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from anlan.observe.sta import functions
from anlan.observe.sta.lexer import span, written
from anlan.observe.sta.model import ID, SELF, Kind, bad
from anlan.refusal import Refusal

MOST_BYTES = 5_000_000
LONGEST_TEXT = 10_000
MOST_JSON = 100_000  # characters of what may be any JSON
DEEPEST = 16
LARGEST = 1e300
_TEXTS = ("name", "description", "encodingType", "definition", "observationType")


def read_json(body: bytes) -> Any:
    """A body as JSON. Raises `Refusal` for one that is too long, too deep or no JSON."""
    if len(body) > MOST_BYTES:
        raise bad("body", None, f"send at most {MOST_BYTES} bytes")
    try:
        found = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise Refusal(
            f"body is not JSON in UTF-8 ({str(problem)[:120]}); send application/json",
            field="body",
            remedy="JSON in UTF-8",
        ) from problem
    _check(found, 0)
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise bad("body", None, f"nest at most {DEEPEST} levels")
    if isinstance(value, dict):
        for name, each in value.items():
            _check(name, depth + 1)
            _check(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1)
    elif isinstance(value, str):
        for letter in value:
            if (letter < " " and letter not in "\n\r\t") or unicodedata.category(letter) == "Cs":
                raise bad("body", None, f"leave out the character U+{ord(letter):04X}")
    elif isinstance(value, (int, float)) and not abs(value) < LARGEST:
        raise bad("body", None, "send numbers that a database can hold")


def parted(body: Any, kind: Kind) -> tuple[dict[str, Any], dict[str, Any]]:
    """Properties and navigation properties of an entity in a body, ``@iot`` annotations aside.

    Raises `Refusal` for a body that is no object, or names what the kind does not have.
    """
    if not isinstance(body, dict):
        raise bad(kind.one, str(body)[:40], "send a JSON object")
    properties, relations = {}, {}
    for name, value in body.items():
        if name in kind.properties:
            properties[name] = value
        elif name in kind.relations:
            relations[name] = value
        elif "@iot." not in name and name not in ("id", "selfLink", "@odata.context"):
            known = ", ".join((*kind.properties, *kind.relations))
            raise bad(f"{kind.one}/{name[:60]}", None, f"{kind.name} have {known}")
    return properties, relations


def checked(properties: Mapping[str, Any], kind: Kind, *, whole: bool) -> dict[str, Any]:
    """The properties of an entity as they are kept; ``whole``: needed ones must be there.

    Raises `Refusal` naming the property.
    """
    if whole:
        for name in kind.needed:
            if properties.get(name) is None:
                raise bad(f"{kind.one}/{name}", None, f"{kind.name} need {', '.join(kind.needed)}")
    found = {}
    for name, value in properties.items():
        where = f"{kind.one}/{name}"
        if name in kind.needed and value is None:
            raise bad(where, None, "it cannot be null")
        if name in ("phenomenonTime", "resultTime", "observedArea"):
            continue  # of a Datastream: worked out from its observations
        if name in _TEXTS:
            _text(value, where)
        elif name == "properties" and value is not None and not isinstance(value, dict):
            raise bad(where, str(value)[:40], "send a JSON object")
        elif name in ("location", "feature"):
            _shape(value, str(properties.get("encodingType") or ""), where)
        elif name == "unitOfMeasurement":
            _unit(value, where)
        elif name == "time":
            value = _moment(value, where)
        if len(json.dumps(value, ensure_ascii=False)) > MOST_JSON:
            raise bad(where, None, f"send at most {MOST_JSON} characters")
        found[name] = value
    return found


def _text(value: Any, where: str) -> None:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise bad(where, str(value)[:40], f"send a text of at most {LONGEST_TEXT} characters")


def _shape(value: Any, encoding: str, where: str) -> None:
    geojson = "geo+json" in encoding or (isinstance(value, dict) and "coordinates" in value)
    if geojson:
        shape = functions.geometry(value)
        if shape is None:
            raise bad(where, None, "send a GeoJSON geometry or Feature, longitude first")
        west, south, east, north = shape.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise bad(where, shape.wkt[:60], "give longitude, latitude in degrees, in this order")


def _unit(value: Any, where: str) -> None:
    if not isinstance(value, dict) or set(value) - {"name", "symbol", "definition"}:
        raise bad(where, str(value)[:60], "send name, symbol and definition")
    for name in ("name", "symbol", "definition"):
        each = value.get(name)
        if each is not None and (not isinstance(each, str) or len(each) > 300):
            raise bad(f"{where}/{name}", str(each)[:40], "send a text or null")


def _moment(value: Any, where: str) -> str:
    try:
        found = span(str(value))
    except (ValueError, OverflowError):
        found = None
    if found is None or not found.instant:
        raise bad(where, str(value)[:40], "write a time like 2021-07-24T08:00:00+08:00")
    return written(found.start)


def link(value: Any, known: Callable[[str], bool] = lambda id: True) -> str | None:
    """The id that a value links to, ``{"@iot.id": …}``; None for an entity inline.

    An entity inline may name an id: then it is a link if that one is there, as clients send back
    what they were given; if not, the id is left aside (clause 10.2.1.2).
    """
    if not isinstance(value, dict) or ID not in value:
        return None
    id = str(value[ID])
    return id if set(value) <= {ID, SELF} or known(id) else None

"""What a station's bytes mean: one object for each frame found, for people and for JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from anlan.observe.sources.sl651 import body
from anlan.observe.sources.sl651.elements import CLASSES, FUNCTIONS
from anlan.observe.sources.sl651.frames import Broken, Frame, Parser
from anlan.observe.sources.sl651.packets import Assembly, Gap, Refused

# how a frame begins when its bytes are written as hexadecimal text: 7E7E, or 01 and a header
_WRITTEN = re.compile(
    r"(?:7E\s?7E|01(?:\s?(?:3\d|4[1-6])){22})(?:[ \t]?[0-9A-F]{2})+", re.IGNORECASE
)
SHOWN = 400  # hexadecimal digits of a broken frame


def to_bytes(data: bytes) -> tuple[str, bytes]:
    """How the input was taken (``hex text``, ``hex in text`` or ``bytes``), and its bytes.

    Text that is all hexadecimal digits and blanks is those bytes; of other text, such as a
    log, the runs that begin like a frame are; anything else is taken as it is.
    """
    if any(byte < 0x20 and byte not in b"\t\r\n" for byte in data):
        return "bytes", data
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    digits = "".join(text.split())
    if re.fullmatch(r"[0-9A-Fa-f]+", digits):
        return "hex text", bytes.fromhex(digits[: len(digits) // 2 * 2])
    runs = _WRITTEN.findall(text)
    if not runs:
        return "bytes", data
    return "hex in text", b"".join(bytes.fromhex("".join(run.split())) for run in runs)


def decode(data: bytes, zone: tzinfo) -> Iterator[dict[str, Any]]:
    """One object for each frame in ``data``, in order; ``zone`` is that of the station's clock.

    Keys: ``ok``, ``error``, ``station``, ``function``, ``report``, ``direction``, ``serial``,
    ``sent``, ``observed``, ``test``, ``values`` (by the name in table C.1: ``value`` and
    ``unit``, or ``series`` of [time, value] where there are several) and what else is known.
    The values of a message in several packets come with the packet that completes it.
    """
    parser, assembly = Parser(), Assembly()
    for found in parser.feed(data) + parser.flush():
        if isinstance(found, Broken):
            yield _broken(found)
            continue
        whole: Frame | Gap | Refused | None = found
        if found.packet is not None:
            whole = assembly.add(found, 0.0)
        if isinstance(whole, Frame):
            message = body.read(
                whole.body,
                whole.function,
                whole.station,
                zone,
                ascii=whole.ascii,
                up=whole.direction == "up",
            )
            yield _described(found, message, message.error)
        else:
            yield _described(
                found,
                body.Message(found.station, found.function),
                whole.error if isinstance(whole, Refused) else "",
            )


def _broken(found: Broken) -> dict[str, Any]:
    keys = ("station", "function", "report", "direction", "serial", "sent", "observed")
    return {
        "ok": False,
        "error": found.error,
        **dict.fromkeys(keys),
        "values": {},
        "bytes": len(found.raw),
        "raw": found.raw.hex().upper()[:SHOWN],
    }


def _described(frame: Frame, message: body.Message, error: str) -> dict[str, Any]:
    return {
        "ok": not error,
        "error": error or None,
        "station": frame.station,
        "function": f"{frame.function:02X}",
        "report": FUNCTIONS.get(frame.function, "not read by this version"),
        "direction": frame.direction,
        "serial": message.serial,
        "sent": _time(message.sent),
        "observed": _time(message.observed),
        "test": frame.function == body.TEST,
        "class": CLASSES.get(message.kind),
        "values": _values(frame.station, message.values),
        "alarms": message.alarms,
        "manual": message.manual or None,
        "picture_bytes": len(message.picture) or None,
        "packet": frame.packet,
        "centre": frame.centre,
        "encoding": "ASCII" if frame.ascii else "HEX/BCD",
        "note": frame.note or None,
        "bytes": len(frame.raw),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _values(station: str, values: list[body.Value]) -> dict[str, dict[str, Any]]:
    """By name; another station's carry its address before the name."""
    gathered: dict[str, list[body.Value]] = {}
    for value in values:
        whose = "" if value.station == station else f"{value.station}/"
        gathered.setdefault(f"{whose}{value.element.name}", []).append(value)
    shown: dict[str, dict[str, Any]] = {}
    for name, all_ in gathered.items():
        element = all_[0].element
        shown[name] = {"what": element.what, "unit": element.unit}
        if len(all_) == 1:
            shown[name] |= {"value": all_[0].value, "at": _time(all_[0].at)}
        else:
            shown[name]["series"] = [[_time(value.at), value.value] for value in all_]
    return shown

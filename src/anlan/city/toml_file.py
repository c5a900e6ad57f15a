"""Reading TOML files with faults instead of tracebacks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anlan.city.fault import Fault


def read_toml(folder: Path, file: str, faults: list[Fault]) -> dict[str, Any] | None:
    """The parsed file, or None with a fault added."""
    try:
        return tomllib.loads((folder / file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        faults.append(Fault(file, None, "", "", "is missing", "add it"))
    except UnicodeDecodeError as error:
        faults.append(
            Fault(file, None, "", "", f"is not UTF-8 (byte {error.start})", "save it as UTF-8")
        )
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(file, None, "", "", f"is not TOML: {error}", "correct the line named"))
    return None


def lookup(settings: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key, or None."""
    value: Any = settings
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def want(
    settings: Mapping[str, Any], file: str, key: str, kind: type, remedy: str, faults: list[Fault]
) -> Any:
    """The value of a dotted key if it is of ``kind``; otherwise None with a fault added."""
    value = lookup(settings, key)
    if value is None:
        faults.append(Fault(file, None, key, "", "is missing", remedy))
        return None
    if not isinstance(value, kind) or (kind is str and not value):
        faults.append(Fault(file, None, key, str(value)[:80], f"is not a {kind.__name__}", remedy))
        return None
    return value


def want_instant(
    settings: Mapping[str, Any], file: str, key: str, faults: list[Fault]
) -> datetime | None:
    """The value of ``key`` as a UTC moment; a time without offset is a fault."""
    remedy = "write it as 2021-07-22T00:00:00+08:00, without quotes"
    value = want(settings, file, key, datetime, remedy, faults)
    if value is None:
        return None
    if value.tzinfo is None:
        faults.append(Fault(file, None, key, str(value), "has no offset from UTC", remedy))
        return None
    moment: datetime = value.astimezone(UTC)
    return moment

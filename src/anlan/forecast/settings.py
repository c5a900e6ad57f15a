"""What a forecast run may be told: from ``[forecast]`` of city.toml, overridable by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Protocol

from anlan.refusal import Refusal


class HasSettings(Protocol):
    """A city, as far as settings go."""

    @property
    def settings(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Settings:
    """Numbers of a run; all of them but ``workers`` are part of its hash.

    Attributes:
        resolution_m: cell size; members: at least 1 (member 0 is the unperturbed control);
        lead_hours: how far ahead; seed: of all random numbers; workers: members computed at once.
        spinup_hours: hours of readings driving a cold start before the issue time.
        initial_level_m: water level in canals at a cold start [m, city datum].
        rain: sources, of "typhoon" and "persistence".
        rain_persistence_hours: how fast the observed rain dies away.
        rain_total_ln: spread of a member's rain as a whole (log); rain_field_ln: of its field in
            space and time; rain_field_km, rain_field_hours: e-folding scales of that field.
        tide_error_m: rms error of the astronomical tide; tide_error_hours: its e-folding time;
        tide_blend_hours: how fast the mean error of the last tidal cycle dies away.
        inland_spread_m: standard deviation of the persisted inland level at 24 h.
    """

    resolution_m: float = 200.0
    members: int = 20
    lead_hours: int = 48
    seed: int = 1
    workers: int = 2
    spinup_hours: int = 6
    initial_level_m: float = 0.0
    rain: tuple[str, ...] = ("persistence",)
    rain_persistence_hours: float = 4.0
    rain_total_ln: float = 0.5
    rain_field_ln: float = 0.7
    rain_field_km: float = 15.0
    rain_field_hours: float = 3.0
    tide_error_m: float = 0.35
    tide_error_hours: float = 12.0
    tide_blend_hours: float = 24.0
    inland_spread_m: float = 0.05

    @classmethod
    def of(cls, city: HasSettings, **overrides: Any) -> Settings:
        """The settings of a city, with ``overrides`` that are not None (see `read_settings`)."""
        return read_settings(city.settings, **overrides)

    def as_dict(self) -> dict[str, Any]:
        """The settings as JSON."""
        return {**asdict(self), "rain": list(self.rain)}

    def of_hash(self) -> dict[str, Any]:
        """What the run's result depends on: all but ``workers``."""
        return {k: v for k, v in self.as_dict().items() if k != "workers"}


_NESTED = {
    ("tide", "error_rms_m"): "tide_error_m",
    ("tide", "error_hours"): "tide_error_hours",
    ("tide", "blend_hours"): "tide_blend_hours",
    ("inland", "spread_m"): "inland_spread_m",
}
RAIN_SOURCES = ("typhoon", "persistence")


def read_settings(city_settings: Mapping[str, Any], **overrides: Any) -> Settings:
    """Settings of a city: defaults, then ``[forecast]``, then ``overrides`` that are not None.

    Raises:
        Refusal: for a rain source that is not known, no members or no lead.
    """
    table: Mapping[str, Any] = city_settings.get("forecast", {})
    names = {f.name for f in fields(Settings)}
    given: dict[str, Any] = {k: v for k, v in table.items() if k in names}
    for (section, key), name in _NESTED.items():
        if key in table.get(section, {}):
            given[name] = table[section][key]
    given.update({k: v for k, v in overrides.items() if v is not None})
    if "rain" in given:
        given["rain"] = tuple(given["rain"])
    settings = replace(Settings(), **given)
    for source in settings.rain:
        if source not in RAIN_SOURCES:
            raise Refusal(
                f"[forecast] rain = {source!r} is not known; use {' or '.join(RAIN_SOURCES)}",
                field="rain",
                value=source,
                remedy=" or ".join(RAIN_SOURCES),
            )
    for name in ("members", "lead_hours", "workers"):
        if getattr(settings, name) < 1:
            raise Refusal(
                f"[forecast] {name} = {getattr(settings, name)}; give at least 1",
                field=name,
                value=getattr(settings, name),
                remedy="a whole number of at least 1",
            )
    return settings

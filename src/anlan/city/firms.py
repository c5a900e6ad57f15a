"""Firms 企业 of a city, and the neighbouring cities that it works with."""

from __future__ import annotations

from dataclasses import dataclass

FIRM_KINDS = (
    "manufacture",
    "food",
    "logistics",
    "chemical",
    "energy",
    "medical",
    "retail",
)


@dataclass(frozen=True)
class Firm:
    """A firm that the city helps. No telephone number: it is reached by its account.

    Attributes:
        lon, lat: its gate, degrees, EPSG:4326.
        territory: code of its village or community.
        account: account that speaks for it; empty where it has none.
        employees: persons.
        essential: its supplies are needed while everything else stands still (保供).
        synthetic: invented.
    """

    id: str
    name: str
    name_en: str
    kind: str
    lon: float
    lat: float
    territory: str
    account: str
    employees: int
    essential: bool
    synthetic: bool

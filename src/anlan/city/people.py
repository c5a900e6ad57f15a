"""Accounts (who may act) and people (whom a warning reaches)."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = (
    "admin",
    "commander",
    "duty_officer",
    "analyst",
    "liaison",
    "town_officer",
    "village_officer",
    "grid_worker",
    "crew",
    "volunteer",
    "resident",
    "firm",
    "partner",
    "station",
)
TIERS = ("city", "department", "town", "community", "grid", "resident")


@dataclass(frozen=True)
class Account:
    """A named account. ``territory`` is what it answers for; ``deputy`` another account."""

    id: str
    name: str
    name_en: str
    role: str
    territory: str
    department: str
    deputy: str


@dataclass(frozen=True)
class Person:
    """Somebody a message can reach. Plain here; the store keeps name and phone encrypted.

    Attributes:
        account: account of the same person; empty where they have none.
        tier: city, department, town, community, grid or resident: which text they get.
        territory: where a resident lives, or what an officer answers for.
        place: id of the hazard place where they live or work; may be empty.
        deputy: id of the person who is asked next; may be empty.
    """

    id: str
    account: str
    name: str
    phone: str
    role: str
    tier: str
    territory: str
    language: str
    lon: float
    lat: float
    place: str
    deputy: str
    opted_out: bool
    on_duty: bool
    synthetic: bool

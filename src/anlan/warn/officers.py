"""Two officers are two people: whom an approval uses up."""

from __future__ import annotations

from collections.abc import Iterable

from anlan.city import City

VIA = "via:"
TERMINAL = "terminal"
"""Who acts from a terminal has the whole machine: whatever its names, it is one pair of eyes."""


def used_up(actor: str, on_behalf: str | None, via: str) -> str:
    """What is kept of an approval: the officer, whom it stood in for, and through whom it came.

    ``via``: the account whose one-time link opened the session, or `TERMINAL`; empty for an officer
    who signed in with what that officer alone has.
    """
    names = [actor, on_behalf or actor, *([VIA + via] if via else [])]
    return "|".join(dict.fromkeys(names))


def officers_of(kept: str) -> list[str]:
    """The accounts that an approval names to people."""
    return [name for name in kept.split("|") if not name.startswith(VIA)]


def same_hands(city: City, before: Iterable[str], now: str) -> str | None:
    """Which name stands behind an earlier approval and this one too; None for another officer.

    Accounts whose people have one telephone number are one person with two accounts.
    """
    mine = _hands(city, now)
    for kept in before:
        shared = mine & _hands(city, kept)
        if shared:
            return min(shared)
    return None


def _hands(city: City, kept: str) -> set[str]:
    names = {name.removeprefix(VIA) for name in kept.split("|")}
    numbers = {
        person.phone for person in city.people if person.account in names and person.phone.strip()
    }
    also = {person.account for person in city.people if person.account and person.phone in numbers}
    return names | also

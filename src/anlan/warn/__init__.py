"""Consequences to people: rules, alerts, audience, approval, delivery.

Deciding is pure (`lifecycle`, `observed`, `evidence`, `audience`, `delivery`, `message`); what
loads and records is in `actions`; JSON for desk and terminal in `views`; outlets in `channels`.
"""

from collections.abc import Mapping
from pathlib import Path

from anlan.access.vault import Vault
from anlan.city import City, Fault, load
from anlan.clock import Clock
from anlan.refusal import Refusal
from anlan.store import Store
from anlan.warn import actions, communication, plain, views
from anlan.warn.channels import FileOutlet, Outlet, RealFileOutlet, settings
from anlan.warn.channels.book import SealedBook, seed_contacts
from anlan.warn.colour import Colour
from anlan.warn.gauges import Gauges, Kept
from anlan.warn.inbox import Inbox
from anlan.warn.message import load_messages
from anlan.warn.rules import Rules, load_rules, tide_levels
from anlan.warn.senders import Senders


def exercise_outlets(city: City, folder: Path) -> Mapping[str, Outlet]:
    """A file outlet for each channel of the city's texts: nothing leaves ``folder``."""
    outlet = FileOutlet(folder)
    return {name: outlet for names in load_messages(city).channels.values() for name in names}


def live_outlets(
    city: City, folder: Path, store: Store, clock: Clock, vault: Vault
) -> Mapping[str, Outlet]:
    """The outlets of a running city: exercise files until it is cleared to send Actual alerts.

    ``[sender] actual = true`` in city.toml clears it. Then a channel that ``channels.toml`` sets
    up reaches people; each other one writes the spool that the city's gateway picks up.

    Raises:
        Refusal: for a fault of ``channels.toml`` or a secret that is not set.
    """
    if (city.settings.get("sender") or {}).get("actual") is not True:
        return exercise_outlets(city, folder)
    spool = RealFileOutlet(folder)
    inbox = Inbox(store, clock, *settings.read_replies(city))
    lines = settings.open_lines(city, SealedBook(store, vault, clock), clock, inbox)
    names = {name for names in load_messages(city).channels.values() for name in names}
    return {name: lines.get(name, spool) for name in sorted(names)}


def check(folder: Path) -> list[Fault]:
    """Faults of rules.toml and messages.toml; none while the city itself cannot be loaded."""
    try:
        city = load(folder)
    except Refusal:
        return []
    faults = []
    for file, read in (("rules.toml", load_rules), ("messages.toml", load_messages)):
        try:
            read(city)
        except Refusal as refusal:
            faults.append(
                Fault(
                    file,
                    None,
                    refusal.field or "",
                    "" if refusal.value is None else str(refusal.value)[:80],
                    refusal.message,
                    refusal.remedy or "",
                )
            )
    return faults + _unclear(city) + settings.check(city)


def _unclear(city: City) -> list[Fault]:
    """Texts that are not plain, and names that an English headline would lack."""
    try:
        messages, rules = load_messages(city), load_rules(city)
    except Refusal:
        return []
    found = [
        Fault("messages.toml", None, each.where, each.value, each.message, each.remedy)
        for each in plain.unclear(messages)
    ]
    for rule in rules.rules:
        if not rule.name_en or plain.CHINESE.search(rule.name_en):
            what = "has no English name, which English headlines need"
            found.append(
                Fault("rules.toml", None, f"{rule.id}.name_en", rule.name_en, what, "give it")
            )
    return found


__all__ = [
    "Colour",
    "FileOutlet",
    "Gauges",
    "Kept",
    "Outlet",
    "RealFileOutlet",
    "Rules",
    "Senders",
    "actions",
    "check",
    "communication",
    "exercise_outlets",
    "live_outlets",
    "load_messages",
    "load_rules",
    "seed_contacts",
    "tide_levels",
    "views",
]

"""Addresses: opened from the vault for the moment of a hand-off, never kept or logged.

Telephone numbers come with the people. Others stand in ``contacts.csv`` of the city folder
(``person,kind,address``) and are encrypted in the store as numbers are::

    person,kind,address
    PE0003,email,duty@pinghu.example
    PE0003,dingtalk,manager4220
    PE0101,mqtt,speakers/330482101201
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from anlan.access.vault import Vault
from anlan.city import City
from anlan.clock import Clock
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import Store, insert, schema

FILE = "contacts.csv"
PHONE = "phone"
BY_THEMSELVES = "web_push"
COLUMNS = ["person", "kind", "address"]
LONGEST = 1000  # characters of an address; a web-push subscription has some hundreds
P, C = schema.person, schema.contact
# of the letters that every relay takes (RFC 5321, 4.1.2)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_TOPIC = re.compile(r"[^+#\s]{1,200}")
_ID = re.compile(r"[\w.@$:+/=-]{1,200}")

# kind of address -> whether a text is one
KINDS: Mapping[str, Callable[[str], object]] = {
    "email": _EMAIL.fullmatch,
    "dingtalk": _ID.fullmatch,
    "dingtalk_gov": _ID.fullmatch,
    "mqtt": _TOPIC.fullmatch,
    "web_push": lambda text: text.startswith("{"),
}


class Book(Protocol):
    """Where a channel looks addresses up."""

    def addresses(self, kind: str, people: Iterable[str]) -> Mapping[str, str]:
        """person -> address, of those who have one of this kind."""
        ...

    def key(self, address: str) -> str:
        """The keyed digest by which an answer from the address finds its message."""
        ...

    def forget(self, kind: str, person: str, address: str) -> None:
        """Drop an address that is no more, unless another took its place."""
        ...


@dataclass(frozen=True)
class SealedBook:
    """The book of a store."""

    store: Store
    vault: Vault
    clock: Clock

    def addresses(self, kind: str, people: Iterable[str]) -> Mapping[str, str]:
        """person -> address, of those who have one of this kind."""
        names = list(people)
        if kind == PHONE:
            query = select(P.c.id, P.c.phone_enc).where(P.c.id.in_(names))
        else:
            query = select(C.c.person, C.c.address_enc).where(
                C.c.person.in_(names), C.c.kind == kind
            )
        with self.store.read() as conn:
            rows = conn.execute(query).all()
        return {name: self.vault.open(sealed) for name, sealed in rows if sealed}

    def key(self, address: str) -> str:
        """The keyed digest by which an answer from the address finds its message."""
        return self.vault.digest(national(address))

    def forget(self, kind: str, person: str, address: str) -> None:
        """Drop an address that is no more, unless another took its place."""
        with self.store.transaction() as tx:
            gone = tx.execute(
                C.delete().where(
                    C.c.person == person,
                    C.c.kind == kind,
                    C.c.address_key == self.vault.digest(address),
                )
            )
            if gone.rowcount:
                Act(tx, self.clock.now(), "system").record("contact.gone", person, content=kind)


def national(number: str) -> str:
    """A number of the mainland without its country's code; anything else as it is."""
    digits = re.sub(r"[\s()-]", "", number)
    found = re.fullmatch(r"(?:\+|00)?86(1\d{10})", digits)
    return found.group(1) if found else digits


def international(number: str) -> str:
    """A number as E.164 writes it; one without a country's code is of the mainland."""
    digits = national(number)
    if digits.startswith("00"):
        return "+" + digits[2:]
    return digits if digits.startswith("+") else "+86" + digits


def is_number(text: str) -> bool:
    """Whether it can be a telephone number: 5 to 15 digits (E.164), with or without a plus."""
    return re.fullmatch(r"\+?\d{5,15}", national(text)) is not None


def read_contacts(city: City) -> list[tuple[str, str, str]]:
    """(person, kind, address) of ``contacts.csv``; none where there is no such file.

    Raises:
        Refusal: naming file, row and remedy; an address itself stays unsaid.
    """
    path = Path(city.folder) / FILE
    if not path.exists():
        return []
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, ValueError, csv.Error) as problem:
        raise Refusal(f"{FILE} cannot be read ({problem})", field=FILE, remedy="CSV") from problem
    if not lines or [name.strip() for name in lines[0]] != COLUMNS:
        raise Refusal(
            f"{FILE}: the first row is not {','.join(COLUMNS)}; write it",
            field=FILE,
            remedy=",".join(COLUMNS),
        )
    people = {person.id for person in city.people}
    found: dict[tuple[str, str], str] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = [cell.strip() for cell in cells]
        if len(row) != len(COLUMNS):
            raise _wrong(number, "row", f"has {len(row)} cells", f"{len(COLUMNS)} cells")
        person, kind, address = row
        if person not in people:
            raise _wrong(number, "person", f"'{person[:40]}' is not known", "an id of people.csv")
        if kind not in KINDS:
            raise _wrong(number, "kind", f"'{kind[:40]}' is not known", ", ".join(KINDS))
        if len(address) > LONGEST or not KINDS[kind](address):
            raise _wrong(number, "address", f"is no address for {kind}", f"one of kind {kind}")
        if (person, kind) in found:
            raise _wrong(number, "kind", f"{kind} of {person} stands twice", "one row")
        found[person, kind] = address
    return [(person, kind, address) for (person, kind), address in found.items()]


def seed_contacts(act: Act, city: City, vault: Vault) -> int:
    """Make the contacts of the store those of the city's file, browsers that subscribed by
    themselves apart; returns how many differed."""
    known = {
        (row.person, row.kind): row.address_key
        for row in act.tx.execute(select(C.c.person, C.c.kind, C.c.address_key))
    }
    given = {(person, kind): address for person, kind, address in read_contacts(city)}
    new = [
        {
            "person": person,
            "kind": kind,
            "address_enc": vault.seal(address),
            "address_key": vault.digest(address),
        }
        for (person, kind), address in given.items()
        if known.get((person, kind)) != vault.digest(address)
    ]
    for values in new:
        act.tx.execute(
            insert(act.tx, C)
            .values(**values)
            .on_conflict_do_update(index_elements=[C.c.person, C.c.kind], set_=values)
        )
    # browsers subscribe by themselves, and stay until they end it or are gone
    gone = {each for each in known.keys() - given.keys() if each[1] != BY_THEMSELVES}
    for person, kind in gone:
        act.tx.execute(C.delete().where(C.c.person == person, C.c.kind == kind))
    if new or gone:
        people = {each["person"] for each in new} | {person for person, _ in gone}
        act.record("contacts.loaded", city.id, content=sorted(people))
    return len(new) + len(gone)


def _wrong(row: int, field: str, what: str, remedy: str) -> Refusal:
    return Refusal(f"{FILE}, row {row}: {field} {what}; write {remedy}", field=field, remedy=remedy)

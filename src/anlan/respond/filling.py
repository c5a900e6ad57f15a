"""Forms filled in: answers checked against the city and the store, and kept apart by kind.

Numbers, choices, ids and times stand in the case's ``data["form"]`` and in its history. Words go
to erasable notes, ``{"note": digest}``; personal answers too, encrypted, ``{"sealed": digest}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from anlan.access.vault import Vault
from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import form
from anlan.respond.pack import Field, Pack, Phase
from anlan.respond.records import AnyRow, C, get_case, officer
from anlan.store import schema

_WORDS = frozenset({"text", "words"})


def known(act: Act, city: City, pack: Pack) -> form.Known:
    """What answers may name in this city; people only of the actor's own part of it."""
    booking = pack.booking
    venues = [venue.id for venue in booking.venues] if booking else []
    if booking and booking.shelters:
        venues += list(city.shelters)

    asking = officer(act.tx, act.actor)

    def role(account: str) -> str | None:
        person = officer(act.tx, account)
        if person is None:
            return None
        above = {person.territory, *_above(city, person.territory)}
        near = asking is None or asking.territory in above
        return person.role if near else None

    def photo(digest: str) -> bool:
        A = schema.attachment
        return act.tx.execute(select(A.c.digest).where(A.c.digest == digest)).first() is not None

    return form.Known(city.places, city.shelters, frozenset(venues), role, photo, city.zone)


def _above(city: City, territory: str) -> set[str]:
    # an account of a neighbouring city answers for no unit of this one
    known = {unit.code for unit in city.territory.units()}
    return (
        {unit.code for unit in city.territory.ancestors(territory)} if territory in known else set()
    )


def plain_answers(
    act: Act,
    city: City,
    pack: Pack,
    phase: Phase,
    given: object,
    case: AnyRow | None = None,
    *,
    complete: bool = True,
) -> dict[str, Any]:
    """The answers to a phase as given, checked; raises `Refusal` naming ``form.<key>``."""
    before = dict(case.data.get("form", {})) if case is not None else {}
    return form.answers(pack.asked(phase), given, known(act, city, pack), before, complete=complete)


def keep(
    act: Act, pack: Pack, phase: Phase, answers: Mapping[str, Any], vault: Vault | None
) -> dict[str, Any]:
    """``answers`` as they may stand in case and history: words and personal data set apart.

    Raises `Refusal` for personal answers without a vault to seal them.
    """
    fields = {field.key: field for field in pack.asked(phase)}
    return {key: _kept(act, pack.kind, fields[key], value, vault) for key, value in answers.items()}


def _kept(act: Act, kind: str, field: Field, value: Any, vault: Vault | None) -> Any:
    if field.each and isinstance(value, Mapping):
        return {one: _kept_one(act, kind, field, each, vault) for one, each in value.items()}
    return _kept_one(act, kind, field, value, vault)


def _kept_one(act: Act, kind: str, field: Field, value: Any, vault: Vault | None) -> Any:
    if field.personal:
        if vault is None:
            raise Refusal(
                f"form.{field.key} is personal data; it can only be given where the key is at hand",
                field=f"form.{field.key}",
                remedy="give it through the desk or the phone page",
            )
        return {"sealed": keep_note(act, f"{kind}.sealed", vault.seal(str(value)))}
    if field.type in _WORDS:
        return {"note": keep_note(act, f"{kind}.form", str(value))}
    return value


def put(act: Act, case_id: str, kept: Mapping[str, Any]) -> None:
    """Add answers to those of the case; later answers to the same question stand."""
    if not kept:
        return
    case = get_case(act.tx, case_id)
    data = {**case.data, "form": {**case.data.get("form", {}), **kept}}
    act.tx.execute(update(C).where(C.c.id == case_id).values(data=data))


def digests(kept: Mapping[str, Any]) -> Iterator[str]:
    """The notes that a kept form names, sealed ones left out."""
    for value in kept.values():
        if isinstance(value, Mapping):
            if "note" in value:
                yield str(value["note"])
            else:
                yield from digests(value)


def listed(kept: Mapping[str, Any]) -> set[str]:
    """Everything that stands in a list of a kept form: photos, and choices beside them."""
    found: set[str] = set()
    for value in kept.values():
        if isinstance(value, list):
            found.update(map(str, value))
        elif isinstance(value, Mapping):
            found |= listed(value)
    return found


def shown(kept: Mapping[str, Any], notes: Mapping[str, str | None]) -> dict[str, Any]:
    """A kept form for reading: words joined back (None once erased), personal answers masked."""

    def one(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        if "note" in value:
            return notes.get(str(value["note"]))
        if "sealed" in value:
            return {"sealed": True}
        return {key: one(each) for key, each in value.items()}

    return {key: one(value) for key, value in kept.items()}


def wanting(pack: Pack, phase: Phase, answered: Mapping[str, Any]) -> Sequence[Field]:
    """Required fields of a phase that have no answer yet."""
    return [
        field for field in pack.asked(phase) if form.lacks(field, answered.get(field.key), answered)
    ]

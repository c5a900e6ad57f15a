"""HTTP for resources: what there is, requests and what fills them, shelters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from anlan.access.desk import Commander, DeskHere, Viewer
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.respond.resources import asking, assets, shelters, supply, views
from anlan.respond.routes.seeing import names_of

router = APIRouter(prefix="/resources", tags=["resources"])
MOST_WORDS = 500


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Wanted(_Body):
    """So much of an item, or of a kind of equipment or team, for a case."""

    case: str = Field(max_length=40)
    item: str = Field(max_length=40)
    quantity: float
    note: str = Field("", max_length=MOST_WORDS)


class Sent(_Body):
    """A lot or a thing; without ``quantity`` as much as is wanted and there."""

    source: str = Field(max_length=40)
    quantity: float | None = None


class Back(_Body):
    """How much; all that is still out when left out."""

    quantity: float | None = None


class Why(_Body):
    """A reason."""

    reason: str = Field("", max_length=MOST_WORDS)


class Stocked(_Body):
    """A new lot."""

    depot: str = Field(max_length=40)
    item: str = Field(max_length=40)
    unit: str = Field(max_length=40)
    quantity: float
    expires: datetime | None = None


class State(_Body):
    """ready, resting or repair, with why."""

    state: str = Field(max_length=20)
    reason: str = Field("", max_length=MOST_WORDS)


class Opening(_Body):
    """Whether a shelter takes people in."""

    open: bool


class Moved(_Body):
    """People who came (positive) or left (negative)."""

    persons: int


@router.get("")
def resources(desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """Depots and lots, items in all with what expired or soon will, things, shelters."""
    with desk.store.read() as conn:
        found = views.picture(conn, desk.city, desk.clock.now())
    for thing in found["assets"]:
        where = thing.pop("case_territory")
        if where is not None and not caller.sees(desk.city, where):
            thing["case_title"] = None
    return found


@router.get("/requests")
def requests(desk: DeskHere, caller: Viewer, case: str | None = None) -> list[dict[str, Any]]:
    """Requests of the whole city, so that other towns and departments can fill them."""
    names = names_of(desk)
    with desk.store.read() as conn:
        found = views.requests(conn, desk.city, case)
    for request in found:
        request["requested_by_name"] = names.get(request["requested_by"], "系统")
        if not caller.sees(desk.city, request["territory"]):
            # what is wanted and where is everybody's to fill; the words of a case are not
            request["note"], request["case_title"] = None, ""
    return found


@router.post("/requests")
def ask(wanted: Wanted, desk: DeskHere, caller: Commander, key: Key = None) -> dict[str, object]:
    """Ask for something for a case; sent twice with one Idempotency-Key it asks once."""

    def do(act: Act) -> dict[str, object]:
        return {
            "id": asking.request(
                act, desk.city, wanted.case, wanted.item, wanted.quantity, wanted.note
            )
        }

    return once(desk, caller, key, do)


@router.get("/requests/{request_id}/offers")
def offers(request_id: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """What could fill a request, the nearest first, and what to take of each."""
    with desk.store.read() as conn:
        return views.offers(conn, desk.city, request_id, desk.clock.now())


@router.post("/requests/{request_id}/fill")
def fill(
    request_id: str, sent: Sent, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """Send so much of a lot, or one thing."""

    def do(act: Act) -> dict[str, object]:
        return {"id": supply.fill(act, desk.city, request_id, sent.source, sent.quantity)}

    return once(desk, caller, key, do)


@router.post("/requests/{request_id}/cancel")
def cancel(
    request_id: str, why: Why, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """Nothing more is wanted."""

    def do(act: Act) -> dict[str, object]:
        asking.cancel(act, desk.city, request_id, why.reason)
        return {"state": "cancelled"}

    return once(desk, caller, key, do)


@router.post("/fills/{fill_id}/receive")
def receive(fill_id: str, desk: DeskHere, caller: Commander, key: Key = None) -> dict[str, object]:
    """It has arrived."""

    def do(act: Act) -> dict[str, object]:
        supply.receive(act, desk.city, fill_id)
        return {"state": "received"}

    return once(desk, caller, key, do)


@router.post("/fills/{fill_id}/return")
def give_back(
    fill_id: str, back: Back, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """So much comes back to where it was taken from."""

    def do(act: Act) -> dict[str, object]:
        supply.give_back(act, desk.city, fill_id, back.quantity)
        return {"returned": True}

    return once(desk, caller, key, do)


@router.post("/fills/{fill_id}/consume")
def consume(
    fill_id: str, back: Back, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """So much was used up."""

    def do(act: Act) -> dict[str, object]:
        supply.consume(act, desk.city, fill_id, back.quantity)
        return {"consumed": True}

    return once(desk, caller, key, do)


@router.post("/lots")
def stock(lot: Stocked, desk: DeskHere, caller: Commander, key: Key = None) -> dict[str, object]:
    """Put a new lot into a depot."""

    def do(act: Act) -> dict[str, object]:
        name = asking.stock(
            act, desk.city, lot.depot, lot.item, lot.unit, lot.quantity, lot.expires
        )
        return {"id": name}

    return once(desk, caller, key, do)


@router.post("/assets/{asset_id}/state")
def set_state(
    asset_id: str, to: State, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """Put a team or thing to rest, into repair, or back to ready."""

    def do(act: Act) -> dict[str, object]:
        assets.set_state(act, desk.city, asset_id, to.state, to.reason)
        return {"state": to.state}

    return once(desk, caller, key, do)


@router.post("/shelters/{shelter_id}/open")
def set_open(
    shelter_id: str, given: Opening, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """Open or close a shelter; opened, it takes the place of bookings that begin within a day."""

    def do(act: Act) -> dict[str, object]:
        gone = shelters.set_open(act, desk.city, shelter_id, given.open)
        return {"open": given.open, "bookings_cancelled": gone}

    return once(desk, caller, key, do)


@router.post("/shelters/{shelter_id}/people")
def move(
    shelter_id: str, moved: Moved, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """People came or left."""

    def do(act: Act) -> dict[str, object]:
        return {"taken": shelters.move(act, desk.city, shelter_id, moved.persons)}

    return once(desk, caller, key, do)

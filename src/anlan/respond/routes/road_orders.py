"""HTTP for roads that people close or open: what is in force, saying it, taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from anlan.access.desk import Commander, DeskHere, Viewer
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.respond.roads import by_hand
from anlan.respond.roads.network import network_of
from anlan.respond.routes.roads import point
from anlan.respond.routes.seeing import names_of

router = APIRouter(prefix="/roads", tags=["roads"])


class Order(BaseModel):
    """Close or open a stretch of road, or all of it.

    ``at``: lon,lat in degrees on the road; ``effect``: closed or open; ``whole``: the whole road
    of the layer instead of the stretch between its crossings.
    """

    model_config = ConfigDict(extra="forbid")
    at: str = Field(max_length=60)
    effect: str = Field(max_length=20)
    until: datetime
    reason: str = Field(max_length=by_hand.MOST_WORDS)
    whole: bool = False


@router.get("/by-hand")
def orders(desk: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """The orders in force, the newest first; ``mine``: whether the caller may lift it."""
    city = desk.city
    if not city.roads:
        return []
    names = names_of(desk)
    with desk.store.read() as conn:
        found = by_hand.shown(conn, city, network_of(city), desk.clock.now())
    for one in found:
        one["by_name"] = names.get(one["by"], one["by"])
        one["mine"] = "command" in caller.rights and caller.sees(city, one["territory"])
    return found


@router.get("/at")
def road_at(desk: DeskHere, caller: Viewer, at: str) -> dict[str, Any]:
    """The stretch of road nearest to a point (lon,lat in degrees), to show what one clicked on."""
    network = network_of(desk.city)
    edge = network.edges[by_hand.stretch_at(desk.city, network, *point("at", at))]
    return {
        "road": edge.road.id,
        "name": edge.road.name,
        "name_en": edge.road.name_en,
        "kind": edge.road.kind,
        "length_m": round(edge.length_m),
        "line": edge.line.tolist(),
        "synthetic": edge.road.synthetic,
    }


@router.post("/by-hand")
def give(given: Order, desk: DeskHere, caller: Commander, key: Key = None) -> dict[str, object]:
    """Close or open it; routes, reach, dispatch and evacuation respect it at once."""
    city = desk.city

    def do(act: Act) -> dict[str, object]:
        name = by_hand.order(
            act,
            city,
            network_of(city),
            lambda where: caller.sees(city, where),
            at=point("at", given.at),
            effect=given.effect,
            until=given.until,
            reason=given.reason,
            whole=given.whole,
        )
        return {"id": name}

    return once(desk, caller, key, do)


@router.post("/by-hand/{road_order}/lift")
def lift(road_order: str, desk: DeskHere, caller: Commander) -> dict[str, object]:
    """It counts no more."""
    with desk.act(caller) as act:
        by_hand.lift(act, lambda where: caller.sees(desk.city, where), road_order)
    return {"lifted": road_order}

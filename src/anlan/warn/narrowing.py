"""A draft narrowed to an area that an officer drew on the map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely
from sqlalchemy import update

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import ids, schema
from anlan.warn.approval import needs_officer, needs_state
from anlan.warn.polygon import drawn, read_polygon
from anlan.warn.records import alert_row, facts_of, keep_facts

P = schema.approval
MOST_PARTS = 500


def narrow(
    act: Act, city: City, alert_id: str, polygon: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Tell only those within ``polygon`` and who answers for its units; None: the whole area.

    Args:
        polygon: GeoJSON Polygon or MultiPolygon, lon, lat (EPSG:4326); parts may overlap.

    Approvals that were given to the former area are void, as when the colour of a draft changes:
    nobody approves what they have not seen. Returns the area as `drawn` says it.

    Raises:
        Refusal: ``not_found``; ``conflict`` when it is no draft, an all-clear, which goes to
            exactly those warned, or another authority's; ``forbidden`` for an account without the
            role; for a polygon that is none or lies elsewhere.
    """
    row = alert_row(act.tx, alert_id)
    needs_state(row, "draft", "narrow")
    needs_officer(act, city)
    if row.official or row.msg_type == "Cancel":
        raise Refusal(
            f"alert {alert_id} is {'relayed' if row.official else 'an all-clear'}; its area is not "
            "ours to draw (解除和转发的预警不能改范围)",
            field="alert",
            value=alert_id,
            remedy="a draft of our own that warns",
            kind="conflict",
        )
    facts = facts_of(act.tx, alert_id)
    before = facts.get("polygon", "")
    shape = None if polygon is None else _united(polygon)
    if shape is not None:
        units = [city.territory.unit(code).polygon for code in row.area.split()]
        known = [each for each in units if each is not None]
        # an area of which a unit has no outline may be anywhere
        whole = shapely.union_all(known) if len(known) == len(units) else None
        shape = read_polygon(json.loads(shapely.to_geojson(shape)), whole)
    text = "" if shape is None else str(shape.wkt)
    if text != before:
        keep_facts(act, alert_id, {**facts, "polygon": text})
        act.tx.execute(
            update(P)
            .where(P.c.alert == alert_id, P.c.decision == "approved")
            .values(decision="void")
        )
        act.record(
            "alert.narrowed" if text else "alert.widened",
            alert_id,
            grounds=[f"alert:{alert_id}"],
            content={"polygon": ids.digest(text), "before": ids.digest(before)},
        )
    return {"alert": alert_id, **drawn({"polygon": text})}


def _united(polygon: Mapping[str, Any]) -> shapely.Geometry:
    """The parts as one shape: areas drawn one after another may overlap."""
    parts = polygon.get("coordinates")
    if polygon.get("type") != "MultiPolygon" or not isinstance(parts, list):
        return read_polygon(polygon, None)
    if not 1 <= len(parts) <= MOST_PARTS:
        raise Refusal(
            f"polygon has {len(parts)} parts; give 1 to {MOST_PARTS}",
            field="polygon",
            value=len(parts),
            remedy=f"1 to {MOST_PARTS} parts",
        )
    return shapely.union_all(
        [read_polygon({"type": "Polygon", "coordinates": part}, None) for part in parts]
    )

"""HTTP for assessments: as JSON, as report, and the fan of depth at one hazard place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from anlan.access.desk import Desk, DeskHere, Viewer
from anlan.assess import actions, report
from anlan.assess.places import place_water
from anlan.assess.reported import at_places, joined
from anlan.forecast.routes import fan, products_of, published
from anlan.refusal import Refusal

router = APIRouter(tags=["assess"])
REPORTS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gpkg": "application/geopackage+sqlite3",
    "json": "application/json",
}
SHOWN = ("html", "pdf")


@router.get("/assessments/latest")
def latest(desk: DeskHere, caller: Viewer) -> dict[str, Any] | None:
    """The newest assessment; null before the first run.

    ``reported`` of its places is what people say there now; that of its report stays as it was
    when the run was taken up.
    """
    with desk.store.read() as conn:
        found = actions.latest(conn)
        if not found:
            return None
        return dict(joined(found[0], at_places(conn, desk.city, desk.clock.now())))


@router.get("/assessments/{run_id}")
def assessment(run_id: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """The assessment of one run."""
    with desk.store.read() as conn:
        return dict(actions.load(conn, run_id))


@router.get("/assessments/{run_id}/report.{kind}")
def report_file(
    run_id: str, kind: str, desk: DeskHere, caller: Viewer, language: str | None = None
) -> Response:
    """The report as html, pdf, docx, gpkg or json; written on first request, then kept.

    ``language``: zh or en, by default the city's own. Word, GeoPackage and JSON are downloads.
    """
    if kind not in REPORTS:
        raise Refusal(
            f"a report is {', '.join(REPORTS)}, not {kind[:20]}",
            field="kind",
            value=kind[:20],
            remedy=", ".join(REPORTS),
            kind="not_found",
        )
    path = _written(desk, run_id, kind, report.Words(language).language if language else None)
    way = "inline" if kind in SHOWN else "attachment"
    headers = {"content-disposition": f'{way}; filename="anlan-{run_id[:8]}.{kind}"'}
    if kind == "html":
        # its pictures and style are inside it, and it runs no script
        headers["content-security-policy"] = (
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"
        )
    return FileResponse(path, media_type=REPORTS[kind], headers=headers)


def _written(desk: Desk, run_id: str, kind: str, language: str | None) -> Path:
    folder: Path = desk.store.data_dir / "runs" / published(desk, run_id).path / "report"
    folder = folder / language if language else folder
    found = folder / f"report.{kind}"
    if not found.exists():
        with desk.store.read() as conn:
            made = actions.load(conn, run_id)
        with products_of(desk, run_id) as products:
            report.write(desk.city, desk.event, made, products, folder, language=language)
    return found


@router.get("/runs/{run_id}/places/{place_id}")
def place(run_id: str, place_id: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """The ensemble's fan of depth at one hazard place, m."""
    known = desk.city.places.get(place_id)
    if known is None:
        raise Refusal(
            f"place {place_id} is not a hazard place of {desk.city.name}",
            field="place",
            value=place_id,
            remedy="an id of /api/v1/places",
            kind="not_found",
        )
    with products_of(desk, run_id) as products:
        water = place_water(desk.city, products)
        column = list(desk.city.places).index(place_id)
        return {
            "times": list(products.times),
            "attention_m": known.attention_m,
            "danger_m": known.danger_m,
            **fan(water.depth[:, :, column]),
        }

"""Publishing an assessment: load, decide, record."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from anlan.assess.assessment import Propose, assess
from anlan.assess.document import Assessment
from anlan.assess.reads import Products
from anlan.assess.reported import at_places, joined
from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import schema


def publish(
    act: Act, city: City, run_id: str, products: Products, propose: Propose | None = None
) -> Assessment:
    """Assess a run, keep the assessment and journal it. A run is assessed once.

    What people report at its places by now is kept with it.

    Repeating it, after a crash or by mistake, returns what was kept and records nothing.

    Raises:
        Refusal: if run and city do not fit each other.
    """
    kept = _find(act.tx, run_id)
    if kept is not None:
        return kept
    made = joined(assess(city, products, run_id, propose), at_places(act.tx, city, act.now))
    act.tx.execute(
        insert(schema.assessment).values(
            run=run_id,
            made_at=act.now,
            level=made["level"],
            reason=made["reason"],
            content=made,
        )
    )
    act.record(
        "assessment.made",
        f"run:{run_id}",
        grounds=[f"run:{run_id}"],
        content=made,
        valid_at=products.issued,
    )
    return made


def load(conn: Connection, run_id: str) -> Assessment:
    """The assessment kept for a run.

    Raises:
        Refusal: kind ``not_found``, if there is none.
    """
    kept = _find(conn, run_id)
    if kept is None:
        raise Refusal(
            f"Run {run_id} has no assessment; publish the run first.",
            field="run",
            value=run_id,
            remedy="a run that was published",
            kind="not_found",
        )
    return kept


def latest(conn: Connection, count: int = 1) -> list[Assessment]:
    """The newest assessments, newest first."""
    table = schema.assessment
    rows = conn.execute(
        select(table.c.content).order_by(table.c.made_at.desc(), table.c.run.desc()).limit(count)
    )
    return [row.content for row in rows]


def _find(conn: Connection, run_id: str) -> Assessment | None:
    table = schema.assessment
    content: Assessment | None = conn.execute(
        select(table.c.content).where(table.c.run == run_id)
    ).scalar_one_or_none()
    return content

"""What came out of a replay, as one JSON object."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from anlan import forecast, respond, review, warn
from anlan.city import City
from anlan.journal import verify
from anlan.replay.driver import Replay
from anlan.replay.prepare import Plan
from anlan.store import schema
from anlan.warn.delivery import State

R, D = schema.run, schema.delivery
MOMENTS = ("issued", "expires", "crossing_start", "start", "end")


def truth_of(replay: Replay) -> dict[str, Any]:
    """What really happened in the replayed world, by the colour levels of the city's rules."""
    return replay.world.truth(warn.tide_levels(replay.chain.city))


def _runs(conn: Connection, replay: Replay) -> list[dict[str, Any]]:
    rows = conn.execute(select(R).where(R.c.state == "published").order_by(R.c.issued_at)).all()
    zone = replay.chain.city.zone
    return [
        {
            "id": row.id,
            "issued": row.issued_at.astimezone(zone).isoformat(),
            "members": row.members,
            "wall_s": row.wall_s,
        }
        for row in rows
    ]


def _rain(replay: Replay, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Quantiles over members of the wettest run's rain over its lead time, mean of the city."""
    wettest: Any = None
    for run in runs:
        with forecast.Products.open(replay.chain.run_folder(run["id"])) as products:
            total = np.asarray(products.rain_total)
        if wettest is None or np.median(total) > np.median(wettest[1]):
            wettest = (run["issued"], total)
    if wettest is None:
        return {"p10": None, "p50": None, "p90": None, "run": None}
    p10, p50, p90 = (round(float(v), 1) for v in np.quantile(wettest[1], (0.1, 0.5, 0.9)))
    return {"p10": p10, "p50": p50, "p90": p90, "run": wettest[0]}


def _local(view: dict[str, Any], city: City) -> dict[str, Any]:
    """``view`` with its moments in the city's zone."""
    return {
        key: datetime.fromisoformat(value).astimezone(city.zone).isoformat()
        if key in MOMENTS and value
        else value
        for key, value in view.items()
    }


def _deliveries(conn: Connection) -> dict[str, int]:
    """Each delivery counted once, in its final state; ``planned`` is their sum.

    What still lies in a queue counts as unknown: nobody can say that it arrived.
    """
    states = Counter(conn.execute(select(D.c.state)).scalars())
    folded = {
        "sent": states[State.SENT],
        "delivered": states[State.DELIVERED] + states[State.READ],
        "answered": states[State.ANSWERED],
        "failed": states[State.FAILED],
        "unknown": states[State.UNKNOWN]
        + states[State.SENDING]
        + states[State.PLANNED]
        + states[State.QUEUED],
        "suppressed": states[State.SUPPRESSED],
    }
    return {"planned": sum(folded.values()), **folded}


def summary(replay: Replay, plan: Plan) -> dict[str, Any]:
    """One JSON object, the same for two replays with one seed but for wall times.

    Times carry the city's offset; levels are in m on ``surge.datum``. ``surge`` and
    ``rain_replayed_mm`` are the replayed world's, ``rain_total_mm`` the forecast's.
    """
    chain, event = replay.chain, replay.event
    city = chain.city
    truth = truth_of(replay)
    with chain.store.read() as conn:
        runs = _runs(conn, replay)
        content = review.build(conn, city, event, truth)
        verdict = verify(conn)
        deliveries = _deliveries(conn)
        counts = respond.views.counts(conn)
    peak = truth.get("tide_peak")
    return {
        "event": event.id,
        "world": plan.world,
        "seed": plan.seed,
        "actors": plan.actors,
        "clock": {
            "from": event.start.astimezone(city.zone).isoformat(),
            "to": replay.reached().astimezone(city.zone).isoformat(),
        },
        "runs": runs,
        "surge": None if peak is None else {**peak, "datum": city.datum},
        "rain_total_mm": _rain(replay, runs),
        "rain_replayed_mm": truth.get("rain_total_mm"),
        "alerts": [_local(alert, city) for alert in content["alerts"]],
        "scores": content["scores"],
        "misses": [_local(miss, city) for miss in content["misses"]],
        "skill": content["skill"],
        "facts": content["facts"],
        "deliveries": deliveries,
        **counts,
        "journal": {"entries": verdict.entries, "verified": verdict.verified},
        "synthetic": list(city.synthetic),
    }

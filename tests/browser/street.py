"""A published run and a phone for the browser tests of the phone page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from anlan.forecast import products
from anlan.journal import Act
from anlan.respond import actions
from anlan.store import schema
from tests.service.hand import Hand

HOURS = 13
RESOLUTION_M = 200.0


def publish_run(hand: Hand, depth: Callable[[NDArray[Any], NDArray[Any], int], Any]) -> str:
    """A run issued now; ``depth(lon, lat, hour)`` gives metres of water (synthetic)."""
    terrain = hand.city.terrain(RESOLUTION_M)
    (west, south), _, (east, north), _ = terrain.corners_lonlat()
    ny, nx = terrain.shape
    lon, lat = np.meshgrid(
        west + (np.arange(nx) + 0.5) / nx * (east - west),
        south + (np.arange(ny) + 0.5) / ny * (north - south),
    )
    now = hand.clock.now()
    times = [now + timedelta(hours=hour) for hour in range(HOURS)]
    fields = np.stack([depth(lon, lat, hour) for hour in range(HOURS)]).astype(np.float32)
    folder = hand.store.data_dir / "runs" / "RS1"
    folder.mkdir(parents=True)
    products.write(
        folder,
        {"issued": now.isoformat(), "members": 1, "resolution_m": RESOLUTION_M},
        {"time": np.array([time.timestamp() for time in times]), "depth_p50": fields},
    )
    with hand.store.transaction() as tx:
        tx.execute(
            schema.run.insert().values(
                id="RS1",
                issued_at=now,
                visible_at=now,
                from_at=now,
                to_at=times[-1],
                members=1,
                state="published",
                wall_s=1.0,
                path="RS1",
                input_hash="synthetic",
                settings={},
            )
        )
    return "RS1"


def give_task(hand: Hand, worker: str, title: str = "查看积水") -> str:
    """A task for ``worker`` in a case of the worker's own territory; its id."""
    village = next(
        unit.code
        for unit in hand.city.territory.villages()
        if hand.city.territory.is_within(unit.code, hand.city.accounts[worker].territory)
    )
    with hand.store.transaction() as tx:
        act = Act(tx, hand.clock.now(), "system")
        case = actions.open_case(act, hand.city, "resident_report", territory=village, text="水")
        return actions.give_task(
            act, hand.city, case, title, assignee=worker, instruction="到现场看水深 0.3–0.6 m"
        )


def ready_offline(page: Page) -> None:
    """Wait until the phone says that it opens without a signal."""
    page.get_by_test_id("phone-more").click()
    page.get_by_test_id("phone-settings").click()
    page.get_by_test_id("opens-offline").get_by_text("本页已存在手机里").wait_for(timeout=20_000)


def picture() -> bytes:
    """A photo as a camera gives it: JPEG, larger than what the phone keeps."""
    import io

    from PIL import Image

    raw = io.BytesIO()
    Image.effect_noise((2000, 1500), 60).convert("RGB").save(raw, "JPEG", quality=70)
    return raw.getvalue()

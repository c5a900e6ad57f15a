"""HTTP for warnings, a file for each subject; the only place of this stage that knows HTTP."""

from fastapi import APIRouter

from anlan.warn.routes import (
    alerts,
    answering,
    channels,
    deliveries,
    documents,
    push,
    upkeep,
    water,
)

router = APIRouter(tags=["warn"])
for part in (alerts, deliveries, channels, push, upkeep, water):
    router.include_router(part.router)
feed = APIRouter(tags=["warn"])
"""What stands on its own roots: the CAP feed, and the pages by which people answer."""
for root in (documents, answering):
    feed.include_router(root.router)

__all__ = ["feed", "router"]

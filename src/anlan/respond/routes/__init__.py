"""HTTP for the response, a file for each subject."""

from fastapi import APIRouter

from anlan.respond.routes import (
    answers,
    attachments,
    cases,
    checks,
    command,
    dispatch,
    evacuation,
    firms,
    handovers,
    incidents,
    joint,
    learning,
    live_check,
    notes,
    own_firm,
    packs,
    passes,
    resources,
    road_orders,
    roads,
    tasks,
    volunteer_own,
    volunteer_pages,
    volunteers,
)

FIRMS = (firms, own_firm, passes, checks, live_check, joint)

router = APIRouter()
pages = volunteer_pages.pages
# notes and answers first: their paths would else be taken for a command
for part in (
    incidents,
    command,
    handovers,
    answers,
    cases,
    notes,
    tasks,
    packs,
    attachments,
    roads,
    road_orders,
    resources,
    dispatch,
    evacuation,
    *FIRMS,
    volunteers,
    volunteer_own,
    learning,
):
    router.include_router(part.router)

"""HTTP for the response, a file for each subject."""

from fastapi import APIRouter

from anlan.respond.routes import (
    APIRouter,
    answers,
    attachments,
    cases,
    command,
    handovers,
    incidents,
    notes,
    packs,
    resources,
    roads,
    router,
    tasks,
)

# notes before tasks: its path would else be taken for a command
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
    resources,
):
    router.include_router(part.router)

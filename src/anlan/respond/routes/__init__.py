"""HTTP for the response, a file for each subject."""

from fastapi import APIRouter

from anlan.respond.routes import attachments, cases, command, handovers, incidents, notes, resources, roads, tasks

router = APIRouter()
# notes before tasks: its path would else be taken for a command
for part in (incidents, command, handovers, cases, notes, tasks, attachments, roads, resources):
    router.include_router(part.router)

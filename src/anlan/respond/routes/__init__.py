"""HTTP for the response, a file for each subject."""

from fastapi import APIRouter

from anlan.respond.routes import attachments, cases, incidents, tasks

router = APIRouter()
for part in (incidents, cases, tasks, attachments):
    router.include_router(part.router)

"""Pinghu's desk on a stepped clock, with the first firm of 当湖街道 and those who help it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from anlan.city import City
from anlan.store import Store
from tests.service.hand import Hand, raise_hand

NOON = datetime(2021, 7, 25, 4, 0, tzinfo=UTC)
FIRM, ITS_ACCOUNT = "F001", "firm-001"
TOWN, OTHER_TOWN = "town-danghu-1", "town-zhapu-1"
LIAISON, DUTY, CHECKER = "liaison-transport", "duty-1", "grid-001001"


@dataclass
class Help:
    """Everybody at a browser of their own."""

    hand: Hand
    stack: ExitStack
    seated: dict[str, TestClient]

    def at(self, account: str) -> TestClient:
        """The browser of ``account``."""
        if account not in self.seated:
            self.seated[account] = self.stack.enter_context(self.hand.signed_in(account))
        return self.seated[account]

    def get(self, account: str, path: str, status: int = 200) -> Any:
        """What ``account`` reads there."""
        answer = self.at(account).get(f"/api/v1{path}")
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, account: str, path: str, body: Any = None, status: int = 200) -> Any:
        """What ``account`` is answered."""
        answer = self.at(account).post(f"/api/v1{path}", json=body or {})
        assert answer.status_code == status, answer.text
        return answer.json()

    def dossier(self) -> Any:
        """The firm's dossier as its town sees it."""
        return self.get(TOWN, f"/firms/{FIRM}")

    def case(self, case_id: str) -> Any:
        """A case as the duty officer sees it."""
        return self.get(DUTY, f"/cases/{case_id}")

    def done(self, task: Any, **body: Any) -> None:
        """Whoever has the task acknowledges and completes it."""
        who = task["assignee"]
        self.post(who, f"/tasks/{task['id']}/acknowledge")
        self.post(who, f"/tasks/{task['id']}/complete", body)


@pytest.fixture
def help_(pinghu: City, store: Store) -> Iterator[Help]:
    with ExitStack() as stack:
        yield Help(raise_hand(pinghu, store, NOON), stack, {})

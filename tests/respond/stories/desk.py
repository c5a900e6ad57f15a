"""The people of a story, each with a key of their own, speaking to the service alone."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient
from PIL import Image

from tests.service.hand import Hand

API = "/api/v1"


@dataclass
class Town:
    """A desk, and a client that speaks for any account."""

    hand: Hand
    client: TestClient
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    shades: int = 0

    def _headers(self, account: str) -> dict[str, str]:
        if account not in self.keys:
            self.keys[account] = self.hand.key(account)
        return self.keys[account]

    def get(self, who: str, path: str, **query: Any) -> Any:
        answer = self.client.get(API + path, headers=self._headers(who), params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, who: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.client.post(API + path, headers=self._headers(who), json=dict(body or {}))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, who: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The refusal of a request: {message, field, value, remedy, kind}."""
        # as ASCII, so that what no file could hold can be sent as well
        answer = self.client.post(
            API + path,
            headers={**self._headers(who), "content-type": "application/json"},
            content=json.dumps(dict(body or {})),
        )
        assert 400 <= answer.status_code < 500, answer.text
        told = answer.json()
        assert told["message"]
        assert told["remedy"]
        return told

    def report(self, who: str, kind: str, **body: Any) -> str:
        return str(self.post(who, "/cases", {"kind": kind, **body})["id"])

    def case(self, who: str, case_id: str) -> Any:
        return self.get(who, f"/cases/{case_id}")

    def task(self, case_id: str, number: int = -1) -> Any:
        return self.case(self.duty, case_id)["tasks"][number]

    def do(self, case_id: str, command: str, who: str, **body: Any) -> str:
        return str(self.post(who, f"/cases/{case_id}/{command}", body)["state"])

    def work(self, case_id: str, **evidence: Any) -> str:
        """Who holds the newest task of a case takes it, goes there and reports it done."""
        task = self.task(case_id)
        for command in ("acknowledge", "depart", "arrive"):
            self.post(task["assignee"], f"/tasks/{task['id']}/{command}")
        self.post(task["assignee"], f"/tasks/{task['id']}/complete", evidence)
        return str(task["assignee"])

    def photo(self, who: str) -> str:
        self.shades += 20
        raw = io.BytesIO()
        Image.new("RGB", (8, 8), (self.shades % 256, 0, 0)).save(raw, "PNG")
        answer = self.client.post(
            f"{API}/attachments",
            headers=self._headers(who),
            files={"file": ("a.png", raw.getvalue())},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["digest"])

    @property
    def duty(self) -> str:
        return self.hand.account("duty_officer")

    def near(self, role: str, territory: str, number: int = 0) -> str:
        """An account of the role that answers for the unit or one above it, the nearest first."""
        known = self.hand.city.territory
        for code in [territory, *(unit.code for unit in known.ancestors(territory))]:
            found = [
                one.id
                for one in self.hand.city.accounts.values()
                if one.role == role and one.territory == code
            ]
            if len(found) > number:
                return found[number]
        raise AssertionError(f"nobody is {role} at {territory}")

"""The page on SensorThings: its requests are answered as it says."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from anlan.city import City
from anlan.store import Store
from tests.service.hand import raise_hand

PAGE = Path(__file__).parents[3] / "docs" / "sensorthings.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MORNING = datetime(2026, 5, 1, 6, 30, tzinfo=UTC)


def request(client: TestClient, command: str, keys: dict[str, str]) -> Any:
    """Carry out a ``curl`` of the page."""
    for name, key in keys.items():
        command = command.replace(f"${name}", key)
    words = shlex.split(command.replace("\\\n", " "))
    method, headers, options, body, url = "", {}, [], None, ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(rest)
        elif word == "--data-urlencode":
            name, _, value = next(rest).partition("=")
            options.append((name, value))
        elif word != "-G":
            url = word
    method = method or ("POST" if body is not None else "GET")
    return client.request(method, url, params=options or None, content=body, headers=headers)


def test_the_requests_of_the_page_are_answered_as_it_says(talstadt: City, store: Store) -> None:
    hand = raise_hand(talstadt, store, MORNING)
    admin = hand.account("admin")
    keys = {
        "ADMIN": hand.key(admin)["Authorization"].split()[1],
        "KEY": hand.key(admin, station="regen-mitte")["Authorization"].split()[1],
    }
    answers: list[Any] = []
    with TestClient(hand.app, base_url="http://127.0.0.1:8000") as client:
        for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
            if kind == "json":
                assert answers[-1].json() == json.loads(text)
            else:
                answers.append(request(client, text, keys))
    found = [answer.status_code for answer in answers]
    assert found == [201, 400, 201, 200, 200, 201, 201, 200, 200, 200]

"""The commands about accounts, keys, people and rights, as an administrator uses them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anlan.access import settings
from anlan.access.policy import ROWS
from anlan.access.rights import ROLES
from anlan.city import City
from anlan.cli.commands import app
from anlan.cli.doctor import sign_in_findings
from anlan.cli.rights import MARK, cell, page
from anlan.refusal import Refusal
from anlan.store import Store
from tests.access.provider import CLIENT, Provider
from tests.access.test_sign_in import NOW

ROOT = Path(__file__).parents[2]
CITY = str(ROOT / "cities" / "talstadt")


class Terminal:
    """Commands on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.data = ("--data-dir", str(folder))

    def run(self, *words: str) -> str:
        found = CliRunner().invoke(app, [*words, *self.data], catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return found.stdout

    def json(self, *words: str) -> list[dict[str, object]]:
        told: list[dict[str, object]] = json.loads(self.run(*words, "--json"))
        return told


@pytest.fixture
def terminal(store: Store) -> Terminal:
    return Terminal(store.data_dir)


def test_keys_and_links_are_listed_and_taken_back(terminal: Terminal) -> None:
    key = terminal.run("key", "create", CITY, "--role", "analyst").strip()
    terminal.run("key", "link", CITY, "duty-1")
    shown = terminal.json("key", "list", CITY)
    assert [(one["kind"], one["account"]) for one in shown] == [
        ("key", "analyst-1"),
        ("link", "duty-1"),
    ]
    assert key not in str(shown)
    terminal.run("key", "revoke", CITY, str(shown[0]["id"]))
    assert [one["kind"] for one in terminal.json("key", "list", CITY)] == ["link"]
    with pytest.raises(Refusal, match="names 0 keys"):
        terminal.run("key", "revoke", CITY, str(shown[0]["id"]))
    with pytest.raises(Refusal, match="names"):
        terminal.run("key", "revoke", CITY, "%")


def test_an_account_is_disabled_enabled_and_reset(terminal: Terminal) -> None:
    def state(account: str) -> dict[str, object]:
        return next(
            one for one in terminal.json("account", "list", CITY) if one["account"] == account
        )

    assert state("duty-1")["needs_second_factor"] is True
    terminal.run("key", "create", CITY, "--account", "duty-1")
    terminal.run("account", "disable", CITY, "duty-1")
    assert state("duty-1")["disabled"] is True
    assert terminal.json("key", "list", CITY) == []
    with pytest.raises(Refusal, match="unknown or disabled"):
        terminal.run("key", "link", CITY, "duty-1")
    terminal.run("account", "enable", CITY, "duty-1")
    assert "key link" in terminal.run("account", "reset", CITY, "duty-1")
    with pytest.raises(Refusal, match="unknown"):
        terminal.run("account", "disable", CITY, "nobody")


def test_the_page_about_rights_is_what_the_tables_say() -> None:
    """After a new route: ``anlan rights --write docs/rights.md``."""
    written = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8").partition(MARK)[2]
    assert written == "\n" + page()


def test_the_matrix_shows_nothing_to_roles_without_the_right() -> None:
    for row in ROWS:
        for role, has in ROLES.items():
            shown = cell(role, row)
            if row.rights:
                assert bool(shown) is not has.isdisjoint(row.rights), (row, role)


def test_the_doctor_says_how_people_come_in_and_whether_the_provider_answers(
    talstadt: City, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    found = {what: (ok, told) for what, ok, told in sign_in_findings(talstadt, store.data_dir)}
    assert found["single sign-on"] == (True, "none ([sign_in.sso] of city.toml)")
    provider = Provider(lambda: NOW)
    sso = {"issuer": provider.issuer, "client_id": CLIENT}
    city = replace(talstadt, settings={**talstadt.settings, "sign_in": {"sso": sso}})

    def said() -> tuple[bool, str]:
        return next((ok, told) for _, ok, told in sign_in_findings(city, store.data_dir))

    assert said() == (True, f"{provider.issuer} answers; public: no {settings.SECRET}")
    provider.close()
    assert said()[0] is False

"""What a city folder says of channels and contacts, checked by name; lanes; pushed reports."""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from anlan.refusal import Refusal
from anlan.service import errors
from anlan.warn import Senders, routes
from anlan.warn.channels import settings
from anlan.warn.channels.book import SealedBook
from tests.warn.channels.office import MESSAGES, Office, wait_for
from tests.warn.channels.web import Provider, Request

HOOK = 'kind = "webhook"\nurl = "https://gateway.example"'


@pytest.fixture
def fault(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The faults of a folder with this table and these contacts, as a check says them."""
    monkeypatch.setenv("ANLAN_CHANNEL_SMS_SECRET", "x")
    office.configure("sms", HOOK)

    def found(table: str, contacts: str = "", top: str = "[sms]") -> str:
        (office.folder / "channels.toml").write_text(f"{top}\n{table}", "utf-8")
        if contacts:
            (office.folder / "contacts.csv").write_text(contacts, "utf-8")
        return "\n".join(str(each) for each in settings.check(office.city))

    return found


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('kind = "pigeon"', "sms.kind 'pigeon' is not known; write email"),
        ("", "sms.kind is missing"),
        (HOOK + "\nper_minute = 0", "sms.per_minute '0.0' is not above 0"),
        (HOOK + "\ngive_up_s = -1", "sms.give_up_s"),
        (HOOK + '\nsecret = "abc"', "sms.secret is not a key"),
        ('kind = "webhook"\nurl = "http://gateway.example"', "leaves the line open"),
        ('kind = "webhook"\nurl = "https://user:pw@gateway.example"', "is no plain URL"),
        (
            'kind = "email"\nhost = "x"\nsecurity = "none"\nsender = "a@b.example"',
            "leaves the line",
        ),
        ('kind = "email"\nhost = "x"\nsender = "a b"', "is no e-mail address"),
        ('kind = "smpp"\nhost = "x"\nuser = "u"\nsender = "Anlan Warns Too Long"', "is no sender"),
        ('kind = "smpp"\nhost = "x"\nuser = "u"\nsender = "1"\nlong = "cut"', "udh, payload"),
        ('kind = "aliyun_sms"\nsign_name = "x"', "sms.template is missing"),
        ('kind = "mqtt"\nurl = "mqtt://broker.example"', "leaves the line open"),
        ('kind = "dingtalk_notice"\nagent_id = "5"', "sms.agent_id"),
        ("kind =", "channels.toml cannot be read"),
    ],
)
def test_a_fault_of_the_file_names_key_and_remedy(
    fault: Callable[..., str], table: str, words: str
) -> None:
    assert words in fault(table)


def test_a_file_that_cannot_be_read_is_one_fault(fault: Callable[..., str]) -> None:
    assert len(fault("kind =").splitlines()) == 1


def test_a_secret_in_the_folder_stays_unsaid(fault: Callable[..., str]) -> None:
    assert "abc" not in fault(HOOK + '\nsecret = "abc"')


def test_a_channel_that_no_tier_uses_is_a_fault(fault: Callable[..., str]) -> None:
    assert "telegraph is used by no tier" in fault(HOOK, top="[telegraph]")


def test_a_good_folder_has_no_faults(fault: Callable[..., str]) -> None:
    good = "person,kind,address\nwang,email,wang@town.example\n"
    assert fault(HOOK + '\n[replies]\nyes = ["收到"]', good) == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("nobody,email,a@b.example", "row 2: person 'nobody' is not known"),
        ("wang,fax,1", "row 2: kind 'fax' is not known"),
        ("wang,email,secret-address", "row 2: address is no address for email"),
        ("wang,email,王@town.example", "row 2: address is no address for email"),
        ("wang,mqtt,speakers/#", "row 2: address is no address for mqtt"),
        ("wang,email", "row 2: row has 2 cells"),
        (
            "wang,email,a@b.example\nwang,email,c@d.example",
            "row 3: kind email of wang stands twice",
        ),
    ],
)
def test_a_fault_of_the_contacts_names_row_and_remedy_but_no_address(
    fault: Callable[..., str], row: str, words: str
) -> None:
    said = fault(HOOK, "person,kind,address\n" + row)
    assert words in said
    assert "secret-address" not in said


def test_the_contacts_of_the_desk_are_those_of_the_folder(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_CHANNEL_SMS_SECRET", "x")
    book = SealedBook(office.store, office.vault, office.clock)
    first = {"wang,email": "wang@town.example", "li,email": "li@town.example"}
    office.configure("sms", HOOK, first)
    office.configure("sms", HOOK, {"wang,email": "wang@city.example"})
    assert book.addresses("email", ["wang", "li"]) == {"wang": "wang@city.example"}
    assert b"@city.example" not in office.everything_on_disk()


def examples() -> list[str]:
    """The tables of `docs/channels.md`."""
    page = Path(__file__).parents[3] / "docs" / "channels.md"
    return re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)


@pytest.mark.parametrize("example", examples(), ids=lambda text: text.split("]")[0].strip("[#"))
def test_every_example_of_the_documents_is_a_good_file(
    fault: Callable[..., str], office: Office, example: str
) -> None:
    names = [name for name in tomllib.loads(example) if name != "replies"]
    words = MESSAGES.replace('"NAME"', ", ".join(f'"{name}"' for name in names))
    (office.folder / "messages.toml").write_text(words, "utf-8")
    assert fault(example, top="") == ""


def test_a_desk_does_not_begin_without_a_secret(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANLAN_CHANNEL_SMS_SECRET", raising=False)
    with pytest.raises(Refusal, match="ANLAN_CHANNEL_SMS_SECRET, which is not set"):
        office.configure("sms", HOOK)


def test_a_slow_channel_holds_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def hold(_: Request) -> tuple[int, dict[str, object]]:
        let_go.wait(60)
        return 200, {}

    slow = Provider(hold)
    monkeypatch.setenv("ANLAN_CHANNEL_GATEWAY_SECRET", "x")
    office.configure("gateway", f'kind = "webhook"\nurl = "{slow.url}"')
    late, soon = office.plan("gateway", "wang"), office.plan("voice", "li")
    orphan = office.plan("telegraph", "zhao")
    senders = Senders(office.store, office.clock, office.outlets, period_s=0.01)
    senders.start()
    wait_for(lambda: office.row(late).state == "sending")
    wait_for(lambda: office.row(soon).state == "sent")
    wait_for(lambda: office.row(orphan).state == "failed")
    assert office.row(late).state == "sending"
    let_go.set()
    wait_for(lambda: office.row(late).state == "sent")
    senders.stop()
    slow.close()
    assert senders.problems() == {}


def test_reports_are_let_in_by_their_token_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANLAN_CHANNEL_SMS_SECRET", "x")
    monkeypatch.setenv("ANLAN_CHANNEL_SMS_REPORT_TOKEN", "push-token")
    provider = Provider(lambda _: (200, {}))
    line = office.configure("sms", f'kind = "webhook"\nurl = "{provider.url}"')
    name = office.plan("sms", "wang")
    office.deliver()
    app = FastAPI()
    errors.install(app)
    app.include_router(routes.router, prefix="/api/v1")
    app.state.lines = {"sms": line}
    client = TestClient(app)
    body = [{"delivery": name, "state": "delivered"}]
    for path in ("sms/reports/wrong", "sms/reports/", "voice/reports/push-token"):
        assert client.post(f"/api/v1/channels/{path}", json=body).status_code == 404
    assert office.row(name).state == "sent"
    good = client.post("/api/v1/channels/sms/reports/push-token", json=body)
    assert (good.status_code, good.json()) == (200, {"known": 1, "unknown": 0})
    assert office.row(name).state == "delivered"
    assert client.post("/api/v1/channels/sms/reports/push-token", json=[5, "x"]).status_code == 422
    huge = client.post("/api/v1/channels/sms/reports/push-token", content=b"[" * 2_000_000)
    assert huge.status_code == 422
    provider.close()

"""Clauses 11 and 12 of OGC 18-088: several requests in one, observations as data arrays."""

from __future__ import annotations

import json
from email.parser import BytesParser
from typing import Any

import pytest
from sqlalchemy import select

from anlan.store import schema
from tests.observe.sta.conftest import OVEN, ROOT, Client
from tests.service.hand import Hand

THING = {"name": "pier", "description": "a pier"}
SENSOR = {"name": "s", "description": "d", "encodingType": "text/plain", "metadata": "m"}
STREAM = {
    **{name: value for name, value in OVEN["Datastreams"][0].items() if name != "Observations"},  # type: ignore[index]
    "Thing": {"@iot.id": "$pier"},
    "Sensor": {"@iot.id": "$sensor"},
}


def ask(client: Client, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """The responses of a JSON batch."""
    answer = client.http.post(f"{ROOT}/$batch", json={"requests": list(requests)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["responses"]
    return found


def one(id: str, method: str, url: str, body: Any = None, group: str = "") -> dict[str, Any]:
    """A request of a JSON batch."""
    found = {"id": id, "method": method, "url": url, "body": body}
    return found | ({"atomicityGroup": group} if group else {})


def test_requests_are_carried_out_in_order_and_name_what_others_made(admin: Client) -> None:
    replies = ask(
        admin,
        one("pier", "post", "Things", THING),
        one("sensor", "post", f"http://testserver{ROOT}/Sensors", SENSOR),
        one("stream", "post", "Datastreams", STREAM),
        one("look", "get", "$pier/Datastreams?$expand=Sensor($select=name)&$select=name"),
        one("change", "patch", "$pier", {"name": "jetty"}),
        one("again", "get", "$pier?$select=name"),
        one("none", "get", "Things('none')"),
        one("gone", "delete", "$pier"),
        one("wrong", "brew", "Things"),
    )
    assert [each["status"] for each in replies] == [201, 201, 201, 200, 200, 200, 404, 200, 400]
    assert replies[0]["location"].startswith(f"http://testserver{ROOT}/Things('sta:")
    assert replies[3]["body"]["value"][0]["Sensor"] == {"name": "s"}
    assert replies[5]["body"] == {"name": "jetty"}
    assert replies[6]["body"]["error"]["code"] == "404"


def test_a_group_happens_whole_or_not_at_all(admin: Client, hand: Hand) -> None:
    tide = "Datastreams('zhapu.tide')/Observations"
    replies = ask(
        admin,
        one("pier", "post", "Things", THING, "g"),
        one("wrong", "post", tide, {"result": "high"}, "g"),
        one("after", "post", "Things", THING, "g"),
        one("alone", "post", "Things", {**THING, "name": "alone"}),
        one("named", "get", "$pier"),
    )
    assert [each["status"] for each in replies] == [409, 400, 409, 201, 404]
    assert admin.ids("/Things", filter="name eq 'pier'") == []
    assert len(admin.ids("/Things", filter="name eq 'alone'")) == 1
    # what was refused lies in quarantine all the same
    with hand.store.read() as conn:
        assert "high" in conn.execute(select(schema.quarantine.c.raw)).scalar_one()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"requests": 1},
        {"requests": [1]},
        {"requests": [{"id": "1"}]},
        {"requests": [{"id": 1, "method": "get", "url": "Things"}]},
        {"requests": [one("1", "get", "Things"), one("1", "get", "Things")]},
        {"requests": [one(str(n), "get", "Things") for n in range(201)]},
    ],
)
def test_a_batch_of_another_shape_is_400(reader: Client, body: Any) -> None:
    assert reader.http.post(f"{ROOT}/$batch", json=body).status_code == 400


MULTIPART = """--batch_1
Content-Type: application/http

GET Things('zhapu')?$select=name HTTP/1.1
Host: localhost

--batch_1
Content-Type: multipart/mixed; boundary=changes_1

--changes_1
Content-Type: application/http
Content-ID: pier

POST Things HTTP/1.1
Content-Type: application/json

{"name": "pier", "description": "a pier"}
--changes_1
Content-Type: application/http
Content-ID: move

PATCH $pier HTTP/1.1
Content-Type: application/json

{"name": "jetty"}
--changes_1--
--batch_1
Content-Type: application/http

GET Things('none') HTTP/1.1

--batch_1--
"""


def test_the_standard_s_own_batch_is_multipart(admin: Client) -> None:
    """batch-request/batch-request."""
    answer = admin.http.post(
        f"{ROOT}/$batch",
        content=MULTIPART.replace("\n", "\r\n"),
        headers={"Content-Type": "multipart/mixed; boundary=batch_1"},
    )
    assert answer.status_code == 200, answer.text
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    whole: Any = BytesParser().parsebytes(head + answer.content)
    first, changes, last = whole.get_payload()
    made, moved = changes.get_payload()
    texts = [part.get_payload(decode=True).decode() for part in (first, made, moved, last)]
    assert [text.split()[1] for text in texts] == ["200", "201", "200", "404"]
    assert json.loads(texts[0].rpartition("\r\n\r\n")[2]) == {"name": "乍浦潮位站"}
    assert made["Content-ID"] == "pier"
    assert "Location: http://testserver/sta/v1.1/Things('sta:" in texts[1]
    assert len(admin.ids("/Things", filter="name eq 'jetty'")) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"x", "multipart/mixed"),
        (b"x", "multipart/mixed; boundary=a"),
        (b"--a\r\n\r\nhello\r\n--a--", "multipart/mixed; boundary=a"),
        (b"--a\r\nContent-Type: application/http\r\n\r\n\r\n--a--", "multipart/mixed; boundary=a"),
        (b"--a" * 1_000, "multipart/mixed; boundary=a"),
        (
            b"".join(
                b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1)
                for n in range(3_000)
            ),
            "multipart/mixed; boundary=b0",
        ),
        (b"\xff" * 100, "multipart/mixed; boundary=\xc3\xa9"),
    ],
)
def test_a_multipart_body_without_requests_is_400(
    reader: Client, content: bytes, kind: str
) -> None:
    headers = {"Content-Type": kind.encode()}
    answer = reader.http.post(f"{ROOT}/$batch", content=content, headers=headers)
    assert answer.status_code == 400, answer.text


def test_data_arrays_bring_observations_of_several_datastreams(admin: Client) -> None:
    """Clause 12.2: each row for itself, in order."""
    body = [
        {
            "Datastream": {"@iot.id": "zhapu.tide"},
            "components": ["phenomenonTime", "result", "FeatureOfInterest/id"],
            "dataArray@iot.count": 3,
            "dataArray": [
                ["2021-07-25T03:51:00Z", 2.4, "zhapu"],
                ["2021-07-25T03:52:00Z", 2.4, "none"],
                ["2021-07-25T03:53:00Z", "high", "zhapu"],
            ],
        },
        {
            "Datastream": {"@iot.id": "rain-zhapu.rain"},
            "components": ["phenomenonTime", "result", "parameters"],
            "dataArray": [["2021-07-25T03:40:00Z/2021-07-25T03:50:00Z", 0.2, {"unit": "cm"}]],
        },
        {"Datastream": {"@iot.id": "none"}, "components": ["result"], "dataArray": [[1]]},
    ]
    answer = admin.http.post(f"{ROOT}/CreateObservations", json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert [line.startswith("error") for line in made] == [False, True, True, False, True]
    assert admin.get(made[0].partition(ROOT)[2])["result"] == 2.4
    assert admin.get(made[3].partition(ROOT)[2])["result"] == 2.0
    assert admin.http.post(f"{ROOT}/CreateObservations", json=body).json() == made


@pytest.mark.parametrize(
    "body",
    [
        {},
        [1],
        [{}],
        [{"components": ["colour"], "dataArray": []}],
        [{"components": ["result"], "dataArray": [[1, 2]]}],
        [{"components": ["result"], "dataArray": {}}],
        [{"components": ["result"], "dataArray": [[1]] * 20_001}],
    ],
)
def test_a_data_array_of_another_shape_is_400(reader: Client, body: Any) -> None:
    assert reader.http.post(f"{ROOT}/CreateObservations", json=body).status_code == 400

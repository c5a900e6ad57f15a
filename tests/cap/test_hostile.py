"""What a stranger may send: each is refused with a sentence, quickly and in bounded memory."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from anlan.cap import NAMESPACE, CapError, read, validate

PLAIN = f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="{NAMESPACE}">
  <identifier>X1</identifier>
  <sender>a@b.cn</sender>
  <sent>2021-07-25T14:30:00+08:00</sent>
  <status>Exercise</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <category>Met</category>
    <event>storm tide</event>
    <urgency>Future</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
    <area><areaDesc>Zhapu</areaDesc><polygon>30,121 30,122 31,122 30,121</polygon></area>
  </info>
</alert>
"""


def test_the_plain_message_is_read() -> None:
    alert = read(PLAIN.encode())
    assert alert.identifier == "X1"
    assert alert.infos[0].areas[0].polygons[0][1] == (122.0, 30.0)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE alert>",
        '<!DOCTYPE alert [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE alert SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_every_doctype_is_refused(doctype: str) -> None:
    text = PLAIN.replace("<alert", doctype + "<alert", 1)
    with pytest.raises(CapError, match="DOCTYPE, which CAP never needs; remove it"):
        read(text.encode())


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("<sender>a@b.cn</sender>", "", "'sender' is missing; add it"),
        ("<scope>Public</scope>", "<scope>public</scope>", "'public' is not one of Public"),
        ("+08:00</sent>", "Z</sent>", "is not a CAP time"),
        ("<status>Exercise</status>", "<status>Exercise</status>" * 2, "stands 2 times; keep one"),
        ("30,121 30,122 31,122 30,121", "hello", "'hello' is not a point"),
        ("<polygon>30,121 30,122 31,122 30,121</polygon>", "<circle>30,121</circle>", "radius_km"),
        ("<area>", "<area><wave/>", "'wave' is not CAP 1.2"),
        (":cap:1.2", ":cap:1.1", "send an alert of namespace"),
        ("</alert>", "", "not well-formed"),
    ],
)
def test_each_fault_is_named_with_its_remedy(old: str, new: str, sentence: str) -> None:
    with pytest.raises(CapError, match=sentence):
        read(PLAIN.replace(old, new, 1).encode())


def test_elements_out_of_the_schemas_order_are_named() -> None:
    text = PLAIN.replace("<status>Exercise</status>", "", 1).replace(
        "<scope>Public</scope>", "<scope>Public</scope><status>Exercise</status>"
    )
    with pytest.raises(CapError, match="'status' stands too late; keep the schema's order"):
        read(text.encode())


def test_all_faults_of_a_message_are_named_at_once() -> None:
    text = PLAIN.replace("<sender>a@b.cn</sender>", "").replace("Severe", "severe")
    with pytest.raises(CapError) as caught:
        read(text.encode())
    assert len(caught.value.problems) == 2


def test_a_message_over_four_mebibytes_is_refused_unread() -> None:
    with pytest.raises(CapError, match="at most 4194304 are read"):
        read(b" " * (4 * 1024 * 1024 + 1))


@contextmanager
def counted_calls() -> Iterator[list[int]]:
    """Calls of functions, Python's and C's, in a list of one number: work, on any machine."""
    calls = [0]

    def note(_frame: object, event: str, _argument: object) -> None:
        calls[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize(
    "text", ["<a>" * 500_000, f'<alert xmlns="{NAMESPACE}">' + "<info/>" * 400_000]
)
def test_floods_of_elements_are_stopped_early(text: str) -> None:
    with (
        counted_calls() as calls,
        pytest.raises(CapError, match=r"nested more than|more than 20000 elements"),
    ):
        read(text.encode())
    assert sum(calls) < 400_000  # for as many or more elements, two calls each if all were read


def test_the_verdict_on_a_polygon_takes_a_few_calls_a_point() -> None:
    points = " ".join(f"{30 + i / 1e6},{121 + i / 1e6}" for i in range(100_000))
    text = PLAIN.replace("30,121 30,122 31,122 30,121", points + " 30.0,121.0")
    with counted_calls() as calls:
        verdict = validate(text.encode())
    assert sum(calls) < 30 * 100_000
    assert any("simplify" in each for each in verdict.warnings)


def test_a_signature_of_another_namespace_is_left_out() -> None:
    signed = PLAIN.replace(
        "</alert>", '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></alert>'
    )
    assert read(signed.encode()) == read(PLAIN.encode())


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"not xml", b"<?xml version='1.0' encoding='no-such'?><a/>"],
)
def test_what_is_not_xml_is_refused(data: bytes) -> None:
    with pytest.raises(CapError):
        read(data)

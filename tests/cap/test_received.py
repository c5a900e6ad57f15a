"""Messages as centres really send them, and the feeds in which they come."""

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.cap import NAMESPACE, CapError, Severity, Urgency, read, read_feed, read_received
from tests.cap.test_hostile import PLAIN

SHANGHAI = ZoneInfo("Asia/Shanghai")

# in the manner of the national early-warning centre: colour for severity, eventType, no urgency,
# times without zone or seconds, empty references
NATIONAL = """<?xml version="1.0" encoding="UTF-8"?>
<alert>
  <identifier>33048241600000_20210725101500</identifier>
  <sender>33048241600000</sender>
  <sent>2021-07-25 10:15</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <code><secClassification>None</secClassification></code>
  <references/>
  <info>
    <language>zh_CN</language>
    <eventType>11B03</eventType>
    <severity>Orange</severity>
    <effective>2021-07-25 10:15:00</effective>
    <expires/>
    <senderName>平湖市气象台</senderName>
    <headline>平湖市气象台发布暴雨橙色预警信号</headline>
    <description>预计未来3小时内降雨量将达50毫米以上。</description>
    <area><areaDesc>平湖市</areaDesc>
      <geocode><valueName>国家编码</valueName><value>330482000000</value></geocode></area>
  </info>
</alert>
"""


def test_a_message_of_the_national_kind_is_read_and_each_repair_is_named() -> None:
    text = NATIONAL.replace("<code><secClassification>None</secClassification></code>", "")
    received = read_received(text.encode(), SHANGHAI)
    info = received.alert.infos[0]
    assert received.alert.sent.isoformat() == "2021-07-25T10:15:00+08:00"
    assert (info.urgency, info.severity) == (Urgency.UNKNOWN, Severity.SEVERE)
    assert info.language == "zh-CN"
    assert ("eventType", "11B03") in info.event_codes
    assert "'urgency' was missing; read as Unknown" in received.repairs
    assert "severity 'Orange' was read as Severe" in received.repairs


def test_a_time_without_zone_is_a_fault_where_no_zone_is_agreed_on() -> None:
    with pytest.raises(CapError, match="is not a CAP time"):
        read_received(NATIONAL.encode())


def test_a_correct_message_needs_no_repair() -> None:
    received = read_received(PLAIN.encode())
    assert received.alert == read(PLAIN.encode())
    assert received.repairs == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<identifier>X1</identifier>", ""),
        ("<status>Exercise</status>", "<status>Perhaps</status>"),
        ("2021-07-25T14:30:00+08:00", "yesterday"),
        ("2021-07-25T14:30:00+08:00", "2021-02-30T14:30:00+08:00"),
        ("30,121 30,122 31,122 30,121", "hello"),
    ],
)
def test_what_would_be_a_guess_stays_a_fault(old: str, new: str) -> None:
    with pytest.raises(CapError):
        read_received(PLAIN.replace(old, new).encode(), SHANGHAI)


@given(st.binary(max_size=400), st.integers(0, len(PLAIN)), st.integers(0, 60))
def test_no_bytes_do_worse_than_a_refusal(noise: bytes, at: int, cut: int) -> None:
    data = PLAIN.encode()
    document = data[:at] + noise + data[at + cut :]
    for reads in (lambda: read_received(document, SHANGHAI), lambda: read_feed(document)):
        with suppress(CapError):  # anything else fails the test
            reads()


ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>w</title>
<entry><id>urn:1</id><updated>2021-07-25T10:00:00Z</updated><title>one</title>
  <link rel="alternate" type="text/html" href="page.html"/>
  <link rel="alternate" type="application/cap+xml" href="cap/one.xml"/></entry>
<entry><id>urn:2</id><updated>2021-07-25T11:00:00Z</updated><title>two</title>
  <content type="text/xml">{PLAIN[PLAIN.index("<alert") :]}</content></entry></feed>"""


def test_an_atom_feed_gives_links_and_documents() -> None:
    one, two = read_feed(ATOM.encode(), "https://met.example/feeds/atom.xml")
    assert one.link == "https://met.example/feeds/cap/one.xml"
    assert one.document is None
    assert two.document is not None
    assert read(two.document).identifier == "X1"
    assert two.key == "urn:2 2021-07-25T11:00:00Z"


def test_an_rss_feed_gives_links() -> None:
    rss = """<rss version="2.0"><channel><title>w</title><item><title>暴雨</title>
      <link>https://met.example/1.xml</link><guid>g1</guid></item></channel></rss>"""
    (entry,) = read_feed(rss.encode(), "https://met.example/rss.xml")
    assert (entry.link, entry.title, entry.key) == ("https://met.example/1.xml", "暴雨", "g1")


def test_a_lone_alert_is_a_feed_of_one() -> None:
    (entry,) = read_feed(PLAIN.encode())
    assert entry.document == PLAIN.encode()


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ('<!DOCTYPE feed SYSTEM "http://127.0.0.1/"><feed/>', "DOCTYPE"),
        ("<html><body>busy</body></html>", "an Atom or RSS feed or an alert is read"),
        ("not xml", "not well-formed"),
    ],
)
def test_what_is_no_feed_is_refused(document: str, sentence: str) -> None:
    with pytest.raises(CapError, match=sentence):
        read_feed(document.encode())


def test_a_message_signed_inside_a_feed_still_verifies() -> None:
    from anlan.cap import verified
    from tests.cap.keys import NOW, new_keys

    met = new_keys()
    signed = met.sign(PLAIN.encode()).decode()
    feed = ATOM.replace(PLAIN[PLAIN.index("<alert") :], signed)
    entry = read_feed(feed.encode())[1]
    assert entry.document is not None
    assert NAMESPACE.encode() in entry.document
    assert read(verified(entry.document, [met.certificate], NOW)).identifier == "X1"

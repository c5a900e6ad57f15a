"""Lists of alerts: Atom and RSS feeds, and what they point at.

Source: RFC 4287 (Atom), RSS 2.0.11. Feeds of warning centres either hold the CAP document inside
an entry or link to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from lxml import etree

from anlan.cap.alert import NAMESPACE, CapError

MAX_BYTES = 8 * 1024 * 1024
MAX_ENTRIES = 500
"""Entries read of one feed, in its order: centres put the newest first."""
_ATOM = "{http://www.w3.org/2005/Atom}"
_CAP = f"{{{NAMESPACE}}}"
_CAP_TYPES = ("application/cap+xml", "application/common-alerting-protocol+xml")
_XML_TYPES = (*_CAP_TYPES, "application/xml", "text/xml")


@dataclass(frozen=True)
class Entry:
    """One entry of a feed.

    Attributes:
        key: what tells it from others and from its own later version (id and time of update).
        title: as given.
        link: absolute address of the CAP document, empty when it is inside.
        document: the CAP document where the entry holds it, byte for byte in its own prefixes.
    """

    key: str
    title: str
    link: str
    document: bytes | None


def read_feed(data: bytes, address: str = "") -> list[Entry]:
    """The entries of an Atom or RSS feed; a lone alert is a feed of one.

    Args:
        data: the feed.
        address: where it came from; relative links start there.

    Raises:
        CapError: for a DOCTYPE, more than 8 MiB, bad XML, or something that is no feed.
    """
    root = _parse(data)
    if root.tag in (f"{_CAP}alert", "alert"):
        return [Entry("", "", "", data)]
    if root.tag == f"{_ATOM}feed":
        return [_atom(entry, address) for entry in root.findall(f"{_ATOM}entry")[:MAX_ENTRIES]]
    items = root.findall("channel/item") if root.tag == "rss" else None
    if items is None:
        raise CapError(
            [f"the root element is '{str(root.tag)[:60]}'; an Atom or RSS feed or an alert is read"]
        )
    return [_rss(item, address) for item in items[:MAX_ENTRIES]]


def _parse(data: bytes) -> etree._Element:
    if len(data) > MAX_BYTES:
        raise CapError([f"the feed has {len(data)} bytes; at most {MAX_BYTES} are read"])
    # expat first: it alone refuses a DOCTYPE before anything of it is acted on
    guard = DefusedXMLParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        guard.feed(data)
        guard.close()
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        return etree.fromstring(data, parser)
    except DefusedXmlException:
        raise CapError(["the feed has a DOCTYPE, which it never needs; remove it"]) from None
    except (SyntaxError, ValueError, LookupError) as error:
        raise CapError([f"the feed is not well-formed XML: {error}"]) from None


def _text(parent: etree._Element, name: str) -> str:
    found = parent.find(name)
    return "" if found is None else "".join(found.itertext()).strip()[:2000]


def _inside(parent: etree._Element) -> bytes | None:
    found = parent.find(f".//{_CAP}alert")
    return None if found is None else etree.tostring(found, with_tail=False)


def _atom(entry: etree._Element, address: str) -> Entry:
    links = [
        (each.get("type", ""), each.get("rel", "alternate"), each.get("href", ""))
        for each in entry.findall(f"{_ATOM}link")
        if each.get("href")
    ]
    named = entry.find(f"{_ATOM}content")
    if named is not None and named.get("src"):
        links.append((named.get("type", ""), "alternate", named.get("src", "")))
    key = f"{_text(entry, f'{_ATOM}id')} {_text(entry, f'{_ATOM}updated')}"
    return _entry(entry, key, _text(entry, f"{_ATOM}title"), links, address)


def _rss(item: etree._Element, address: str) -> Entry:
    links = [
        (each.get("type", ""), "enclosure", each.get("url", ""))
        for each in item.findall("enclosure")
        if each.get("url")
    ]
    if link := _text(item, "link"):
        links.append(("", "alternate", link))
    key = f"{_text(item, 'guid') or _text(item, 'link')} {_text(item, 'pubDate')}"
    return _entry(item, key, _text(item, "title"), links, address)


def _entry(
    element: etree._Element,
    key: str,
    title: str,
    links: list[tuple[str, str, str]],
    address: str,
) -> Entry:
    document = _inside(element)

    def rank(link: tuple[str, str, str]) -> tuple[bool, bool, bool]:
        kind, relation, _ = link
        plain = kind.partition(";")[0].strip().lower()
        usual = relation in ("alternate", "enclosure", "related")
        return (plain not in _CAP_TYPES, plain not in _XML_TYPES, not usual)

    best = min(links, key=rank, default=None)
    link = "" if best is None or document is not None else urljoin(address, best[2])
    return Entry(key.strip() or link, title, link, document)

"""Free text of every kind, and what an output that shows it as text looks like."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

from anlan.legible import legible

HOSTILE = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "entity": "&lt;b&gt; &amp;amp; ]]> <!-- -->",
    "formula": '=HYPERLINK("http://x","点我")',
    "sql": "'); DROP TABLE alert; --",
    "template": "{area} ${text} {0} {{x}} %s {link}",
    "markdown": "[点我](http://evil.example) **粗** # 标题",
    "bidi": "低洼\u202e处\u2066请\u200f转移",
    "nul": "水\x00位\x07上\x1b[31m涨",
    "lines": "第一行\r\n第二行\u2028第三行",
    "emoji": "🌊水👨‍👩‍👧",
    "no characters": "水\ufffe位\uffff上涨\ufdd0",
}

FORMULA = tuple("=+-@\t\r＝＋－＠")


class Shown(HTMLParser):
    """What a page shows, and whether anything in it could act or lead away."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.acting: list[str] = []
        self._styled = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._styled = tag == "style"
        if tag in ("script", "img", "iframe", "object", "form"):
            self.acting.append(tag)
        self.acting += [
            name
            for name, value in attrs
            if name.startswith("on") or (name == "href" and not (value or "").startswith("#"))
        ]

    def handle_endtag(self, tag: str) -> None:
        self._styled = False

    def handle_data(self, data: str) -> None:
        if not self._styled:
            self.words.append(data)


def flat(text: str) -> str:
    """``text`` as its letters alone: where lines break and words part is the layout's matter."""
    return "".join(text.split())


def lost_on_page(page: str) -> list[str]:
    """Kinds of `HOSTILE` that a page does not show as text; "acts" if anything in it does more."""
    shown = Shown(page)
    whole = flat("".join(shown.words))
    lost = [kind for kind, text in HOSTILE.items() if flat(legible(text)) not in whole]
    lost += [f"acts: {what}" for what in shown.acting]
    if any(legible(sign) != sign for sign in whole):
        lost.append("signs that nobody sees")
    return lost


def lost_in_sheet(sheet: str) -> list[str]:
    """The same of a CSV: every row as wide as its head, nothing that a spreadsheet would run."""
    assert sheet.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(sheet.removeprefix("\ufeff"))))
    cells = [cell for row in rows for cell in row]
    whole = flat("\n".join(cells))
    lost = [kind for kind, text in HOSTILE.items() if flat(legible(text)) not in whole]
    lost += [f"runs: {cell}" for cell in cells if cell.lstrip().startswith(FORMULA)]
    if any(legible(sign) != sign for sign in whole):
        lost.append("signs that nobody sees")
    wide = {len(row) for row in rows if len(row) > 1}
    return lost if len(wide) <= 1 else [*lost, f"rows of {wide} cells"]

"""The report as a Word document that an office edits: real headings, tables, captions, fields.

Set in the fonts that come with every Chinese Windows and Office: 黑体 for headings, 仿宋 for
running text, 宋体 for tables; Times New Roman for Latin. The layout stands in styles, so that one
change of a style changes the whole document.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as Doc
from docx.shared import Mm, RGBColor
from docx.table import _Cell

from anlan.assess.report import word_parts as parts
from anlan.assess.report.content import Content, Image
from anlan.assess.report.tables import Table
from anlan.assess.report.word_parts import QUIET, RED
from anlan.assess.report.words import Words

PAGE, MARGIN = (Mm(210), Mm(297)), Mm(20)
WIDTH = Mm(170)
#: Two maps side by side, four on a page.
MAP_WIDTH = Mm(82)


def docx(content: Content, images: Mapping[str, bytes], issued: str) -> bytes:
    """The document; the same content gives the same bytes.

    Args:
        content: what is said; texts are set as they are.
        images: PNG pictures by file name; for ``x.svg`` of the content, ``x.png`` is taken.
        issued: moment of the report, ISO 8601 UTC: the document's own date.
    """
    made: Doc = Document()
    words = Words(content["language"])
    writer = _Writer(made, content, images, words)
    writer.properties(issued)
    writer.page()
    writer.head()
    writer.summary()
    writer.table(content["towns"])
    writer.maps()
    writer.levels()
    for each in content["tables"]:
        writer.table(each)
    writer.notes()
    out = io.BytesIO()
    made.save(out)
    return parts.same_bytes(out.getvalue())


class _Writer:
    """Writes one document, top to bottom; counts its tables and figures by fields."""

    def __init__(
        self, made: Doc, content: Content, images: Mapping[str, bytes], words: Words
    ) -> None:
        self.doc, self.c, self.images, self.words = made, content, images, words
        self.zh = content["language"] == "zh"
        self.counted = {"table": 0, "figure": 0}
        parts.set_styles(made, self.zh)

    def properties(self, issued: str) -> None:
        """Title, author and dates: those of the report, not of a template."""
        own = self.doc.core_properties
        own.title = f"{self.c['city']} {self.c['title']}"
        own.subject = " · ".join(part for part in (self.c["exercise"], self.c["event"]) if part)
        own.author = own.last_modified_by = self.c["footer"]
        own.comments, own.language = "", "zh-CN" if self.zh else "en-GB"
        moment = datetime.fromisoformat(issued).astimezone(UTC).replace(tzinfo=None)
        own.created = own.modified = moment

    def page(self) -> None:
        """A4; the head of each page says whose report it is and that it is an exercise."""
        section = self.doc.sections[0]
        section.page_width, section.page_height = PAGE
        section.left_margin = section.right_margin = MARGIN
        section.top_margin = section.bottom_margin = MARGIN
        head = section.header.paragraphs[0]
        parts.run(head, f"{self.c['city']} {self.c['title']}", size=9, colour=QUIET)
        if self.c["exercise"]:
            parts.run(head, f"\t\t{self.c['exercise']}", size=9, colour=RED, bold=True)
        foot = section.footer.paragraphs[0]
        note = self.words("not_standard")
        if self.c["synthetic"]:
            note += f" · {self.words('has_synthetic')}"
        parts.run(foot, f"{self.c['footer']} · {self.c['facts'][1][1]} · {note}\t\t", 8, QUIET)
        parts.field(foot, "PAGE")
        parts.run(foot, " / ", size=8, colour=QUIET)
        parts.field(foot, "NUMPAGES")
        for each in (head, foot):
            parts.tabs(each, WIDTH)

    def head(self) -> None:
        """Exercise note, title, facts, proposed response."""
        if self.c["exercise"]:
            box = self.doc.add_paragraph(style="Boxed")
            parts.shade(box, "FBE5E7")
            parts.run(box, f"{self.c['exercise']}  ", colour=RED, bold=True)
            parts.run(box, self.c["exercise_note"], colour=RED)
        over = " · ".join(part for part in (self.c["city"], self.c["event"]) if part)
        parts.run(self.doc.add_paragraph(style="Subtitle"), over)
        parts.run(self.doc.add_paragraph(style="Title"), self.c["title"])
        parts.grid(self.doc, [[label, value] for label, value in self.c["facts"]], (40, 130))
        level = self.c["level"]
        line = self.doc.add_paragraph(style="Boxed")
        parts.shade(line, "F2F5F8")
        colon = "：" if self.zh else ": "
        parts.run(line, level["label"] + colon)
        parts.run(line, level["text"], 16, RGBColor.from_string(level["colour"][1:]), bold=True)
        parts.run(line, f"（{level['note']}）" if self.zh else f" ({level['note']})", 10.5, QUIET)
        if level["reason"]:
            why = self.doc.add_paragraph(style="Boxed")
            parts.shade(why, "F2F5F8")
            parts.run(why, level["reason_label"] + colon, bold=True)
            parts.run(why, level["reason"])

    def summary(self) -> None:
        """The conclusion, key figures, synthetic parts."""
        self.heading(self.c["summary_title"])
        for sentence in self.c["summary"]:
            parts.run(self.doc.add_paragraph(style="Body Text"), sentence)
        self.caption("table", self.words("key_figures"))
        rows = [
            [one["label"], f"{one['value']} {one['unit']}".strip(), one["range"]]
            for one in self.c["figures"]
        ]
        head = [self.words("indicator"), self.words("median"), self.words("band")]
        parts.grid(self.doc, [head, *rows], (90, 40, 40), headed=True)
        self.small(self.c["figures_note"])
        if self.c["synthetic"]:
            box = self.doc.add_paragraph(style="Boxed")
            parts.shade(box, "FDF6E3")
            parts.run(box, self.c["synthetic_label"] + ("：" if self.zh else ": "), bold=True)
            parts.run(box, ("；" if self.zh else "; ").join(self.c["synthetic"]))

    def table(self, table: Table) -> None:
        """A section with a table and the note under it."""
        if table["title"]:
            self.heading(table["title"])
        if table["rows"]:
            self.caption("table", _bare(table["title"]) or _bare(self.c["levels_title"]))
            parts.listing(self.doc, table, WIDTH)
        if table["note"]:
            self.small(table["note"])

    def maps(self) -> None:
        """Each map with its caption and what must be said of it."""
        if not self.c["maps"]:
            return
        self.heading(self.c["maps_title"])
        self.picture(Image(file=self.c["legend"], caption="", note=""), WIDTH, after=True)
        cells = parts.pairs(self.doc, len(self.c["maps"]))
        for picture, cell in zip(self.c["maps"], cells, strict=True):
            self.picture(picture, MAP_WIDTH, cell)

    def levels(self) -> None:
        """Tide and rivers, where there are any."""
        if not self.c["levels_title"]:
            return
        self.heading(self.c["levels_title"])
        for picture in self.c["charts"]:
            name = Image(file=picture["file"], caption=_bare(self.c["levels_title"]), note="")
            self.picture(name, WIDTH)
        self.table(self.c["stations"])

    def notes(self) -> None:
        """How the figures are to be read."""
        self.heading(self.c["notes_title"])
        for note in self.c["notes"]:
            parts.run(self.doc.add_paragraph(style="List Bullet"), note)

    def heading(self, text: str) -> None:
        """A real heading: it stands in the navigation and in a table of contents."""
        parts.run(self.doc.add_paragraph(style="Heading 1"), text)

    def small(self, text: str) -> None:
        """A remark in small type."""
        parts.run(self.doc.add_paragraph(style="Small"), text)

    def caption(self, kind: str, text: str, within: _Cell | None = None) -> None:
        """A caption whose number is a field: it counts on when a figure is added or taken out."""
        self.counted[kind] += 1
        line = (within or self.doc).add_paragraph(style="Caption")
        line.paragraph_format.keep_with_next = kind == "table"
        parts.run(line, f"{self.words(kind)} ")
        parts.field(line, f"SEQ {kind.capitalize()} \\* ARABIC", str(self.counted[kind]))
        parts.run(line, f"  {text}")

    def picture(
        self, image: Image, width: int, within: _Cell | None = None, *, after: bool = False
    ) -> None:
        """A picture with its description for screen readers; with a caption if it has one.

        ``within``: a cell of a table; ``after``: it stays on the page of what follows.
        """
        line = within.paragraphs[0] if within is not None else self.doc.add_paragraph()
        line.style = "Picture"
        line.paragraph_format.keep_with_next = after or bool(image["caption"])
        found = self.images[str(Path(image["file"]).with_suffix(".png"))]
        drawn = line.add_run().add_picture(io.BytesIO(found), width=width)
        parts.describe(drawn, image["caption"] or self.words("legend"))
        if image["caption"]:
            note = f"（{image['note']}）" if self.zh else f" ({image['note']})"
            self.caption("figure", image["caption"] + (note if image["note"] else ""), within)


def _bare(title: str) -> str:
    """A section's title without its number."""
    for mark in ("、", "  "):
        head, found, rest = title.partition(mark)
        if found and len(head) <= 2:
            return rest
    return title

"""Pieces of a Word document that python-docx has no call for: fields, shades, repeated heads."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shape import InlineShape
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from anlan.assess.report.tables import Table

INK, QUIET, RED = RGBColor(0x1D, 0x27, 0x33), RGBColor(0x5B, 0x66, 0x73), RGBColor(0xB3, 0x20, 0x2C)
HEADINGS, RUNNING, TABLES = "黑体", "仿宋", "宋体"
LATIN = "Times New Roman"
SHADES = {"p1": "FFF4D6", "p2": "FDDF9F", "p3": "F8B877", "p4": "EC8D6B"}
#: The first moment that a ZIP archive can name.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def set_styles(doc: Doc, chinese: bool) -> None:
    """Every style that the report uses; sizes in points."""
    language = "zh-CN" if chinese else "en-GB"
    _style(doc, "Normal", RUNNING, 12, language=language, after=4)
    _style(doc, "Title", HEADINGS, 22, bold=True, after=8, align="centre")
    _style(doc, "Subtitle", HEADINGS, 14, colour=QUIET, before=8, after=2, align="centre")
    _style(doc, "Heading 1", HEADINGS, 15, bold=True, before=16, after=6)
    _style(doc, "Body Text", RUNNING, 14, after=4, indent=28 if chinese else 0, line=1.35)
    _style(doc, "List Bullet", RUNNING, 12, after=3)
    _style(doc, "Caption", HEADINGS, 10.5, before=6, after=3, align="centre")
    _style(doc, "Small", RUNNING, 9, colour=QUIET, after=4)
    _style(doc, "Boxed", RUNNING, 12, before=0, after=0, line=1.3)
    _style(doc, "Picture", RUNNING, 12, before=6, after=0, align="centre")
    _style(doc, "Cell", TABLES, 9, before=0, after=0)
    # what the template draws round and under its own titles
    for name in ("Title", "Heading 1"):
        own = doc.styles[name].element
        for edge in own.iter(qn("w:pBdr")):
            edge.getparent().remove(edge)
            break


def _style(
    doc: Doc,
    name: str,
    font: str,
    size: float,
    *,
    bold: bool = False,
    colour: RGBColor = INK,
    before: float = 0,
    after: float = 0,
    align: str = "",
    indent: float = 0,
    line: float = 1.15,
    language: str = "",
) -> None:
    known = {each.name for each in doc.styles}
    style = doc.styles[name] if name in known else _new(doc, name)
    assert isinstance(style, ParagraphStyle)
    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.bold, style.font.italic, style.font.color.rgb = bold, False, colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)
    shape = style.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), line
    shape.first_line_indent = Pt(indent)
    if align == "centre":
        shape.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if language:
        own = style.element.get_or_add_rPr()
        told = own.find(qn("w:lang"))
        if told is None:
            told = OxmlElement("w:lang")
            own.append(told)
        told.set(qn("w:val"), "en-GB")
        told.set(qn("w:eastAsia"), "zh-CN")


def _new(doc: Doc, name: str) -> ParagraphStyle:
    made = doc.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(made, ParagraphStyle)
    made.base_style = doc.styles["Normal"]
    made.quick_style = True
    return made


def run(
    line: Paragraph,
    text: str,
    size: float | None = None,
    colour: RGBColor | None = None,
    *,
    bold: bool = False,
) -> None:
    """Text at the end of a paragraph; what is not given is that of the style."""
    made = line.add_run(text)
    if size is not None:
        made.font.size = Pt(size)
    if colour is not None:
        made.font.color.rgb = colour
    if bold:
        made.font.bold = True


def field(line: Paragraph, code: str, shown: str = "1") -> None:
    """A field, such as ``PAGE``; ``shown`` until the reader's program counts."""
    made = OxmlElement("w:fldSimple")
    made.set(qn("w:instr"), f" {code} ")
    inside = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = shown
    inside.append(text)
    made.append(inside)
    line._p.append(made)


def tabs(line: Paragraph, width: int) -> None:
    """One stop at the right edge in the place of the template's."""
    style = line.style
    if style is not None:
        style.paragraph_format.tab_stops.clear_all()
    stops = line.paragraph_format.tab_stops
    stops.add_tab_stop(Mm(85), WD_TAB_ALIGNMENT.CENTER)
    stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT)


def shade(line: Paragraph, fill: str) -> None:
    """Ground behind a paragraph, RRGGBB."""
    line._p.get_or_add_pPr().append(_shade(fill))


def describe(picture: InlineShape, text: str) -> None:
    """What the picture shows, for who cannot see it."""
    picture._inline.docPr.set("descr", text)


def grid(
    doc: Doc, rows: Sequence[Sequence[str]], widths_mm: Sequence[float], *, headed: bool = False
) -> None:
    """A plain table of texts; the first row is its head where ``headed``."""
    made = _table(doc, len(rows), [Mm(width) for width in widths_mm])
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            quiet = (headed and i == 0) or (not headed and j == 0)
            _fill(made.cell(i, j), text, colour=QUIET if quiet else None, size=10.5)
    if headed:
        _repeat(made.rows[0])
    doc.add_paragraph(style="Small")


def listing(doc: Doc, table: Table, width: int) -> None:
    """A table of the report: its head repeats on each page, no row is broken over two."""
    columns = table["columns"]
    whole = sum(column["width"] for column in columns)
    widths = [round(width * column["width"] / whole) for column in columns]
    made = _table(doc, len(table["rows"]) + 1, widths)
    right = [column["align"] == "right" for column in columns]
    # cell by cell is quadratic in python-docx: the rows' own cells are asked for once each
    for row, cells in zip(made.rows, [None, *table["rows"]], strict=True):
        own = row.cells
        _whole(row)
        for j, column in enumerate(columns):
            if cells is None:
                _fill(own[j], column["label"], colour=QUIET, right=right[j])
                continue
            cell = cells[j]
            _fill(own[j], cell["text"], right=right[j])
            if cell.get("sub"):
                below = own[j].add_paragraph(style="Cell")
                _align(below, right[j])
                run(below, cell["sub"], 7.5, QUIET)
            if cell.get("tone"):
                own[j]._tc.get_or_add_tcPr().append(_shade(SHADES[cell["tone"]]))
    _repeat(made.rows[0])


def pairs(doc: Doc, count: int) -> list[_Cell]:
    """Cells side by side, two to a row, without lines; as many as asked for."""
    made = doc.add_table((count + 1) // 2, 2)
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    for row in made.rows:
        _whole(row)
    return [cell for row in made.rows for cell in row.cells][:count]


def same_bytes(made: bytes) -> bytes:
    """The archive with the moment of its making taken out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.infolist():
            entry = zipfile.ZipInfo(each.filename, NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(each))
    return out.getvalue()


def _table(doc: Doc, rows: int, widths: Sequence[int]) -> Any:
    made = doc.add_table(rows, len(widths), style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for row in made.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width, cell.vertical_alignment = width, WD_ALIGN_VERTICAL.CENTER
    return made


def _fill(
    cell: _Cell,
    text: str,
    *,
    colour: RGBColor | None = None,
    size: float | None = None,
    right: bool = False,
) -> None:
    line = cell.paragraphs[0]
    line.style = "Cell"
    _align(line, right)
    run(line, text, size, colour)


def _align(line: Paragraph, right: bool) -> None:
    if right:
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_flag("w:tblHeader"))


def _whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_flag("w:cantSplit"))


def _flag(name: str) -> Any:
    made = OxmlElement(name)
    made.set(qn("w:val"), "true")
    return made


def _shade(fill: str) -> Any:
    made = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        made.set(qn(f"w:{key}"), value)
    return made

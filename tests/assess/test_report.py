"""The report: what it says, what it must say, and that nobody's text breaks it."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import docx
import numpy as np
import pyogrio
import pytest
import shapely
from docx.oxml.ns import qn

from anlan.assess import Assessment, assess
from anlan.assess.report import Report, find_fonts, write
from anlan.assess.report.edge import chance, moment_text, percent, zone_text
from anlan.assess.report.fonts import find
from anlan.assess.report.summary import sentences
from anlan.assess.report.tables import places_table
from anlan.assess.report.words import WORDS, Words, language_of
from anlan.city import City
from anlan.legible import legible
from tests.assess import small
from tests.free_text import HOSTILE, Shown, flat

ZH, EN = Words("zh"), Words("en")
needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed"
)


def wet_harbour() -> tuple[City, small.Run]:
    """Six of ten members flood the old street; a storm comes; the tide passes 4 m in four."""
    city = small.harbour()
    run = small.run(city)
    run.place_level[:6, 5:8, 1] = 2.5
    run.depth[:6, 5:8, 1:, 1:3] = 0.4
    run.village_depth[:6, 0] = 0.4
    run.village_fraction[:6, 0, 0] = 0.5
    run.rain_total[:] = 120.0
    assert run.tide is not None
    run.tide[:, 12] = np.linspace(3.5, 4.4, 10)
    hours = np.arange(13.0)
    run.tracks = np.zeros((10, 13, 5))
    run.tracks[:, :, 0] = small.ISSUED.timestamp() + 3600 * hours
    run.tracks[:, :, 1] = 123.0 - hours / 12
    run.tracks[:, :, 2] = 29.0 + hours / 12
    return city, run


def proposed(_: Assessment) -> tuple[str, str]:
    return "III", "老街可能进水 <b>&</b> #strong[未知] $x$ " + " ".join(HOSTILE.values())


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Report:
    city, run = wet_harbour()
    made = assess(city, run, "r1", proposed)
    return write(city, small.storm(), made, run, tmp_path_factory.mktemp("harbour"))


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Report:
    city = small.talstadt()
    odd = 'Railway road </td><img src=x> #image("/etc/passwd")'
    named = {key: replace(place, name_en=odd) for key, place in city.places.items()}
    city = replace(city, places=named)
    run = small.run(city)
    run.place_level[:4, 4:7, 0] = 2.4
    return write(city, None, assess(city, run, "r2"), run, tmp_path_factory.mktemp("valley"))


def text_of(pdf: Path, order: str = "-layout") -> str:
    found = subprocess.run(
        ["pdftotext", order, str(pdf), "-"], capture_output=True, check=True, text=True
    )
    return found.stdout


def test_the_page_says_whose_report_it_is_and_when_in_the_citys_time(harbour: Report) -> None:
    page = harbour.html.read_text(encoding="utf-8")
    assert "洪涝灾害影响评估报告" in page
    assert "港城 · 台风测试" in page
    assert "2021年7月25日 08:00" in page  # 00:00 UTC
    assert "UTC+8" in page


def test_an_exercise_is_marked_and_synthetic_parts_are_named(harbour: Report) -> None:
    page = harbour.html.read_text(encoding="utf-8")
    assert "演练 EXERCISE" in page
    assert "地形；人口" in page


def test_every_map_says_that_it_is_not_an_official_one(harbour: Report) -> None:
    page = harbour.html.read_text(encoding="utf-8")
    assert page.count("<span>非标准地图") == 4


def test_the_conclusion_holds_the_numbers_of_the_assessment(harbour: Report) -> None:
    page = harbour.html.read_text(encoding="utf-8")
    assert "全市面雨量 120 mm" in page
    assert "最高潮位 3.95 m" in page
    assert "警戒水位 4.00 m 的概率 40%" in page
    assert "保证水位 5.00 m 的概率 &lt;10%" in page  # none of ten members is not never
    assert "III 级应急响应" in page


def test_texts_of_others_are_escaped(harbour: Report) -> None:
    page = harbour.html.read_text(encoding="utf-8")
    assert "<b>&</b>" not in page
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in page


def test_the_page_stands_alone(harbour: Report, valley: Report) -> None:
    page = valley.html.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    page = harbour.html.read_text(encoding="utf-8")
    assert page.count('src="data:image/') == len(re.findall(r'<img[^>]* src="', page))


@needs_pdftotext
@pytest.mark.skipif(find_fonts() is None, reason="no font for Chinese is installed")
def test_the_pdf_holds_the_same_words_as_text(harbour: Report) -> None:
    text = text_of(harbour.pdf)
    for word in ("洪涝灾害影响评估报告", "演练 EXERCISE", "非标准地图", "老街", "甲镇"):
        assert word in text
    # What looks like markup is set as it stands.
    assert "#strong[未知]" in text
    assert "$x$" in text


def test_the_same_assessment_gives_the_same_bytes(harbour: Report, tmp_path: Path) -> None:
    city, run = wet_harbour()
    again = write(city, small.storm(), assess(city, run, "r1", proposed), run, tmp_path)
    assert again.html.read_bytes() == harbour.html.read_bytes()
    assert again.pdf.read_bytes() == harbour.pdf.read_bytes()
    assert again.docx.read_bytes() == harbour.docx.read_bytes()


def test_the_word_report_has_real_headings_captions_and_repeated_heads(harbour: Report) -> None:
    made = docx.Document(str(harbour.docx))
    by_style: dict[str, list[str]] = {}
    for line in made.paragraphs:
        by_style.setdefault(line.style.name if line.style else "", []).append(line.text)
    assert by_style["Title"] == ["洪涝灾害影响评估报告"]
    assert [text.partition("、")[0] for text in by_style["Heading 1"]] == list("一二三四五六七八")
    codes = [field.get(qn("w:instr")) for field in made.element.iter(qn("w:fldSimple"))]
    listed = [table for table in made.tables if table._tbl.findall(".//" + qn("w:tblHeader"))]
    pictures = made.inline_shapes
    assert codes.count(" SEQ Table \\* ARABIC ") == len(listed) >= 5
    assert codes.count(" SEQ Figure \\* ARABIC ") == len(pictures) - 1  # the key has no number
    assert all(picture._inline.docPr.get("descr") for picture in pictures)
    fonts = {
        style.element.rPr.rFonts.get(qn("w:eastAsia"))
        for style in made.styles
        if style.name in ("Title", "Heading 1", "Body Text", "Cell")
    }
    assert fonts == {"黑体", "仿宋", "宋体"}


def test_the_word_report_says_on_every_page_what_it_is(harbour: Report, valley: Report) -> None:
    section = docx.Document(str(harbour.docx)).sections[0]
    assert "演练 EXERCISE" in section.header.paragraphs[0].text
    assert "非标准地图 · 含合成数据" in section.footer.paragraphs[0].text
    whole = "\n".join(line.text for line in docx.Document(str(harbour.docx)).paragraphs)
    assert "以下数据为合成或重建数据：地形；人口" in whole
    assert "老街可能进水 <b>&</b> #strong[未知] $x$" in whole
    english = docx.Document(str(valley.docx))
    assert "EXERCISE" not in english.sections[0].header.paragraphs[0].text
    cells = [cell.text for table in english.tables for row in table.rows for cell in row.cells]
    assert any('</td><img src=x> #image("/etc/passwd")' in cell for cell in cells)


@needs_pdftotext
@pytest.mark.skipif(find_fonts() is None, reason="no font for Chinese is installed")
def test_free_text_of_every_kind_is_text_in_every_form_of_the_report(harbour: Report) -> None:
    page = Shown(harbour.html.read_text(encoding="utf-8"))
    assert set(page.acting) == {"img"}  # the report's own pictures
    word = docx.Document(str(harbour.docx))
    _, _, _, about = pyogrio.raw.read(harbour.gpkg, layer="about")
    forms = {
        "html": "".join(page.words),
        "pdf": text_of(harbour.pdf, "-raw"),
        "docx": "".join(line.text for line in word.paragraphs),
        "gpkg": "".join(about[1]),
    }
    for form, shown in forms.items():
        whole = flat(shown)
        assert all(legible(sign) == sign for sign in whole), form
        # no font at hand draws emoji; the other forms leave that to the reader's
        kinds = [kind for kind in HOSTILE if (form, kind) != ("pdf", "emoji")]
        assert [kind for kind in kinds if flat(legible(HOSTILE[kind])) not in whole] == [], form


def test_the_layers_hold_what_the_report_says_where_it_lies(harbour: Report) -> None:
    made = json.loads(harbour.json.read_text(encoding="utf-8"))
    kinds = dict(pyogrio.list_layers(harbour.gpkg).tolist())
    assert kinds == {
        "about": None, "places": "Point", "towns": "MultiPolygon", "villages": "Point",
        "stations": "Point", "water": "Polygon",
    }  # fmt: skip
    about, _, shapes, columns = pyogrio.raw.read(harbour.gpkg, layer="places")
    rows = dict(zip(about["fields"], columns, strict=True))
    assert about["crs"] == "EPSG:4326"
    assert rows["p_attention"].tolist() == [
        part["attention"]["probability"] for part in made["places"]
    ]
    assert rows["synthetic"].all()
    assert shapely.from_wkb(shapes[0]).x == pytest.approx(120.99)
    # six cells of 500 m are wet with six members of ten
    about, _, shapes, columns = pyogrio.raw.read(harbour.gpkg, layer="water")
    water = dict(zip(about["fields"], columns, strict=True))
    assert water["p_15cm"].tolist() == [0.6] * 6
    assert water["depth_p50_m"].tolist() == [0.4] * 6
    _, _, _, columns = pyogrio.raw.read(harbour.gpkg, layer="about")
    assert "本报告用于演练" in columns[1][0]
    assert any("图件为非标准地图" in text for text in columns[1])


def test_a_city_named_in_latin_gets_english_and_its_own_time(valley: Report) -> None:
    page = valley.html.read_text(encoding="utf-8")
    assert "Flood impact assessment" in page
    assert "25 July 2021, 02:00" in page  # 00:00 UTC in Berlin's summer
    assert "UTC+2" in page
    assert "Railway road" in page
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in page)


def test_without_tide_and_storm_there_is_neither_chart_nor_track(valley: Report) -> None:
    page = valley.html.read_text(encoding="utf-8")
    assert "Highest tide" not in page
    assert "Typhoon" not in page
    assert "EXERCISE" not in page
    assert page.count("<span>Not an official map") == 4


def test_a_place_named_like_markup_stays_a_name(valley: Report) -> None:
    page = valley.html.read_text(encoding="utf-8")
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page


def test_a_city_with_nothing_wet_says_so() -> None:
    city = small.talstadt()
    made = assess(city, small.run(city), "r3")
    assert sentences(city, made, EN)[1:] == [
        "None of the 1 hazard places is expected to reach attention."
    ]
    table = places_table(city, made, EN, "Places")
    assert (table["rows"], table["note"]) == ([], "Nothing reaches the mark for this list.")


def test_without_a_chinese_font_the_log_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anlan.assess.report.fonts.SANS", ("No Such Sans",))
    monkeypatch.setattr("anlan.assess.report.fonts.SERIF", ("No Such Serif",))
    fonts = find([tmp_path])
    assert not fonts.chinese
    assert "fonts-noto-cjk" in fonts.log[0]
    assert "ANLAN_FONT_DIR" in fonts.log[0]


def test_every_text_exists_in_both_languages_with_the_same_blanks() -> None:
    import string

    def blanks(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, (zh, en) in WORDS.items():
        assert blanks(zh) == blanks(en), key


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0%"), (0.004, "<1%"), (0.4, "40%"), (0.996, ">99%"), (1.0, "100%")]
)
def test_probabilities_never_round_to_certainty(share: float, text: str) -> None:
    assert percent(share) == text


def test_none_of_twenty_members_means_less_than_five_percent() -> None:
    assert chance(0.0, 20) == "<5%"
    assert chance(0.05, 20) == "5%"


def test_moments_are_shown_to_ten_minutes_in_the_citys_zone() -> None:
    zone = small.harbour().zone
    assert moment_text("2021-07-25T18:14Z", zone, ZH) == "26日 02:10"
    assert moment_text("2021-07-25T15:57Z", zone, EN) == "26 Jul 00:00"
    assert zone_text("2021-07-25T00:00Z", zone) == "UTC+8"


def test_the_language_follows_the_city_unless_it_says_otherwise() -> None:
    assert language_of("平湖市", {}) == "zh"
    assert language_of("Talstadt", {}) == "en"
    assert language_of("平湖市", {"language": "en"}) == "en"

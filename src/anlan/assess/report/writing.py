"""Setting the report: images, one HTML page that stands alone, PDF, Word, GeoPackage, JSON."""

from __future__ import annotations

import base64
import json
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import typst
from jinja2 import Environment

from anlan.assess.document import Assessment
from anlan.assess.reads import Products
from anlan.assess.report import charts, layers, maps, tracks, word
from anlan.assess.report import fonts as font_search
from anlan.assess.report.content import Content, Image, write_content
from anlan.assess.report.drawing import Drawn
from anlan.assess.report.fonts import Fonts
from anlan.assess.report.words import Language, Words, language_of
from anlan.city import City, Event
from anlan.legible import legible_all

#: Depths (m) of the probability maps, and the one that takes the place of a storm's map.
MAP_DEPTHS = (0.15, 0.30)
MAP_DEPTH_WITHOUT_STORM = 0.50
#: The report's forms by the ending of their file: to read, to print, to edit, for a GIS, as data.
KINDS = ("html", "pdf", "docx", "gpkg", "json")
_MIME = {".png": "image/png", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Report:
    """What was written: the files, in the order of `KINDS`, and sentences for the log."""

    html: Path
    pdf: Path
    docx: Path
    gpkg: Path
    json: Path
    log: tuple[str, ...]


def write(
    city: City,
    event: Event | None,
    assessment: Assessment,
    products: Products,
    out_dir: Path,
    *,
    exercise: bool | None = None,
    language: Language | None = None,
    font_folders: Sequence[Path] | None = None,
) -> Report:
    """Write ``report.html``, ``.pdf``, ``.docx``, ``.gpkg`` and ``.json`` into ``out_dir``.

    The folder is made. The same assessment gives the same bytes with the same fonts.

    Args:
        city: the risk base.
        event: the event replayed, or None.
        assessment: what is reported.
        products: the run it was made of.
        out_dir: where to write.
        exercise: whether to mark it 演练 EXERCISE; by default whenever an event is replayed.
        language: ``"zh"`` or ``"en"``; by default the city's own.
        font_folders: further folders with fonts; by default `fonts.default_folders`.

    Raises:
        Refusal: if the run does not fit the city.
    """
    words = Words(language or language_of(city.name, city.settings))
    fonts = font_search.find(font_folders)
    images: dict[str, bytes] = {}
    content = write_content(
        city,
        event,
        assessment,
        words,
        exercise=event is not None if exercise is None else exercise,
        fonts=(fonts.sans, fonts.serif),
        maps=_maps(city, event, assessment, products, words, fonts, images),
        legend=_keep_both(images, "legend", maps.place_legend(words, fonts)),
        charts=_charts(city, assessment, products, words, fonts, images),
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    content = legible_all(content)
    report = Report(**{kind: out_dir / f"report.{kind}" for kind in KINDS}, log=fonts.log)
    _put(report.json, json.dumps(assessment, ensure_ascii=False, indent=1).encode())
    _put(report.gpkg, layers.geopackage(city, assessment, products, content))
    _put(report.docx, word.docx(content, images, assessment["issued"]))
    _put(report.pdf, _pdf(content, images, fonts))
    _put(report.html, _html(content, images).encode())
    return report


def _maps(
    city: City,
    event: Event | None,
    assessment: Assessment,
    products: Products,
    words: Words,
    fonts: Fonts,
    images: dict[str, bytes],
) -> list[Image]:
    """Four maps: two probabilities, the depth, and the storm; without one a third probability."""
    terrain = city.terrain(products.resolution_m)
    note = words("not_standard") + (f" · {words('has_synthetic')}" if city.synthetic else "")
    storm = tracks.track_map(city, event, products, words, fonts)
    depths = MAP_DEPTHS if storm is not None else (*MAP_DEPTHS, MAP_DEPTH_WITHOUT_STORM)
    layers = [
        (words("map_p", depth=f"{depth:.2f}"), maps.probability_layer(products, depth, words))
        for depth in depths
    ]
    layers.append((words("map_depth"), maps.depth_layer(products, words)))
    found = []
    for i, (caption, layer) in enumerate(layers, start=1):
        picture = maps.water_map(city, terrain, layer, assessment, words, fonts)
        found.append(Image(file=_keep(images, f"map{i}.png", picture), caption=caption, note=note))
    if storm is not None:
        file = _keep(images, "tracks.png", storm)
        found.append(Image(file=file, caption=words("map_track"), note=words("not_standard")))
    return found


def _charts(
    city: City,
    assessment: Assessment,
    products: Products,
    words: Words,
    fonts: Fonts,
    images: dict[str, bytes],
) -> list[Image]:
    found = []
    tide = charts.tide_course(city, products)
    if tide is not None:
        picture = charts.tide_chart(tide, city, words, fonts)
        found.append(Image(file=_keep_both(images, "tide", picture), caption="", note=""))
    rivers = charts.river_courses(city, assessment, products)
    if rivers:
        picture = charts.river_chart(rivers, city, words, fonts)
        found.append(Image(file=_keep_both(images, "rivers", picture), caption="", note=""))
    return found


def _put(path: Path, content: bytes) -> None:
    """Write whole or not at all: whoever finds the file may read it."""
    part = path.with_name(f".{path.name}.{threading.get_ident()}.part")
    part.write_bytes(content)
    part.replace(path)


def _keep(images: dict[str, bytes], name: str, picture: bytes) -> str:
    images[name] = picture
    return name


def _keep_both(images: dict[str, bytes], name: str, picture: Drawn) -> str:
    images[f"{name}.png"] = picture.png
    return _keep(images, f"{name}.svg", picture.svg)


def _html(content: Content, images: Mapping[str, bytes]) -> str:
    """One page with its images inside; every text is escaped by the template engine."""
    inline = {
        name: f"data:{_MIME[Path(name).suffix]};base64,{base64.b64encode(picture).decode()}"
        for name, picture in images.items()
    }
    # The environment is local: a stage keeps no state between reports.
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return page.from_string(_layout("report.html")).render(c=content, images=inline)


def _pdf(content: Content, images: Mapping[str, bytes], fonts: Fonts) -> bytes:
    """The PDF. Texts reach Typst as data, never as markup."""
    with tempfile.TemporaryDirectory(prefix="anlan-report-") as folder:
        root = Path(folder)
        (root / "report.typ").write_text(_layout("report.typ"), encoding="utf-8")
        (root / "content.json").write_text(
            json.dumps(content, ensure_ascii=False), encoding="utf-8"
        )
        for name, picture in images.items():
            (root / name).write_bytes(picture)
        made: bytes = typst.compile(
            str(root / "report.typ"),
            root=str(root),
            font_paths=[str(path) for path in fonts.folders],
            format="pdf",
            # A fixed moment: the same report gives the same bytes. The issue time is in the text.
            timestamp=0,
        )
    return made


def _layout(name: str) -> str:
    return files("anlan.assess.report").joinpath(name).read_text(encoding="utf-8")

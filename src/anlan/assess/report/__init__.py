"""The assessment report 评估报告 as HTML, PDF, Word, GeoPackage and JSON. Writing: `write`."""

from anlan.assess.report.fonts import Fonts, find_fonts
from anlan.assess.report.words import Words
from anlan.assess.report.writing import KINDS, Report, write

__all__ = ["KINDS", "Fonts", "Report", "Words", "find_fonts", "write"]

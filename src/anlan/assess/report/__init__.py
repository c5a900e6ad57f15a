"""The assessment report 评估报告 as HTML and PDF. Writing: `write`."""

from anlan.assess.report.fonts import Fonts, find_fonts
from anlan.assess.report.writing import Report, write

__all__ = ["Fonts", "Report", "find_fonts", "write"]

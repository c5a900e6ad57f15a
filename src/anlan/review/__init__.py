"""What came of it: after-action review, indicators, known facts beside what came out."""

from anlan.review.build import Review, build
from anlan.review.check import check
from anlan.review.drilled import read_drill
from anlan.review.page import Paths, write

__all__ = ["Paths", "Review", "build", "check", "read_drill", "write"]

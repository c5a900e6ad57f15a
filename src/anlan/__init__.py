"""Anlan 安澜: one chain from the first rain to the last closed task."""

__version__ = "0.1.0"

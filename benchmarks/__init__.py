"""Measurements of speed beside named peers and limits: ``make bench``."""

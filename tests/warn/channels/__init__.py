"""Channels against servers that speak the documented protocols."""

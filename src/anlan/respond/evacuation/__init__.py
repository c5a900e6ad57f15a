"""Evacuation: who lives where water is forecast, and which shelter takes them in time.

Deciding: `allocate`, `changes`. Loading and showing: `proposal`. Doing: `actions`.
"""

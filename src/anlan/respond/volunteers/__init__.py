"""Volunteers 志愿者: registration, skills, offered work, call-outs, safe return, hours, learning.

Deciding: `claiming`, `ranking`, `showing`, `times`, `hours`. Doing: `register`, `skills`, `work`,
`calling`, `outside`, `feedback`, `learning`, `privacy`; times that fall due: `due`. Showing:
`views`. The city's own rules: `rules` (volunteers.toml), `seed` (volunteers.csv), `check`.
"""

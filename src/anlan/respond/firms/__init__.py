"""Help to firms 助企"1+8": one task force for freight passes, one service team for each town.

One dossier and one plan per firm (一企一档、一企一策) with a three-colour state; visits,
questions, remote checks and the resumption of work are cases of their packs.
"""

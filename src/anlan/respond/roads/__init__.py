"""Roads under forecast water: the graph, what passes where and when, routes and reach.

Deciding is pure: `search`, `vehicle`, `route`, `reach`. `water` reads a run's products.
"""

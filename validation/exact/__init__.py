"""Exact solutions of the shallow-water equations, as pure functions of place and time.

Symbols: ``h`` depth [m], ``u`` velocity [m/s], ``z`` bed [m], ``eta`` water level [m], ``q``
discharge per unit width [m2/s], ``g`` gravity [m/s2]. SWASHES is Delestre et al. (2013), "SWASHES:
a compilation of shallow water analytic solutions for hydraulic and environmental studies", Int. J.
Numer. Methods Fluids 72, doi:10.1002/fld.3741, whose section numbers are given.
"""

G = 9.81

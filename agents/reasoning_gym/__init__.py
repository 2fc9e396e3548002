"""A teacher whose lessons come from the data sets of the package reasoning-gym."""

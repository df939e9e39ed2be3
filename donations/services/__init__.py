"""Writes of the intake room, one file per noun."""

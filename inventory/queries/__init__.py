"""Reads of the inventory room, one file per noun."""

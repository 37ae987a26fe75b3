"""Enumeration of a space: exact grids, counted and addressed without being listed."""

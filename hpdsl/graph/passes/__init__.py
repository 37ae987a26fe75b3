"""Passes over graphs and instructions: one pass, one function, one file."""

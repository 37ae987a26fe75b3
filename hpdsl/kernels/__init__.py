"""Kernels: pure functions on arrays of doubles that execute op tables, compiled, in numpy or in plain Python."""

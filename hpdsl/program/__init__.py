"""Graphs to op tables, and `Program`, which runs them over batches of configurations."""

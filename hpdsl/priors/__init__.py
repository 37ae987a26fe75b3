"""Priors as maps between the unit interval and values, written as terms."""

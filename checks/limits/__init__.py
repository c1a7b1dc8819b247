"""Limits and rates, decided by an exact calculus of growth."""

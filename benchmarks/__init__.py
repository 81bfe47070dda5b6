"""Timings of dfsrt itself; ``make bench`` runs them all."""

"""Convolutions among operators with products."""

from __future__ import annotations

CONVOLUTIONS = ("Conv", "ConvInteger", "QLinearConv")
"""Operators that engines take tap by tap; all others are products of one tap."""

"""Measuring: a designed sweep, two meters, and samples that survive being cut off."""

"""Recordings: what happened when, as slices and counters. Knows no file's users."""

from dfsrt.recording.recording import Counters, Recording, Slices

__all__ = ["Counters", "Recording", "Slices"]

"""Capture: running a model for real, and recording how long each of its nodes takes."""

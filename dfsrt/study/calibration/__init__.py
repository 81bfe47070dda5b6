"""Calibration."""
__all__: list[str] = []

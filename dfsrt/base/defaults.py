"""What a run is when nothing is said: one place for the command line and Python."""

from __future__ import annotations

DEVICE = "rk3588-npu"
GOVERNOR = "dfs"
BASELINES = ("app-dvfs", "dfs", "dvfs", "performance", "powersave")
"""Governors that are compared; the first is what the others are measured against."""
LIFE_BASELINES = ("performance", "app-dvfs", "dfs", "segment-dvfs")
"""Governors whose batteries are compared, the first as above."""
FRAMES = 10
POWER_MODEL = "fitted"
PRECISION = "auto"
CAP_DOMAIN = "npu"
PROMPT, TOKENS = 128, 32

"""What a sweep may vary or share: fields of a run's specification that one types as text."""

from __future__ import annotations

from collections.abc import Mapping

WHOLE = ("frames", "repeat", "seed", "prompt", "tokens")
FRACTIONS = ("time_scale",)
FLAGS = ("correct", "blind", "fuse", "activity_known")
TEXTS = (
    *("load", "device", "governor", "cap", "cap_domain", "cap_window", "period", "deadline"),
    *("until", "discipline", "drop", "loop", "power_model", "precision", "steps", "confidence"),
    *("mapper", "schedule", "dram", "prefetch", "idle", "idle_rail", "memory", "parallel"),
    *("ambient", "step", "branch", "unknown_ops", "kv_cache", "layer_times_at", "cycles"),
)
PAIRS = ("dims", "values", "trips", "cap_changes", "activity", "layer_times")
"""Fields that are shared only: tables."""

KIND: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(TEXTS, (str, int, float)),
    **dict.fromkeys(WHOLE, (int,)),
    **dict.fromkeys(FRACTIONS, (float, int)),
    **dict.fromkeys(FLAGS, (bool,)),
    **dict.fromkeys(PAIRS, (dict,)),
}
"""Every field by name, with what its value may be."""
VARIED = tuple(name for name in KIND if name not in PAIRS)
ALSO = {"network": "load"}
"""Other names of fields."""
IS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "a table"}
FILES: Mapping[str, tuple[str, ...]] = {
    "load": (".onnx", ".toml", ".csv", ".parquet", ".json"),
    "device": (".toml",),
    "governor": (".toml", ".py"),
    **dict.fromkeys(("mapper", "schedule", "idle", "memory"), (".py",)),
    "dram": (".toml",),
}
"""Fields that may name a file, with how such a name ends."""
KINDS_OF_FILES = ("layer_times", "cycles")
"""Fields that name a file after what kind it is: ``scalesim:FILE``."""

"""Which tools' profiles are read, and the reader for each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from dfsrt.base.names import parse_kind
from dfsrt.recording.layer_times.layer_time import LayerTimes
from dfsrt.recording.layer_times.rows import Profile
from dfsrt.recording.source import MAX_LAYER_BYTES, read_all

READERS = {
    "rknn": "rknn",
    "vela": "vela",
    "tensorrt": "tensorrt",
    "openvino": "openvino",
    "onnxruntime": "onnxruntime",
}
"""Kinds, and the modules here with ``profile(path, data)`` for each."""


def read_layer_times(text: str) -> LayerTimes:
    """Return the profile that a text like ``rknn:FILE`` names.

    Raises:
        InputError: another form or kind, a file that is missing, too large, cut short, of
            another tool or version, in units that are not known, or with a negative time.
    """
    kind, name = parse_kind(text, READERS, "profile", "rknn:eval_perf.txt")
    data = _bytes(Path(name))
    module = import_module(f"dfsrt.recording.layer_times.{READERS[kind]}")
    read: Callable[[Path, bytes], Profile] = module.profile
    profile = read(Path(name), data)
    return LayerTimes(
        kind,
        name,
        hashlib.sha256(data).hexdigest(),
        tuple(profile.rows),
        dict(profile.about),
        tuple(profile.notes),
    )


def _bytes(path: Path) -> bytes:
    return read_all(path, MAX_LAYER_BYTES, "record a shorter time")[0]

"""Trained models by name or folder: the shelf, and what users trained themselves."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there, unknown_name
from dfsrt.base.shelf import find_entry, shelf_entries
from dfsrt.power.bundle import Bundle, load_bundle
from dfsrt.power.card import SHELF
from dfsrt.power.shape_features import feature_names


def model_names() -> tuple[str, ...]:
    """Return the names of the shelf's models."""
    return tuple(entry.name for entry in shelf_entries(SHELF))


def open_model(source: str | Path) -> Bundle:
    """Return the model that ``source`` names on the shelf, or that lies in that folder.

    Raises:
        InputError: neither a name nor a folder with a card, or a model that cannot be used.
    """
    folder = _folder(source)
    return load_bundle(folder, {"npu": (), "gpu": feature_names()})


def _folder(source: str | Path) -> Path:
    entry = find_entry(SHELF, str(source)) if isinstance(source, str) else None
    if entry is not None:
        return entry
    path = Path(source)
    if is_there(path, Path.is_dir):
        return path
    if path.suffix or "/" in str(source):
        raise InputError(f"'{source}' is no folder of a power model; 'dfsrt train' writes one")
    raise InputError(unknown_name("power model", str(source), model_names()))

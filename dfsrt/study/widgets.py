"""Bars that optuna brings along: of no use here, as studies say themselves how far they are."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from warnings import catch_warnings, simplefilter


def without_widgets() -> None:
    """Import them without their word in a notebook, that widgets are missing: none is drawn."""
    if find_spec("tqdm") is not None:
        with catch_warnings():
            simplefilter("ignore")
            import_module("tqdm.auto")

"""The packages that tuning, and other machines, need beyond dfsrt's own."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from warnings import catch_warnings, simplefilter

from dfsrt.base.errors import InputError

_NEEDED = {
    "tune": ("optuna", "cmaes"),
    "distributed": ("distributed",),
}


def need(extra: str) -> None:
    """Check that the packages of ``extra`` are there.

    Raises:
        InputError: one is missing; says what to install.
    """
    missing = [name for name in _NEEDED[extra] if find_spec(name) is None]
    if missing:
        install = f"pip install 'dfsrt[{extra}]'"
        raise InputError(f"{' and '.join(missing)} not installed; run: {install}")
    _without_widgets()


def _without_widgets() -> None:
    """Import the bars that optuna brings along without their word in a notebook: none is drawn."""
    if find_spec("tqdm") is not None:
        with catch_warnings():
            simplefilter("ignore")
            import_module("tqdm.auto")

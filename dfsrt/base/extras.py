"""The packages that parts of dfsrt need beyond those that a plain install brings."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from dfsrt.base.errors import InputError

EXTRAS: Mapping[str, Mapping[str, str]] = {
    "compile": {"numba": "numba"},
    "distributed": {"distributed": "distributed"},
    "page": {"plotly": "plotly"},
    "train": {"scikit-learn": "sklearn", "skl2onnx": "skl2onnx"},
    "tune": {"optuna": "optuna", "cmaes": "cmaes"},
}
"""By extra: its packages, each with the name that it is imported by."""


def need(extra: str) -> None:
    """Check that the packages of ``extra`` are there.

    Raises:
        InputError: one is missing; says what to install.
    """
    missing = [name for name, module in EXTRAS[extra].items() if find_spec(module) is None]
    if missing:
        raise InputError(f"{' and '.join(missing)} not installed; run: {install_command(extra)}")


def install_command(extra: str) -> str:
    """Return what to type for the packages of ``extra``."""
    return f"pip install 'dfsrt[{extra}]'"

"""Parts that dfsrt works without: what each is for, and the command that brings it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from dfsrt.base.errors import InputError


@dataclass(frozen=True, slots=True)
class Extra:
    """Packages, each with the name that it is imported by, and what of dfsrt needs them."""

    packages: Mapping[str, str]
    what_for: str
    asks_for: str

    @property
    def install(self) -> str:
        """The command that brings it."""
        return f"pip install {self.asks_for}"

    @property
    def missing(self) -> tuple[str, ...]:
        """Those of its packages that are not there."""
        return tuple(name for name, module in self.packages.items() if find_spec(module) is None)


EXTRAS: Mapping[str, Extra] = {
    "train": Extra(
        {"scikit-learn": "sklearn", "skl2onnx": "skl2onnx"},
        "dfsrt train, dfsrt models check",
        "'dfsrt[train]'",
    ),
    "tune": Extra(
        {"optuna": "optuna", "cmaes": "cmaes"},
        "dfsrt tune, dfsrt optimize search",
        "'dfsrt[tune]'",
    ),
    "distributed": Extra(
        {"distributed": "distributed"}, "--dask: workers elsewhere", "'dfsrt[distributed]'"
    ),
    "compile": Extra(
        {"numba": "numba"},
        "runs where no machine code is shipped: without, slow ones",
        "'dfsrt[compile]'",
    ),
    "page": Extra(
        {"plotly": "plotly"}, "--html in a checkout; a wheel brings its part", "'dfsrt[page]'"
    ),
    "nvidia": Extra(
        {"nvidia-ml-py": "pynvml", "torch": "torch"},
        "dfsrt measure --device nvidia: a real GPU",
        "'dfsrt[nvidia]'",
    ),
    "notebook": Extra(
        {"ipykernel": "ipykernel", "jupytext": "jupytext", "nbconvert": "nbconvert"},
        "examples/notebooks: to open and run them",
        "'dfsrt[notebook]'",
    ),
    "pandas": Extra({"pandas": "pandas"}, "data frames of results, in Python", "pandas"),
}
"""What can be added, by the name of the extra or of the package."""


def need(extra: str) -> None:
    """Check that the packages of ``extra`` are there.

    Raises:
        InputError: one is missing; says what to install.
    """
    part = EXTRAS[extra]
    if part.missing:
        raise InputError(f"{' and '.join(part.missing)} not installed; run: {part.install}")

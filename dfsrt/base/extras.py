"""Parts that dfsrt works without: what each is for, and the command that brings it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from dfsrt.base.errors import InputError


@dataclass(frozen=True, slots=True)
class Extra:
    """Packages by the names they are imported by, and what of dfsrt needs them."""

    packages: tuple[str, ...]
    what_for: str
    asks_for: str

    @property
    def install(self) -> str:
        """The command that brings it."""
        return f"pip install {self.asks_for}"

    @property
    def missing(self) -> tuple[str, ...]:
        """Those of its packages that are not there."""
        return tuple(name for name in self.packages if find_spec(name) is None)


EXTRAS: Mapping[str, Extra] = {
    "tune": Extra(("optuna", "cmaes"), "dfsrt tune, dfsrt optimize search", "'dfsrt[tune]'"),
    "distributed": Extra(("distributed",), "--dask: workers elsewhere", "'dfsrt[distributed]'"),
    "nvidia": Extra(
        ("pynvml", "torch"), "dfsrt measure --device nvidia: a real GPU", "'dfsrt[nvidia]'"
    ),
    "pandas": Extra(("pandas",), "data frames of results, in Python", "pandas"),
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

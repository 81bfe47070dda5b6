"""Which of a point's figures stands for its fidelity."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.study.entry import Entry
from dfsrt.study.layers.schema import LayerPoint


def fidelity_of(point: LayerPoint, name: str) -> float:
    """Return a point's fidelity.

    Raises:
        InputError: the data cannot tell it.
    """
    return _known(getattr(point, name), name)


def fidelity_of_entry(entry: Entry, name: str) -> float:
    """Return a trial's fidelity.

    Raises:
        InputError: the data cannot tell it.
    """
    return _known(entry.cells[0].get(name), name)


def _known(value: float | None, name: str) -> float:
    if value is None:
        why = "labels" if name == "accuracy" else "outputs that are classes"
        raise InputError(f"fidelity '{name}' needs {why}, which are not there; use sqnr_db")
    return value

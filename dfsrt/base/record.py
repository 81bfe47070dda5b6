"""State with named fields, the same for plain Python and for compiled code.

A state is a dataclass of whole numbers and floats. Plain Python works on the dataclass itself;
compiled code works on a numpy record with the same fields, which it writes through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from operator import itemgetter
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import DataclassInstance, Scalar, Values

State = TypeVar("State", bound=DataclassInstance)

_KINDS = {"int": np.int64, "float": np.float64, "bool": np.bool_}


@cache
def record_type(state: type[DataclassInstance]) -> np.dtype[np.void]:
    """Return the numpy type of a record with the fields of a dataclass, in their order."""
    return np.dtype([(f.name, _KINDS[str(f.type)]) for f in fields(state)], align=True)


def as_record(state: State) -> State:
    """Return ``state`` as a record of its own, which compiled code reads and writes.

    Its fields are numpy's numbers; for a type checker it is still a ``State``, and an array of
    them a sequence.
    """
    kind = type(state)
    record = np.zeros(1, dtype=_named_type(kind))
    record[0] = tuple(getattr(state, f.name) for f in fields(kind))
    return cast(State, record[0])


@cache
def _named_type(state: type[DataclassInstance]) -> np.dtype[np.void]:
    """Return a record's type whose fields are attributes.

    Those of ``np.record`` are looked for in Python, which costs ten times as much.
    """

    def attribute(name: str) -> property:
        def write(record: np.void, value: float) -> None:
            record[name] = value

        return property(itemgetter(name), write)

    plain = record_type(state)
    attributes = {name: attribute(name) for name in plain.names or ()}
    return np.dtype((type(state.__name__, (np.void,), attributes), plain))


def as_records(states: Sequence[State], state: type[State]) -> Sequence[State]:
    """Return an array of records of the dataclass ``state``, ``(n_states,)``; it may be empty."""
    names = record_type(state).names or ()
    rows = [tuple(getattr(one, name) for name in names) for one in states]
    return cast(Sequence[State], np.array(rows, dtype=record_type(state)).view(np.recarray))


def columns_as_records(columns: Mapping[str, Values], state: type[State]) -> Sequence[State]:
    """Return an array of records of the dataclass ``state`` from ``columns``, each ``(n_states,)``.

    There is one for each field. Millions take no longer than the copies do.
    """
    size = len(next(iter(columns.values())))
    records = np.zeros(size, dtype=record_type(state)).view(np.recarray)
    for name in record_type(state).names or ():
        records[name] = columns[name]
    return cast(Sequence[State], records)


def laid_out(array: NDArray[Scalar], compiled: bool) -> NDArray[Scalar]:
    """Return a copy of ``array``, of any shape, for compiled code, else as lists.

    Plain Python reads lists faster; both are indexed alike, one place after another.
    """
    return np.array(array) if compiled else cast("NDArray[Scalar]", array.tolist())

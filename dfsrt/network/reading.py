"""How a network is read: the sizes, values and choices that its file leaves open."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, TypedDict, Unpack, get_args

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import one_of

UnknownOps = Literal["error", "memory"]
Branch = Literal["larger", "then", "else"]
KvCache = Literal["append", "copy"]
Scalar: TypeAlias = bool | int | float | str
InputValue: TypeAlias = Scalar | Sequence["InputValue"]
"""A value of an input: a number, a bool, nested lists of them, or one of these as text."""


class UnsaidError(NetworkError):
    """Something of a reading that must be said, and was not; of a loop ``trips`` that would do."""

    trips: tuple[str, int] | None = None


class TooMuchError(NetworkError):
    """More work than one reading may take; no other way of reading is tried."""


class ReadingFields(TypedDict, total=False):
    """The fields of a ``Reading`` as keywords; values may be numbers and lists, not text alone."""

    dims: Mapping[str, int] | None
    values: Mapping[str, InputValue] | None
    branch: Branch | None
    trips: Mapping[str, int] | None
    unknown_ops: UnknownOps | None
    kv_cache: KvCache | None
    fuse: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is said of how a network is read.

    ``dims`` sizes open dimensions by name, or by ``<input>.<axis>``. ``values`` gives inputs a
    value, as text like ``16000`` or ``[1, 2]``: they are constants then. ``branch`` is the one that
    an If takes whose condition depends on data. ``trips`` counts the passes of loops by node, where
    neither shapes nor constants say how many. ``unknown_ops`` says whether an operator without a
    rule is an error or a counted layer that only moves memory, ``kv_cache`` whether keys and values
    of past steps grow where they lie or are copied as the file says. With ``fuse`` the layers are
    those an NPU compiler would run, otherwise one for each run-time node. ``steps`` make the
    network smaller once it is read, as in ``int8,prune``: a run takes them, on its sizes.

    Raises:
        NetworkError: a choice that is not there, or a count that is no whole number of 0 or more.
    """

    dims: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    branch: Branch = "larger"
    trips: Mapping[str, int] = field(default_factory=dict)
    unknown_ops: UnknownOps = "error"
    kv_cache: KvCache = "append"
    fuse: bool = True
    steps: str = ""

    def __post_init__(self) -> None:
        _check_choice("unknown_ops", self.unknown_ops, get_args(UnknownOps))
        _check_choice("kv_cache", self.kv_cache, get_args(KvCache))
        _check_choice("branch", self.branch, get_args(Branch))
        for name, count in self.trips.items():
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise NetworkError(
                    f"the trips of '{name}' are {count!r}; give a whole number of 0 or more, such "
                    f"as --trips {name}=10"
                )

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> tuple[object, ...]:
        """All that is said, in an order that does not depend on who said what first."""
        pairs = (tuple(sorted(m.items())) for m in (self.dims, self.values, self.trips))
        return (*pairs, self.branch, self.unknown_ops, self.kv_cache, self.fuse, self.steps)

    @property
    def strict(self) -> bool:
        """Whether every operator needs a rule."""
        return self.unknown_ops == "error"

    def over(self, other: Reading) -> Reading:
        """Return ``other`` with what is said here in place of its own."""
        return Reading(
            dims={**other.dims, **self.dims},
            values={**other.values, **self.values},
            branch=self.branch if self.branch != "larger" else other.branch,
            trips={**other.trips, **self.trips},
            unknown_ops=self.unknown_ops if not self.strict else other.unknown_ops,
            kv_cache=self.kv_cache if self.kv_cache != "append" else other.kv_cache,
            fuse=self.fuse and other.fuse,
            steps=self.steps or other.steps,
        )

    def sized(self, dims: Mapping[str, int]) -> Reading:
        """Return the same with ``dims`` in place of its own."""
        return replace(self, dims=dims)


def reading_of(**said: Unpack[ReadingFields]) -> Reading:
    """Return a reading; what is None or not said has its default.

    Raises:
        NetworkError: a choice that is not there, or a count that is none.
    """
    values = said.get("values") or {}
    return Reading(
        dims=said.get("dims") or {},
        values={name: value_text(value) for name, value in values.items()},
        branch=said.get("branch") or "larger",
        trips=said.get("trips") or {},
        unknown_ops=said.get("unknown_ops") or "error",
        kv_cache=said.get("kv_cache") or "append",
        fuse=said.get("fuse", True),
    )


def value_text(value: InputValue) -> str:
    """Return an input's value as one types it: ``16000``, ``[1, 2]``, ``true``."""
    return value if isinstance(value, str) else json.dumps(value)


def _check_choice(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise NetworkError(f"{what} is '{value}'; {one_of(value, allowed)}")

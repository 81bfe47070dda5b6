"""Reading a network as far as it can be read: with likely sizes, then with less."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dfsrt.base.errors import DfsrtError
from dfsrt.network import Network
from dfsrt.network.check.sizes import sizes_to_try
from dfsrt.network.check.survey import Survey
from dfsrt.network.load import load_as
from dfsrt.network.mismatch import MismatchError
from dfsrt.network.reading import Reading, UnsaidError
from dfsrt.network.shapes.windows import NO_WINDOW
from dfsrt.run.source import Runnable

if TYPE_CHECKING:
    from dfsrt.report.api import Job


MENDS = 16
"""Sizes and counts of loops that are mended one after the other, as errors name them."""


@dataclass(frozen=True, slots=True)
class AsRead:
    """A network, a layer for each node, and the way in which it could be read."""

    network: Network
    reading: Reading


def command(verb: str, source: str, way: Reading) -> str:
    """Return the command that does ``verb`` with what is read so."""
    return " ".join(["dfsrt", verb, shlex.quote(source), *options_of(way)])


def options_of(way: Reading) -> list[str]:
    """Return the options by which a command reads networks in this way, as they are typed."""
    pairs = {"--dim": way.dims, "--set": way.values, "--trips": way.trips}
    said = [(o, f"{name}={value}") for o, of in pairs.items() for name, value in of.items()]
    said += [("--branch", way.branch)] * (way.branch != "larger")
    said += [("--unknown-ops", way.unknown_ops)] * (not way.strict)
    said += [("--kv-cache", way.kv_cache)] * (way.kv_cache != "append")
    return [f"{option} {shlex.quote(text)}" for option, text in said]


def read_as_it_goes(
    source: str, facts: Survey, given: Reading, *, count_loops: bool = False
) -> tuple[AsRead | None, list[str]]:
    """Return the network of ``source``, or None, and what was in the way, one line each.

    Sizes at which every window fits into its operand stand before others. With ``count_loops``
    those whose count depends on data run as often as their refusal offers.
    """
    problems: dict[str, None] = {}
    narrow: tuple[AsRead, list[str]] | None = None
    for first in _ways(facts, given):
        if narrow and first.unknown_ops != narrow[0].reading.unknown_ops:
            break
        read = _read_so(source, first, given, problems, count_loops=count_loops)
        if read is None:
            continue
        if not any(NO_WINDOW in note for note in read.network.notes):
            return read, list(narrow[1] if narrow else problems)
        narrow = narrow or (read, list(problems))
    return narrow or (None, list(problems))


def _read_so(
    source: str, first: Reading, given: Reading, problems: dict[str, None], *, count_loops: bool
) -> AsRead | None:
    """Return the network in the ``first`` way, or with what its errors say would do."""
    way: Reading | None = first
    for _ in range(MENDS):
        if way is None:
            return None
        try:
            return AsRead(load_as(source, replace(way, fuse=False)), way)
        except DfsrtError as error:
            counted = _counted(way, error) if count_loops else None
            if counted is None:
                problems[str(error).removeprefix(f"network '{source}': ")] = None
            way = counted or _fitted(way, error, given)
    return None


def _counted(way: Reading, error: DfsrtError) -> Reading | None:
    """Return the way with the count of a loop that the error offers."""
    unsaid = next((e for e in _causes(error) if isinstance(e, UnsaidError)), None)
    if unsaid is None or unsaid.trips is None or unsaid.trips[0] in way.trips:
        return None
    name, count = unsaid.trips
    return replace(way, trips={**way.trips, name: count})


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and what it came from; an error that came from itself is there once."""
    causes = [error]
    while (cause := causes[-1].__cause__) is not None and cause not in causes:
        causes.append(cause)
    return causes


def _fitted(way: Reading, error: DfsrtError, given: Reading) -> Reading | None:
    """Return the way with the size that the error names, where nobody has given that one."""
    if not isinstance(error, MismatchError) or error.fit is None or error.fit.name in given.dims:
        return None
    return way.sized({**way.dims, error.fit.name: error.fit.size})


def _ways(facts: Survey, given: Reading) -> Iterator[Reading]:
    """Yield sizes with every operator counted, then with those without a rule as memory."""
    tries = [given.sized({**given.dims, **sizes})
             for sizes in sizes_to_try(facts.open_sizes, given.dims)]  # fmt: skip
    yield from tries
    if given.strict:
        yield from (replace(way, unknown_ops="memory") for way in tries)


def job_of(load: Runnable, way: Reading) -> Job:
    """Return a load on the default device, its networks read in this ``way``.

    Raises:
        InputError: a value that cannot be used.
    """
    from dfsrt.report.api import Job

    return Job(
        load,
        dims=way.dims,
        values=way.values,
        branch=way.branch,
        trips=way.trips,
        unknown_ops=way.unknown_ops,
    )

"""Reading a network as far as it can be read: with likely sizes, then with less."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dfsrt.base.errors import DfsrtError, NetworkError
from dfsrt.network import Network
from dfsrt.network.load import load_as
from dfsrt.network.reading import Reading, UnsaidError
from dfsrt.network.sizes import sizes_to_try
from dfsrt.network.survey import Survey
from dfsrt.network.windows import NO_WINDOW
from dfsrt.run.source import Runnable

if TYPE_CHECKING:
    from dfsrt.report.api import Job


MOST_LOOPS = 8
"""Loops that a check counts by itself."""


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
    for way in _ways(facts, given):
        if narrow and way.unknown_ops != narrow[0].reading.unknown_ops:
            break
        try:
            read = _read(source, way, count_loops=count_loops)
        except DfsrtError as error:
            problems[str(error).removeprefix(f"network '{source}': ")] = None
            continue
        if not any(NO_WINDOW in note for note in read.network.notes):
            return read, list(narrow[1] if narrow else problems)
        narrow = narrow or (read, list(problems))
    return narrow or (None, list(problems))


def _read(source: str, way: Reading, *, count_loops: bool) -> AsRead:
    while True:
        try:
            return AsRead(load_as(source, replace(way, fuse=False)), way)
        except NetworkError as error:
            trips = _offered_trips(error)
            full = len(way.trips) >= MOST_LOOPS
            if not count_loops or full or trips is None or trips[0] in way.trips:
                raise
            way = replace(way, trips={**way.trips, trips[0]: trips[1]})


def _offered_trips(error: BaseException | None) -> tuple[str, int] | None:
    while error is not None and not isinstance(error, UnsaidError):
        error = error.__cause__
    return None if error is None else error.trips


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

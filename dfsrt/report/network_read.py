"""Reading a network as far as it can be read: with likely sizes, then with less."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dfsrt.base.errors import DfsrtError
from dfsrt.network import Network, load_network
from dfsrt.network.load import UnknownOps
from dfsrt.network.sizes import sizes_to_try
from dfsrt.network.survey import Survey
from dfsrt.power.table import LayerTable


@dataclass(frozen=True, slots=True)
class AsRead:
    """A network, a layer for each node, with the sizes and the way in which it could be read."""

    network: Network
    dims: Mapping[str, int]
    unknown_ops: UnknownOps

    def command(self, verb: str, source: str) -> str:
        """Return the command that reads it so."""
        dims = [f"--dim {shlex.quote(f'{name}={size}')}" for name, size in self.dims.items()]
        unknown = ["--unknown-ops memory"] * (self.unknown_ops == "memory")
        return " ".join(["dfsrt", verb, shlex.quote(source), *dims, *unknown])


def read_as_it_goes(
    source: str, facts: Survey, given: Mapping[str, int]
) -> tuple[AsRead | None, list[str]]:
    """Return the network of ``source``, or None, and what was in the way, one line each."""
    problems: dict[str, None] = {}
    for dims, unknown_ops in _ways(facts, given):
        try:
            network = load_network(source, dims=dims, fuse=False, unknown_ops=unknown_ops)
            return AsRead(network, dims, unknown_ops), list(problems)
        except DfsrtError as error:
            problems[str(error).removeprefix(f"network '{source}': ")] = None
    return None, list(problems)


def _ways(
    facts: Survey, given: Mapping[str, int]
) -> Iterator[tuple[Mapping[str, int], UnknownOps]]:
    """Yield sizes and what to do with operators without a rule, the most exact way first."""
    tries = [{**given, **sizes} for sizes in sizes_to_try(facts.open_sizes, given)]
    if all(use.has_rule for use in facts.operators):
        yield from ((dims, "error") for dims in tries)
    else:  # it may be that such a node never runs
        yield tries[0], "error"
        yield from ((dims, "memory") for dims in tries)


def table_of(source: str, read: AsRead) -> LayerTable:
    """Return the layer table of a network on the default device, as ``dfsrt run`` makes it.

    Raises:
        InputError: the device cannot run it.
    """
    from dfsrt.report.api import Job

    return Job(source, dims=dict(read.dims), unknown_ops=read.unknown_ops).table

"""What can come from bytes and what from rows, in words."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.cost.dram import Visit, steady_stream
from dfsrt.device.dram import Dram
from dfsrt.reproduce.romanet.figures import AFTER, OWN, PAPER
from dfsrt.reproduce.romanet.schema import Scope


def bursts_a_row(scope: Scope, paper: float, dram: Dram) -> int:
    """Return how many bursts a row serves at most where rows alone leave room for ``paper``."""
    needed = scope.placed(*AFTER).energy_per_byte_j / (1 + paper)
    burst, most = dram.organisation.burst_bytes, dram.organisation.row_bursts
    for bursts in range(1, most + 1):
        if steady_stream(dram, bursts * burst, Visit.NEXT_BANK).energy_per_byte_j < needed:
            return bursts - 1
    return most


def verdict(network: str, scope: Scope, room: int | None) -> str:
    """Return in plain words where the paper's figure of a network can come from."""
    return " ".join(_sentences(network, scope, room))


def _sentences(network: str, scope: Scope, room: int | None) -> Iterator[str]:
    most, least = scope.least_bytes_change, scope.of(OWN).over_once
    yield f"Bytes give {most.bytes:+.1%} at most (against '{most.baseline}')"
    figure = PAPER.figure(network)
    if figure is None:
        yield f"and rows {scope.rows_change:+.1%}; the paper has no figure of it."
        return
    (paper,) = figure
    yield f"where ROMANet moves {least:.3f} times every operand once:"
    yield f"{_can(most.bytes, paper)} from them."
    yield f"Rows give {scope.rows_change:+.1%} with the same tiles:"
    yield f"{_can(scope.rows_change, paper)} from them"
    yield f"against maps that lie line by line, and from rows at all {_if_rows_are_poor(room)}."
    both = min(scope.changes, key=lambda change: change.energy)
    yield f"Both together give {both.energy:+.1%} (against '{both.baseline}')."


def _can(change: float, paper: float) -> str:
    return f"{paper:+.0%} {'can' if change <= paper else 'cannot'} come"


def _if_rows_are_poor(room: int | None) -> str:
    if not room:
        return "never"
    return f"only where a row served no more than {room} bursts before"

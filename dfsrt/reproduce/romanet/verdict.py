"""What can come from bytes and what from placement in DRAM, in words."""

from __future__ import annotations

from collections.abc import Iterator

from dfsrt.cost.dram import Visit, steady_stream
from dfsrt.device.dram import Dram
from dfsrt.reproduce.romanet.figures import AFTER, OWN, PAPER
from dfsrt.reproduce.romanet.schema import Scope

_SEEN = 0.0005
"""A change that is not 0 where it is written with one decimal of a percent."""


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
    figure = PAPER.figure(network)
    sentences = _given(scope) if figure is None else _judged(scope, figure[0], room or 0)
    return " ".join(sentences)


def _given(scope: Scope) -> Iterator[str]:
    most = min(scope.changes, key=lambda change: change.bytes)
    yield f"not in the paper. Bytes give {most.bytes:+.1%} at most (against '{most.baseline}'),"
    yield f"placement {scope.placement_change:+.1%}, both {_both(scope)} at most."


def _judged(scope: Scope, paper: float, room: int) -> Iterator[str]:
    most = min(scope.changes, key=lambda change: change.bytes)
    lower = 1 / scope.of(OWN).over_once - 1
    given = f"{most.bytes:+.1%} at most (against '{most.baseline}')"
    yield f"{paper:+.0%} {_can(most.bytes <= paper)} come from bytes: they give"
    yield given if most.bytes < -_SEEN else "nothing against any policy"
    yield f"and {lower:+.1%} if every operand crossed once."
    yield f"It {_can(scope.placement_change <= paper)} come from placement alone:"
    yield f"{scope.placement_change:+.1%}, of which tiles stored whole are"
    yield f"{scope.bursts_change:+.1%} (fewer bursts) and the order of addresses"
    yield f"{scope.rows_change:+.1%} (rows); by rows alone {_if_rows_were_poor(room)}."
    both = min(change.energy for change in scope.changes)
    yield f"Both together {_can(both <= paper)} give it: {_both(scope)} at most."
    if both > paper:
        yield "The rest must be a baseline weaker than any of these."


def _both(scope: Scope) -> str:
    both = min(scope.changes, key=lambda change: change.energy)
    return f"{both.energy:+.1%} (against '{both.baseline}')"


def _can(possible: bool) -> str:
    return "can" if possible else "cannot"


def _if_rows_were_poor(room: int) -> str:
    if not room:
        return "never"
    served = "1 burst" if room == 1 else f"{room} bursts or fewer"
    return f"only if a row served {served} before"

"""What keeping maps on chip can bring, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dfsrt.reproduce.zheng.figures import BEST, PAPER
from dfsrt.reproduce.zheng.schema import Scope


def verdict(network: str, scopes: Sequence[Scope]) -> str:
    """Return in plain words what schedules bring, and whether the paper's range lies in reach."""
    return " ".join(_sentences(network, scopes))


def _sentences(network: str, scopes: Sequence[Scope]) -> Iterator[str]:
    for scope in scopes:
        each = ", ".join(f"{s.of(BEST).bytes:+.0%} at {s.buffer}" for s in scope.sizes)
        largest = scope.sizes[-1]
        most = scope.floor_bytes / largest.layerwise_bytes - 1
        yield f"{scope.scope}: {each};"
        yield f"no schedule gives more than {most:+.0%} there, for weights"
        yield f"({scope.weight_bytes / 1e6:.1f} MB), input and output cross in any case."
    figure = PAPER.figure(network)
    if figure is None:
        yield "It is not in the paper."
        return
    yield _reach(scopes, figure)


def _reach(scopes: Sequence[Scope], figure: tuple[float, ...]) -> str:
    """Say which ends of the range our changes reach, against the best tiles and a weak baseline."""
    least, most = figure
    best = min(size.of(BEST).bytes for scope in scopes for size in scope.sizes)
    weak = min(size.of(BEST).bytes_of_fixed for scope in scopes for size in scope.sizes)
    low = "is in reach" if best <= least else "is out of reach against the best tiles"
    high = "so is" if best <= most else "it does not reach"
    return (
        f"The paper's {least:+.0%} {low}, {high} {most:+.0%}; against one kind of reuse throughout "
        f"it is {weak:+.0%} at most."
    )

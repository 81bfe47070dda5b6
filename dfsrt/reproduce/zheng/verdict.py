"""What keeping maps on chip can bring, in words."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.reproduce.zheng.figures import BEST, PAPER
from dfsrt.reproduce.zheng.schema import Scope


def verdict(network: str, scopes: Sequence[Scope]) -> str:
    """Return in plain words what schedules bring, and whether the paper's range lies in reach."""
    figure = PAPER.figure(network)
    ends = "not in the paper." if figure is None else _reach(scopes, figure)
    return " ".join((ends, *(_given(scope) for scope in scopes)))


def _reach(scopes: Sequence[Scope], figure: tuple[float, ...]) -> str:
    """Say which ends of the range lie in reach of a schedule."""
    least, most = figure
    best = min(_best(scope) for scope in scopes)
    floor = min(scope.most_saved for scope in scopes)
    return f"{least:+.0%} {_in_reach(scopes, least)}; {most:+.0%} {_held(best, floor, most)}."


def _in_reach(scopes: Sequence[Scope], end: float) -> str:
    best, whole = min(_best(scope) for scope in scopes), _best(scopes[-1])
    if whole <= end:
        return f"is in reach of maps that stay ({best:+.0%})"
    if best <= end:
        part, all_of_it = scopes[0].scope, scopes[-1].scope
        return f"is in reach {part} ({best:+.0%}), not of the {all_of_it} ({whole:+.0%})"
    weak = min(size.of(BEST).bytes_of_fixed for scope in scopes for size in scope.sizes)
    if weak <= end:
        return f"comes only against one kind of reuse throughout ({weak:+.0%}; {best:+.0%} else)"
    return (
        f"is not in reach at these sizes ({best:+.0%}, and {weak:+.0%} against one kind of reuse)"
    )


def _best(scope: Scope) -> float:
    return min(size.of(BEST).bytes for size in scope.sizes)


def _held(best: float, floor: float, end: float) -> str:
    if best <= end:
        return f"is, too ({best:+.0%})"
    if floor <= end:
        return f"needs a buffer from which no map leaves the chip ({floor:+.0%})"
    return f"cannot: with no map in DRAM at all it would be {floor:+.0%}"


def _given(scope: Scope) -> str:
    each = ", ".join(f"{size.of(BEST).bytes:+.0%} at {size.buffer}" for size in scope.sizes)
    rest = f"{scope.floor_bytes / 1e6:.1f} MB cross in any case"
    return f"{scope.scope.capitalize()}: {each}; {rest}, {scope.weight_bytes / 1e6:.1f} of weights."

"""Programs: what a request does, step by step, on the NPU and on the host."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.base.errors import InputError


@dataclass(frozen=True, slots=True)
class Step:
    """Layers ``first`` to before ``stop`` on the NPU, or ``host_ns`` on the host.

    A pass of a language model has room for ``tokens``.
    """

    first: int = 0
    stop: int = 0
    host_ns: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Plot:
    """What the requests of one workload do.

    The ``first`` request of a session, every ``every``-th from it on (``key``), and all others
    (``between``) each have steps of their own. With ``in_order`` a request waits until the one
    before it in its session has left. Steps of a language model are its passes, the largest first;
    ``chunk`` tokens of a prompt go into one at the most.

    Raises:
        InputError: ``every`` below 1, or steps without order where they depend on it.
    """

    first: tuple[Step, ...]
    key: tuple[Step, ...]
    between: tuple[Step, ...]
    every: int = 1
    in_order: bool = False
    chunk: int = 0

    def __post_init__(self) -> None:
        if self.every < 1:
            raise InputError(f"every {self.every} is out of range; give 1 or more")
        same = self.first == self.key and (self.every == 1 or self.key == self.between)
        if not (self.in_order or same):
            raise InputError("requests that differ within a session need in_order = true")


def plain(first: int, stop: int) -> Plot:
    """Return the plot of a lone network: the same layers for every request."""
    steps = (Step(first, stop),)
    return Plot(steps, steps, steps)


def token_plot(steps: tuple[Step, ...], chunk: int) -> Plot:
    """Return the plot of a language model whose passes are ``steps``, in any order.

    ``chunk`` is how many tokens of a prompt go into one; 0 for as many as there is room for.
    """
    by_size = tuple(sorted(steps, key=lambda step: -step.tokens))
    most = by_size[0].tokens
    return Plot(by_size, by_size, by_size, chunk=min(chunk or most, most))

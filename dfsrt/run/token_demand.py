"""Token demand: what requests ask of a language model, and how often its passes read its cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import InputError
from dfsrt.network.passes import CACHE_BLOCK


@dataclass(frozen=True, slots=True)
class TokenDemand:
    """Requests of one language model: they read ``prompt`` tokens and write ``tokens``.

    Both are ``(n_requests,)``.
    """

    prompt: Ints
    tokens: Ints

    def check(self, context: int, name: str, which: Callable[[int], str]) -> None:
        """Check that the model attends to all of each request; ``which`` calls one by its place.

        Raises:
            InputError: a request without tokens, or with more than ``context``.
        """
        none = np.flatnonzero((self.prompt < 1) | (self.tokens < 1))
        if len(none):
            raise InputError(
                f"{which(int(none[0]))} has a prompt of {self.prompt[none[0]]} and "
                f"{self.tokens[none[0]]} tokens to write; give 1 or more of both for '{name}'"
            )
        long = np.flatnonzero(self.prompt + self.tokens > context)
        if len(long):
            prompt, tokens = int(self.prompt[long[0]]), int(self.tokens[long[0]])
            raise InputError(
                f"{which(int(long[0]))} has a prompt of {prompt:,} and {tokens:,} tokens to write, "
                f"more than the {context:,} that '{name}' attends to; give fewer"
            )

    def passes(self, chunk: int) -> Ints:
        """Return the passes of each request that is alone, ``(n_requests,)``."""
        return -(-self.prompt // chunk) + self.tokens - 1

    def prefill_blocks(self, chunk: int) -> float:
        """Return the blocks that a pass over a prompt reads on average, ``chunk`` tokens a pass."""
        passes = -(-self.prompt // chunk)
        before = np.concatenate([np.arange(n) * chunk for n in passes.tolist()])
        return float((-(-before // CACHE_BLOCK)).mean())

    def decode_blocks(self) -> float:
        """Return the blocks that a token reads on average that follows another."""
        count = int((self.tokens - 1).sum())
        blocks = blocks_up_to(self.prompt + self.tokens - 2) - blocks_up_to(self.prompt - 1)
        return float(blocks.sum()) / count if count else 0.0

    @property
    def written_share(self) -> float:
        """The share of tokens that are taken in one by one, among all."""
        alone = int((self.tokens - 1).sum())
        return alone / (alone + int(self.prompt.sum()))


def blocks_up_to(tokens: Ints) -> Ints:
    """Return the sum of the blocks of caches of 0, 1, 2, ... up to ``tokens``, ``(n,)``."""
    whole, rest = np.divmod(tokens, CACHE_BLOCK)
    return np.asarray(CACHE_BLOCK * whole * (whole + 1) // 2 + rest * (whole + 1))


def expected_units(grows: Ints, single: float, shared: float) -> Floats:
    """Return how often each layer runs in a pass on average, ``(n_layers,)`` as ``grows`` is."""
    return np.array([1.0, single, shared])[grows]

"""How many tokens prompts and answers have: a distribution by its quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import InputError
from dfsrt.trace.token_columns import MAX_TOKENS


@dataclass(frozen=True, slots=True)
class TokenLengths:
    """The share of requests, ``(n_knots,)``, that has at most so many ``tokens``, ``(n_knots,)``.

    Between two knots the logarithm of the tokens grows evenly with the share, so that the quantile
    function rises everywhere. It has no tails: the first knot is the least, the last the most.
    """

    shares: Floats
    tokens: Floats

    def at(self, shares: Floats) -> Ints:
        """Return the tokens of these shares, the nearest whole number; both ``(n_requests,)``."""
        tokens = np.exp(np.interp(shares, self.shares, np.log(self.tokens)))
        return np.maximum(1, np.rint(tokens).astype(np.int64))


@dataclass(frozen=True, slots=True)
class RequestLengths:
    """How long prompts and answers are, together at most ``context``; ``source`` is
    empty for numbers that somebody typed.

    Both are drawn apart: in Azure's traces of 2023 their rank correlation is -0.02 (code) and 0.07
    (conversation).
    """

    prompt: TokenLengths
    output: TokenLengths
    source: str = ""
    context: int = 2 * MAX_TOKENS

    def draw(self, count: int, seed: Sequence[int]) -> tuple[Ints, Ints]:
        """Return tokens of prompt and output of ``count`` requests, ``(count,)`` each."""
        draws = (np.random.Generator(np.random.PCG64([*seed, k])).random(count) for k in (1, 2))
        return clipped(self.prompt.at(next(draws)), self.output.at(next(draws)), self.context)


def clipped(prompt: Ints, output: Ints, context: int) -> tuple[Ints, Ints]:
    """Return tokens that ``context`` has room for, ``(n_requests,)`` each.

    An output that alone is too long is made shorter, and a prompt loses what is left, as assistants
    forget what was said first.
    """
    output = np.minimum(output, context - 1)
    return np.minimum(prompt, context - output), output


def fixed_lengths(prompt: int, output: int, where: str) -> RequestLengths:
    """Return lengths that are the same in all requests.

    Raises:
        InputError: less than 1 token, or too many.
    """
    ends = [(0.0, prompt), (1.0, prompt)], [(0.0, output), (1.0, output)]
    asked, told = (token_lengths(knots, where) for knots in ends)
    return RequestLengths(asked, told)


def token_lengths(knots: Sequence[tuple[float, int]], where: str) -> TokenLengths:
    """Return the distribution of pairs of share and tokens, from share 0 to share 1.

    Raises:
        InputError: shares that do not rise from 0 to 1, or tokens that fall or are none.
    """
    shares, tokens = [share for share, _ in knots], [count for _, count in knots]
    rises = all(a < b for a, b in pairwise(shares))
    if len(knots) < 2 or shares[0] != 0 or shares[-1] != 1 or not rises:
        raise InputError(
            f"{where}: shares must rise from 0 to 1, like [[0, 8], [0.5, 120], [1, 900]]"
        )
    if tokens != sorted(tokens) or not 1 <= tokens[0] <= tokens[-1] <= MAX_TOKENS:
        raise InputError(f"{where}: tokens must not fall, from 1 on to at most {MAX_TOKENS:,}")
    return TokenLengths(np.array(shares, dtype=np.float64), np.array(tokens, dtype=np.float64))

"""Batching: how many tokens, of how many requests, language models take in together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.units import parse_whole

MOST = 4096
"""Tokens, and requests, of a pass at the most."""
_OPTIONS = ("budget", "requests", "chunk", "kv_bytes")
_BYTES_LIKE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Batching:
    """A pass has room for ``budget`` tokens of at most so many ``requests``.

    ``chunk`` of them may be of one prompt; 0 for as many as there is room for. All caches
    together, each with room for all that its request will ever have in it, take ``kv_bytes`` at
    the most; None for any.

    Raises:
        InputError: a number out of range.
    """

    budget: int = 512
    requests: int = 64
    chunk: int = 0
    kv_bytes: int | None = None

    def __post_init__(self) -> None:
        for name in ("budget", "requests"):
            if not 1 <= getattr(self, name) <= MOST:
                raise InputError(
                    f"{name} {getattr(self, name)} is out of range; give 1 to {MOST:,}"
                )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Tokens that graphs have room for: powers of two and the budget, the largest first."""
        below = [2**n for n in range(self.budget.bit_length()) if 2**n < self.budget]
        return (self.budget, *reversed(below))


UNSAID = Batching()
"""Where nobody says how."""


def parse_batching(options: Mapping[str, str]) -> Batching:
    """Return the batching of options as typed: ``budget=512``, ``requests=64``, ``chunk=256``.

    ``kv_bytes`` is said in bytes, like ``2000000000``.

    Raises:
        InputError: another option, or no whole number above 0.
    """
    for name, text in options.items():
        if name not in _OPTIONS:
            raise InputError(unknown_name("option of continuous", name, _OPTIONS))
        if not parse_whole(text):
            like = f"{name}={_BYTES_LIKE if name == 'kv_bytes' else 64}"
            raise InputError(f"{name} '{text}' is no whole number above 0; give one like {like}")
    return Batching(**{name: int(text) for name, text in options.items()})

"""What a language model is: the numbers of its published configuration, checked."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from dfsrt.base.errors import NetworkError

MOST = 2**24
"""The largest number that a configuration may have."""
MOST_LAYERS = 1_024
"""Layers have a limit of their own: each is a dozen nodes of every graph."""
Side: TypeAlias = tuple[str, int, int]
"""A product of a block: its name, rows and columns of its weight."""


class LlmConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A decoder of ``layers`` blocks, each with attention and a feed-forward part.

    ``heads`` query heads of ``head_width`` share ``key_value_heads`` keys and values; ``width`` is
    what passes from block to block. ``feed_forward`` is the inner width, ``gated`` says that a
    third product gates it. ``vocabulary`` words, whose table makes the logits too where it is
    ``tied``. ``context`` is the most tokens that the model attends to. ``qkv_bias`` says that
    queries, keys and values have biases. ``source`` says where the numbers are from.

    Raises:
        NetworkError: numbers that make no model.
    """

    name: str
    source: str
    layers: int
    heads: int
    key_value_heads: int
    head_width: int
    width: int
    feed_forward: int
    vocabulary: int
    context: int
    tied: bool
    qkv_bias: bool = False
    gated: bool = True

    def __post_init__(self) -> None:
        numbers = {f: getattr(self, f) for f in self.__struct_fields__}
        for field, value in numbers.items():
            most = MOST_LAYERS if field == "layers" else MOST
            if type(value) is int and not 1 <= value <= most:
                raise NetworkError(f"{field} is {value}; allowed is 1 to {most:,}")
        if self.heads % self.key_value_heads:
            raise NetworkError(
                f"{self.heads} heads cannot share {self.key_value_heads} key_value_heads evenly; "
                "give a divisor of heads"
            )
        if self.head_width % 2:
            raise NetworkError(
                f"head_width is {self.head_width}; give an even one, for positions turn its halves"
            )

    @property
    def qkv_width(self) -> int:
        """Columns of the product that makes queries, keys and values."""
        return (self.heads + 2 * self.key_value_heads) * self.head_width

    @property
    def products(self) -> tuple[Side, ...]:
        """Name, rows and columns of each weight that a block multiplies by."""
        attended = self.heads * self.head_width
        gate = [("mlp.gate", self.width, self.feed_forward)] if self.gated else []
        return (
            ("attn.qkv", self.width, self.qkv_width),
            ("attn.o", attended, self.width),
            *gate,
            ("mlp.up", self.width, self.feed_forward),
            ("mlp.down", self.feed_forward, self.width),
        )

    @property
    def head_weights(self) -> int:
        """Weights of the output head."""
        return self.width * self.vocabulary

    @property
    def product_weights(self) -> int:
        """Weights in products, output head included, the look-up of words not: MACs a token."""
        return self.layers * sum(rows * columns for _, rows, columns in self.products) + (
            self.head_weights
        )

    @property
    def parameters(self) -> int:
        """Parameters in all, norms and biases included."""
        norms = (2 * self.layers + 1) * self.width
        bias = self.layers * self.qkv_width if self.qkv_bias else 0
        table = 0 if self.tied else self.head_weights
        return self.product_weights + table + norms + bias

    @property
    def attention_macs(self) -> int:
        """Multiply-accumulates of a token's attention for each token of its context."""
        return 2 * self.layers * self.heads * self.head_width

    def cache_bytes(self, element_bytes: int) -> int:
        """Return the bytes of keys and values that a token leaves in the cache."""
        return 2 * self.layers * self.key_value_heads * self.head_width * element_bytes

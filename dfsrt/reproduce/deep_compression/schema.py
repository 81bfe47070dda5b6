"""What the experiment comes to, as JSON has it."""

from __future__ import annotations

import msgspec


class LayerRates(msgspec.Struct, frozen=True, kw_only=True):
    """A layer: shares of its plain bits that stay; ``error`` is ours over the paper's less 1.

    ``fillers`` are filler zeros for each weight that stays; ``without_fillers`` is the rate if none
    were needed.
    """

    layer: str
    weights: int
    kept: float
    value_bits: int
    gap_bits: int
    paper_rate: float
    rate: float
    error: float
    fillers: float
    without_fillers: float


class NetworkRates(msgspec.Struct, frozen=True, kw_only=True):
    """A network: its layers, and all of them together."""

    network: str
    weights: int
    plain_bytes: int
    coded_bytes: int
    paper_rate: float
    rate: float
    error: float
    layers: tuple[LayerRates, ...]


class BookSize(msgspec.Struct, frozen=True, kw_only=True):
    """A matrix with shared values: its bits before and after, and the code book's among them."""

    outputs: int
    inputs: int
    values: int
    plain_bits: int
    coded_bits: int
    codebook_bits: int
    times: float


class DeepCompressionReport(msgspec.Struct, frozen=True, kw_only=True):
    """``dfsrt reproduce deep-compression``."""

    schema_version: int
    experiment: str
    paper: str
    paper_source: str
    books: tuple[BookSize, ...]
    networks: tuple[NetworkRates, ...]

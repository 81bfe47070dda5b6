"""The experiment: sizes by the product's own codings, from what the paper says of each layer."""

from __future__ import annotations

from dfsrt.network.coding import Coding, codebook_bits, coded_bits, expected_fillers
from dfsrt.network.packing import Packing
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.reproduce.deep_compression.figures import (
    BOOKS,
    NETWORKS,
    PLAIN_BITS,
    SOURCE,
    TITLE,
    PaperLayer,
    PaperNetwork,
)
from dfsrt.reproduce.deep_compression.schema import (
    BookSize,
    DeepCompressionReport,
    LayerRates,
    NetworkRates,
)


def reproduce() -> DeepCompressionReport:
    """Return what shared values take, and the paper's tables beside our own rates.

    Limits: zeros lie at random here; in real fully connected layers they cluster, which takes
    fewer fillers.
    """
    return DeepCompressionReport(
        schema_version=SCHEMA_VERSION,
        experiment="deep-compression",
        paper=TITLE,
        paper_source=SOURCE,
        books=tuple(_book(*sizes) for sizes in BOOKS),
        networks=tuple(_network(network) for network in NETWORKS),
    )


def _book(outputs: int, inputs: int, values: int) -> BookSize:
    packing, weights = Packing(values=values), outputs * inputs
    coded = coded_bits(weights, PLAIN_BITS, packing, Coding.SHARED)
    return BookSize(
        outputs=outputs,
        inputs=inputs,
        values=values,
        plain_bits=weights * PLAIN_BITS,
        coded_bits=coded,
        codebook_bits=codebook_bits(packing, PLAIN_BITS),
        times=weights * PLAIN_BITS / coded,
    )


def _network(network: PaperNetwork) -> NetworkRates:
    weights = sum(layer.weights for layer in network.layers)
    coded = sum(_bits(layer) for layer in network.layers)
    rate = coded / (weights * PLAIN_BITS)
    return NetworkRates(
        network=network.name,
        weights=weights,
        plain_bytes=weights * PLAIN_BITS // 8,
        coded_bytes=-(-coded // 8),
        paper_rate=network.rate,
        rate=rate,
        error=rate / network.rate - 1,
        layers=tuple(_layer(layer) for layer in network.layers),
    )


def _layer(layer: PaperLayer) -> LayerRates:
    plain = layer.weights * PLAIN_BITS
    rate = _bits(layer) / plain
    return LayerRates(
        layer=layer.name,
        weights=layer.weights,
        kept=layer.kept,
        value_bits=layer.value_bits,
        gap_bits=layer.gap_bits,
        paper_rate=layer.rate,
        rate=rate,
        error=rate / layer.rate - 1,
        fillers=expected_fillers(layer.kept, layer.gap_bits),
        without_fillers=_bits(layer, fillers=(0,) * layer.gap_bits) / plain,
    )


def _bits(layer: PaperLayer, fillers: tuple[int, ...] = ()) -> int:
    packing = Packing(zeros=1 - layer.kept, values=2**layer.value_bits, fillers=fillers)
    return coded_bits(
        layer.weights, PLAIN_BITS, packing, Coding.ZEROS_SHARED, gap_bits=layer.gap_bits
    )

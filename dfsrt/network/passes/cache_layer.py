"""What a block of cached tokens adds to an attention, as a layer of its own."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.base.errors import NetworkError
from dfsrt.network.layer import PER_CHUNK, PER_TOKEN, Gemm, Kind, Layer, Operands
from dfsrt.network.network import Network
from dfsrt.network.rules.lane_ops import SOFTMAX_OPS
from dfsrt.network.tensor import Tensor

CACHE_BLOCK = 16
"""Tokens of a block, by which what an attention reads grows."""
_ATTENTION = "GroupQueryAttention"


def with_cache_layers(network: Network, cached: str) -> Network:
    """Return a network of a pass with a cache layer after each attention, whose past is empty.

    A cache layer is one block of one sequence: its keys and values, of element type ``cached``,
    are read, scored and mixed for the tokens of that sequence. Its queries are at hand.
    """
    layers: list[Layer] = []
    for layer in network.layers:
        layers.append(layer)
        if layer.op == _ATTENTION:
            layers.append(cache_layer(layer, cached))
    blocks = [t.name for layer in layers if layer.grows for t in layer.inputs[1:]]
    return replace(network, layers=tuple(layers), inputs=(*network.inputs, *blocks))


def cache_layer(attention: Layer, cached: str) -> Layer:
    """Return what a block of cached tokens adds to ``attention``, for one of its sequences.

    Raises:
        NetworkError: an attention that multiplies nothing.
    """
    if not attention.gemms:
        raise NetworkError(f"layer '{attention.name}' attends to nothing; give it a token")
    scores, mix = attention.gemms
    name, query, made = f"{attention.name}.cache", attention.inputs[0], attention.outputs[0]
    sequences = query.shape[0]
    groups, rows, size = scores.count // sequences, scores.m, scores.k
    shape = (1, groups, CACHE_BLOCK, size)
    keys, values = (Tensor(f"{name}.{part}", shape, cached) for part in ("keys", "values"))
    result = Tensor(f"{name}.out", (1, *made.shape[1:]), made.dtype, touched=0)
    return Layer(
        name=name,
        op=attention.op,
        kind=Kind.MATRIX,
        nodes=(),
        inputs=(replace(query, touched=0), keys, values),
        weights=(),
        outputs=(result,),
        gemms=(
            Gemm(rows, size, CACHE_BLOCK, groups),
            Gemm(rows, CACHE_BLOCK, mix.n, groups),
        ),
        operands=(
            Operands((query.name,), (keys.name,)),
            Operands((), (values.name,), result.name),
        ),
        vector_ops=groups * rows * CACHE_BLOCK * (SOFTMAX_OPS + 1),
        grows=PER_TOKEN,
    )


def with_chunk_layers(network: Network, tokens: int) -> Network:
    """Return a pass of any sequences with a layer more for each cache layer: of a prompt's chunk.

    It is a block that is read once, scored and mixed for all ``tokens`` of the pass.
    """
    layers: list[Layer] = []
    for layer in network.layers:
        layers += [layer, chunk_layer(layer, tokens)] if layer.grows else [layer]
    return replace(network, layers=tuple(layers))


def chunk_layer(block: Layer, tokens: int) -> Layer:
    """Return a cache layer of one token for so many."""
    scores, mix = block.gemms
    return replace(
        block,
        name=f"{block.name}.chunk",
        gemms=(replace(scores, m=scores.m * tokens), replace(mix, m=mix.m * tokens)),
        vector_ops=block.vector_ops * tokens,
        grows=PER_CHUNK,
    )


def stretched(layer: Layer, blocks: int) -> Layer:
    """Return a layer that grows as it is for so many blocks in a row; any other for 1 as it is."""
    if blocks == 1:
        return layer
    scores, mix = layer.gemms
    query, *cache = layer.inputs
    return replace(
        layer,
        inputs=(query, *(_longer(t, blocks) for t in cache)),
        gemms=(replace(scores, n=scores.n * blocks), replace(mix, k=mix.k * blocks)),
        vector_ops=layer.vector_ops * blocks,
    )


def _longer(tensor: Tensor, blocks: int) -> Tensor:
    batch, groups, tokens, size = tensor.shape
    touched = None if tensor.touched is None else tensor.touched * blocks
    return replace(tensor, shape=(batch, groups, tokens * blocks, size), touched=touched)

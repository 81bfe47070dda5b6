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


def with_cache_layers(network: Network, cached: str, chunk: int = 0) -> Network:
    """Return a network of a pass with a cache layer after each attention, whose past is empty.

    A cache layer is one block of one sequence: its keys and values, of element type ``cached``,
    are read, scored and mixed for the tokens of that sequence. Its queries are at hand. With a
    ``chunk`` a second one follows, a block that is read once for so many tokens of a prompt.
    """
    layers: list[Layer] = []
    for layer in network.layers:
        layers.append(layer)
        if layer.op == _ATTENTION:
            layers.append(cache_layer(layer, cached))
        if layer.op == _ATTENTION and chunk:
            layers.append(cache_layer(layer, cached, chunk))
    blocks = [t.name for layer in layers if layer.grows for t in layer.inputs[1:]]
    inputs = (*network.inputs, *blocks)
    # Its notes are of a cache that is empty in the graph.
    return replace(network, layers=tuple(layers), inputs=inputs, notes=())


def cache_layer(attention: Layer, cached: str, chunk: int = 0) -> Layer:
    """Return what a block of cached tokens adds to ``attention``, for one of its sequences.

    With a ``chunk`` that is a prompt, of which so many tokens are in the pass.

    Raises:
        NetworkError: an attention that multiplies nothing.
    """
    if not attention.gemms:
        raise NetworkError(f"layer '{attention.name}' attends to nothing; give it a token")
    scores, mix = attention.gemms
    name = f"{attention.name}.{'prompt' if chunk else 'cache'}"
    query, made = attention.inputs[0], attention.outputs[0]
    sequences, tokens = query.shape[:2]
    groups, rows, size = scores.count // sequences, scores.m, scores.k
    rows = rows // tokens * chunk if chunk else rows
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
        grows=PER_CHUNK if chunk else PER_TOKEN,
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

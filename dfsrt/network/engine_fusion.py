"""What engines for GPUs join to a convolution: batch norm, bias and ReLU, in one kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from dfsrt.network.layer import Layer
from dfsrt.network.network import Network
from dfsrt.network.tensor import Tensor


def with_joined_convolutions(network: Network) -> Network:
    """Return an unfused ``network`` whose convolutions hold what alone reads them.

    A batch norm becomes the convolution's weights and bias; a ReLU behind either joins its kernel.

    Limits: convolutions over two axes of space; other activations stay layers of their own.
    """
    return replace(network, layers=tuple(_joined(network)))


def _joined(network: Network) -> Iterator[Layer]:
    reads = Counter(t.name for a in network.layers for t in a.inputs)
    reads.update(network.outputs)
    readers = {t.name: a for a in network.layers for t in a.inputs}
    gone: set[str] = set()
    for layer in network.layers:
        if layer.name in gone:
            continue
        if layer.op != "Conv" or len(layer.outputs[0].shape) != 4:
            yield layer
            continue
        for op, join in (("BatchNormalization", _with_norm), ("Relu", _with_relu)):
            out = layer.outputs[0].name
            reader = readers.get(out) if reads[out] == 1 else None
            if reader is not None and reader.op == op and reader.inputs[0].name == out:
                layer = join(layer, reader)
                gone.add(reader.name)
        yield layer


def _with_norm(conv: Layer, norm: Layer) -> Layer:
    """The convolution with the norm's shift as its bias; the norm's scale is in its weights."""
    kept = tuple(t for t in conv.weights if len(t.shape) > 1)
    shift = Tensor(norm.name + "/bias", conv.outputs[0].shape[1:2], conv.outputs[0].dtype)
    nodes = (*conv.nodes, *norm.nodes)
    return replace(conv, nodes=nodes, weights=(*kept, shift), outputs=norm.outputs)


def _with_relu(conv: Layer, relu: Layer) -> Layer:
    return replace(
        conv,
        nodes=(*conv.nodes, *relu.nodes),
        outputs=relu.outputs,
        fused_ops=relu.vector_ops,
        joined=("Relu",),
    )

"""The layers of a model that can be refitted, and why others cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.network.samples import Tensors
from dfsrt.optimize.refit.addend import bias_of
from dfsrt.optimize.refit.freedom import Freedom, check_freedom
from dfsrt.optimize.refit.layer import Layer
from dfsrt.optimize.refit.parts import Parts, reads
from dfsrt.optimize.refit.rows import reader_of
from dfsrt.optimize.refit.stored import Stored, stored_constant
from dfsrt.optimize.weights import PRODUCTS, Weight, weights_of

if TYPE_CHECKING:
    import onnx


def layers_of(
    parts: Parts, original: Parts, freedoms: Mapping[str, Freedom]
) -> Iterator[tuple[str, Layer | str]]:
    """Yield the weights with a freedom, and their layers or why there is none, in order.

    Raises:
        InputError: a freedom that fits no weight.
    """
    weights = {w.name: w for w in weights_of(parts.model) if w.name in freedoms}
    for name, freedom in freedoms.items():
        if name not in weights:
            raise InputError(f"'{name}' is no weight of the model; freedoms are by initializer")
        check_freedom(weights[name], freedom)
    tensors = Tensors(parts.model.graph, None)
    readers = _readers(parts.model)
    order = {w: parts.places.get(weights[w].node.output[0], -1) for w in weights}
    for name in sorted(weights, key=order.__getitem__):
        yield name, _layer(weights[name], freedoms[name], parts, original, tensors, readers)


def _layer(
    weight: Weight,
    freedom: Freedom,
    parts: Parts,
    original: Parts,
    tensors: Tensors,
    readers: Mapping[str, int],
) -> Layer | str:
    node = weight.node
    if node.op_type not in PRODUCTS:
        return "products that are not refitted"
    if readers[weight.name] > 1:
        return "several nodes read the weight"
    if node.output[0] not in parts.places or node.output[0] not in original.places:
        return "the original has no such output"
    if node.input[0] in parts.stored or not _is_made(node.input[0], parts):
        return "its input is a constant"
    stored, reader = stored_constant(node.input[1], tensors), reader_of(weight)
    if stored is None or reader is None:
        return "weights of a form that is not refitted"
    if not _keeps_codes(weight, freedom, stored):
        return "values that are shared have steps of their own"
    bias = bias_of(node, weight.outputs, tensors, lambda name: readers[name] == 1)
    if bias is None:
        return "what it adds is no constant"
    layer = Layer(weight, stored, bias, reader, freedom)
    return layer if layer.moves.any() else "nothing may change"


def _keeps_codes(weight: Weight, freedom: Freedom, stored: Stored) -> bool:
    """Whether what shares a value shares its code as well: codes have one step in each label."""
    if freedom.dtype == np.bool_ or stored.step is None:
        return True
    steps = weight.matrix(np.ascontiguousarray(stored.step)).reshape(-1)
    _, first, label = np.unique(freedom, return_index=True, return_inverse=True)
    return bool((steps[first][label.reshape(-1)] == steps)[freedom.reshape(-1) >= 0].all())


def _is_made(name: str, parts: Parts) -> bool:
    return name in parts.places or any(i.name == name for i in parts.model.graph.input)


def _readers(model: onnx.ModelProto) -> Counter[str]:
    """How many nodes read each tensor; an output of the model counts as one more."""
    counts = Counter(name for node in model.graph.node for name in reads(node))
    counts.update(o.name for o in model.graph.output)
    return counts

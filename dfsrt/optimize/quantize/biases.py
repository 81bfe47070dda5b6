"""Biases as onnxruntime's quantizer knows them: a row with one number for each output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.optimize.arrays import Array, array_of
from dfsrt.optimize.quantize.opset import drop_unused

if TYPE_CHECKING:
    import onnx


def plain_biases(model: onnx.ModelProto) -> None:
    """Make each stored bias of a Gemm a row of ``(n_outputs,)`` whose factor is 1, in place.

    Given as one number, with an axis more or with a factor, it fails inside onnxruntime's quantizer
    or makes a file that is wrong. One that differs from row to row is added after the product.
    """
    names = {n for node in model.graph.node for n in node.output}
    names |= {t.name for t in model.graph.initializer}
    stored = {t.name: t for t in model.graph.initializer}
    for node in list(model.graph.node):
        bias, outputs = _bias(node, stored), _outputs(node, stored)
        if bias is None or not outputs:
            continue
        row = _scaled(array_of(bias), _beta(node))
        if row.size in (1, outputs) and (row.size == 1 or row.shape[-1] == outputs):
            if list(bias.dims) != [outputs] or _beta(node) != 1:
                row = np.array(np.broadcast_to(row.reshape(-1), (outputs,)))
                node.input[2] = _stored(model, row, bias.name, names)
        else:
            _add_after(model, node, _stored(model, row, bias.name, names), names)
        _set_beta(node)
    drop_unused(model.graph)


def _bias(node: onnx.NodeProto, stored: Mapping[str, onnx.TensorProto]) -> onnx.TensorProto | None:
    return stored.get(node.input[2]) if node.op_type == "Gemm" and len(node.input) > 2 else None


def _outputs(node: onnx.NodeProto, stored: Mapping[str, onnx.TensorProto]) -> int:
    """Outputs of a Gemm by its stored matrix; 0 where that is not stored."""
    if node.op_type != "Gemm" or node.input[1] not in stored:
        return 0
    turned = any(a.name == "transB" and a.i for a in node.attribute)
    return int(stored[node.input[1]].dims[0 if turned else 1])


def _beta(node: onnx.NodeProto) -> float:
    return float(next((a.f for a in node.attribute if a.name == "beta"), 1.0))


def _set_beta(node: onnx.NodeProto) -> None:
    kept = [a for a in node.attribute if a.name != "beta"]
    del node.attribute[:]
    node.attribute.extend(kept)


def _scaled(array: Array, factor: float) -> Array:
    return np.asarray(array.astype(np.float64) * factor).astype(array.dtype)


def _add_after(model: onnx.ModelProto, node: onnx.NodeProto, addend: str, names: set[str]) -> None:
    from onnx import helper

    graph, output = model.graph, node.output[0]
    product = _new(f"{output}_product", names)
    known = next((v for v in (*graph.value_info, *graph.output) if v.name == output), None)
    if known is not None:
        graph.value_info.append(known)
        graph.value_info[-1].name = product
    place = next(i for i, other in enumerate(graph.node) if output in other.output)
    del node.input[2]
    node.output[0] = product
    added = helper.make_node("Add", [product, addend], [output], f"{node.name}_bias")
    graph.node.insert(place + 1, added)


def _stored(model: onnx.ModelProto, array: Array, name: str, names: set[str]) -> str:
    from onnx import numpy_helper

    tensor = numpy_helper.from_array(array, _new(f"{name}_row", names))
    model.graph.initializer.append(tensor)
    return str(tensor.name)


def _new(name: str, names: set[str]) -> str:
    while name in names:
        name += "_"
    names.add(name)
    return name

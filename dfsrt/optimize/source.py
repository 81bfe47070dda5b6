"""The source: a model whose weights have values, ready to be made smaller."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableSequence, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from dfsrt.base.errors import NetworkError
from dfsrt.base.reading import open_raw
from dfsrt.network.file.constants import location
from dfsrt.network.graph import unique_names
from dfsrt.network.load import network_file, read_network
from dfsrt.optimize.arrays import has_values
from dfsrt.optimize.weights import PRODUCTS, weights_of

if TYPE_CHECKING:
    import onnx

MAX_BYTES = 2**31 - 2**24
"""What one ONNX model may hold, less what a transform adds."""
SEPARATE_IR = 4
"""The first version of the format whose stored tensors need not be inputs, too."""
_Message = TypeVar("_Message")


def model_with_values(source: str | Path, dims: Mapping[str, int] | None = None) -> onnx.ModelProto:
    """Return the model of a name or an ``.onnx`` file with its weights, all in memory.

    Sizes that are open are set from ``dims``, functions written out where they are called; what
    ``Constant`` nodes hold is stored as an initializer, and weights in files beside are read in.

    Raises:
        NetworkError: no such network, a size that is not set, or weights that have no values.
    """
    from dfsrt.network.file.reader import check_external_data, check_text
    from dfsrt.network.infer import without_functions
    from dfsrt.network.sizing import set_sizes

    name, model, left = read_network(source, dims or {})
    check_text(model)
    model = without_functions(model)
    path = network_file(source)
    check_external_data(model)
    if path is not None:
        _read_in(model, path)
    _name_nodes(model.graph)
    _store_constants(model.graph)
    model.ir_version = max(model.ir_version, SEPARATE_IR)
    set_sizes(model.graph, left)
    check_has_values(model, name)
    check_are_finite(model, name)
    return model


def check_has_values(model: onnx.ModelProto, name: str) -> None:
    """Check that what a model's products multiply by has values.

    Raises:
        NetworkError: a stored tensor has its shape alone, or a weight is filled in by its shape.
    """
    from dfsrt.network.samples import Tensors

    tensors = Tensors(model.graph, None)
    empty = [t.name for t in model.graph.initializer if _is_shape_alone(t)]
    places = ((node, PRODUCTS.get(node.op_type)) for node in model.graph.node)
    operands = [n.input[i] for n, i in places if i is not None and i < len(n.input)]
    empty += [name for name in operands if tensors.is_shape_alone(name)]
    if empty:
        raise NetworkError(
            f"{len(empty)} weights of '{name}', '{empty[0]}' the first, have shapes and no values, "
            "so there are no answers to keep; give an .onnx file with trained weights"
        )


def check_are_finite(model: onnx.ModelProto, name: str) -> None:
    """Check that every value of the weights is a number.

    Raises:
        NetworkError: a weight with values that are not finite, of which no answer is left.
    """
    for weight in weights_of(model):
        array = weight.array
        others = np.count_nonzero(~np.isfinite(array)) if array.dtype.kind == "f" else 0
        if others:
            raise NetworkError(
                f"weight '{weight.name}' of '{name}' has {others:,} values that are not finite; "
                "give a file whose weights are numbers"
            )


def _is_shape_alone(tensor: onnx.TensorProto) -> bool:
    text = tensor.data_type == tensor.STRING
    return not text and 0 not in tensor.dims and not has_values(tensor)


def _name_nodes(graph: onnx.GraphProto) -> None:
    """Give each node the name that it has in dfsrt, which leaving others out must not change."""
    for node, name in zip(graph.node, unique_names(graph.node), strict=True):
        node.name = name


def _read_in(model: onnx.ModelProto, path: Path) -> None:
    """Read in what lies in files beside the model's."""
    from onnx.external_data_helper import load_external_data_for_model

    outside = [t for t in model.graph.initializer if t.data_location == t.EXTERNAL]
    if not outside:
        return
    files = {path.resolve().parent / location(tensor) for tensor in outside}
    total = model.ByteSize() + sum(file.stat().st_size for file in files if file.is_file())
    if total > MAX_BYTES:
        raise NetworkError(
            f"'{path}' has {total:,} bytes of weights; up to {MAX_BYTES:,} can be made smaller at "
            "once: give a smaller network, or a part of this one"
        )
    try:
        for file in files:
            open_raw(file, error=NetworkError).close()  # the library would wait for a pipe
        load_external_data_for_model(model, str(path.resolve().parent))
    except Exception as error:  # the library raises its own kinds and bare ones
        reason = " ".join(str(error).split())[:200]
        raise NetworkError(
            f"the weights of '{path}' cannot be read ({reason}); give the model with the files of "
            "its weights beside it"
        ) from error


def _store_constants(graph: onnx.GraphProto) -> None:
    """Store what ``Constant`` nodes hold as exporters of today do, as initializers."""
    stored = {tensor.name for tensor in graph.initializer}
    inputs = [i for i in graph.input if i.name not in stored]
    nodes = []
    for node in graph.node:
        value = next((a.t for a in node.attribute if a.name == "value"), None)
        if node.op_type == "Constant" and value is not None and node.domain in ("", "ai.onnx"):
            graph.initializer.add().CopyFrom(value)
            graph.initializer[-1].name = node.output[0]
        else:
            nodes.append(node)
    _replace(graph.node, nodes)
    _replace(graph.input, inputs)


def _replace(field: MutableSequence[_Message], kept: Sequence[_Message]) -> None:
    """Leave of a repeated field of a message only what is ``kept``, in this order."""
    copies = copy.deepcopy(kept)
    del field[:]
    field.extend(copies)

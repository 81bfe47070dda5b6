"""From a model to its run-time nodes with shapes: checks, functions written out, sizes set."""

from __future__ import annotations

from collections.abc import Mapping

import onnx
import onnx.inliner

from dfsrt.base.errors import NetworkError
from dfsrt.network.control.walk import infer_shapes
from dfsrt.network.file.constants import constant_of_array
from dfsrt.network.file.reader import check_external_data, check_text, opset_versions
from dfsrt.network.graph import Graph, build_graph
from dfsrt.network.mismatch import MismatchError
from dfsrt.network.reading import Reading
from dfsrt.network.rules.contrib import without_blocks
from dfsrt.network.shapes.dims import fix_dims, set_named_dims
from dfsrt.network.shapes.fitting import advised
from dfsrt.network.shapes.run_time import check_declared, is_run_time_name
from dfsrt.network.shapes.shaped import Shaped
from dfsrt.network.shapes.values import sizes_from_values, values_of


def shaped_graph(model: onnx.ModelProto, reading: Reading) -> Shaped:
    """Return what runs of ``model``, read as ``reading`` says.

    Raises:
        NetworkError: the model breaks a rule of the format, or shapes do not follow.
        MismatchError: sizes contradict each other; it says which to give, if one is found.
    """
    try:
        return _shaped(model, reading)
    except MismatchError as error:
        nodes = {n.name: i for i, n in enumerate(build_graph(without_functions(model).graph).nodes)}
        raise advised(
            error, reading.dims, nodes, lambda dims: _shaped(model, reading.sized(dims))
        ) from error


def _shaped(model: onnx.ModelProto, reading: Reading) -> Shaped:
    check_text(model)
    opsets = opset_versions(model)
    check_external_data(model)
    if model.functions:
        model = without_functions(model)
        opsets = opset_versions(model)  # those of the functions, too
    graph = build_graph(model.graph)
    notes = without_blocks(graph, model.graph)
    inputs, dims = _inputs(model.graph, graph, reading)
    graph.dims = dims
    declared = graph.declared
    graph.declared = {n: set_named_dims(p, dims) for n, p in declared.items()}
    shaped = infer_shapes(graph, inputs, opsets, reading)
    own = {d.dim_param for i in model.graph.input for d in i.type.tensor_type.shape.dim}
    check_declared(declared, {n: s for n, s in dims.items() if n not in own}, shaped.tensors)
    shaped.notes += notes
    return shaped


def _inputs(
    proto: onnx.GraphProto, graph: Graph, reading: Reading
) -> tuple[dict[str, onnx.TypeProto], Mapping[str, int]]:
    """Return the types of what is given at run time, and all sizes of open dimensions.

    An input whose value is said is a constant, also one that has a default in the file.
    """
    values = reading.values
    given = [i for i in proto.input if i.name not in graph.constants or i.name in values]
    dims = sizes_from_values(given, values, reading.dims)
    used = set(graph.outputs).union(values, *(node.reads for node in graph.nodes))
    types = fix_dims(
        given,
        dims,
        used,
        graph.declared.values(),
        lambda name: is_run_time_name(name, graph.nodes),
    )
    for name, value in values_of(types, values).items():
        graph.constants[name] = constant_of_array(value)
    return {name: kind for name, kind in types.items() if name not in values}, dims


def without_functions(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its own functions, if any, written out where they are called.

    Raises:
        NetworkError: the library cannot.
    """
    if not model.functions:
        return model
    try:
        return onnx.inliner.inline_local_functions(model)
    except Exception as error:  # the library raises bare RuntimeError and its own kinds
        raise NetworkError(
            f"the model's local functions cannot be written out ({error}); export it without them"
        ) from error

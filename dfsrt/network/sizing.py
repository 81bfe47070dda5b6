"""Sizes set in a model itself, so that it can be run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dfsrt.network.graph import named_nodes
from dfsrt.network.shapes.dims import fix_dims
from dfsrt.network.shapes.run_time import is_run_time_name

if TYPE_CHECKING:
    import onnx


def set_sizes(graph: onnx.GraphProto, dims: Mapping[str, int]) -> None:
    """Give every open dimension of a graph's inputs its size.

    Raises:
        NetworkError: one has none.
    """
    stored = {tensor.name for tensor in graph.initializer}
    inputs = [i for i in graph.input if i.name not in stored]
    declared = [i.type for i in (*graph.value_info, *graph.output)]
    nodes = named_nodes(graph)
    types = fix_dims(
        inputs,
        dims,
        {i.name for i in inputs},
        declared,
        lambda name: is_run_time_name(name, nodes),  # a run makes what it makes
    )
    for value in inputs:
        value.type.CopyFrom(types[value.name])

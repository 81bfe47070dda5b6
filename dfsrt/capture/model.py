"""The model to capture: every node under a name of its own, every size known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.names import NameSpec, parse_name_spec
from dfsrt.base.reading import read_bytes
from dfsrt.capture.graph import BareGraph, bare_graph
from dfsrt.network import is_built, network_names, read_network
from dfsrt.network.file.constants import Array
from dfsrt.network.file.reader import check_external_data, check_text, opset_versions
from dfsrt.network.infer import without_functions
from dfsrt.network.reading import Reading
from dfsrt.network.samples.session import model_bytes
from dfsrt.network.shapes.values import sizes_from_values, values_of
from dfsrt.network.sizing import set_sizes
from dfsrt.network.zoo import locate

if TYPE_CHECKING:
    import onnx

MAPS_BY_NAME_TO = 20
"""Newest operator set whose nodes all have kernels: later ones may be written out at load."""


@dataclass(frozen=True)
class NamedModel:
    """A model whose nodes have unique names.

    ``path`` is its file, None for one that dfsrt builds. ``known_as`` is the name by which anyone
    with dfsrt gets it, None for a file of one's own. ``reading`` is how it is read. ``digest``
    is the SHA-256 of the file, or of what was built.
    """

    name: str
    path: Path | None
    known_as: str | None
    digest: str
    reading: Reading
    opset: int
    proto: onnx.ModelProto
    graph: BareGraph

    @property
    def values(self) -> Mapping[str, Array]:
        """What inputs are fed that have a value, whose sizes are all known.

        Raises:
            NetworkError: an input that is not there, or a value of another type or shape.
        """
        return values_of({i.name: i.type for i in self.proto.graph.input}, self.reading.values)

    @property
    def data(self) -> bytes:
        """The model as onnxruntime takes it.

        Raises:
            NetworkError: it is above the 2 GB that one ONNX file may hold.
        """
        return model_bytes(self.proto, self.name)


def named_model(source: str, reading: Reading) -> NamedModel:
    """Return the model of a shelf name or of an ``.onnx`` file with its open sizes set.

    Its own functions are written out where they are called. A name that is missing or taken becomes
    ``<op>_<place>``, as ``dfsrt layers`` calls it.

    Raises:
        NetworkError: the file cannot be read, or an open dimension has no size.
    """
    dims = reading.dims
    name, model, left = read_network(source, dims)
    check_text(model)
    model = without_functions(model)  # onnxruntime would, under names of its own
    left = sizes_from_values(model.graph.input, reading.values, left)
    path = file_of(source)
    known = (
        _built_as(source, dims) if path is None else source if source in network_names() else None
    )
    stored = model.SerializeToString(deterministic=True) if path is None else read_bytes(path)
    check_external_data(model)
    opset = opset_versions(model)[""]
    _give_names(model.graph)
    set_sizes(model.graph, left)
    digest = hashlib.sha256(stored).hexdigest()
    given = reading.sized(left)
    return NamedModel(name, path, known, digest, given, opset, model, bare_graph(model))


def file_of(source: str) -> Path | None:
    """Return the file of a shelf name or a path; None where dfsrt builds the network."""
    return None if _is_built(source) else locate(source)[1]


def _is_built(source: str) -> bool:
    return bool(source.strip()) and is_built(parse_name_spec(source, "network").name)


def _built_as(source: str, dims: Mapping[str, int]) -> str:
    """The name that builds the same again, sizes given apart from it included."""
    spec = parse_name_spec(source, "network")
    return str(NameSpec(spec.name, {**{k: str(v) for k, v in dims.items()}, **spec.options}))


def _give_names(graph: onnx.GraphProto) -> None:
    """Give every node a name of its own, nodes of subgraphs included; kept where they can be."""
    taken = {node.name for node in _all_nodes(graph) if node.name}
    used: set[str] = set()
    for index, node in enumerate(_all_nodes(graph)):
        if not node.name or node.name in used:
            name = f"{node.op_type}_{index}"
            while name in taken or name in used:
                name += "_"
            node.name = name
        used.add(node.name)


def _all_nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """The top level's nodes first, so that their places are those of the file."""
    yield from graph.node
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _all_nodes(inner)

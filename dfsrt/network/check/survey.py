"""What a file says of itself before anything of it is read as layers: a survey that never fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.check.feature_sizes import feature_sizes
from dfsrt.network.check.sizes import OpenSize, open_sizes_of
from dfsrt.network.check.steering import Steered, steered
from dfsrt.network.file.contents import (
    OutsideFile,
    StoredType,
    dtype_name,
    inline_bytes,
    outside_files,
    stored_types,
)
from dfsrt.network.file.plain import plain_text
from dfsrt.network.file.reader import STANDARD_DOMAINS, check_text, read_graph
from dfsrt.network.graph import CONTROL_FLOW, Node
from dfsrt.network.host import host_work
from dfsrt.network.infer import without_functions
from dfsrt.network.load import network_file, read_network
from dfsrt.network.rules.registry import rule_of
from dfsrt.network.shapes.open_dims import dim_name

NO_RULE_NEEDED = CONTROL_FLOW | {"Constant"}


@dataclass(frozen=True, slots=True)
class OperatorUse:
    """An operator, how many nodes of the file have it, and whether there is a rule, or why not."""

    op: str
    domain: str
    nodes: int
    has_rule: bool
    why: str = ""

    @property
    def name(self) -> str:
        """The operator with its domain, unless that is the standard one."""
        return plain_text(f"{self.domain}.{self.op}" if self.domain else self.op)


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output as the file declares it; an open size has its name or ``?``."""

    name: str
    dtype: str
    shape: tuple[str, ...] | None

    def __str__(self) -> str:
        sizes = "no shape" if self.shape is None else f"[{', '.join(self.shape)}]"
        return f"{plain_text(self.name)} {self.dtype} {sizes}"


@dataclass(frozen=True, slots=True)
class Survey:
    """The facts of a file: nothing of it needs a shape, a rule or a device.

    ``opsets`` are the versions of the operator sets by domain; ``functions`` counts the file's own,
    which are written out before operators are counted. ``inline_bytes`` are those of
    the constants that are not beside the file.
    """

    ir_version: int
    opsets: tuple[tuple[str, int], ...]
    producer: str
    functions: int
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    open_sizes: tuple[OpenSize, ...]
    steering: Steered
    operators: tuple[OperatorUse, ...]
    stored: tuple[StoredType, ...]
    outside: tuple[OutsideFile, ...]
    inline_bytes: int

    @property
    def nodes(self) -> int:
        """Nodes of the file, its constants left out."""
        return sum(use.nodes for use in self.operators)


def survey_of(source: str, dims: Mapping[str, int]) -> Survey:
    """Return the facts of the network that ``source`` names; one that is built has ``dims``.

    Raises:
        NetworkError: no such network, no ONNX graph in its file, or a name in it that is no text.
    """
    file = network_file(source)
    if file is not None:
        return survey(read_graph(file), file.parent)
    return survey(read_network(source, dims)[1], Path())


def survey(model: onnx.ModelProto, folder: Path) -> Survey:
    """Return the facts of a model whose file lies in ``folder``.

    Raises:
        NetworkError: a name in it is no text.
    """
    check_text(model)
    stored = {t.name for t in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in stored]
    plain = _written_out(model)
    return Survey(
        ir_version=model.ir_version,
        opsets=tuple(
            sorted((plain_text(o.domain) or "ai.onnx", o.version) for o in model.opset_import)
        ),
        producer=f"{plain_text(model.producer_name)} {plain_text(model.producer_version)}".strip(),
        functions=len(model.functions),
        inputs=tuple(map(_port, inputs)),
        outputs=tuple(map(_port, model.graph.output)),
        open_sizes=open_sizes_of(inputs, feature_sizes(plain.graph)),
        steering=steered(plain.graph),
        operators=_operators(plain.graph),
        stored=stored_types(model),
        outside=outside_files(model, folder),
        inline_bytes=inline_bytes(model),
    )


def _written_out(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without functions of its own, where the library can write them out."""
    try:
        return without_functions(model)
    except NetworkError:
        return model


def _port(value: onnx.ValueInfoProto) -> Port:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        return Port(value.name, (value.type.WhichOneof("value") or "no type").split("_")[0], None)
    sizes = (
        str(d.dim_value)
        if d.HasField("dim_value") and d.dim_value >= 0
        else plain_text(dim_name(d)) or "?"
        for d in kind.shape.dim
    )
    return Port(
        value.name, dtype_name(kind.elem_type), tuple(sizes) if kind.HasField("shape") else None
    )


def _operators(graph: onnx.GraphProto) -> tuple[OperatorUse, ...]:
    """Operators of the graph with its branches and bodies, the most used ones first."""
    counts = Counter(_names(graph))
    uses = (_use(op, domain, count) for (op, domain), count in counts.items())
    return tuple(sorted(uses, key=lambda use: (-use.nodes, use.name)))


def _names(graph: onnx.GraphProto) -> Iterator[tuple[str, str]]:
    for node in graph.node:
        if node.op_type != "Constant":
            yield node.op_type, "" if node.domain in STANDARD_DOMAINS else node.domain
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _names(attribute.g)


def _use(op: str, domain: str, count: int) -> OperatorUse:
    node = Node(op, op, domain, (), (), {}, onnx.NodeProto(op_type=op, domain=domain))
    if (not domain and op in NO_RULE_NEEDED) or rule_of(node) is not None:
        return OperatorUse(op, domain, count, has_rule=True)
    what = host_work(node)
    unknown = f"operators of '{domain}' are not known" if domain else "no rule counts its work"
    return OperatorUse(op, domain, count, False, f"{what}, for a host" if what else unknown)

"""A pen for nodes: each stands for a part of one node of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.graph import Node, node_of
from dfsrt.network.rules.contrib.domains import CHANNELS_LAST
from dfsrt.network.rules.contrib.facts import Facts

VERSION = 17
"""Operator set that standard operators are written in, unless they need a later one."""

Value = int | float | str | Sequence[int] | Sequence[float]


@dataclass(slots=True)
class Pen:
    """Writes standard nodes in place of ``node``; one has its name, the others one below it.

    ``taken`` are tensor names that are in use; those of tensors in between join them.
    """

    node: Node
    taken: set[str]
    facts: Facts
    nodes: list[Node] = field(default_factory=list)

    def write(
        self,
        op: str,
        inputs: Sequence[str],
        outputs: Sequence[str] = (),
        attributes: Mapping[str, Value] | None = None,
        *,
        domain: str = "",
        version: int = VERSION,
        element: int = 0,
    ) -> str:
        """Write one node and return the name of its first output, a fresh one if none is given.

        Of the file's node it takes over what its own operator has; ``attributes`` come on top.
        """
        outputs = list(outputs) or [self.fresh(op)]
        proto = onnx.helper.make_node(op, inputs, outputs, domain=domain)
        own = dict(attributes or {})
        known = _attribute_names(op, domain, version)
        proto.attribute.extend(
            a for a in self.node.proto.attribute if a.name in known and a.name not in own
        )
        proto.attribute.extend(onnx.helper.make_attribute(k, v) for k, v in own.items())
        first = all(written.op in _BEFORE for written in self.nodes)
        name = self.node.name if first and op not in _BEFORE else f"{self.node.name}/{op}"
        written = node_of(proto, name)
        times, loop = self.node.times, self.node.loop
        self.nodes.append(
            replace(written, version=version, element=element, times=times, loop=loop)
        )
        return outputs[0]

    def fresh(self, stem: str) -> str:
        """Return a tensor name that is not in use."""
        name = f"{self.node.name}/{stem}"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def operand(self, index: int) -> str:
        """Return the name of an operand that the operator cannot do without.

        Raises:
            NetworkError: the node does not have it.
        """
        name = self.optional(index)
        if not name:
            raise NetworkError(
                f"node '{self.node.name}' ({self.node.op}) lacks operand {index}; "
                "export the file again"
            )
        return name

    def optional(self, index: int) -> str:
        """Return the name of an operand, empty where the node leaves it out."""
        return self.node.inputs[index] if index < len(self.node.inputs) else ""


def _attribute_names(op: str, domain: str, version: int) -> frozenset[str]:
    schema_domain = "" if domain == CHANNELS_LAST else domain
    if not onnx.defs.has(op, domain=schema_domain):
        return _CONTRIB_ATTRIBUTES
    return frozenset(onnx.defs.get_schema(op, version, schema_domain).attributes)


_BEFORE = frozenset({"DynamicQuantizeLinear", "Transpose"})
"""What comes before a node's own work, and so does not have its name."""

_CONTRIB_ATTRIBUTES = frozenset(
    {"K", "N", "alpha", "bits", "block_size", "transA", "transB", "transBatchA", "transBatchB"}
)
"""What nodes of onnxruntime take over that are written in place of larger ones."""

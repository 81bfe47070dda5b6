"""Probes: single operators that a bench can run, from a network's nodes or made to measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeGuard

from dfsrt.network.layer import Kind, Layer
from dfsrt.network.precision import convert_layer
from dfsrt.network.reading import Reading

if TYPE_CHECKING:
    import onnx
    from numpy.typing import ArrayLike

    from dfsrt.network.graph import Node
    from dfsrt.network.shapes.shaped import Shaped

OPSET = 21
"""Opset of made probes: the first with GroupNormalization as frameworks compute it."""

Scalar = int | float | str
Value = Scalar | Sequence[Scalar]


@dataclass(frozen=True, slots=True)
class Probe:
    """One ONNX operator with its shapes: what a bench needs to run a layer by itself.

    ``operands`` names the tensors of ``layer`` in the node's own order, ``""`` where an optional
    one is absent. ``attributes`` are the node's; a constant that only sets the operator up (axes,
    starts, pads) is there too, under its position, like ``"@1"``.
    """

    layer: Layer
    operands: tuple[str, ...]
    attributes: Mapping[str, Value] = field(default_factory=dict)

    def as_type(self, dtype: str) -> Probe:
        """Return the probe with every real-valued tensor stored as ``dtype``, like ``float16``."""
        return Probe(convert_layer(self.layer, dtype), self.operands, self.attributes)


def network_probes(
    source: str,
    reading: Reading | None = None,
    batch: int | None = None,
    views: bool = False,
) -> tuple[Probe, ...]:
    """Return a probe for each run-time node of a network that moves or computes anything.

    ``batch`` sizes an open dimension of that name, where the network has one. With ``views`` the
    nodes that do nothing are there, too.

    Raises:
        NetworkError: the file cannot be read, sized or costed.
    """
    from dfsrt.network.infer import shaped_graph
    from dfsrt.network.load import read_network

    reading = reading_that_fits(source, reading or Reading(), batch)
    _, model, left = read_network(source, reading.dims, weights=False)
    as_memory = replace(reading.sized(left), unknown_ops="memory")
    return _probes(shaped_graph(model, as_memory), views)


def reading_that_fits(source: str, reading: Reading, batch: int | None = None) -> Reading:
    """Return what of ``reading`` a network has open, ``batch`` for a dimension of that name."""
    from dfsrt.network.load import fitting

    given = reading.dims if batch is None else {"batch": batch, **reading.dims}
    return fitting(source, reading.sized(given))


def make_probe(
    name: str,
    op: str,
    inputs: Sequence[tuple[int, ...]],
    dtype: str,
    *,
    indices: Mapping[int, int] | None = None,
    settings: Mapping[int, ArrayLike] | None = None,
    views: bool = False,
    **attributes: Value,
) -> Probe:
    """Return a probe of ``op`` on tensors of the given shapes.

    ``indices`` names the inputs that hold whole numbers; ``settings`` are constants by their
    position, between or after the inputs. With ``views`` an operator that does nothing has one,
    too.
    """
    from dfsrt.network.infer import shaped_graph

    model = _one_node(name, op, inputs, dtype, indices or {}, settings or {}, attributes)
    return _probes(shaped_graph(model, Reading()), views)[0]


def _probes(shaped: Shaped, views: bool = False) -> tuple[Probe, ...]:
    from dfsrt.network.lower import layer_of, lower
    from dfsrt.network.shapes.limits import check_work

    probes = []
    for step in lower(shaped):
        layer = layer_of(step).one_pass
        if views or layer.kind is not Kind.VIEW:
            names = {t.name for t in (*layer.inputs, *layer.weights)}
            operands = tuple(n if n in names else "" for n in step.node.inputs)
            probes.append(Probe(layer, operands, _attributes(step.node, shaped, names)))
    check_work([probe.layer for probe in probes])
    return tuple(probes)


def _attributes(node: Node, shaped: Shaped, operands: set[str]) -> dict[str, Value]:
    plain = {k: _plain(v) for k, v in node.attributes.items() if _is_plain(v)}
    for position, name in enumerate(node.inputs):
        value = getattr(shaped.constants.get(name), "value", None)
        if value is not None and value.size <= 16 and (name not in operands or value.ndim == 0):
            plain[f"@{position}"] = value.tolist()
    return plain


def _is_plain(value: object) -> TypeGuard[Scalar | tuple[Scalar, ...]]:
    return isinstance(value, int | float | str | tuple)


def _plain(value: Scalar | tuple[Scalar, ...]) -> Value:
    return list(value) if isinstance(value, tuple) else value


def _one_node(
    name: str,
    op: str,
    inputs: Sequence[tuple[int, ...]],
    dtype: str,
    indices: Mapping[int, int],
    settings: Mapping[int, ArrayLike],
    attributes: Mapping[str, Value],
) -> onnx.ModelProto:
    import numpy as np
    from onnx import TensorProto, ValueInfoProto, helper, numpy_helper

    element = TensorProto.FLOAT if dtype == "float32" else getattr(TensorProto, dtype.upper())
    constants = {
        i: numpy_helper.from_array(np.asarray(value), f"set_{i}") for i, value in settings.items()
    }
    waiting = iter(range(len(inputs)))
    names = [
        constants[i].name if i in constants else f"x{next(waiting)}"
        for i in range(len(inputs) + len(constants))
    ]
    declared = [
        helper.make_tensor_value_info(
            f"x{i}", TensorProto.INT64 if i in indices else element, shape
        )
        for i, shape in enumerate(inputs)
    ]
    node = helper.make_node(op, names, [f"{name}_out"], name=name)
    node.attribute.extend(helper.make_attribute(k, v) for k, v in sorted(attributes.items()))
    graph = helper.make_graph(
        [node], "g", declared, [ValueInfoProto(name=f"{name}_out")], [*constants.values()]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)

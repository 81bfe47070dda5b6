"""A builder of ONNX graphs: nodes with names, weights without data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

OPSET = 21
"""The first with GroupNormalization over channels; an operator of its own as Gelu is."""
IR_VERSION = 10

Attribute = int | float | str | Sequence[int]

ELEMENTS = {"fp32": TensorProto.FLOAT, "fp16": TensorProto.FLOAT16}

Weights = Callable[[str, tuple[int, ...]], "NDArray[np.float64]"]
"""Gives the values of a weight by its name and shape."""


class Builder:
    """Collects nodes, weights, inputs and outputs, and makes a model of them.

    Weights are ``ConstantOfShape`` nodes: the file holds their shapes alone. With ``weights`` their
    values are stored in full.
    """

    def __init__(
        self, name: str, batch: int, precision: str = "fp32", weights: Weights | None = None
    ) -> None:
        self.name, self.batch = name, batch
        self.element = ELEMENTS[precision]
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._declared: list[onnx.ValueInfoProto] = []
        self._domains: set[str] = set()

    def input(self, name: str, shape: Sequence[int], element: int | None = None) -> str:
        """Declare a graph input and return its name."""
        kind = self.element if element is None else element
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a graph input."""
        declared = next(i for i in self._inputs if i.name == name)
        return tuple(d.dim_value for d in declared.type.tensor_type.shape.dim)

    def output(self, tensor: str, name: str, shape: Sequence[int]) -> str:
        """Declare ``tensor`` a graph output, called ``name``, and return that name."""
        self._nodes.append(helper.make_node("Identity", [tensor], [name], name=f"output.{name}"))
        return self.leave(name, shape)

    def leave(self, tensor: str, shape: Sequence[int], element: int | None = None) -> str:
        """Declare ``tensor`` a graph output under its own name, and return that name."""
        kind = self.element if element is None else element
        self._outputs.append(helper.make_tensor_value_info(tensor, kind, shape))
        return tensor

    def node(
        self, op: str, inputs: Sequence[str], name: str, domain: str = "", **attributes: Attribute
    ) -> str:
        """Add a node called ``name``; return its output's name."""
        return self.outputs_of(op, inputs, name, ("out",), domain, **attributes)[0]

    def outputs_of(
        self,
        op: str,
        inputs: Sequence[str],
        name: str,
        outputs: Sequence[str],
        domain: str = "",
        **attributes: Attribute,
    ) -> tuple[str, ...]:
        """Add a node with several ``outputs``, "" for one that is left out; return their names.

        One with a dot is a whole name, all others go on from that of the node.
        """
        names = tuple(o if "." in o or not o else f"{name}.{o}" for o in outputs)
        node = helper.make_node(op, list(inputs), names, name=name, domain=domain or None)
        self._domains.add(domain)
        for key, value in sorted(attributes.items()):
            node.attribute.append(helper.make_attribute(key, value))
        self._nodes.append(node)
        return names

    def halves(self, tensor: str, name: str, axis: int) -> tuple[str, str]:
        """Split a tensor in two along ``axis``; return both names."""
        names = (f"{name}:0", f"{name}:1")
        split = helper.make_node("Split", [tensor], names, name=name, axis=axis, num_outputs=2)
        self._nodes.append(split)
        return names

    def declare(self, tensor: str, shape: Sequence[int]) -> str:
        """State a shape that ONNX does not infer, and return the tensor's name."""
        self._declared.append(helper.make_tensor_value_info(tensor, self.element, shape))
        return tensor

    def weight(
        self, name: str, shape: tuple[int, ...], value: float = 0.0, element: int | None = None
    ) -> str:
        """Add a weight and return its name; without data it is ``value`` throughout."""
        kind = self.element if element is None else element
        if self._weights is not None:
            array = self._weights(name, shape)
            dtype = helper.tensor_dtype_to_np_dtype(kind)
            self._initializers.append(onnx.numpy_helper.from_array(array.astype(dtype), name))
            return name
        fill = helper.make_tensor("value", kind, [1], [value])
        self._nodes.append(
            helper.make_node(
                "ConstantOfShape", [self.ints(f"{name}.shape", shape)], [name],
                name=f"{name}.fill", value=fill,
            )
        )  # fmt: skip
        return name

    def ints(self, name: str, values: Sequence[int], element: int = TensorProto.INT64) -> str:
        """Add a list of whole numbers, such as a shape, and return its name."""
        tensor = helper.make_tensor(name, element, [len(values)], list(values))
        self._initializers.append(tensor)
        return name

    def floats(self, name: str, values: Sequence[float]) -> str:
        """Add a list of fp32 settings, such as a scale, and return its name."""
        self._initializers.append(
            helper.make_tensor(name, TensorProto.FLOAT, [len(values)], list(values))
        )
        return name

    def scalar(self, name: str, value: float) -> str:
        """Add a number in the graph's own precision, such as a bound, and return its name."""
        self._initializers.append(helper.make_tensor(name, self.element, [], [value]))
        return name

    def model(self) -> onnx.ModelProto:
        """Return the model with all shapes inferred; none where an operator is onnxruntime's."""
        graph = helper.make_graph(
            self._nodes, self.name, self._inputs, self._outputs, self._initializers,
            value_info=self._declared,
        )  # fmt: skip
        others = sorted(self._domains - {""})
        model = helper.make_model(
            graph,
            opset_imports=[
                helper.make_opsetid("", OPSET),
                *(helper.make_opsetid(domain, 1) for domain in others),
            ],
            ir_version=IR_VERSION,
            producer_name="dfsrt",
        )
        if others:
            return model
        return onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)

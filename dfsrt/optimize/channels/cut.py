"""A cut: stored tensors without the places that go, and nodes that state so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.network.file.constants import Array
from dfsrt.network.graph import Node
from dfsrt.optimize.arrays import array_of, has_values
from dfsrt.optimize.channels.labels import Axes, Axis

if TYPE_CHECKING:
    import onnx


FIRST_OF_ITS_OWN = 4
"""The format's version from which on a stored tensor need not be an input, too."""


@dataclass(slots=True)
class Cut:
    """A model, changed in place, of whose labels those stay that ``kept``, ``(n_labels,)``, has."""

    model: onnx.ModelProto
    kept: Mask
    names: set[str] = field(default_factory=set)

    def size(self, axis: Axis, size: int) -> int:
        """Return how many places of an axis ``(n,)`` stay, of ``size`` where it is None."""
        return size if axis is None else int(np.count_nonzero(self.kept[axis]))

    def places(self, axis: Ints, places: Ints) -> Ints:
        """Return the new numbers of ``places`` (any shape) on an axis ``(n,)``, those that stay."""
        stays = self.kept[axis]
        numbers = np.cumsum(stays) - 1
        return numbers[places[stays[places]]] if places.ndim == 1 else numbers[places]

    def set_attribute(self, node: Node, name: str, value: int | Sequence[int]) -> None:
        """Set an attribute of a node."""
        from onnx import helper

        self.drop_attribute(node, name)
        node.proto.attribute.append(helper.make_attribute(name, value))

    def drop_attribute(self, node: Node, name: str) -> None:
        """Take an attribute out of a node, if it has it."""
        left = [a for a in node.proto.attribute if a.name != name]
        del node.proto.attribute[:]
        node.proto.attribute.extend(left)

    def set_operand(self, node: Node, place: int, value: Array) -> None:
        """Give a node a constant of its own, of any shape, as an operand."""
        from onnx import helper, numpy_helper

        name = self._new_name(f"{node.name}.operand{place}")
        tensor = numpy_helper.from_array(np.asarray(value), name)
        self.model.graph.initializer.append(tensor)
        if self.model.ir_version < FIRST_OF_ITS_OWN:
            declared = helper.make_tensor_value_info(name, tensor.data_type, tensor.dims)
            self.model.graph.input.append(declared)
        missing = place + 1 - len(node.proto.input)
        node.proto.input.extend([""] * max(missing, 0))
        node.proto.input[place] = name

    def set_split(self, node: Node, sizes: Sequence[int], opset: int) -> None:
        """State the sizes of a node's parts."""
        if opset < 13:
            self.set_attribute(node, "split", sizes)
            return
        self.drop_attribute(node, "num_outputs")
        self.set_operand(node, 1, np.array(sizes, np.int64))

    def set_bounds(self, node: Node, starts: Ints, ends: Ints) -> None:
        """State the bounds ``(n_axes,)`` of a part that a node cuts out, in their own type."""
        for place, (name, bounds) in enumerate((("starts", starts), ("ends", ends)), 1):
            if len(node.inputs) < 3:
                self.set_attribute(node, name, bounds.tolist())
            else:
                self.set_operand(node, place, bounds)

    def shrink(self, tensor: onnx.TensorProto, axes: Axes) -> None:
        """Take what goes out of a stored tensor, or out of its shape where that is all it has."""
        if all(axis is None or self.kept[axis].all() for axis in axes):
            return
        if has_values(tensor):
            from onnx import numpy_helper

            values = self.shrunk(array_of(tensor), axes)
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), tensor.name))
            return
        sizes = [self.size(axis, n) for axis, n in zip(axes, tensor.dims, strict=True)]
        del tensor.dims[:], tensor.external_data[:]
        tensor.ClearField("data_location")
        tensor.dims.extend(sizes)

    def shrunk(self, array: Array, axes: Axes) -> Array:
        """Return an array, of any shape, without what goes of its ``axes``."""
        for place, axis in enumerate(axes):
            if axis is not None and not self.kept[axis].all():
                array = np.compress(self.kept[axis], array, place)
        return array

    def _new_name(self, name: str) -> str:
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

"""Sizes that only a run knows, such as how many boxes are kept: given, or the most there can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.graph import Node
from dfsrt.network.shapes.counted import COUNTED, Open, Shapes, Values, open_sizes_of
from dfsrt.network.tensor import Tensor

Types = Mapping[str, onnx.TypeProto]
FEW = 3
"""Sizes that get a line each."""


@dataclass(slots=True)
class RunTimeSizes:
    """Sets sizes of outputs that do not follow from shapes, each under the name ``NODE.count``.

    An axis of any tensor that is open has the name ``TENSOR.AXIS``, too. What neither ``dims`` nor
    the file says is set to the most it can be, and ``taken`` by its name, with its node.
    """

    dims: Mapping[str, int]
    taken: dict[str, tuple[Node, int]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def fill(
        self, node: Node, shapes: Shapes, values: Values, outputs: Types, declared: Types
    ) -> None:
        """Set the open sizes of ``outputs`` in place, as far as they are known.

        Raises:
            NetworkError: a size that was given is more than can be.
        """
        for name, proto in outputs.items():
            self._fill_by_axis(name, proto)
        sizes = open_sizes_of(node, shapes, values)
        for size in sizes:
            name = node.outputs[size.output] if size.output < len(node.outputs) else ""
            rank = 1 + max(s.axis for s in sizes if s.output == size.output)
            dim = _dim(_ranked(outputs.get(name), rank), size.axis)
            if dim is not None and not dim.HasField("dim_value"):
                number = self._size(node, size, _dim(declared.get(name), size.axis))
                if number is not None:
                    dim.dim_value = number

    def _size(
        self, node: Node, size: Open, declared: onnx.TensorShapeProto.Dimension | None
    ) -> int | None:
        if size.named == "no":
            return size.most
        of_node = size.named == "node"
        name = f"{node.name}.count" if of_node else f"{node.outputs[size.output]}.{size.axis}"
        if name in self.dims:
            self.used.add(name)
            return _checked(name, self.dims[name], node, size.most)
        if declared is not None and declared.HasField("dim_value") and declared.dim_value >= 0:
            stated: int = declared.dim_value
            return stated
        if size.most is not None:
            self.taken[name] = node, size.most
        return size.most

    def _fill_by_axis(self, name: str, proto: onnx.TypeProto) -> None:
        for axis, dim in enumerate(proto.tensor_type.shape.dim):
            by_axis = f"{name}.{axis}"
            if by_axis in self.dims and not (dim.HasField("dim_value") and dim.dim_value >= 0):
                self.used.add(by_axis)
                dim.dim_value = self.dims[by_axis]

    def sized(self, name: str, declared: onnx.TypeProto) -> onnx.TypeProto:
        """Return a declared type with the open axes that ``dims`` names set.

        One without a shape has as many axes as ``dims`` gives it, and real numbers.
        """
        copy = onnx.TypeProto()
        copy.CopyFrom(declared)
        tensor = copy.tensor_type
        if not tensor.HasField("shape"):
            while f"{name}.{len(tensor.shape.dim)}" in self.dims:
                tensor.shape.dim.add()
            if not tensor.shape.dim:
                return declared
            tensor.elem_type = tensor.elem_type or onnx.TensorProto.FLOAT
        self._fill_by_axis(name, copy)
        return copy

    def check_used(self, nodes: Sequence[Node]) -> None:
        """Check that every size of these ``nodes`` that was given set something.

        Raises:
            NetworkError: one that follows from the inputs' shapes.
        """
        for name in sorted(self.dims.keys() - self.used):
            if is_run_time_name(name, nodes):
                raise NetworkError(
                    f"'{name}' is no open size: it follows from the inputs' shapes, or no output "
                    f"needs it; leave out --dim '{name}'"
                )

    def notes(self, running: Iterable[str]) -> list[str]:
        """Say which sizes of the nodes that are ``running``, by name, were taken at their most."""
        names = set(running)
        taken = {n: (node.op, m) for n, (node, m) in self.taken.items() if node.name in names}
        if len(taken) <= FEW:
            return [
                f"{op} is counted at the most it can make, {most:,}: --dim '{name}=N' for fewer"
                for name, (op, most) in taken.items()
            ]
        by_op: dict[str, list[int]] = {}
        for op, most in taken.values():
            by_op.setdefault(op, []).append(most)
        each = ", ".join(f"{len(m)} {op} (up to {max(m):,})" for op, m in by_op.items())
        name = next(iter(taken))
        return [f"counted at the most they can make: {each}: --dim '{name}=N' for fewer"]


def is_run_time_name(name: str, nodes: Iterable[Node]) -> bool:
    """Whether ``name`` may be that of a size that only a run knows."""
    stem, dot, last = name.rpartition(".")
    return bool(dot) and any(
        (node.holds_graphs and stem.startswith(f"{node.name}/"))
        or (last == "count" and stem == node.name)
        or (last.isdecimal() and stem in node.outputs)
        for node in nodes
    )


def run_time_names(nodes: Iterable[Node]) -> set[str]:
    """Return the names of the sizes that nodes of a run's own length have."""
    return {f"{node.name}.count" for node in nodes if node.op in COUNTED and not node.domain}


def check_declared(types: Types, dims: Mapping[str, int], tensors: Mapping[str, Tensor]) -> None:
    """Check that sizes given by the names of declared ``types`` are those of the ``tensors``.

    Raises:
        NetworkError: one is not; it follows from another, such as a ``NODE.count``.
    """
    for name, proto in types.items():
        shape = tensors[name].shape if name in tensors else ()
        for dim, size in zip(proto.tensor_type.shape.dim, shape, strict=False):
            given = dims.get(dim.dim_param, size)
            if given != size:
                raise NetworkError(
                    f"'{dim.dim_param}' was given as {given}, and tensor '{name}' of that name has "
                    f"{size} there: it follows from other sizes; leave out --dim "
                    f"'{dim.dim_param}={given}', and give the size that the network's notes name"
                )


def is_open(proto: onnx.TypeProto) -> bool:
    """Whether a tensor's shape is not known in full."""
    tensor = proto.tensor_type
    return not tensor.HasField("shape") or any(
        not d.HasField("dim_value") for d in tensor.shape.dim
    )


def open_axes(name: str, proto: onnx.TypeProto) -> list[str]:
    """Return the names of the sizes of a tensor that nothing has set."""
    dims = proto.tensor_type.shape.dim
    return [f"{name}.{axis}" for axis, dim in enumerate(dims) if not dim.HasField("dim_value")]


def _ranked(proto: onnx.TypeProto | None, rank: int) -> onnx.TypeProto | None:
    """Return a type with ``rank`` open axes where it had no shape, set in place."""
    if proto is not None and not proto.tensor_type.HasField("shape"):
        for _ in range(rank):
            proto.tensor_type.shape.dim.add()
    return proto


def _dim(proto: onnx.TypeProto | None, axis: int) -> onnx.TensorShapeProto.Dimension | None:
    dims = proto.tensor_type.shape.dim if proto is not None else ()
    return dims[axis] if -len(dims) <= axis < len(dims) else None


def _checked(name: str, given: int, node: Node, most: int | None) -> int:
    if most is not None and given > most:
        raise NetworkError(
            f"'{name}' was given as {given}; node '{node.name}' ({node.op}) makes {most} at "
            f"most: give --dim '{name}={most}' or less"
        )
    return given

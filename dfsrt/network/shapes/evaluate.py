"""Values of small constant nodes: the shape arithmetic that exporters write into graphs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import onnx
from onnx import numpy_helper

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import (
    NUMPY_TYPES,
    VALUE_LIMIT,
    Array,
    Constant,
    constant_of_array,
)
from dfsrt.network.graph import Node

Operands = Sequence[Array | None]

# The answer has at most as many elements as the operands' product, so running is bounded.
_BOUNDED = {"NonZero", "Compress", "Unique", "TopK", "Split", "Cast", "Transpose"}

# Work on weights: slow to run, and no shape comes of it.
_NEVER_SHAPES = {"DequantizeLinear", "QuantizeLinear"}


def evaluate(
    node: Node, operands: Operands, opsets: Mapping[str, int], sized: bool
) -> tuple[Constant, ...] | None:
    """Return the outputs of a node with known operands, or ``None`` if it cannot be run.

    ``sized`` says that the outputs are known to be small; otherwise only operators that cannot
    grow out of their operands are run.

    Raises:
        NetworkError: the operands do not fit the operator.
    """
    try:
        if node.op == "ConstantOfShape":
            return (_constant_of_shape(node, operands),)
        if node.op == "Range":
            return _range(operands)
        rule = _RULES.get(node.op)
        if rule is not None and not node.domain and all(a is not None for a in operands):
            return (constant_of_array(np.asarray(rule(node, operands))),)
    except NetworkError:
        raise
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise NetworkError(
            f"node '{node.name}' ({node.op}) cannot be computed from its constants: "
            f"{_first_line(error)}; export the file again"
        ) from error
    if (sized or node.op in _BOUNDED) and node.op not in _NEVER_SHAPES:
        return _run_reference(node, operands, opsets)
    return None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _constant_of_shape(node: Node, operands: Operands) -> Constant:
    if operands[0] is None:
        raise NetworkError(f"node '{node.name}' (ConstantOfShape) has no shape; export again")
    shape = tuple(int(size) for size in operands[0])
    if any(size < 0 for size in shape):
        raise NetworkError(
            f"node '{node.name}' (ConstantOfShape) has the negative shape {list(shape)}; "
            "export the file again"
        )
    fill = next((a.t for a in node.proto.attribute if a.name == "value"), None)
    element = onnx.TensorProto.FLOAT if fill is None else fill.data_type
    if math.prod(shape) > VALUE_LIMIT or element not in NUMPY_TYPES:
        return Constant(shape, element)
    value = np.float32(0) if fill is None else numpy_helper.to_array(fill).reshape(())
    return Constant(shape, element, np.full(shape, value))


def _range(operands: Operands) -> tuple[Constant, ...] | None:
    first, limit, step = (np.asarray(a).reshape(-1)[0] for a in operands)
    if step == 0:
        raise NetworkError("a Range node has step 0; export the file again")
    shape = (max(math.ceil((limit - first) / step), 0),)
    if shape[0] > VALUE_LIMIT:
        element = int(onnx.helper.np_dtype_to_tensor_dtype(first.dtype))
        return (Constant(shape, element),)
    return (constant_of_array(first + np.arange(shape[0], dtype=first.dtype) * step),)


def _run_reference(
    node: Node, operands: Operands, opsets: Mapping[str, int]
) -> tuple[Constant, ...] | None:
    from onnx.reference import ReferenceEvaluator

    given = {n: a for n, a in zip(node.inputs, operands, strict=True) if a is not None}
    infos = [
        onnx.helper.make_tensor_value_info(
            name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )
        for name, array in given.items()
    ]
    outputs = [onnx.ValueInfoProto(name=name) for name in node.outputs if name]
    graph = onnx.helper.make_graph([node.proto], "constant", infos, outputs)
    imports = [onnx.helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    model = onnx.helper.make_model(graph, opset_imports=imports)
    try:
        with np.errstate(all="ignore"):
            results = ReferenceEvaluator(model).run(None, given)
    except Exception:  # it raises whatever numpy does; the value stays unknown, not the shape
        return None
    if not all(isinstance(array, np.ndarray | np.generic) for array in results):
        return None
    return tuple(constant_of_array(np.asarray(array)) for array in results)


def _axes(node: Node, operands: Operands) -> tuple[int, ...] | None:
    """Axes from the attribute of older operator sets or the operand of newer ones."""
    if len(operands) > 1 and operands[1] is not None:
        return tuple(int(axis) for axis in operands[1].reshape(-1))
    return node.attribute("axes", ()) if "axes" in node.attributes else None


def _cast(node: Node, operands: Operands) -> Array:
    dtype = onnx.helper.tensor_dtype_to_np_dtype(node.attribute("to", 0))
    with np.errstate(all="ignore"):
        return _first(operands).astype(dtype)


def _first(operands: Operands) -> Array:
    array = operands[0]
    if array is None:
        raise NetworkError("an operand is missing; export the file again")
    return array


def _gather(node: Node, operands: Operands) -> Array:
    data, indices = operands
    return np.asarray(np.take(data, indices, axis=node.attribute("axis", 0)))  # type: ignore[arg-type]


def _unsqueeze(node: Node, operands: Operands) -> Array:
    return np.expand_dims(_first(operands), _axes(node, operands) or ())


def _squeeze(node: Node, operands: Operands) -> Array:
    return np.squeeze(_first(operands), _axes(node, operands))


def _divide(node: Node, operands: Operands) -> Array:
    """Integer division truncates towards zero, as in C."""
    a, b = operands
    if not np.issubdtype(_first(operands).dtype, np.integer):
        with np.errstate(all="ignore"):
            return np.asarray(np.divide(a, b))  # type: ignore[arg-type]
    if not np.all(b):
        raise NetworkError(f"node '{node.name}' (Div) divides by zero; export the file again")
    quotient = np.abs(a) // np.abs(b)  # type: ignore[arg-type]
    return np.asarray((quotient * np.sign(a) * np.sign(b)).astype(_first(operands).dtype))  # type: ignore[arg-type]


def _binary(function: Callable[..., Array]) -> Callable[[Node, Operands], Array]:
    return lambda _node, operands: np.asarray(function(*operands))


_RULES: dict[str, Callable[[Node, Operands], Array]] = {
    "Add": _binary(np.add),
    "And": _binary(np.logical_and),
    "Cast": _cast,
    "Concat": lambda node, operands: np.concatenate(operands, axis=node.attribute("axis", 0)),  # type: ignore[arg-type]
    "Div": _divide,
    "Equal": _binary(np.equal),
    "Gather": _gather,
    "Greater": _binary(np.greater),
    "Identity": lambda _node, operands: _first(operands),
    "Less": _binary(np.less),
    "Mul": _binary(np.multiply),
    "Not": _binary(np.logical_not),
    "Or": _binary(np.logical_or),
    "Squeeze": _squeeze,
    "Sub": _binary(np.subtract),
    "Unsqueeze": _unsqueeze,
    "Where": _binary(np.where),
}

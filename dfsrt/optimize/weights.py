"""The weights of a model: stored constants that products multiply by, as matrices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from dfsrt.optimize.arrays import has_values
from dfsrt.optimize.weight import Weight

if TYPE_CHECKING:
    import onnx

__all__ = ["OPERATORS", "PRODUCTS", "Weight", "products_inside", "weights_of"]

PRODUCTS = {"Conv": 1, "ConvTranspose": 1, "Gemm": 1, "MatMul": 1}
"""Products of numbers, and the operand of each that may be a weight."""
_QUANTIZED = {
    "ConvInteger": (1, None, 3),
    "MatMulInteger": (1, None, 3),
    "QLinearConv": (3, 4, 5),
    "QLinearMatMul": (3, 4, 5),
}
"""Products of quantized tensors: places of the weight, its scale and its zero point."""
_RECURRENT = {"RNN": (1, 2), "GRU": (1, 2), "LSTM": (1, 2)}
"""Recurrent layers: places of the weights of inputs and of states, outputs by inputs."""
OPERATORS = frozenset({*PRODUCTS, *_QUANTIZED, *_RECURRENT})
"""All of them."""
_PASSED_ON = {"DequantizeLinear", "Identity", "Cast"}
"""What hands its first operand on to a product, element by element."""


def weights_of(model: onnx.ModelProto) -> Iterator[Weight]:
    """Yield the weights of a model's products, each stored constant once, in order of the nodes.

    Limits: products at the graph's top level; one that several products share counts with the
    first; a constant without values in the file is none.
    """
    stored = {t.name: t for t in model.graph.initializer}
    made = {name: node for node in model.graph.node for name in node.output}
    seen: set[str] = set()
    for node in model.graph.node:
        for place in _places(node):
            weight = _weight(node, place, stored, made)
            if weight is not None and weight.name not in seen and has_values(weight.tensor):
                seen.add(weight.name)
                yield weight


def products_inside(model: onnx.ModelProto) -> dict[str, int]:
    """Return the products with stored weights in branches and bodies, by the node that holds them.

    Nothing that ``weights_of`` yields is among them, so that they stay as they are.
    """
    stored = {t.name for t in model.graph.initializer}
    counts = {
        f"{node.op_type} '{node.name or next(iter(node.output), '')}'": sum(
            _products(inner, stored) for inner in _graphs(node)
        )
        for node in model.graph.node
    }
    return {holder: count for holder, count in counts.items() if count}


def _products(graph: onnx.GraphProto, stored: Collection[str]) -> int:
    known = {*stored, *(t.name for t in graph.initializer)}
    own = sum(any(n.input[k] in known for k in _places(n)) for n in graph.node)
    return own + sum(_products(g, known) for node in graph.node for g in _graphs(node))


def _graphs(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    yield from (a.g for a in node.attribute if a.HasField("g"))


def _places(node: onnx.NodeProto) -> Iterator[int]:
    """Operands of a node that may be weights."""
    if node.domain not in ("", "ai.onnx"):
        return
    quantized = _QUANTIZED.get(node.op_type, (99,))
    places = _RECURRENT.get(node.op_type, (PRODUCTS.get(node.op_type, quantized[0]),))
    yield from (place for place in places if place < len(node.input))


def _weight(
    node: onnx.NodeProto,
    place: int,
    stored: Mapping[str, onnx.TensorProto],
    made: Mapping[str, onnx.NodeProto],
) -> Weight | None:
    operand, turned = node.input[place], False
    decoded = _Decoded.by_product(node)
    while operand not in stored and operand in made:
        source = made[operand]
        if source.op_type == "Transpose" and _swaps_two(source):
            turned = not turned
        elif source.op_type not in _PASSED_ON:
            return None
        elif source.op_type == "DequantizeLinear":
            decoded = _Decoded.by_node(source)
        operand = source.input[0]
    tensor = stored.get(operand)
    if tensor is None or len(tensor.dims) < 2:
        return None
    layout = _layout(node, turned)
    if layout is None:
        return None
    groups = _attributes(node).get("group", 1)
    return Weight(tensor, node, layout, groups, **asdict(decoded))


@dataclass(frozen=True, slots=True)
class _Decoded:
    """How a quantized weight becomes numbers, as ``Weight`` has it."""

    zero: str = ""
    scale: str = ""
    axis: int = 0
    block: int = 0

    @classmethod
    def by_node(cls, node: onnx.NodeProto) -> _Decoded:
        said = _attributes(node)
        return cls(
            _operand(node, 2), _operand(node, 1), said.get("axis", 1), said.get("block_size", 0)
        )

    @classmethod
    def by_product(cls, node: onnx.NodeProto) -> _Decoded:
        if node.op_type not in _QUANTIZED:
            return cls()
        _, scale, zero = _QUANTIZED[node.op_type]
        axis = 0 if "Conv" in node.op_type else -1
        return cls(_operand(node, zero), "" if scale is None else _operand(node, scale), axis)


def _operand(node: onnx.NodeProto, place: int) -> str:
    return str(node.input[place]) if place < len(node.input) else ""


def _attributes(node: onnx.NodeProto) -> dict[str, int]:
    return {a.name: a.i for a in node.attribute}


def _layout(node: onnx.NodeProto, turned: bool) -> str | None:
    """Return a weight's layout, as ``Weight`` has it; None where a convolution's is turned."""
    if "Conv" in node.op_type:
        layout = "conv-transpose" if node.op_type == "ConvTranspose" else "conv"
        return None if turned else layout
    rows = node.op_type in _RECURRENT or bool(_attributes(node).get("transB", 0))
    return "rows" if rows is not turned else "columns"


def _swaps_two(node: onnx.NodeProto) -> bool:
    perm = next((list(a.ints) for a in node.attribute if a.name == "perm"), [1, 0])
    return perm == [1, 0]

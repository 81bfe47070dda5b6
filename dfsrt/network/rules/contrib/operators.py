"""All operators of onnxruntime that have shapes and a rule of their own, under their names."""

from __future__ import annotations

from dfsrt.base.errors import NetworkError
from dfsrt.network.graph import Node
from dfsrt.network.rules.contrib.attention import ATTENTION
from dfsrt.network.rules.contrib.domains import BLOCKED, ONNXRUNTIME
from dfsrt.network.rules.contrib.embedding import EMBEDDING
from dfsrt.network.rules.contrib.experts import EXPERTS
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.fused import FUSED
from dfsrt.network.rules.contrib.grouped import GROUPED
from dfsrt.network.rules.contrib.heads import HEADS
from dfsrt.network.rules.contrib.lanes import LANES
from dfsrt.network.rules.contrib.layouts import LAYOUTS
from dfsrt.network.rules.contrib.operator import Operator
from dfsrt.network.rules.contrib.products import PRODUCTS
from dfsrt.network.rules.contrib.recurrent import RECURRENT
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.contrib.states import STATES
from dfsrt.network.rules.contrib.twins import TWINS

_OWN: dict[str, Operator] = {
    **ATTENTION,
    **EMBEDDING,
    **EXPERTS,
    **GROUPED,
    **HEADS,
    **LANES,
    **PRODUCTS,
    **STATES,
    **RECURRENT,
}
_BY_DOMAIN = {ONNXRUNTIME: _OWN, BLOCKED: LAYOUTS}
_IN_STANDARD_DOMAIN = ("SimplifiedLayerNormalization",)
"""What onnxruntime registers among the standard operators."""

TAKEN_OVER = {"LayerNormalization": 17}
"""Operators that onnxruntime had among the standard ones before ONNX took them over, and when."""


def operator_of(node: Node) -> Operator | None:
    """Return what an operator of onnxruntime is described by; ``None`` for any other."""
    if not node.domain:
        return _OWN[node.op] if node.op in _IN_STANDARD_DOMAIN else None
    return _BY_DOMAIN.get(node.domain, {}).get(node.op)


def contrib_shapes(site: Site) -> tuple[Typed, ...]:
    """Return the types of the leading outputs; none for an unknown operator.

    Raises:
        NetworkError: the node lacks an operand or attribute that its outputs follow from.
    """
    operator = operator_of(site.node)
    if operator is None:
        return ()
    try:
        return operator.types(site)
    except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        if isinstance(error, NetworkError):
            raise
        raise site.refuse(f"its attributes and shapes do not fit ({error})") from error


def operator_names() -> tuple[str, ...]:
    """Return the names of all operators of onnxruntime that are read."""
    return (*_OWN, *LAYOUTS, *FUSED, *TWINS, "QLinearConcat")

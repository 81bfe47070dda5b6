"""What onnxruntime's own operators are described by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dfsrt.network.file.constants import Array
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.work import Call, Rule

Types = Callable[[Site], tuple[Typed, ...]]
"""Types of the leading outputs."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Types of an operator's leading outputs, and its work; ``None`` is the standard namesake's."""

    types: Types
    work: Rule | None = None


def site_of(call: Call) -> Site:
    """Return a call with the shapes of its operands and outputs; element types are left out."""
    operands = tuple(None if t is None else (0, t.shape) for t in call.inputs)

    def value_of(name: str) -> Array | None:
        constant = call.constants.get(name)
        return None if constant is None else constant.value

    types = {t.name: (0, t.shape) for t in call.outputs if t is not None}
    return Site(call.node, operands, value_of, types.get)


def same(site: Site) -> tuple[Typed, ...]:
    """Return the type of the first operand."""
    return (site.operand(0),)

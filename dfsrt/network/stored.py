"""How constants are stored: what several views show is one, and what is decoded stays encoded.

A compiler holds a weight in the narrowest form on its way from the file to its reader. What comes
after that form (a cast, a scale, zero points, the two halves of a byte) is done while it is read,
so the form crosses from DRAM, and with it the scales and zero points.

Limits: one scale for a whole tensor is a setting of the array, as it is in QLinear operators, and
not counted; nor is that of an integer bias, which is the scale of the sums it is added to. A step
that changes how many elements there are is followed where it unpacks, cuts, joins or repeats.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dfsrt.network.graph import Node
from dfsrt.network.same_value import same_values
from dfsrt.network.shapes.known import element_name
from dfsrt.network.shapes.shaped import Shaped
from dfsrt.network.tensor import BITS, Tensor

_VIEWS = {"Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Dropout"}
_CASTS = {"Cast", "CastLike"}
_BIT_OPS = {"BitShift", "BitwiseAnd", "Mod"}
_CUTS = {"Slice", "Split", "Gather"}
_STRETCHES = {"Expand", "Tile"}
_ARITHMETIC = {"Add", "Div", "Mul", "Sub"}
_INTEGER_SUMS = {"int32"}
_PACKED_BITS = (2, 4)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stored array that a constant is decoded from."""

    name: str
    dtype: str
    elements: int

    @property
    def bytes(self) -> int:
        return -(-self.elements * BITS[self.dtype] // 8)


@dataclass(frozen=True, slots=True)
class _Form:
    """What a constant is stored as: ``main`` holds its elements, ``sides`` scales and the like.

    ``unpacked`` says that an element of ``main`` may hold several of the constant's.
    """

    main: _Part
    sides: frozenset[_Part] = frozenset()
    unpacked: bool = False

    @property
    def bytes(self) -> int:
        return self.main.bytes + sum(side.bytes for side in self.sides)


def stored_constants(shaped: Shaped) -> dict[str, Tensor]:
    """Return each numeric constant that a run-time node reads, as it is stored.

    Raises:
        NetworkError: an element type that no NPU computes with.
    """
    names = same_values(shaped)
    forms: dict[str, _Form] = {}
    for name, node in shaped.folded.items():
        form = _decoded(name, node, shaped, forms, names)
        if form is not None:
            forms[name] = form
    read = {name: None for node in shaped.nodes for name in node.inputs}
    return {n: _tensor(n, shaped, forms, names) for n in read if n in shaped.constants}


def _tensor(
    name: str, shaped: Shaped, forms: Mapping[str, _Form], names: Mapping[str, str]
) -> Tensor:
    constant = shaped.constants[name]
    own = Tensor(
        name, constant.shape, element_name(constant.element, name), origin=_other(names[name], name)
    )
    form = forms.get(name)
    if form is None:
        return own
    dtype = _dtype(form, own.elements)
    if dtype is None:
        return own
    sides = 0 if form.main.dtype in _INTEGER_SUMS else sum(side.bytes for side in form.sides)
    return replace(own, dtype=dtype, origin=_other(form.main.name, name), side_bytes=sides)


def _other(origin: str, name: str) -> str:
    return "" if origin == name else origin


def _dtype(form: _Form, elements: int) -> str | None:
    """Element type of ``elements`` values in ``form``; None where they do not follow from it."""
    if form.main.elements == elements:
        return form.main.dtype
    bits = form.main.bytes * 8 / max(elements, 1)
    return f"uint{bits:.0f}" if form.unpacked and bits in _PACKED_BITS else None


def _decoded(
    name: str,
    node: Node,
    shaped: Shaped,
    forms: Mapping[str, _Form],
    names: Mapping[str, str],
) -> _Form | None:
    """Return what ``name`` is decoded from; None where it is best stored as it is."""
    present = [i for i in node.inputs if i]
    operands = [f for f in (_form(i, shaped, forms, names) for i in present) if f is not None]
    own = _own(name, shaped, names)
    if own is None or not operands or len(operands) < len(present):
        return None
    if node.op == "DequantizeLinear":
        form = _beside(operands[0], operands)
        return form if form.main.bytes <= own.main.bytes else None
    if node.domain:
        return None
    if node.op in _VIEWS:
        return operands[0]
    if node.op in _CASTS:
        return operands[0] if operands[0].main.bytes <= own.main.bytes else None
    if node.op in _BIT_OPS:
        return replace(operands[0], unpacked=True)
    rearranged = _rearranged(node, operands, own)
    return rearranged if rearranged is not None and rearranged.bytes < own.bytes else None


def _rearranged(node: Node, operands: list[_Form], own: _Form) -> _Form | None:
    """Return the form of a constant by arithmetic, cuts, joints and repetition."""
    if node.op in _STRETCHES:
        return operands[0]
    if node.op in _ARITHMETIC:
        return _united(operands)
    if node.op == "Gather" and own.main.elements >= operands[0].main.elements:
        return _united(operands)  # a code book, or a scale for each row
    if node.op in _CUTS:
        return _cut(operands[0], own.main)
    return _joined(operands, own.main) if node.op == "Concat" else None


def _united(operands: Iterable[_Form]) -> _Form:
    """Return all that ``operands`` are stored as, the largest part in front."""
    forms = sorted(operands, key=lambda form: -form.main.bytes)
    united = _beside(forms[0], forms)
    return replace(united, unpacked=any(form.unpacked for form in forms))


def _beside(main: _Form, forms: Iterable[_Form]) -> _Form:
    """Return ``main`` with all else that ``forms`` are stored as beside it."""
    parts = {p for form in forms for p in (form.main, *form.sides) if p.elements > 1}
    return replace(main, sides=frozenset(parts - {main.main}))


def _cut(whole: _Form, own: _Part) -> _Form | None:
    """Return the form of a part of ``whole``, with its share of the sides."""
    if whole.unpacked or not whole.main.elements:
        return None
    share = own.elements / whole.main.elements
    sides = frozenset(
        _Part(f"{own.name}/{s.name}", s.dtype, round(s.elements * share)) for s in whole.sides
    )
    return _Form(_Part(own.name, whole.main.dtype, own.elements), sides)


def _joined(operands: list[_Form], own: _Part) -> _Form | None:
    """Return the form of constants one behind another, or of both halves of packed ones."""
    mains = {form.main for form in operands}
    if len(mains) == 1 and operands[0].unpacked:
        return _united(operands)
    if len({main.dtype for main in mains}) > 1 or any(form.unpacked for form in operands):
        return None
    main = _Part(own.name, operands[0].main.dtype, sum(f.main.elements for f in operands))
    return _Form(main, frozenset().union(*(form.sides for form in operands)))


def _form(
    name: str, shaped: Shaped, forms: Mapping[str, _Form], names: Mapping[str, str]
) -> _Form | None:
    return forms.get(name) or _own(name, shaped, names)


def _own(name: str, shaped: Shaped, names: Mapping[str, str]) -> _Form | None:
    constant = shaped.constants.get(name)
    if constant is None or constant.dtype not in BITS:
        return None
    return _Form(_Part(names[name], constant.dtype, math.prod(constant.shape)))

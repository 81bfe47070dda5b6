"""Whether the operands of a node fit each other: what shape inference checks in part."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from dfsrt.network.file.constants import Array
from dfsrt.network.graph import Node
from dfsrt.network.mismatch import Apart, mismatch
from dfsrt.network.shapes.axis_pairs import Place, axis_pairs, size_at
from dfsrt.network.shapes.large_windows import Shape, window_apart

Values = Mapping[int, Array]


def check_agreement(
    node: Node, shapes: Sequence[Shape], constant: Collection[int], values: Values
) -> None:
    """Check that the operands of ``node`` fit each other; ``constant`` are those of the file.

    ``values`` are operands whose values are known, by their place.

    Raises:
        MismatchError: two sizes contradict, or a window is larger than what it slides over.
    """
    apart = window_apart(node, shapes) or _sizes_apart(node, shapes, constant, values)
    if apart is not None:
        raise mismatch(node, apart)


def _sizes_apart(
    node: Node, shapes: Sequence[Shape], constant: Collection[int], values: Values
) -> Apart | None:
    """Return the first two sizes of ``node`` that must be equal and are not.

    Those of a constant operand are wanted: nothing can change them.
    """
    if node.op == "Squeeze":
        return _squeezed(node, shapes, values)
    if node.op == "Reshape":
        return _reshaped(node, shapes, values)
    for place, (one, other) in enumerate(axis_pairs(node, shapes)):
        a, b = (one, other) if one.operand not in constant else (other, one)
        size, wanted = size_at(shapes, a), size_at(shapes, b)
        if size is not None and wanted is not None and size != wanted:
            both = "both are the input's channels" if "Conv" in node.op else "both must be equal"
            what = f"{_text(node, shapes, a)}, and {_text(node, shapes, b)}, where {both}"
            return Apart(size, wanted, what, place)
    return None


def _text(node: Node, shapes: Sequence[Shape], place: Place) -> str:
    shape = shapes[place.operand] or ()
    often = f" in {place.times} groups" if place.times > 1 else ""
    size = f"{shape[place.axis]}{often}"
    return f"axis {place.axis % len(shape)} of '{node.inputs[place.operand]}' is {size}"


def _squeezed(node: Node, shapes: Sequence[Shape], values: Values) -> Apart | None:
    axes = values[1].reshape(-1).tolist() if 1 in values else node.attribute("axes", ())
    for place, axis in enumerate(axes):
        size = size_at(shapes, Place(0, int(axis)))
        if size is not None and size != 1:
            what = _text(node, shapes, Place(0, int(axis)))
            return Apart(size, 1, f"{what}, and only an axis of 1 can be taken away", place)
    return None


def _reshaped(node: Node, shapes: Sequence[Shape], values: Values) -> Apart | None:
    """As many elements as before; with an open axis, a whole number of rows."""
    shape = shapes[0] if shapes else None
    if shape is None or 1 not in values:
        return None
    target = [int(size) for size in values[1].reshape(-1)]
    if not node.attribute("allowzero", 0):
        target = [shape[i] if size == 0 and i < len(shape) else size
                  for i, size in enumerate(target)]  # fmt: skip
    elements, kept = math.prod(shape), math.prod(size for size in target if size != -1)
    if elements == kept or (target.count(-1) == 1 and kept > 0 and elements % kept == 0):
        return None
    what = f"{elements:,} elements of '{node.inputs[0]}' {list(shape)} do not fill {target}"
    if target[:1] == [-1]:  # rows stay as they are: each must be as long as wanted
        return Apart(math.prod(shape[1:]), kept, what)
    return Apart(elements, kept, what)

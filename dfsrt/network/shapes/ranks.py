"""Operands that say how many axes a result has: few, or the file is no network."""

from __future__ import annotations

import math
from collections.abc import Callable

from dfsrt.base.errors import NetworkError
from dfsrt.network.file.constants import VALUE_LIMIT
from dfsrt.network.graph import Node

_OF_AXES: dict[str, tuple[int, ...]] = {
    "AffineGrid": (1,),
    "CenterCropPad": (1,),
    "Col2Im": (1, 2),
    "ConstantOfShape": (0,),
    "Expand": (1,),
    "Pad": (1,),
    "Reshape": (1,),
    "Resize": (1, 2, 3),
    "Slice": (1, 2, 3, 4),
    "Squeeze": (1,),
    "Tile": (1,),
    "Unsqueeze": (1,),
    "Upsample": (1,),
}
"""Operands with a number for each axis; libraries make as many axes, whatever memory that takes."""


def check_rank(node: Node, shape_of: Callable[[str], tuple[int, ...]]) -> None:
    """Check that no operand of ``node`` asks for more axes than any tensor has.

    Raises:
        NetworkError: one does.
    """
    for index in _OF_AXES.get(node.op, ()):
        name = node.inputs[index] if index < len(node.inputs) else ""
        if name and not node.domain and math.prod(shape_of(name)) > VALUE_LIMIT:
            raise NetworkError(
                f"node '{node.name}' ({node.op}): operand '{name}' of shape "
                f"{list(shape_of(name))} says sizes of axes, of which no tensor has so many; "
                "export the file again"
            )

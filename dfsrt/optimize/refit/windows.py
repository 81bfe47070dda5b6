"""Windows: which elements of a map each output of a convolution sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Ints

if TYPE_CHECKING:
    import onnx

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Windows:
    """The sliding of a Conv or, ``spread``, of a ConvTranspose over a map, axis by axis."""

    kernel: Shape
    strides: Shape
    dilations: Shape
    pads: Shape
    auto_pad: str = "NOTSET"
    spread: bool = False
    extra: Shape = ()
    """A ConvTranspose's ``output_padding``."""

    def elements(self, inputs: Shape, outputs: Shape, places: Ints) -> Ints:
        """Return flat elements ``(n_places, n_taps)`` of a map of shape ``inputs``.

        ``places`` ``(n_places,)`` are flat ones of ``outputs``. A tap that lies outside has the
        number behind the last element.
        """
        taps = np.indices(self.kernel).reshape(len(self.kernel), -1)
        flat, inside = np.zeros((len(places), taps.shape[1]), np.int64), np.True_
        begins = list(map(self._begin, range(len(inputs)), inputs, outputs))
        for axis, place in enumerate(np.unravel_index(places, outputs)):
            reach = taps[axis] * self.dilations[axis]
            if self.spread:
                along = place[:, None] + begins[axis] - reach
                inside = inside & (along % self.strides[axis] == 0)
                along = along // self.strides[axis]
            else:
                along = place[:, None] * self.strides[axis] - begins[axis] + reach
            inside = inside & (along >= 0) & (along < inputs[axis])
            flat = flat * inputs[axis] + along
        return np.where(inside, flat, int(np.prod(inputs)))

    def _begin(self, axis: int, inputs: int, outputs: int) -> int:
        """Zeros before the first element of an axis."""
        if self.auto_pad == "VALID":
            return 0
        stride, reach = self.strides[axis], (self.kernel[axis] - 1) * self.dilations[axis] + 1
        if self.auto_pad == "NOTSET" and not self._by_output(axis):
            return self.pads[axis]
        if self.spread:
            extra = self.extra[axis] if self.extra else 0
            total = stride * (inputs - 1) + extra + reach - outputs
        else:
            total = max((outputs - 1) * stride + reach - inputs, 0)
        return total // 2 if self.auto_pad == "SAME_UPPER" else total - total // 2

    def _by_output(self, axis: int) -> bool:
        return self.spread and not self.pads


def windows_of(node: onnx.NodeProto, kernel: Sequence[int]) -> Windows:
    """Return how ``node``, a Conv or a ConvTranspose, slides its ``kernel``.

    Source: the ONNX standard's Conv and ConvTranspose.
    """
    ints = {a.name: tuple(a.ints) for a in node.attribute}
    text = {a.name: a.s.decode() for a in node.attribute}
    ones, spread = (1,) * len(kernel), node.op_type == "ConvTranspose"
    by_output = spread and "output_shape" in ints
    return Windows(
        kernel=tuple(kernel),
        strides=ints.get("strides", ones),
        dilations=ints.get("dilations", ones),
        pads=() if by_output else ints.get("pads", (0,) * len(kernel)),
        auto_pad=text.get("auto_pad", "") or "NOTSET",
        spread=spread,
        extra=ints.get("output_padding", ()),
    )

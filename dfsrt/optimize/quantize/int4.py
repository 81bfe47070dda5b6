"""``int4``: weights alone in 4 bits, in blocks that share a scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from dfsrt.base.errors import InputError
from dfsrt.network import Network
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.quantize.blocks import stored_in_blocks
from dfsrt.optimize.quantize.opset import NARROW
from dfsrt.optimize.quantize.prepare import prepared
from dfsrt.optimize.quantize.sizes import channels, scale_bytes, sized

if TYPE_CHECKING:
    import onnx

MOST = 65_536


@dataclass(frozen=True, slots=True)
class Int4:
    """Weights in 4 bits, a scale for each block of neighbouring inputs; maps stay as they are.

    Where the inputs are no multiple of the block, a whole row shares one scale.

    Raises:
        InputError: a block out of range.
    """

    name: ClassVar[str] = "int4"
    block: Annotated[int, "neighbouring inputs that share a scale"] = 32

    def __post_init__(self) -> None:
        if not 2 <= self.block <= MOST:
            raise InputError(
                f"step 'int4': block {self.block} is out of range; allowed is 2 to {MOST:,}"
            )

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return the model with weights behind a DequantizeLinear; ``data`` are not looked at.

        Raises:
            InputError: no weights, or a quantized model.
        """
        return stored_in_blocks(prepared(model, NARROW, self.name), self.block)

    def on_sizes(self, network: Network) -> Network:
        """Return the network with weights of 4 bits and their scales.

        Raises:
            InputError: no weights, or a quantized network.
        """
        return sized(network, self.name, lambda *_: "int4", "", self._sides)

    def _sides(self, layer: Layer, weight: Tensor, dtype: str) -> int:
        inputs = _inputs(layer, weight)
        scales = channels(layer, weight)
        if inputs % self.block == 0:
            scales = weight.elements // self.block
        return 0 if scales == 1 else scales * scale_bytes(weight)


def _inputs(layer: Layer, weight: Tensor) -> int:
    """Neighbours of one tap that may share a scale: input channels, or the row of a matrix."""
    if layer.op == "Conv":
        return weight.shape[1]
    if layer.op == "ConvTranspose":
        return weight.shape[0] // layer.gemms[0].count
    return layer.gemms[0].k

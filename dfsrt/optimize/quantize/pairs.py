"""``w8a16`` and ``w4a8``: weights of fewer bits than the maps they multiply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dfsrt.network import Network
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.quantize.opset import NARROW
from dfsrt.optimize.quantize.prepare import prepared
from dfsrt.optimize.quantize.sizes import channel_sides, sized
from dfsrt.optimize.quantize.static import Static, quantized

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class _Pair:
    """Weights and maps of two widths, a scale for each channel of weights."""

    name: ClassVar[str]
    weights: ClassVar[str]
    maps: ClassVar[str]

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return the model with QuantizeLinear and DequantizeLinear around every tensor.

        Raises:
            InputError: no weights, a quantized model, or data that do not fit.
        """
        return quantized(prepared(model, NARROW, self.name), data, Static(self.weights, self.maps))

    def on_sizes(self, network: Network) -> Network:
        """Return the network with these bits an element.

        Raises:
            InputError: no weights, or a quantized network.
        """
        return sized(network, self.name, lambda *_: self.weights, self.maps, channel_sides)


@dataclass(frozen=True, slots=True)
class W8A16(_Pair):
    """Weights in 8 bits, maps in 16: for networks whose maps have outliers."""

    name: ClassVar[str] = "w8a16"
    weights: ClassVar[str] = "int8"
    maps: ClassVar[str] = "uint16"


@dataclass(frozen=True, slots=True)
class W4A8(_Pair):
    """Weights in 4 bits, maps in 8."""

    name: ClassVar[str] = "w4a8"
    weights: ClassVar[str] = "int4"
    maps: ClassVar[str] = "int8"

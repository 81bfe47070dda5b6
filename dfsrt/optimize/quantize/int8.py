"""``int8``: weights and maps in 8 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from dfsrt.base.errors import InputError
from dfsrt.network import Network
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.quantize.opset import LEAST
from dfsrt.optimize.quantize.prepare import prepared
from dfsrt.optimize.quantize.sizes import channel_sides, sized
from dfsrt.optimize.quantize.static import CALIBRATIONS, Static, quantized

if TYPE_CHECKING:
    import onnx

_SCALES = ("channel", "tensor")


@dataclass(frozen=True, slots=True)
class Int8:
    """Weights and maps in 8 bits, their ranges fixed on calibration data.

    Raises:
        InputError: an unknown calibration, or scales for something else.
    """

    name: ClassVar[str] = "int8"
    calibration: Annotated[str, "ranges of maps: minmax, percentile or entropy"] = "minmax"
    per: Annotated[str, "a scale for each channel of weights, or for a tensor"] = "channel"

    def __post_init__(self) -> None:
        for what, value, allowed in (
            ("calibration", self.calibration, CALIBRATIONS),
            ("per", self.per, _SCALES),
        ):
            if value not in allowed:
                raise InputError(
                    f"step 'int8': {what} '{value}' is unknown; use one of {', '.join(allowed)}"
                )

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return the model with QuantizeLinear and DequantizeLinear around every tensor.

        Raises:
            InputError: no weights, a quantized model, or data that do not fit.
        """
        ready = prepared(model, LEAST, self.name)
        how = Static("int8", "int8", self.calibration, self.per == "channel")
        return quantized(ready, data, how)

    def on_sizes(self, network: Network) -> Network:
        """Return the network with 8 bits an element.

        Raises:
            InputError: no weights, or a quantized network.
        """
        sides = channel_sides if self.per == "channel" else lambda *_: 0
        return sized(network, self.name, lambda *_: "int8", "int8", sides)

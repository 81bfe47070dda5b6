"""``mixed``: int8 or int4 layer by layer, within a budget of bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from dfsrt.base.errors import InputError
from dfsrt.network import Network
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.quantize.budget import Cost, cheapest
from dfsrt.optimize.quantize.opset import NARROW
from dfsrt.optimize.quantize.prepare import prepared
from dfsrt.optimize.quantize.sensitivity import noises
from dfsrt.optimize.quantize.sizes import channel_sides, quantizable, sized
from dfsrt.optimize.quantize.static import Static, quantized
from dfsrt.optimize.weights import weights_of

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class Mixed:
    """Weights in 4 bits where that costs the least, in 8 elsewhere; maps in 8.

    The budget counts elements of weights, scales aside. What 4 bits cost is the noise that they put
    on a layer's own outputs, as a share of them, for each bit that is saved.

    Raises:
        InputError: a budget that no such mixture has.
    """

    name: ClassVar[str] = "mixed"
    bits: Annotated[float, "mean bits of a weight, at most"] = 6.0

    def __post_init__(self) -> None:
        if not 4 <= self.bits <= 8:
            raise InputError(
                f"step 'mixed': bits {self.bits:g} are out of range; allowed is 4 to 8"
            )

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return the model with some weights in int4, all others and the maps in int8.

        Raises:
            InputError: no weights, a quantized model, or data that do not fit.
        """
        ready = prepared(model, NARROW, self.name)
        noise = noises(ready, data)
        sizes = {w.name: w.array.size for w in weights_of(ready)}
        costs = [Cost(name, size, noise[name]) for name, size in sizes.items()]
        single = dict.fromkeys(cheapest(costs, self.bits), "int4")
        return quantized(ready, data, Static("int8", "int8", single=single))

    def on_sizes(self, network: Network) -> Network:
        """Return the network with its largest layers in int4: without values none is known to cost.

        Raises:
            InputError: no weights, or a quantized network.
        """
        sizes = {t.stored_as: t.elements for layer in network.layers for t in quantizable(layer)}
        narrow = cheapest([Cost(name, size, 1.0) for name, size in sizes.items()], self.bits)

        def choose(_: Layer, tensor: Tensor) -> str:
            return "int4" if tensor.stored_as in narrow else "int8"

        return sized(network, self.name, choose, "int8", channel_sides)

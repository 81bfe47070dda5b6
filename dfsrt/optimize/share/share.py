"""The transform ``share``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from dfsrt.base.errors import InputError
from dfsrt.network import Network
from dfsrt.network.packed import add_note
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.refit import refit
from dfsrt.optimize.share.policy import Policy
from dfsrt.optimize.share.sizes import shared_sizes
from dfsrt.optimize.share.values import labels_of, shared

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class Share:
    """Leaves so many values in each layer or output channel, those with the least squared error.

    Zeros stay zero and are one of the values; a layer in which code book and indices would take
    more bits than its weights stays as it is, and so do biases.

    Raises:
        InputError: fewer than 2 values or more than 256.
    """

    name: ClassVar[str] = "share"
    values: Annotated[int, "values that a layer or channel has, zero among them"] = 16
    per: Annotated[Literal["layer", "channel"], "what has a code book of its own"] = "layer"
    refit: Annotated[bool, "fit the values to the layer's own outputs on the data"] = False

    def __post_init__(self) -> None:
        if not 2 <= self.values <= 256:
            raise InputError(f"values {self.values} is out of range; allowed is 2 to 256")

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return the model with few values in each layer or channel.

        Raises:
            InputError: a model of which no layer gets smaller, or data that do not fit.
        """
        smaller, left = shared(model, self.policy)
        if self.refit:
            smaller = refit(model, smaller, labels_of(model, smaller, self.policy), data)
        if left:
            add_note(smaller, left)
        return smaller

    def on_sizes(self, network: Network) -> Network:
        """Return a network without values with code books for its weights.

        Raises:
            InputError: a network of which no layer gets smaller.
        """
        return shared_sizes(network, self.policy)

    @property
    def policy(self) -> Policy:
        """What each weight shall have."""
        return Policy(self.values, self.per == "channel")

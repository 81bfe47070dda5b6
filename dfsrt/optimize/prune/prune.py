"""The transform ``prune``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from dfsrt.base.errors import InputError
from dfsrt.network import Network
from dfsrt.network.packed import add_note
from dfsrt.network.reading import Reading
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.channels import remove_channels, remove_on_shapes
from dfsrt.optimize.prune.pattern import Pattern
from dfsrt.optimize.prune.policy import Policy
from dfsrt.optimize.prune.sizes import pruned_sizes
from dfsrt.optimize.prune.values import pruned, remaining
from dfsrt.optimize.refit import refit

if TYPE_CHECKING:
    import onnx

USUAL_RATIO = 0.5


@dataclass(frozen=True, slots=True)
class Prune:
    """Sets weights to zero: a ratio of them, all but so many of each group, or whole channels.

    Biases stay, and so do depthwise convolutions: they hold few weights and forgive the least.

    Raises:
        InputError: more than one of ratio, nm and channels, a number out of range, or a parameter
            that goes with another one.
    """

    name: ClassVar[str] = "prune"
    ratio: Annotated[float | None, "share of the weights that become zero, 0.5 by default"] = None
    scope: Annotated[Literal["layer", "global"], "the smallest of each layer, or of all"] = "layer"
    nm: Annotated[str | None, "how many of how many neighbouring inputs stay, like 2of4"] = None
    block: Annotated[int | None, "neighbouring output channels that become zero together"] = None
    channels: Annotated[float | None, "share of the channels that are removed"] = None
    refit: Annotated[bool, "fit what remains to the layer's own outputs on the data"] = False

    def __post_init__(self) -> None:
        ways = {"ratio": self.ratio, "nm": self.nm, "channels": self.channels}
        given = [name for name, value in ways.items() if value is not None]
        if len(given) > 1:
            raise InputError(f"prune has {' and '.join(given)}; give one of ratio, nm and channels")
        for name in ("ratio", "channels"):
            share = ways[name]
            if isinstance(share, float | int) and not 0 <= share < 1:
                raise InputError(f"{name} {share} is out of range; allowed is 0 to below 1")
        with_ratio = {"scope": self.scope != "layer", "block": self.block is not None}
        odd = [name for name, value in with_ratio.items() if value]
        if odd and given and given != ["ratio"]:
            raise InputError(f"prune has {odd[0]} and {given[0]}; {odd[0]} goes with ratio alone")
        if self.block is not None and not 2 <= self.block <= 64:
            raise InputError(f"block {self.block} is out of range; allowed is 2 to 64")
        if self.nm is not None:
            Pattern.parse(self.nm)

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return the model with some of its weights zero, or without some of its channels.

        Raises:
            InputError: a model of which no layer can be pruned so, or data that do not fit.
        """
        if self.channels is not None:
            return remove_channels(model, self.channels, data, self.refit)
        smaller, left = pruned(model, self.policy)
        if self.refit:
            smaller = refit(model, smaller, remaining(model, smaller), data)
        if left:
            add_note(smaller, left)
        return smaller

    def on_sizes(self, network: Network) -> Network:
        """Return a network without values with the zeros that are to be expected of it.

        Raises:
            InputError: a network of which no layer can be pruned so.
        """
        if self.channels is not None:
            raise InputError(
                f"prune:channels needs the graph of '{network.name}', not its layers alone; give "
                "its name or its .onnx file"
            )
        return pruned_sizes(network, self.policy)

    @property
    def changes_graph(self) -> bool:
        """Whether channels are removed."""
        return self.channels is not None

    def on_shapes(self, model: onnx.ModelProto, reading: Reading) -> onnx.ModelProto:
        """Return a model, with values or without, without some of its channels.

        Raises:
            InputError: a model in which no channel can be removed.
        """
        return remove_on_shapes(model, self.channels or 0, reading)

    @property
    def policy(self) -> Policy:
        """Which weights become zero."""
        ratio = USUAL_RATIO if self.ratio is None else self.ratio
        pattern = None if self.nm is None else Pattern.parse(self.nm)
        return Policy(ratio, self.scope == "global", self.block or 1, pattern)

"""``prune``: the smallest weights become zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.optimize.arrays import Array, with_arrays
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.weights import weights_of

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class Prune:
    """Sets the smallest weights of each layer to zero.

    Raises:
        InputError: a ratio outside 0 to 1.
    """

    name: ClassVar[str] = "prune"
    ratio: Annotated[float, "share of the weights that become zero"] = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.ratio < 1:
            raise InputError(f"ratio {self.ratio} is out of range; allowed is 0 to below 1")

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return the model with its smallest weights set to zero."""
        return with_arrays(model, {w.name: self._pruned(w.array) for w in weights_of(model)})

    def _pruned(self, array: Array) -> Array:
        count = round(self.ratio * array.size)
        smallest = np.argsort(np.abs(array), axis=None, kind="stable")[:count]
        pruned = array.copy()
        pruned.reshape(-1)[smallest] = 0
        return pruned

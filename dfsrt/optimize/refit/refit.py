"""Refit what remains of each layer to the original layer's own outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.refit.facts import LayerRefit, RefitFacts
from dfsrt.optimize.refit.freedom import Freedom, check_freedom
from dfsrt.optimize.weights import weights_of

if TYPE_CHECKING:
    import onnx

OnLayer = Callable[[int, int], None]
"""Told after each layer: layers done, of how many."""


def refit(
    original: onnx.ModelProto,
    smaller: onnx.ModelProto,
    freedoms: Mapping[str, Freedom],
    data: Calibration,
    on_layer: OnLayer | None = None,
) -> onnx.ModelProto:
    """Return ``smaller`` with what ``freedoms`` allow fitted to the outputs of ``original``.

    ``freedoms`` are by the name of a weight's initializer; a weight without one stays as it is.

    Raises:
        InputError: a freedom that fits no weight, or data that do not fit.
        NetworkError: a model that onnxruntime cannot run.
    """
    return refit_with_facts(original, smaller, freedoms, data, on_layer)[0]


def refit_with_facts(
    original: onnx.ModelProto,
    smaller: onnx.ModelProto,
    freedoms: Mapping[str, Freedom],
    data: Calibration,
    on_layer: OnLayer | None = None,
) -> tuple[onnx.ModelProto, RefitFacts]:
    """Do what ``refit`` does, and return what was done as well.

    Raises:
        InputError: a freedom that fits no weight, or data that do not fit.
        NetworkError: a model that onnxruntime cannot run.
    """
    weights = {w.name: w for w in weights_of(smaller) if w.name in freedoms}
    for name, weight in weights.items():
        check_freedom(weight, freedoms[name])
    return smaller, RefitFacts(tuple(LayerRefit(name, left="not yet fitted") for name in weights))

"""Channels removed from a model: chosen, cut out of all that makes or reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.network.packed import add_note
from dfsrt.network.reading import Reading
from dfsrt.optimize.arrays import with_arrays
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.channels.choice import Choice
from dfsrt.optimize.channels.masked import masked, take_values
from dfsrt.optimize.channels.smaller import smaller
from dfsrt.optimize.refit import refit as refit_weights

if TYPE_CHECKING:
    import onnx


def remove_channels(
    model: onnx.ModelProto, share: float, data: Calibration, refit: bool = False
) -> onnx.ModelProto:
    """Return the model without a ``share`` of the channels of each group that can lose any.

    With ``refit`` what reads the others is fitted on ``data`` to what the model made before.

    Raises:
        InputError: a share outside 0 to below 1, a model in which nothing can be removed, or data
            that do not fit.
        NetworkError: a model that cannot be sized, or that onnxruntime cannot run.
    """
    choice = Choice.of(model, share, Reading())
    if refit and share:
        ignoring, freedoms = masked(choice.model, choice.kept)
        original = choice.model.model
        take_values(original, refit_weights(original, ignoring, freedoms, data))
    return _cut(model, choice)


def remove_on_shapes(model: onnx.ModelProto, share: float, reading: Reading) -> onnx.ModelProto:
    """Return a model, with values or with shapes alone, without the channels that weigh least.

    Where shapes are all there is, the first channels of each group stay.

    Raises:
        InputError: a share outside 0 to below 1, or a model in which nothing can be removed.
        NetworkError: a model that cannot be sized.
    """
    return _cut(model, Choice.of(model, share, reading))


def _cut(model: onnx.ModelProto, choice: Choice) -> onnx.ModelProto:
    if choice.kept.all():
        return with_arrays(model, {})
    proto = smaller(choice.model, choice.kept)
    add_note(proto, choice.note)
    return proto

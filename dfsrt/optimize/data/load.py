"""Calibration data by what people call them: a folder, a file, ``random`` or ``digits``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.network.samples import Tensors, Types
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.data.digits import digits
from dfsrt.optimize.data.drawn import drawn
from dfsrt.optimize.data.labels import check_classes
from dfsrt.optimize.data.stored import stored

if TYPE_CHECKING:
    import onnx

MOST_SAMPLES = 100_000
"""Samples that may be asked for; more are taken for a number given wrongly."""


def data_of(network: str) -> str | None:
    """Return the data that a network by name comes with; None where there are none."""
    return "digits" if network == "digits" else None


def load_calibration(
    source: str, model: onnx.ModelProto, samples: int | None = None, seed: int = 0
) -> Calibration:
    """Return data for ``model`` by what they are called, some of them held out from all fitting.

    A folder of ``.npy`` and ``.npz`` files, or one such file, has arrays by the names of the
    model's inputs, of their shapes or with several samples along the first axis; one array for a
    model with one input may have any name. Classes are under ``labels`` in an ``.npz``, or in
    ``labels.npy`` of a folder. ``random`` is uniform from 0 to 1, by ``seed``. Of these, the first
    ``samples`` are taken (None is all; of ``random`` 16), and a quarter is held out, as ``split``
    says; where there are fewer than four, all are used for both.

    ``digits`` are scikit-learn's: ``samples`` (256) of the 1,347 images that the network ``digits``
    was trained on, and the other 450 held out.

    Raises:
        InputError: data that are not there or do not fit the model, or a number out of range.
    """
    if samples is not None and not 1 <= samples <= MOST_SAMPLES:
        raise InputError(f"samples {samples} is out of range; allowed is 1 to {MOST_SAMPLES:,}")
    types = _sized(Tensors(model.graph, None).inputs)
    if source == "random":
        return drawn(types, samples, seed)
    data = digits(types, samples) if source == "digits" else stored(types, Path(source), samples)
    for part in (data, data.judged_on):
        if part.labels is not None:
            check_classes(part.labels, model)
    return data


def _sized(types: Types) -> Types:
    """The types of a model's inputs, all of whose sizes are set."""
    if not types:
        raise InputError("the model has no inputs, so no data fit it; give one with inputs")
    for name, kind in types.items():
        if any(not dim.HasField("dim_value") for dim in kind.tensor_type.shape.dim):
            raise InputError(
                f"input '{name}' has sizes that are not set; set them, for example with --dim"
            )
    return types

"""Labels: the class of each sample, checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Ints, Values
from dfsrt.base.errors import InputError

if TYPE_CHECKING:
    import onnx


def checked_labels(labels: Values, count: int | None, path: Path) -> Ints:
    """Return labels of any shape that are one for each of ``count`` samples as ``(n_samples,)``.

    Raises:
        InputError: another shape or type, or another number of them.
    """
    shape = labels.shape
    if not shape or labels.size != shape[0]:
        raise InputError(
            f"'{path}': labels have the shape {list(shape)}; give the class of each sample, along "
            "one axis (numpy.argmax(labels, -1), if they are one column a class)"
        )
    if labels.dtype.kind not in "iu" or (labels.size and labels.min() < 0):
        what = str(labels.dtype) if labels.dtype.kind not in "iu" else "partly below 0"
        raise InputError(f"'{path}': labels are {what}; give whole numbers from 0 on")
    if count is not None and len(labels) != count:
        raise InputError(
            f"'{path}' has {len(labels)} labels for {count} samples; save one label a sample"
        )
    return labels.reshape(-1).astype(np.int64)


def check_classes(labels: Ints, model: onnx.ModelProto) -> None:
    """Check that the first output tells the classes of labels, ``(n_samples,)``, apart.

    Raises:
        InputError: a label of a class that there is not.

    Limits: a size that the file does not say is looked at when the model runs.
    """
    output = model.graph.output[0]
    dims = [dim.dim_value for dim in output.type.tensor_type.shape.dim]
    classes = int(np.prod(dims)) if dims and all(dims) else 0
    if classes > 1 and labels.size and labels.max() >= classes:
        raise InputError(
            f"label {labels.max()} does not fit: output '{output.name}' tells {classes} classes "
            f"apart, 0 to {classes - 1}; number the classes as the model does"
        )

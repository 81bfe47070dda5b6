"""Channels removed from a model: chosen, cut out of all that makes or reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.channels.axes import Labelled, labelled
from dfsrt.optimize.channels.groups import groups_of, kept_count, kept_labels
from dfsrt.optimize.channels.saliency import saliency
from dfsrt.optimize.channels.smaller import smaller

if TYPE_CHECKING:
    import onnx


def remove_channels(
    model: onnx.ModelProto, share: float, data: Calibration, refit: bool = False
) -> onnx.ModelProto:
    """Return the model without a ``share`` of the channels of each group that can lose any.

    With ``refit`` what remains is fitted on ``data`` to what the model made before.

    Raises:
        InputError: a share outside 0 to below 1, or a model in which nothing can be removed.
    """
    return remove_on_shapes(model, share)


def remove_on_shapes(model: onnx.ModelProto, share: float) -> onnx.ModelProto:
    """Return a model, with values or with shapes alone, without the channels that weigh least.

    Where shapes are all there is, the first channels of each group stay.

    Raises:
        InputError: a share outside 0 to below 1, or a model in which nothing can be removed.
    """
    if not 0 <= share < 1:
        raise InputError(f"channels {share} is out of range; allowed is 0 to below 1")
    axes = labelled(_copy(model))
    _check(axes, share)
    return smaller(axes, kept_labels(axes, share, saliency(axes)))


def _copy(model: onnx.ModelProto) -> onnx.ModelProto:
    """A model of its own, with functions written out where they are called."""
    import onnx

    from dfsrt.network.infer import without_functions

    copy = onnx.ModelProto()
    copy.CopyFrom(without_functions(model))
    return copy


def _check(model: Labelled, share: float) -> None:
    sizes = [channels.size for channels in groups_of(model)]
    if not sizes:
        raise InputError(f"no channel can be removed: {why_pinned(model)}")
    if share and all(kept_count(n, share) == n for n in sizes):
        raise InputError(
            f"channels {share} removes none: the largest of {len(sizes)} groups has {max(sizes)} "
            "channels, of 16 and more a multiple of 8 stays; give a larger share"
        )


def why_pinned(model: Labelled, most: int = 3) -> str:
    """Return in words for what reasons channels stay, those of the most channels first."""
    reasons = sorted(model.walk.labels.reasons.items(), key=lambda item: -item[1])
    told = [f"{count:,} stay since {why}" for why, count in reasons[:most] if count]
    left = len(reasons) - most
    more = [f"{left} more reasons"] if left > 0 else []
    return "; ".join([*told, *more]) or "no layer makes any that another one reads"

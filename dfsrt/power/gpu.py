"""What a trained model of a real card says of a network's layers: watts, seconds, clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.errors import InputError
from dfsrt.network.layer import Layer
from dfsrt.network.layout import PLAIN
from dfsrt.network.precision import FLOAT_PRECISIONS, weight_precision
from dfsrt.power.bundle import Bundle
from dfsrt.power.clock_law import compose
from dfsrt.power.shape_facts import ALIKE, Facts
from dfsrt.power.shape_features import OPERATORS, described
from dfsrt.power.shape_scale import scale_s


@dataclass(frozen=True, slots=True)
class Prediction:
    """Predicted quantities of some layers, ``(n_layers,)`` each.

    ``cap_unreachable`` marks layers whose bound is above the cap at every clock; a real card keeps
    its limit itself.
    """

    power_w: Floats
    power_upper_w: Floats
    latency_s: Floats
    clock_hz: Floats
    in_range: NDArray[np.bool_]
    cap_unreachable: NDArray[np.bool_]


def predict_layers(
    bundle: Bundle, layers: Sequence[Layer], confidence: float, layouts: Sequence[str] = ()
) -> Prediction:
    """Return what ``bundle``, a model of a real card, says of ``layers``.

    ``layouts`` are those in which the layers' images lie, ``nhwc`` or ``nchw``, one a layer; none
    is that of ONNX. A layer in a loop takes its time again in every pass.

    Raises:
        InputError: a model of another kind, or a confidence that its samples cannot carry.
    """
    law = bundle.card.clock_law
    if law is None:
        raise InputError(
            f"power model '{bundle.card.name}' is of the simulated device {bundle.card.device}; "
            "give that device too, with --device"
        )
    passes = [layer.one_pass for layer in layers]
    distinct, own, place = _distinct(passes, layouts or (PLAIN,) * len(layers))
    facts = Facts(distinct, own, OPERATORS)
    features = described(facts)
    found = compose(law, bundle.run(features), scale_s(facts))
    factor = bundle.card.bounds.as_bound().of([str(a.kind) for a in distinct], confidence)
    return Prediction(
        power_w=found["power_w"][place],
        power_upper_w=(found["power_w"] * factor)[place],
        latency_s=found["latency_s"][place] * np.array([layer.times for layer in layers]),
        clock_hz=found["clock_hz"][place],
        in_range=(
            _in_range(bundle, distinct, features, found["latency_s"])
            & _was_laid_out(bundle, distinct, own)
        )[place],
        cap_unreachable=np.zeros(len(layers), dtype=bool),
    )


def _distinct(
    layers: Sequence[Layer], layouts: Sequence[str]
) -> tuple[list[Layer], list[str], Ints]:
    """Layers without repeats and their layouts, and where each of ``layers`` is among them:
    networks repeat."""
    places: dict[tuple[object, ...], int] = {}
    distinct: list[Layer] = []
    own: list[str] = []
    found: list[int] = []
    for layer, layout in zip(layers, layouts, strict=True):
        tensors = (*layer.inputs, *layer.weights, *layer.outputs)
        what = (layer.op, layout, layer.joined, layer.vector_ops, layer.gemms)
        key = (*what, *((t.shape, t.dtype, t.touched, t.side_bytes) for t in tensors))
        if key not in places:
            places[key] = len(distinct)
            distinct.append(layer)
            own.append(layout)
        found.append(places[key])
    return distinct, own, np.array(found, dtype=np.int64)


def _in_range(
    bundle: Bundle, layers: Sequence[Layer], features: Floats, latency_s: Floats
) -> NDArray[np.bool_]:
    """Known operators in known types and ranks, features and times as in the samples."""
    operators = bundle.card.targets["power_w"].by_operator
    known = [ALIKE.get(a.op, a.op) in operators and _is_described(a) for a in layers]
    shortest, longest = bundle.card.valid_latency_s
    timed = (latency_s >= 0.9 * shortest) & (latency_s <= 1.1 * longest)
    return np.asarray(bundle.in_range(features) & np.array(known) & timed)


def _was_laid_out(
    bundle: Bundle, layers: Sequence[Layer], layouts: Sequence[str]
) -> NDArray[np.bool_]:
    """Whether layers of each one's type were measured in its layout, ``(n_layers,)``."""
    types = bundle.card.types_by_layout
    pairs = zip(layers, layouts, strict=True)
    return np.array([not types or a.outputs[0].dtype in types.get(b, ()) for a, b in pairs])


def _is_described(layer: Layer) -> bool:
    """Whether the features tell the layer apart: one type, and of images two axes at most."""
    of_images = layer.op.startswith("Conv") or layer.op.endswith("Pool") or layer.op == "Resize"
    right_rank = not of_images or len(layer.outputs[0].shape) == 4
    is_float = layer.outputs[0].dtype in FLOAT_PRECISIONS.values()
    return right_rank and is_float and weight_precision(layer) is None

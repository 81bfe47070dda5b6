"""Refit what remains of each layer to the original layer's own outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.network.packed import add_note
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.progress import OnPart, tell_part
from dfsrt.optimize.refit.facts import LayerRefit, RefitFacts
from dfsrt.optimize.refit.freedom import Freedom
from dfsrt.optimize.refit.layer import Layer
from dfsrt.optimize.refit.layers import layers_of
from dfsrt.optimize.refit.parts import Parts
from dfsrt.optimize.refit.split import Split, split_of
from dfsrt.optimize.refit.threads import one_thread
from dfsrt.optimize.refit.walk import Walk, most_samples

if TYPE_CHECKING:
    import onnx

MOST_BYTES = 3 * 2**27
"""What tensors of all samples hold between two layers, of both models together."""


def refit(
    original: onnx.ModelProto,
    smaller: onnx.ModelProto,
    freedoms: Mapping[str, Freedom],
    data: Calibration,
    on_layer: OnPart = tell_part,
) -> onnx.ModelProto:
    """Return ``smaller`` with what ``freedoms`` allow fitted to the outputs of ``original``.

    ``freedoms`` are by the name of a weight's initializer; a weight without one stays as it is. A
    fifth of the data's samples is not fitted on: a layer that is no better there stays as it is.
    ``data.held_out`` is not looked at. Layers that are left are counted in the notes of the model,
    with the reason. ``on_layer`` is told how many layers are done, after each.

    Raises:
        InputError: a freedom that fits no weight, or data that do not fit.
        NetworkError: a model that onnxruntime cannot run.
    """
    fitted, facts = refit_with_facts(original, smaller, freedoms, data, on_layer)
    if facts.taken < len(facts.layers):
        add_note(fitted, str(facts))
    return fitted


def refit_with_facts(
    original: onnx.ModelProto,
    smaller: onnx.ModelProto,
    freedoms: Mapping[str, Freedom],
    data: Calibration,
    on_layer: OnPart = tell_part,
) -> tuple[onnx.ModelProto, RefitFacts]:
    """Do what ``refit`` does, and return what was done as well.

    Raises:
        InputError: a freedom that fits no weight, or data that do not fit.
        NetworkError: a model that onnxruntime cannot run.
    """
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(smaller)
    parts, targets = Parts(copy), Parts(original)
    layers = dict(layers_of(parts, targets, freedoms))
    _check_inputs(parts, data)
    places = [parts.places[e.node.output[0]] for e in layers.values() if isinstance(e, Layer)]
    split = split_of(data, most_samples(parts, data.samples[0], places, MOST_BYTES // 2))
    walks = Walk(parts, split.samples), Walk(targets, split.samples)
    facts = []
    with one_thread():
        for name, layer in layers.items():
            if isinstance(layer, str):
                facts.append(LayerRefit(name, left=layer))
            else:
                facts.append(_refitted(layer, split, *walks))
            on_layer(len(facts), len(layers))
    return copy, RefitFacts(tuple(facts))


def _refitted(layer: Layer, split: Split, smaller: Walk, original: Walk) -> LayerRefit:
    """Bring both walks to a layer, and fit it in place."""
    from onnx import numpy_helper

    output = layer.node.output[0]
    if original.parts.places[output] < original.at:
        return LayerRefit(layer.weight.name, left="the original has its layers in another order")
    smaller.advance(smaller.parts.places[output])
    original.advance(original.parts.places[output] + 1, output)
    arrays, fact = layer.fitted(*split.rows(layer, smaller, original))
    for name, values in arrays.items():
        tensor = numpy_helper.from_array(np.ascontiguousarray(values), name)
        smaller.parts.stored[name].CopyFrom(tensor)
    return fact


def _check_inputs(parts: Parts, data: Calibration) -> None:
    wanted = {i.name for i in parts.model.graph.input} - parts.stored.keys()
    for feeds in data.samples:
        if not wanted <= feeds.keys():
            raise InputError(
                f"calibration data have {', '.join(sorted(feeds)) or 'no inputs'}, and the model "
                f"takes {', '.join(sorted(wanted))}; give all of them by name"
            )

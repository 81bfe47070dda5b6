"""``layers``: bits and zeros chosen for each layer, as a search finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from dfsrt.base.errors import InputError
from dfsrt.optimize.arrays import Array, array_of, with_arrays
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.layer_choice import LayerChoice, parse_choices
from dfsrt.optimize.registry import make_transform
from dfsrt.optimize.weights import PRODUCTS, Weight, weights_of

if TYPE_CHECKING:
    import onnx

MAPS = {"8": "int8", "16": "uint16"}
"""Bits of maps, and the element type that they have."""


@dataclass(frozen=True, slots=True)
class Layers:
    """Chooses bits and zeros of the weights layer by layer, in order of the products.

    Raises:
        InputError: an entry that is no choice, or bits of maps that there are not.
    """

    name: ClassVar[str] = "layers"
    weights: Annotated[str, "of each layer's weights: 8, 4, 8x2of4, 4x0.5, with / between"] = "8"
    maps: Annotated[str, "bits of maps: 8 or 16"] = "8"
    refit: Annotated[bool, "fit what remains to the layer's own outputs on the data"] = False

    def __post_init__(self) -> None:
        parse_choices(self.weights)
        if str(self.maps) not in MAPS:
            raise InputError(f"step 'layers': maps have {self.maps} bits; use 8 or 16")

    def apply(self, model: onnx.ModelProto, data: Calibration) -> onnx.ModelProto:
        """Return the model with each layer's weights as chosen, and maps quantized.

        Raises:
            InputError: other than one choice for each layer, or data that do not fit.
        """
        return chosen(ready_for_layers(model), self, data)


def ready_for_layers(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return ``model`` as its layers are counted: batch norms folded, opset for narrow types.

    Raises:
        InputError: no weights, or a quantized model.
    """
    from dfsrt.optimize.quantize.opset import NARROW
    from dfsrt.optimize.quantize.prepare import prepared

    return prepared(model, NARROW, Layers.name)


def layer_weights(model: onnx.ModelProto) -> list[Weight]:
    """Return the weights that a choice can be made for, in the order of the products."""
    return [w for w in weights_of(model) if w.node.op_type in PRODUCTS]


def chosen(model: onnx.ModelProto, how: Layers, data: Calibration) -> onnx.ModelProto:
    """Return a model that is ready, with each layer's weights as chosen, and maps quantized.

    Raises:
        InputError: other than one choice for each layer, or data that do not fit.
    """
    from dfsrt.optimize.quantize.blocks import channel_axis
    from dfsrt.optimize.quantize.static import Static, quantized

    weights, choices = layer_weights(model), parse_choices(how.weights)
    if len(choices) == 1:
        choices *= len(weights)
    if len(choices) != len(weights):
        raise InputError(
            f"step 'layers' has {len(choices)} choices, and the model {len(weights)} layers with "
            "weights; give one for each, or one for all"
        )
    model = with_arrays(model, _pruned(model, weights, choices, how.refit, data))
    pairs = zip(weights, choices, strict=True)
    single = {w.name: ("int4", channel_axis(w)) for w, choice in pairs if choice.bits == 4}
    return quantized(model, data, Static("int8", MAPS[str(how.maps)], single=single))


def _pruned(
    model: onnx.ModelProto,
    weights: list[Weight],
    choices: tuple[LayerChoice, ...],
    refit: bool,
    data: Calibration,
) -> dict[str, Array]:
    """New values, of any shape, of the layers some of whose weights become zero, by name."""
    arrays: dict[str, Array] = {}
    for step in sorted({c.prune for c in choices if c.prune}):
        whole = pruned_arrays(model, step + ":refit=true" * refit, data)
        for weight, choice in zip(weights, choices, strict=True):
            if choice.prune == step:
                arrays |= {name: whole[name] for name in layer_constants(model, weight)}
    return arrays


def layer_constants(model: onnx.ModelProto, weight: Weight) -> tuple[str, ...]:
    """Return the names of a layer's weight and bias, its own or added after; a refit moves both."""
    stored = {t.name for t in model.graph.initializer}
    (made,) = weight.node.output
    added = [n for n in model.graph.node if n.op_type == "Add" and made in n.input]
    names = [*weight.node.input[2:3], *(name for node in added for name in node.input)]
    return (weight.name, *(name for name in names if name in stored))


def pruned_arrays(model: onnx.ModelProto, step: str, data: Calibration) -> dict[str, Array]:
    """Return the values, of any shape, of all initializers after a step; as they are without one.

    Raises:
        InputError: a step that applies to no layer, or data that do not fit.
    """
    done = make_transform(step).apply(model, data) if step else model
    return {t.name: array_of(t) for t in done.graph.initializer}

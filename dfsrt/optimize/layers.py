"""``layers``: bits and zeros chosen for each layer, as a search finds them."""

from __future__ import annotations

from dataclasses import dataclass, field
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
        return Chooser(ready_for_layers(model), data).chosen(self)


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


@dataclass
class Chooser:
    """Makes smaller models of one that is ready; what is pruned is pruned once."""

    model: onnx.ModelProto
    data: Calibration
    _pruned: dict[str, dict[str, Array]] = field(default_factory=dict)

    def chosen(self, how: Layers) -> onnx.ModelProto:
        """Return the model with each layer's weights as chosen, and maps quantized.

        Raises:
            InputError: other than one choice for each layer, or data that do not fit.
        """
        from dfsrt.optimize.quantize.static import Static, quantized

        choices = self._choices(how)
        single = {w.name: "int4" for w, c in choices if c.bits == 4}
        model = with_arrays(self.model, self._arrays(choices, how.refit))
        return quantized(model, self.data, Static("int8", MAPS[str(how.maps)], single=single))

    def _choices(self, how: Layers) -> list[tuple[Weight, LayerChoice]]:
        weights, choices = layer_weights(self.model), parse_choices(how.weights)
        if len(choices) == 1:
            choices *= len(weights)
        if len(choices) != len(weights):
            raise InputError(
                f"step 'layers' has {len(choices)} choices, and the model {len(weights)} layers "
                "with weights; give one for each, or one for all"
            )
        return list(zip(weights, choices, strict=True))

    def _arrays(self, choices: list[tuple[Weight, LayerChoice]], refit: bool) -> dict[str, Array]:
        """New values, of any shape, of the layers some of whose weights become zero, by name."""
        arrays: dict[str, Array] = {}
        for weight, choice in choices:
            if choice.prune:
                whole = self.pruned(choice.prune, refit)
                arrays |= {name: whole[name] for name in layer_constants(self.model, weight)}
        return arrays

    def pruned(self, step: str, refit: bool) -> dict[str, Array]:
        """Return the values, of any shape, of all initializers after a step; as they are without.

        Raises:
            InputError: a step that applies to no layer, or data that do not fit.
        """
        text = step + ":refit=true" * (refit and bool(step))
        if text not in self._pruned:
            done = make_transform(text).apply(self.model, self.data) if text else self.model
            self._pruned[text] = {t.name: array_of(t) for t in done.graph.initializer}
        return self._pruned[text]


def layer_constants(model: onnx.ModelProto, weight: Weight) -> tuple[str, ...]:
    """Return the names of a layer's weight and bias, its own or added after; a refit moves both."""
    stored = {t.name for t in model.graph.initializer}
    (made,) = weight.node.output
    added = [n for n in model.graph.node if n.op_type == "Add" and made in n.input]
    names = [*weight.node.input[2:3], *(name for node in added for name in node.input)]
    return (weight.name, *(name for name in names if name in stored))

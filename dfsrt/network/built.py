"""The other shelf: networks that dfsrt builds from published shapes, by their plain names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import unknown_name
from dfsrt.network.kit.recipe import Recipe
from dfsrt.network.language import RECIPES as LANGUAGE
from dfsrt.network.sd2 import RECIPES as SD2
from dfsrt.network.speech import RECIPES as SPEECH
from dfsrt.network.textbook import RECIPES as TEXTBOOK
from dfsrt.network.tiny import RECIPES as TINY
from dfsrt.network.vision import RECIPES as VISION

if TYPE_CHECKING:
    import onnx

_RECIPES: Mapping[str, Recipe] = {**VISION, **TINY, **SPEECH, **SD2, **LANGUAGE, **TEXTBOOK}


def built_names() -> tuple[str, ...]:
    """Return the networks that are built rather than read."""
    return tuple(_RECIPES)


def built_what(name: str) -> str:
    """Return what people read about a built network."""
    return _RECIPES[name].what


def built_sizes(name: str) -> tuple[str, ...]:
    """Return the names of the sizes that a built network has."""
    return tuple(_RECIPES[name].sizes)


def build_network(
    name: str, dims: Mapping[str, int] | None = None, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return the model called ``name`` for sizes like ``image`` and ``batch``.

    Raises:
        NetworkError: no such network, a size that it does not have, or one out of range.
    """
    if name not in _RECIPES:
        raise NetworkError(unknown_name("built network", name, _RECIPES))
    if precision not in ("fp32", "fp16"):
        raise NetworkError(f"precision '{precision}' cannot be built; use fp32 or fp16")
    return _RECIPES[name].build(name, dims or {}, precision)

"""The other shelf: networks that dfsrt builds from published shapes, by their plain names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import unknown_name
from dfsrt.network.kit.recipe import Recipe
from dfsrt.network.language import RECIPES as LANGUAGE
from dfsrt.network.llm.recipe import CHOICES, describe, llm_recipe
from dfsrt.network.llm.shelf import config_path, is_llm, llm_names
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
    return (*_RECIPES, *llm_names())


def is_built(name: str) -> bool:
    """Whether a name, without options, is that of a network to build, or of a configuration."""
    return name in _RECIPES or is_llm(name)


def built_file(name: str) -> Path | None:
    """Return the file that a built network depends on, a configuration; None where there is none.

    Raises:
        NetworkError: no such network.
    """
    return config_path(name) if is_llm(name) else None


def built_what(name: str) -> str:
    """Return what people read about a built network."""
    return describe(name) if is_llm(name) else _RECIPES[name].what


def built_choices(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return what a built network has besides sizes, with the words that are allowed."""
    return CHOICES if is_llm(name) else {}


def recipe_of(name: str, chosen: Mapping[str, str]) -> Recipe:
    """Return how a network is built, by what is chosen.

    Raises:
        NetworkError: no such network, or nothing that can be chosen.
    """
    if is_llm(name):
        return llm_recipe(name, chosen.get("phase", CHOICES["phase"][0]))
    if name not in _RECIPES:
        raise NetworkError(unknown_name("built network", name, _RECIPES))
    return _RECIPES[name]


def build_network(
    name: str,
    dims: Mapping[str, int] | None = None,
    precision: str | None = None,
    chosen: Mapping[str, str] | None = None,
) -> onnx.ModelProto:
    """Return the model called ``name`` for sizes like ``image`` and ``batch``.

    Raises:
        NetworkError: no such network, a size that it does not have, or one out of range.
    """
    if precision not in (None, "fp32", "fp16"):
        raise NetworkError(f"precision '{precision}' cannot be built; use fp32 or fp16")
    return recipe_of(name, chosen or {}).build(name, dims or {}, precision, chosen)

"""Search of bits and zeros layer by layer: fidelity against energy a frame."""

from dfsrt.study.layers.result import Searched
from dfsrt.study.layers.search import FIDELITIES, LayerSearch
from dfsrt.study.layers.session import search_layers

__all__ = ["FIDELITIES", "LayerSearch", "Searched", "search_layers"]

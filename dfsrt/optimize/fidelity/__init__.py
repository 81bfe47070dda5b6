"""Fidelity: what a smaller network leaves of the answers of the one that it was made from."""

from dfsrt.optimize.fidelity.fidelity import Fidelity, LayerFidelity, fidelity
from dfsrt.optimize.fidelity.sums import Sums

__all__ = ["Fidelity", "LayerFidelity", "Sums", "fidelity"]

"""What remains of a layer, refitted by least squares to the original layer's own outputs."""

from dfsrt.optimize.refit.facts import LayerRefit, RefitFacts
from dfsrt.optimize.refit.freedom import Freedom
from dfsrt.optimize.refit.refit import refit, refit_with_facts

__all__ = [
    "Freedom",
    "LayerRefit",
    "RefitFacts",
    "refit",
    "refit_with_facts",
]

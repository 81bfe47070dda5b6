"""Heat: nodes that hold it, links that carry it, and what keeps them from getting too hot."""

from dfsrt.world.heat.load import heat_names, load_heat
from dfsrt.world.heat.model import HeatModel, Link, Node

__all__ = ["HeatModel", "Link", "Node", "heat_names", "load_heat"]

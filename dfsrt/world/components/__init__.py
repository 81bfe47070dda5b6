"""Components: the parts of a device besides its NPU, with power states and energies of events."""

from dfsrt.world.components.component import Component
from dfsrt.world.components.load import component_names, load_component

__all__ = ["Component", "component_names", "load_component"]

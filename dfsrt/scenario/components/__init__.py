"""Components: the parts of a device besides its NPU, with power states and energies of events."""

from dfsrt.scenario.components.component import Component
from dfsrt.scenario.components.load import component_names, load_component

__all__ = ["Component", "component_names", "load_component"]

"""Energies of a report are energies, or there is no report."""

from __future__ import annotations

import numpy as np
import pytest

from dfsrt.base.errors import DeviceError
from dfsrt.power.components import COMPONENTS
from dfsrt.report.energy import check_energies


@pytest.mark.parametrize("joules", [float("nan"), float("inf"), -1e-3])
def test_what_is_no_energy_is_refused_with_its_component(joules):
    component_j = np.ones(len(COMPONENTS))
    component_j[1] = joules
    with pytest.raises(DeviceError, match=f"device 'mine': energy of {COMPONENTS[1]} comes to"):
        check_energies(component_j, "mine")


def test_energies_and_what_rounding_leaves_of_nothing_are_taken():
    component_j = np.ones(len(COMPONENTS))
    component_j[1] = -1e-17
    check_energies(component_j, "mine")

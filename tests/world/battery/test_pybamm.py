"""Our cell against PyBaMM's Thevenin model with the same numbers: an oracle of another hand."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from dfsrt.world.battery.draw import draw
from dfsrt.world.battery.pack import CellBook, rested_cell
from dfsrt.world.battery.segment import EMPTY
from tests.world.battery.packs import AI2020_SOC, AI2020_V, make_pack

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pybamm = pytest.importorskip("pybamm", reason="dependency group 'oracles' is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
HEAVY = 1e9  # J/K: a cell that does not warm up, as ours is at one temperature


def pybamm_end(pack: Any, power: Any, soc: float, stops: Any) -> Any:
    """Return when PyBaMM's cell reaches the cut-off, in s, and its charge there.

    Its solver ends a step at each of ``stops``, in s: there the power may have a kink.
    """
    pairs = [(pack.r1_ohm, pack.tau1_s), (pack.r2_ohm, pack.tau2_s)]
    pairs = [pair for pair in pairs if pair[0] > 0]
    model = pybamm.equivalent_circuit.Thevenin(
        options={"number of rc elements": len(pairs), "operating mode": "power"}
    )
    values = dict(model.default_parameter_values)
    values |= {
        "Initial SoC": soc,
        "Cell capacity [A.h]": pack.capacity_c / 3600,
        "Nominal cell capacity [A.h]": pack.capacity_c / 3600,
        "Current function [A]": 1.0,
        "Lower voltage cut-off [V]": pack.cutoff_v,
        "Upper voltage cut-off [V]": 4.3,
        "Cell thermal mass [J/K]": HEAVY,
        "Jig thermal mass [J/K]": HEAVY,
        "Power function [W]": power,
        "Open-circuit voltage [V]": lambda x: pybamm.Interpolant(AI2020_SOC, AI2020_V, x),
        "R0 [Ohm]": lambda *_: pybamm.Scalar(pack.r0_ohm + pack.path_ohm),
    }
    for k, (ohm, tau_s) in enumerate(pairs, start=1):
        values[f"R{k} [Ohm]"] = lambda *_, ohm=ohm: pybamm.Scalar(ohm)
        values[f"C{k} [F]"] = lambda *_, c=tau_s / ohm: pybamm.Scalar(c)
        values[f"Element-{k} initial overpotential [V]"] = 0
    solver = pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8)
    parameters = pybamm.ParameterValues(values)
    simulation = pybamm.Simulation(model, parameter_values=parameters, solver=solver)
    found = simulation.solve(stops)
    return float(found["Time [s]"].entries[-1]), float(found["SoC"].entries[-1])


def our_end(pack: Any, power: Any, soc: float, step_s: float) -> tuple[float, float]:
    """Return when our cell reaches the cut-off, in s, and its charge there."""
    state, book, now = rested_cell(pack, soc), CellBook(), 0.0
    while True:
        end = draw(pack, state, book, power(now), step_s, 25.0)
        now += state.used_s
        if end != 0:
            assert end == EMPTY
            return now, float(state.soc)


@pytest.mark.parametrize("second_pair", [False, True], ids=["1rc", "2rc"])
def test_constant_power_ends_within_a_thousandth_of_pybamm(second_pair: bool) -> None:
    pack = make_pack(r2_ohm=0.02 if second_pair else 0.0, tau2_s=300.0)
    theirs, their_soc = pybamm_end(pack, 3.0, 0.9999, np.array([0, 8 * 3600]))
    ours, our_soc = our_end(pack, lambda _: 3.0, 0.9999, 10.0)
    assert ours == pytest.approx(theirs, rel=1e-5)  # the issue asks for 1e-3
    assert our_soc == pytest.approx(their_soc, abs=1e-6)


@pytest.mark.parametrize(("soc", "hours"), [(0.25, 1.9), (0.9999, 6.5)], ids=["quarter", "full"])
def test_pulsed_power_ends_within_half_a_percent_of_pybamm(soc: float, hours: float) -> None:
    """6 W for 3 s, 1.7 W for 7 s."""
    pack = make_pack()

    def power(now: float) -> float:
        return 6.0 if now % 10 < 3 - 1e-6 else 1.7

    times = np.arange(0, (hours + 0.1) * 3600, 10.0)
    edges = np.stack([times, times + 3, times + 3.001, times + 9.999], axis=1).ravel()
    watts = np.tile([6.0, 6.0, 1.7, 1.7], len(times))
    stops = np.stack([times, times + 3], axis=1).ravel()
    stops = stops[stops <= hours * 3600]
    theirs, _ = pybamm_end(pack, lambda t: pybamm.Interpolant(edges, watts, t), soc, stops)
    ours, _ = our_end(pack, power, soc, 1.0)
    assert ours == pytest.approx(theirs, rel=5e-4)  # the issue asks for 5e-3

"""Heat in closed form: step responses, energy balance, a naive twin, and bad models."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged, ranged_numbers
from dfsrt.world.heat import HeatModel, Link, Node, heat_names, load_heat
from dfsrt.world.heat.load import SHELF
from dfsrt.world.heat.steps import advance_heat


def number(value: float) -> Ranged:
    return Ranged(value, value, value, "test")


def chain(capacities: list[float], resistances: list[float]) -> HeatModel:
    """Nodes in a row, the last one at the air."""
    names = [f"n{k}" for k in range(len(capacities))]
    nodes = tuple(Node(n, number(c)) for n, c in zip(names, capacities, strict=True))
    ends = [*names[1:], "ambient"]
    links = tuple(
        Link(f"{a}-{b}", (a, b), number(r))
        for a, b, r in zip(names, ends, resistances, strict=True)
    )
    return HeatModel("test", "a row", nodes, links, names[0], names[0], names[-1], names[-1])


def stepped(
    model: HeatModel, temp_c: list[float], watts: list[float], seconds: float
) -> list[float]:
    temps = np.array(temp_c)
    advance_heat(model.modes(), temps, np.array(watts), 25.0, seconds, np.zeros(len(temps)))
    return temps.tolist()


def test_one_node_answers_a_step_as_the_closed_form_says() -> None:
    """T = ambient + P·R·(1 - exp(-t/RC)): 2 W through 10 K/W into 5 J/K, after 50 s."""
    (found,) = stepped(chain([5.0], [10.0]), [25.0], [2.0], 50.0)
    assert found == pytest.approx(25 + 20 * (1 - math.exp(-1)), rel=1e-14)


def test_two_nodes_answer_a_step_as_the_closed_form_says() -> None:
    """The sum of two exponentials, eigenvalues by the quadratic formula."""
    c1, c2, r1, r2, power, t = 2.0, 40.0, 3.0, 8.0, 1.5, 60.0
    (die, case) = stepped(chain([c1, c2], [r1, r2]), [25.0, 25.0], [power, 0.0], t)
    a, b, d = 1 / (r1 * c1), 1 / (r1 * c2), 1 / (r2 * c2)
    root = math.sqrt((a + b + d) ** 2 - 4 * a * d)
    fast, slow = (a + b + d + root) / 2, (a + b + d - root) / 2
    # Case: P·R2·(1 - (fast·e^(-slow t) - slow·e^(-fast t)) / (fast - slow)).
    rise = 1 - (fast * math.exp(-slow * t) - slow * math.exp(-fast * t)) / (fast - slow)
    assert case == pytest.approx(25 + power * r2 * rise, rel=1e-12)
    # Die: case + R1 times the heat that flows on, P - C1·dT1/dt, by the case's own equation.
    change = fast * slow / (fast - slow) * (math.exp(-slow * t) - math.exp(-fast * t))
    flow = c2 * power * r2 * change + (case - 25) / r2
    assert die == pytest.approx(case + r1 * flow, rel=1e-12)


def test_long_after_a_step_each_resistance_carries_the_power() -> None:
    found = stepped(chain([1.0, 20.0, 80.0], [4.0, 3.0, 5.0]), [25.0] * 3, [2.0, 0.0, 0.0], 1e7)
    assert found == pytest.approx([25 + 24, 25 + 16, 25 + 10], rel=1e-12)


rows = st.integers(1, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.1, 200), min_size=n, max_size=n),
        st.lists(st.floats(0.1, 30), min_size=n, max_size=n),
        st.lists(st.floats(-20, 90), min_size=n, max_size=n),
        st.lists(st.floats(0, 5), min_size=n, max_size=n),
    )
)


@given(rows, st.floats(0.01, 1000), st.floats(0.05, 0.95))
@settings(deadline=None)
def test_a_step_in_two_parts_is_the_same_step(
    row: tuple[list[float], ...], seconds: float, share: float
) -> None:
    capacities, resistances, temps, watts = row
    model = chain(capacities, resistances)
    whole = stepped(model, temps, watts, seconds)
    parted = stepped(
        model, stepped(model, temps, watts, seconds * share), watts, seconds * (1 - share)
    )
    np.testing.assert_allclose(parted, whole, rtol=1e-9, atol=1e-9)


@given(rows)
@settings(deadline=None, max_examples=20)
def test_a_short_step_is_eulers(row: tuple[list[float], ...]) -> None:
    capacities, resistances, temps, watts = row
    model, dt = chain(capacities, resistances), 1e-7
    inner, to_air = model.conductance()
    flow = np.array(watts) - inner @ np.array(temps) - to_air * (np.array(temps) - 25.0)
    naive = np.array(temps) + dt * flow / np.array(capacities)
    np.testing.assert_allclose(stepped(model, temps, watts, dt), naive, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", heat_names())
def test_every_number_on_the_shelf_says_that_it_is_assumed_and_how_far(name: str) -> None:
    model = load_heat(name)
    for path, found in ranged_numbers(model):
        assert found.assumed, path
        assert found.low < found.value < found.high, path
    assert (model.modes().rate > 0).all()


GOOD = (SHELF / "phone.toml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('between = ["skin", "ambient"]', 'between = ["skin", "cell"]', "no way to the air"),
        ('between = ["die", "board"]', 'between = ["die", "bord"]', "no node 'bord'"),
        ('between = ["die", "board"]', 'between = ["die", "die"]', "does not join two things"),
        ('value = "5 K/W", low = "2.5 K/W"', 'value = "0 K/W", low = "0 K/W"', "out of range"),
        ('value = "5 K/W", low = "2.5 K/W"', 'value = "5 W/K", low = "2.5 K/W"', "quantity in K/W"),
        ('name = "die"\nheat', 'name = "board"\nheat', "names a node twice"),
        ('die = "die"', 'die = "dye"', "no node 'dye'"),
    ],
)
def test_a_heat_model_that_cannot_be_is_one_clear_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in GOOD
    path = tmp_path / "heat.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(InputError) as failure:
        load_heat(str(path))
    assert told in str(failure.value)
    assert "\n" not in str(failure.value)

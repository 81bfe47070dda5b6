"""``power_allocator`` against examples worked by hand from the kernel's equations."""

from __future__ import annotations

from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.compiled import compiled
from dfsrt.base.record import as_record
from dfsrt.world.heat.allocator import Actor, ZoneState, budget_mw, divide, make_zone, reset


def zone(**changes: int) -> ZoneState:
    return make_zone(0, 65_000, 75_000, 2_500, **changes)


def test_estimated_gains_are_the_kernels() -> None:
    """k_po = 2500·1024/10000, k_pu twice that, k_i a tenth of k_pu, all rounded down."""
    found = zone()
    assert (found.k_po, found.k_pu, found.k_i) == (256, 512, 51)


def test_five_degrees_under_the_budget_is_worked_by_hand() -> None:
    """p = 512·(5000·1024)/1024 = 2,560,000, which is 2500 mW; no integral under the control."""
    assert budget_mw(zone(), 70_000, 9_000, 100) == 2_500 + 2_500
    assert budget_mw(zone(), 70_000, 4_000, 100) == 4_000  # never more than all actors can use


def test_two_degrees_over_is_worked_by_hand_poll_after_poll() -> None:
    """p = 256·-2000 = -512,000; i falls by 51·2000 = 102,000 a poll; floor at 10 bits."""
    found = zone()
    # (-512,000 - 102,000) / 1024 = -599.6, floored to -600; then -699.2 to -700.
    assert budget_mw(found, 77_000, 4_000, 100) == 1_900
    assert found.integral == -2_000 * 1024
    assert budget_mw(found, 77_000, 4_000, 100) == 1_800
    assert found.integral == -4_000 * 1024
    assert budget_mw(found, 75_000, 4_000, 100) == 2_500 - 200  # -204,000 / 1024 = -199.2


def test_the_integral_stops_at_the_power_there_is() -> None:
    found = zone(k_i=1024)
    for _ in range(50):
        budget_mw(found, 76_000, 4_000, 100)
    # It accumulates a degree, 1000 mW, a poll, and |next| must stay under 4000 mW.
    assert found.integral == -3 * 1_000 * 1024


def test_a_cutoff_lets_errors_below_it_be_accumulated_too() -> None:
    found = zone(cutoff_mc=3_000)
    budget_mw(found, 73_000, 9_000, 100)
    assert found.integral == 2_000 * 1024
    budget_mw(found, 71_000, 9_000, 100)  # 4 degrees under: not accumulated
    assert found.integral == 2_000 * 1024


def test_the_derivative_is_scaled_as_the_kernel_scales_it() -> None:
    """k_d·(e - e0) with ten bits, shifted by ten more and divided by the poll in ms."""
    found = zone(k_d=10)
    budget_mw(found, 74_000, 9_000, 100)
    # From 1 to 2 degrees under: d = (10·1,024,000 / 1024)·1024 / 100 = 102,400: 100 mW.
    assert budget_mw(found, 73_000, 9_000, 100) == 2_500 + 1_000 + 100


def test_a_cool_zone_forgets() -> None:
    found = zone()
    budget_mw(found, 78_000, 4_000, 100)
    reset(found)
    assert found.integral == found.before == 0


def shares(requests: list[int], most: list[int], budget: int, weights: list[int]) -> list[int]:
    actors = [Actor(*actor) for actor in zip(weights, most, requests, strict=True)]
    divide(actors, budget)
    return [actor.grant_mw for actor in actors]


def test_shares_go_by_request_and_what_one_cannot_use_goes_to_the_other() -> None:
    """3600 mW by 3:1 is 2700 and 900; the first may have 2500, so 200 go to the second."""
    assert shares([3000, 1000], [2500, 2000], 3600, [1024, 1024]) == [2500, 1100]


def test_weights_scale_requests() -> None:
    """Weighted requests 2000 and 1000 of a budget of 1500."""
    assert shares([1000, 1000], [5000, 5000], 1500, [2048, 1024]) == [1000, 500]


def test_nobody_asking_gets_nothing_and_nothing_breaks() -> None:
    assert shares([0, 0], [1000, 1000], 500, [1024, 1024]) == [0, 0]


amounts = st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 9000)), min_size=1, max_size=5)


@given(amounts, st.integers(0, 20_000))
def test_grants_keep_to_the_budget_and_to_each_actors_most(
    actors: list[tuple[int, int]], budget: int
) -> None:
    requests, most = ([a[k] for a in actors] for k in (0, 1))
    granted = shares(requests, most, budget, [1024] * len(actors))
    assert sum(granted) <= budget + len(actors)  # each rounds to the nearest mW
    assert all(0 <= g <= m + 1 for g, m in zip(granted, most, strict=True))


def test_machine_code_and_plain_python_budget_alike() -> None:
    fast = compiled(budget_mw)
    one, two = zone(k_d=7, cutoff_mc=500), as_record(zone(k_d=7, cutoff_mc=500))
    for temp_mc in (64_000, 74_700, 75_300, 80_000, 71_234, 75_001):
        assert budget_mw(one, temp_mc, 5_000, 100) == fast(two, temp_mc, 5_000, 100)
        assert astuple(one) == two.item()

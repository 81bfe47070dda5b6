"""Parts of the time that a rail moves: each time in one part, and runs from part to part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.governor.optimum.grid import COARSE, DEEPEST, FINER, Grid, usual_ns
from dfsrt.governor.optimum.parts import Parts
from dfsrt.governor.optimum.search import within_a_move
from dfsrt.governor.optimum.space import Space
from dfsrt.governor.optimum.sweep import with_sooner
from dfsrt.testing.views import make_view
from tests.governor.small_views import small_view


def short_layers(seed, times):
    view = small_view(seed)
    return Space(replace(view, duration_ns=np.maximum(view.duration_ns // times, 1)))


@given(seed=st.integers(0, 400), times=st.sampled_from([1, 10, 100]), data=st.data())
@settings(max_examples=60, deadline=None)
def test_each_time_left_lies_in_the_part_that_spans_it(seed, times, data):
    space = short_layers(seed, times)
    depth = np.array(data.draw(st.lists(st.integers(0, 2), min_size=space.n, max_size=space.n)))
    grid = Grid(space, depth)
    for layer in range(space.n):
        reach = space.reach_ns(layer)
        if reach == 0:
            continue
        left = np.unique(np.linspace(1, reach, 50).astype(np.int64))
        at = np.full(len(left), layer)
        for move in range(space.n_moves):
            part = grid.part_of(at, np.full(len(left), move), left)
            low, high = grid.span(at, np.full(len(left), move), part)
            assert ((low <= left) & (left <= high)).all()
            assert (np.diff(part) >= 0).all()
            assert part.min() >= 1
            assert part.max() <= grid.parts[layer]


@pytest.mark.parametrize("seed", range(20))
def test_a_run_at_the_usual_clock_leads_from_a_whole_part_into_a_whole_part(seed):
    space = short_layers(seed, 30)
    grid, usual = Grid(space, np.ones(space.n, dtype=np.int64)), usual_ns(space)
    for layer in range(space.n - 1):
        for move in range(space.n_moves):
            part = np.arange(1, grid.parts[layer] + 1)
            low, high = (
                end - usual[layer, move]
                for end in grid.span(np.full_like(part, layer), np.full_like(part, move), part)
            )
            whole = low > 0
            after = np.full(whole.sum(), layer + 1), np.full(whole.sum(), move)
            assert (grid.part_of(*after, low[whole]) == grid.part_of(*after, high[whole])).all()


def test_parts_are_an_eighth_of_the_longest_move_and_a_fourth_of_that_as_worked_by_hand():
    space = Space(make_view(n_layers=4, n_levels=8))
    depth = np.array([0, 1, DEEPEST, DEEPEST + 3])
    width = Grid(space, depth).width_ns
    finest = -(-space.longest_ns // (COARSE * FINER**DEEPEST))
    assert (COARSE, FINER) == (8, 4)
    assert width.tolist() == [finest * 4**4, finest * 4**3, finest, finest, finest * 4**4]


def test_a_rail_that_has_settled_is_in_part_0_and_one_set_point_has_no_parts():
    space = short_layers(3, 10)
    grid = Grid(space, np.zeros(space.n, dtype=np.int64))
    zero = np.zeros(1, dtype=np.int64)
    assert grid.part_of(zero, zero, zero).tolist() == [0]
    lone = make_view(n_layers=3, n_levels=4)
    lone = replace(
        lone,
        set_points_uv=lone.set_points_uv[-1:],
        predicted_w=lone.predicted_w[:, :, -1:],
        rails_uv=np.full_like(lone.rails_uv, lone.set_points_uv[-1]),
    )
    assert Grid(Space(lone), np.zeros(3, dtype=np.int64)).parts.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_finer_tables_are_those_that_are_made_at_once(seed):
    space, rng = short_layers(seed, 30), np.random.default_rng(seed)
    coarse = Parts(space, np.zeros(space.n, dtype=np.int64))
    depth = rng.integers(0, 2, space.n)
    finer, whole = Parts(space, depth, coarse), Parts(space, depth)
    for layer in range(space.n):
        assert (finer.after[layer] == whole.after[layer]).all()
        one, two = finer.moving[layer], whole.moving[layer]
        assert (one is None) == (two is None)
        if one is not None:
            for name in ("joules", "over", "sure", "one", "other"):
                assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_a_wide_part_takes_the_best_of_the_narrow_ones_below_it_as_worked_by_hand():
    space = short_layers(0, 30)
    parts = Parts(space, np.ones(space.n, dtype=np.int64))
    settled, count = space.points * space.levels, int(parts.parts[1])
    row = np.zeros((1, parts.states(1)))
    each = row[:, settled:].reshape(space.n_moves, count, space.levels)
    each[:] = np.resize([5.0, 3.0, 4.0, 6.0, 7.0], count)[:, None]
    best = with_sooner(parts, 1, row, 2)[:, settled:].reshape(space.n_moves, count, space.levels)
    assert count >= 5
    assert best[0, :5, 0].tolist() == [5.0, 3.0, 3.0, 4.0, 6.0]
    assert each[0, :5, 0].tolist() == [5.0, 3.0, 4.0, 6.0, 7.0]


def test_layers_near_a_gap_are_those_within_a_move_of_it_as_worked_by_hand():
    # All that overlaps with a move before the layer begins, and after it ends.
    space = Space(make_view(n_layers=20, n_levels=8))
    view = replace(space.view, duration_ns=np.full_like(space.view.duration_ns, 10_000))
    space = Space(view)
    assert space.longest_ns == 40_000
    wide = np.zeros(20, dtype=bool)
    wide[1] = True
    near = np.flatnonzero(within_a_move(wide, space))
    assert near.tolist() == [0, 1, 2, 3, 4, 5, 17, 18, 19]

"""Figures of a page: parts that add up, bins and counts worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.report.page.clocks import residency, transitions
from dfsrt.report.page.requests import latencies, over_time
from dfsrt.report.page.tree import MOST_LAYERS, by_layer, energy_tree
from dfsrt.report.schema import Residency, Transitions
from dfsrt.run.ended import Ended
from dfsrt.run.status import Status
from dfsrt.run.stream import NO_DEADLINE

MS = 1_000_000


def ended(*rows: tuple[int, int, Status], deadline_ns: int = NO_DEADLINE) -> Ended:
    """Requests of one workload: (arrival, finish, status) in ms, -1 for those still here."""
    arrival, finish, status = (
        np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)
    )
    finish_ns = np.where(finish < 0, -1, finish * MS)
    zero = np.zeros_like(arrival)
    return Ended(
        np.arange(len(rows)),
        zero,
        arrival * MS,
        arrival * MS,
        finish_ns,
        zero + deadline_ns,
        status,
        *[zero] * 5,
    )


def lines(figure) -> dict:
    return {trace["name"]: trace for trace in figure.data}


def test_an_energy_tree_shows_parts_that_add_up() -> None:
    parts = {"a": 3.0, "b": {"x": 1.0, "y": 2.0}, "none": 0.0}
    figure = energy_tree("energy", "Energy", "all", parts)
    data = figure.data[0]
    assert data["ids"] == ["all", "a", "b", "b/x", "b/y"]
    assert sum(data["values"]) == 6.0
    assert figure.table is not None
    assert [row[2] for row in figure.table.rows] == ["50.0%", "50.0%"]


def test_an_energy_tree_of_nothing_is_still_a_figure() -> None:
    figure = energy_tree("energy", "Energy", "all", {"a": 0.0})
    assert "0 J in all; nothing takes the most" in figure.says


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1e3), min_size=1, max_size=3 * MOST_LAYERS), st.floats(0, 1e3))
def test_layers_the_others_and_idle_time_add_up_to_the_whole(layer_j, idle_j) -> None:
    total = sum(layer_j) + idle_j
    parts = by_layer([f"n{k}" for k in range(len(layer_j))], np.array(layer_j), total)
    assert sum(parts.values()) == pytest.approx(total, rel=1e-6, abs=1e-12)
    assert len(parts) <= MOST_LAYERS + 2


def test_layers_of_the_same_name_are_one_part() -> None:
    parts = by_layer(["conv", "fc", "conv"], np.array([1.0, 2.0, 4.0]), 7.5)
    assert parts == {"conv": 5.0, "fc": 2.0, "idle": 0.5}


def test_clock_changes_leave_out_staying_and_there_is_no_figure_without_any() -> None:
    moves = Transitions(3, 0, 1e-6, [[5, 2], [1, 7]])
    figure = transitions("dfs", moves, (100_000_000, 200_000_000))
    assert figure is not None
    assert figure.table is not None
    assert [row[2] for row in figure.table.rows] == ["2", "1"]
    still = Transitions(0, 0, 0.0, [[5, 0], [0, 7]])
    assert transitions("performance", still, (1, 2)) is None


def test_time_at_each_clock_stands_a_bar_for_each_governor() -> None:
    runs = [
        ("dfs", [Residency(0, 0.25), Residency(300_000_000, 0.75)]),
        ("performance", [Residency(1_000_000_000, 1.0)]),
    ]
    shown = lines(residency(runs))
    assert list(shown) == ["idle", "300 MHz", "1.00 GHz"]
    assert shown["300 MHz"]["x"] == [75.0, 0]
    said = "dfs spends 75% at 300 MHz; performance spends 100% at 1.00 GHz"
    assert residency(runs).says == said


def test_a_run_of_no_time_has_no_clock() -> None:
    assert "for no time" in residency([("dfs", [])]).says


def test_requests_over_time_tell_who_came_left_and_was_there_at_once() -> None:
    # 10 come at once and leave one a ms; 10 more are dropped as they come, at 15 ms.
    first = [(0, k + 1, Status.DONE) for k in range(10)]
    later = [(15, 15, Status.DROPPED) for _ in range(10)]
    figure = over_time(ended(*first, *later), 20e-3)
    shown = {name: list(trace["y"]) for name, trace in lines(figure).items()}
    assert shown["arrived"] == [10, 10, 10]  # the last again, up to the end
    assert shown["done"] == [9, 1, 1]
    assert shown["dropped"] == [0, 10, 10]
    assert shown["most at once"] == [10, 0, 0]  # who is dropped at the door was never there


def test_who_leaves_makes_room_for_who_comes_in_the_same_nanosecond() -> None:
    figure = over_time(ended((0, 5, Status.DONE), (5, 9, Status.DONE)), 9e-3)
    assert "at most 1 were waiting" in figure.says


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(-1, 30)).map(
            lambda pair: (
                (pair[0], -1, Status.WAITING)
                if pair[1] < 0
                else (pair[0], pair[0] + pair[1] + 1, Status.DONE)
            )
        ),
        min_size=1,
        max_size=40,
    )
)
def test_the_most_at_once_is_what_looking_at_every_moment_finds(rows) -> None:
    moments = sorted({ms for arrival, finish, _ in rows for ms in (arrival, finish)} - {-1})
    most = max(
        sum(arrival <= ms and (finish < 0 or ms < finish) for arrival, finish, _ in rows)
        for ms in moments
    )
    assert f"at most {most:,} were waiting" in over_time(ended(*rows), 81e-3).says


def test_late_requests_are_crosses_and_those_still_here_are_none() -> None:
    requests = ended((0, 5, Status.DONE), (1, 3, Status.DONE), (2, -1, Status.WAITING),
                     deadline_ns=3 * MS)  # fmt: skip
    figure = latencies(requests, ["net"])
    (marks,) = figure.data
    np.testing.assert_allclose(marks["y"], [5e-3, 2e-3])
    assert marks["marker"]["symbol"] == ["x", "circle"]
    assert figure.says.startswith("2 requests done, half of them within 3.50 ms; 1 came after")


def test_no_request_done_is_said() -> None:
    assert latencies(ended((2, -1, Status.WAITING)), ["net"]).says == "no request was done"

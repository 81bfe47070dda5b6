"""The search over layers: exact where the space is small, greedy points first, and resumed."""

from __future__ import annotations

import csv
import io
import itertools
import json
from dataclasses import replace

import msgspec
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.network import from_onnx_model
from dfsrt.optimize import apply_steps, parse_steps
from dfsrt.optimize.fidelity import fidelity
from dfsrt.optimize.layer_choice import parse_choice
from dfsrt.study.layers import LayerSearch, search_layers, session
from dfsrt.study.layers.bench import Bench
from dfsrt.study.layers.choice import choice_notes, chosen_point
from dfsrt.study.layers.starts import all_points, greedy_way, spread
from dfsrt.study.layers.words import layers_text

DEVICE = "rk3576-npu"


@pytest.fixture(scope="module")
def two_layers(tmp_path_factory):
    """A file of two matrices with a Relu between them, large enough for their bytes to count."""
    random = np.random.default_rng(5)
    stored = [
        numpy_helper.from_array(random.normal(size=shape).astype(np.float32) / 16, name)
        for name, shape in (("first", (256, 512)), ("second", (512, 64)))
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "first"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "second"], ["y"]),
    ]
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size])
        for name, size in (("x", 256), ("y", 64))
    )
    graph = helper.make_graph(nodes, "two", [x], [y], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path_factory.mktemp("two") / "two.onnx"
    onnx.save(model, path)
    return path


def search_of(path, **said):
    plain = {"options": "8/4", "maps": ("8",), "samples": 8, "refit": False, "trials": 4}
    return LayerSearch(source=str(path), data="random", run={"device": DEVICE}, **{**plain, **said})


@pytest.fixture(scope="module")
def done(two_layers, tmp_path_factory):
    return search_layers(search_of(two_layers), tmp_path_factory.mktemp("out"), workers=1)


def brute_force(path, data):
    """Energy and signal to error of every point, by the steps' own names, and those not beaten."""
    model, points = onnx.load(path), {}
    for first, second in itertools.product("84", "84"):
        *_, last = apply_steps(model, parse_steps(f"layers:weights={first}/{second}"), data)
        report = dfsrt.run(from_onnx_model(last.model, "two"), device=DEVICE).report
        joules = report.energy_by_domain_j.total / report.frames
        points[first + "/" + second] = (joules, fidelity(model, last.model, data).sqnr_db)
    return {
        name: (joules, db)
        for name, (joules, db) in points.items()
        if not any(
            other != (joules, db) and other[0] <= joules and other[1] >= db
            for other in points.values()
        )
    }


def test_the_front_of_a_small_space_is_that_of_brute_force(done, two_layers):
    best = brute_force(two_layers, done.bench.data)
    front = {"/".join(p.weights.values()): (p.energy_j, p.sqnr_db) for p in done.report.pareto}
    assert done.report.exhaustive
    assert front.keys() == best.keys()
    assert all(front[name] == pytest.approx(best[name]) for name in best)
    assert len(front) > 2


def test_the_chosen_model_is_the_one_that_was_measured(done, tmp_path):
    done.save(tmp_path / "small.onnx")
    report = dfsrt.run(tmp_path / "small.onnx", device=DEVICE).report
    chosen = done.report.chosen
    assert report.energy_by_domain_j.total / report.frames == pytest.approx(chosen.energy_j)
    left = fidelity(onnx.load(done.bench.search.source), done.model(), done.bench.data)
    assert left.sqnr_db == pytest.approx(chosen.sqnr_db)


def test_sizes_that_a_file_leaves_open_are_said_once(two_layers, tmp_path):
    model = onnx.load(two_layers)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.save(model, tmp_path / "open.onnx")
    search = search_of(tmp_path / "open.onnx")
    bench = Bench(replace(search, run={**search.run, "dims": {"batch": 1}}))
    assert bench.network(bench.model).macs == 256 * 512 + 512 * 64


def test_files_say_the_same_as_the_report(done, tmp_path):
    rows = list(csv.DictReader(io.StringIO(done.to_csv().decode())))
    assert [int(row["trial"]) for row in rows] == [p.trial for p in done.points]
    front = {p.trial for p in done.report.pareto}
    assert {int(row["trial"]) for row in rows if row["pareto"] == "true"} == front
    assert json.loads(done.to_json())["chosen"]["trial"] == done.report.chosen.trial
    done.save_page(tmp_path / "page.html")
    done.save_figure(tmp_path / "front.svg")
    page = (tmp_path / "page.html").read_text()
    assert done.report.chosen.steps in page
    assert f"{done.report.chosen.sqnr_db:.1f} dB" in page
    assert "sqnr_db" not in page


def test_a_finished_search_is_read_back_and_tries_nothing_again(two_layers, tmp_path, monkeypatch):
    search = search_of(two_layers, trials=3)
    first = search_layers(search, tmp_path, workers=1)

    def never(_task):
        raise AssertionError("tried again")

    monkeypatch.setattr(session, "evaluate_layers", never)
    assert search_layers(search, tmp_path, workers=1).to_json() == first.to_json()
    with pytest.raises(InputError, match="begun with another study"):
        search_layers(search_of(two_layers, trials=5), tmp_path, workers=1)


def test_the_cheapest_point_that_keeps_so_much_is_chosen(done, two_layers, tmp_path):
    front = done.report.pareto
    wanted = (front[0].sqnr_db + front[1].sqnr_db) / 2
    again = search_layers(search_of(two_layers), at_least=wanted, workers=1)
    assert again.report.chosen.weights == front[1].weights
    with pytest.raises(InputError, match="no point keeps sqnr_db of 150"):
        search_layers(search_of(two_layers), at_least=150, workers=1)


def test_bits_that_save_nothing_that_a_meter_tells_cost_no_answers(done):
    point = done.report.pareto[0]
    alike, apart = (
        [msgspec.structs.replace(point, energy_j=e, sqnr_db=db) for e, db in pairs]
        for pairs in (
            [(0.995, 10), (0.999, 21), (1, 25), (1.4, 26)],
            [(0.4, 10), (0.5, 24), (1, 25)],
        )
    )
    assert chosen_point(alike, "sqnr_db", None, 1.0) == alike[2]
    assert chosen_point(apart, "sqnr_db", None, 1.0) == apart[1]
    assert len(list(choice_notes(alike, None, 1.0))) == 1 and not [*choice_notes(apart, None, 1.0)]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"fidelity": "beauty"}, "unknown fidelity 'beauty'"),
        ({"options": "8/7"}, "'7' is no choice for a layer's weights"),
        ({"trials": 0}, "trials 0 are out of range"),
    ],
)
def test_what_cannot_be_searched_is_one_clear_line(said, says):
    with pytest.raises(InputError, match=says):
        search_of("two.onnx", **said)


def test_a_network_of_sizes_and_data_without_labels_are_refused(two_layers):
    with pytest.raises(InputError, match="has sizes alone"):
        search_layers(LayerSearch(source="squeezenet"), workers=1)
    with pytest.raises(InputError, match="needs labels"):
        search_layers(search_of(two_layers, fidelity="accuracy"), workers=1)


WIDE, NARROW, SPARSE = map(parse_choice, ("8", "4", "4x0.5"))


def test_the_greedy_way_takes_the_least_noise_for_each_bit_saved():
    # By hand: 4 bits save 400 and 4,000 bits; half of them with a mask 1 more of 4 stay: 3 bits.
    noises = [{WIDE: 0.0, NARROW: 0.04, SPARSE: 0.09}, {WIDE: 0.0, NARROW: 0.1, SPARSE: 0.9}]
    way = greedy_way([100, 1000], noises)
    # 0.04 / 400 = 1e-4 against 0.1 / 4000 = 2.5e-5; then 1e-4 against 0.8 / 1000 = 8e-4;
    # then 0.05 / 100 = 5e-4 against 8e-4.
    assert way == [(WIDE, WIDE), (WIDE, NARROW), (NARROW, NARROW), (SPARSE, NARROW),
                   (SPARSE, SPARSE)]  # fmt: skip


def test_points_of_a_way_are_spread_evenly_with_both_ends():
    way = [(WIDE,)] * 3 + [(NARROW,)] * 2
    assert spread(way, 9) == way
    assert spread(way, 2) == [way[0], way[-1]]


def test_choices_of_many_layers_are_counted():
    assert layers_text(["8", "4"]) == "8/4"
    assert layers_text(["8"] * 40 + ["4x0.5"]) == "1 in 4x0.5, 40 in 8"


def test_all_points_are_there_while_they_are_few():
    noises = [{WIDE: 0.0, NARROW: 1.0}] * 3
    assert len(set(all_points(noises, 8) or [])) == 8
    assert all_points(noises, 7) is None

"""If, Loop and Scan count what onnxruntime runs of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from dfsrt.base.errors import NetworkError
from dfsrt.cost import cost_network
from dfsrt.device import load_device
from dfsrt.network import Network, from_onnx_model
from dfsrt.network.control import flow
from tests.network.loops import (
    BOOL,
    FLOAT,
    INT64,
    STATE,
    WEIGHT,
    WIDTH,
    body,
    graph,
    looped,
    model,
    multiply,
    node,
    ran,
    stored,
    value,
)  # fmt: skip

MACS = WIDTH * WIDTH
"""Of one product of a state with the weights."""


def read(proto: onnx.ModelProto, **said) -> Network:
    return from_onnx_model(proto, "t", **said)


def refused(proto: onnx.ModelProto, **said) -> str:
    with pytest.raises(NetworkError) as caught:
        read(proto, **said)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def times_of(network: Network, op: str) -> int:
    return sum(layer.times for layer in network.layers if layer.op == op)


# Loops.


def test_a_loop_of_five_passes_is_one_layer_that_runs_five_times(tmp_path):
    proto = looped(body([multiply()]), 5)
    network = read(proto)
    layers = {layer.name: layer for layer in network.layers}
    assert layers["L/mm"].times == 5
    assert network.macs == 5 * MACS == ran(proto, tmp_path)[0]
    assert network.params == MACS
    assert layers["L/mm"].input_bytes == 5 * WIDTH * 4
    assert layers["L/mm"].weight_bytes == MACS * 4


def test_a_million_passes_are_one_layer():
    network = read(looped(body([multiply()]), 1_000_000))
    assert len(network.layers) == 2
    assert network.macs == 1_000_000 * MACS


def test_a_pass_is_launched_and_reads_its_weights_again():
    npu = load_device("rk3588-npu")
    one, many = (
        next(c for c in cost_network(read(looped(body([multiply()]), n)).as_precision("int8"), npu)
             if c.layer.gemms)
        for n in (1, 7)
    )  # fmt: skip
    assert many.launch_ns == 7 * one.launch_ns > 0
    assert many.compute_cycles == 7 * one.compute_cycles > 0
    assert many.dram_bytes == 7 * one.dram_bytes > 0
    assert many.actions == one.actions.times(7)


def test_a_loop_without_a_pass_hands_its_state_on():
    network = read(looped(body([multiply()]), 0))
    assert network.macs == 0
    assert [layer.op for layer in network.layers] == ["Identity"]


def test_a_count_by_a_condition_on_the_number_of_the_pass_is_found(tmp_path):
    proto = looped(
        body([multiply()], condition="Less i nine"), None, more=[stored("nine", np.int64(9))]
    )
    network = read(proto)
    macs, times = ran(proto, tmp_path)
    assert network.macs == macs == 10 * MACS
    assert times_of(network, "Less") == times["Less"] == 10
    assert len(network.layers) < 6


def test_a_count_by_a_condition_on_a_state_that_counts_is_found(tmp_path):
    states = (STATE, value("n", [], INT64))
    nodes = [multiply(), node("Add", "n two", "n_out")]
    proto = looped(
        body(nodes, states, condition="Less n_out limit"), None,
        more=[stored(n, np.int64(v)) for n, v in (("two", 2), ("zero", 0), ("limit", 9))],
        operands="x zero", outputs=[value("n_end", [], INT64)],
    )  # fmt: skip
    assert read(proto).macs == ran(proto, tmp_path)[0] == 5 * MACS


BY_DATA = "Less s k"
SUM = node("ReduceSum", "h_out", "s", keepdims=0)


def by_data(count):
    more = [stored("k", np.float32(9))]
    return looped(body([multiply(), SUM], condition=BY_DATA), count, more=more)


def test_a_count_by_data_is_asked_for_by_the_option_that_then_works():
    asked = refused(by_data(20))
    assert asked.endswith("--trips L=20")
    network = read(by_data(20), trips={"L": 20})
    assert network.macs == 20 * MACS
    assert network.notes == ("Loop 'L' counts 20 passes, as --trips says: data say how many",)
    assert "20 times at most" in refused(by_data(20), trips={"L": 21})
    assert refused(by_data(None)).endswith("--trips L=10")
    assert read(by_data(None), trips={"L": 0}).macs == 0


def test_a_loop_whose_count_nobody_said_is_left_out_where_that_is_asked_for():
    proto = by_data(20)
    proto.graph.node.append(node("Relu", "x", "r"))
    proto.graph.output.append(value("r", [1, 4]))
    network = read(proto, unknown_ops="memory")
    assert [layer.op for layer in network.layers] == ["Relu"]
    assert any(note.endswith("--trips L=20; it is left out") for note in network.notes)
    assert any("1 of 2 nodes (50.0%: 1 Loop)" in note for note in network.notes)
    assert refused(by_data(20), unknown_ops="memory").endswith("--trips L=20")


def test_a_count_that_is_an_input_may_be_set_or_said():
    proto = looped(body([multiply()]), "n", inputs=[value("n", [], INT64)])
    assert refused(proto).endswith("--set n=10 or --trips L=10")
    assert read(proto, values={"n": 6}).macs == 6 * MACS
    assert read(proto, trips={"L": 6}).macs == 6 * MACS
    assert "leave it out" in refused(proto, values={"n": 6}, trips={"L": 6})


def test_trips_of_a_loop_that_is_not_there_or_needs_none_are_refused():
    assert "no Loop 'M'" in refused(by_data(20), trips={"L": 2, "M": 3})
    assert "runs 5 times" in refused(looped(body([multiply()]), 5), trips={"L": 5})
    assert "whole number" in refused(by_data(20), trips={"L": -1})


GROWING = (value("h", ["n", WIDTH]),)
GROW = [node("Concat", "h x", "h_out", axis=0), multiply("h_out", "z"), node("ReduceMax", "z", "r")]


def grown(count, opset=17):
    return looped(body(GROW, GROWING, [value("r", None, FLOAT)]), count, outputs=[value("r", None)])


def test_a_state_that_grows_is_counted_pass_by_pass(tmp_path):
    network = read(grown(10))
    macs, times = ran(grown(10), tmp_path)
    assert network.macs == macs == MACS * sum(range(2, 12))
    assert network.params == MACS
    assert times_of(network, "MatMul") == times["MatMul"] == 10


@pytest.mark.parametrize("count", [1_001, 5_000, 100_000])
def test_of_many_passes_that_grow_some_stand_for_all_and_the_sum_is_exact(count):
    network = read(grown(count))
    assert network.macs == MACS * (count * (count + 3) // 2)
    assert times_of(network, "MatMul") == count
    assert len(network.layers) < 100
    assert f"of its {count:,} passes" in network.notes[0]


def test_what_grows_by_no_rule_is_refused_where_it_is_too_much():
    doubling = [node("Concat", "h h", "h_out", axis=0)]
    proto = looped(body(doubling, GROWING), 50_000)
    assert "more than can be counted" in refused(proto)


def test_what_passes_stack_has_an_axis_for_the_passes(tmp_path):
    scans = [value("part", [1, WIDTH])]
    nodes = [multiply(), node("Relu", "h_out", "part")]
    inner = body(nodes, scans=scans)
    proto = looped(inner, 6, outputs=[value("parts", [None, 1, WIDTH])])
    proto.graph.node.append(node("MatMul", "parts W", "after", "last"))
    proto.graph.output.append(value("after", None))
    network = read(proto)
    assert network.macs == ran(proto, tmp_path)[0] == 12 * MACS
    last = next(layer for layer in network.layers if layer.name == "last")
    assert last.inputs[0].shape == (6, 1, WIDTH)
    assert last.times == 1


def test_weights_that_go_round_as_a_state_stay_weights(tmp_path):
    states = (STATE, value("w", [WIDTH, WIDTH]))
    nodes = [node("MatMul", "h w", "h_out", "mm"), node("Identity", "w", "w_out")]
    proto = looped(body(nodes, states), 3, operands="x W", outputs=[value("w_end", None)])
    network = read(proto)
    assert network.macs == ran(proto, tmp_path)[0]
    assert network.params == MACS
    assert next(a for a in network.layers if a.gemms).weight_bytes == MACS * 4


def test_a_state_that_starts_from_zeros_is_no_constant(tmp_path):
    zeros = stored("zeros", np.zeros((1, WIDTH), np.float32))
    proto = looped(body([multiply()]), 4, operands="zeros", more=[zeros])
    proto.graph.node.append(node("Add", "y x", "both"))
    proto.graph.output.append(value("both", None))
    assert read(proto).macs == ran(proto, tmp_path)[0] == 4 * MACS


# Scans.


def scanned(length, *, axes=None):
    nodes = [
        multiply(),
        node("Add", "h_out part", "sum"),
        node("Tanh", "sum", "h_end"),
        node("Identity", "h_end", "o"),
    ]
    row = [1, WIDTH]
    inner = graph(nodes, [STATE, value("part", row)], [value("h_end", row), value("o", row)])
    shape = [length, 1, WIDTH] if axes is None else [1, length, WIDTH]
    extra = {} if axes is None else {"scan_input_axes": [axes], "scan_output_axes": [axes]}
    scan = node("Scan", "x many", "y seq", "S", body=inner, num_scan_inputs=1, **extra)
    last = node("MatMul", "seq W", "after", "last")
    return model(
        [scan, last], [value("x", [1, WIDTH]), value("many", shape)],
        [value("y", None), value("after", None)], [WEIGHT],
    )  # fmt: skip


@pytest.mark.parametrize("axes", [None, 1, -2])
def test_a_scan_runs_as_often_as_its_axis_is_long(tmp_path, axes):
    proto = scanned(7, axes=axes)
    many = np.zeros([7, 1, WIDTH] if axes is None else [1, 7, WIDTH], np.float32)
    macs, times = ran(proto, tmp_path, many=many)
    network = read(proto)
    assert network.macs == macs == 14 * MACS
    assert times_of(network, "MatMul") == times["MatMul"]


def test_a_scan_along_an_open_axis_takes_its_size():
    proto = scanned("t")
    assert refused(proto).endswith("--dim t=1")
    assert read(proto, dims={"t": 300}).macs == 600 * MACS


def test_a_scan_reads_a_part_of_its_operand_in_each_pass():
    network = read(scanned(7))
    add = next(a for a in network.layers if "S/mm" in a.nodes)
    assert add.input_bytes == 7 * 2 * WIDTH * 4


# Branches.


def products(count: int, name: str) -> onnx.GraphProto:
    names = ["x", *(f"{name}{i}" for i in range(count))]
    nodes = [multiply(a, b, f"{name}_{b}") for a, b in pairwise(names)]
    nodes += [] if count else [node("Relu", "x", f"{name}r")]
    return graph(nodes, [], [value(names[-1] if count else f"{name}r", [1, WIDTH])])


def branched(then: int, otherwise: int, kind: int = INT64):
    nodes = [
        node("Equal", "sr k", "is"),
        node("If", "is", "y", "choice", then_branch=products(then, "t"),
             else_branch=products(otherwise, "e")),
    ]  # fmt: skip
    return model(
        nodes, [value("x", [1, WIDTH]), value("sr", [], kind)], [value("y", None)],
        [WEIGHT, stored("k", np.int64(16000))],
    )  # fmt: skip


def test_a_value_decides_a_branch_as_it_does_in_onnxruntime(tmp_path):
    for sr in (16000, 8000):
        macs, _ = ran(branched(2, 1), tmp_path, sr=np.int64(sr))
        network = read(branched(2, 1), values={"sr": sr})
        assert network.macs == macs
        assert network.notes == ()
        assert network.inputs == ("x",)


@pytest.mark.parametrize(("then", "otherwise", "taken"), [(2, 1, 2), (1, 3, 3), (1, 1, 1)])
def test_a_branch_by_data_is_the_larger_and_the_notes_say_so(then, otherwise, taken):
    network = read(branched(then, otherwise))
    assert network.macs == taken * MACS
    (note,) = network.notes
    assert "If 'choice' depends on data (on input sr)" in note
    assert "--set sr=VALUE decides it" in note


def test_branch_names_the_one_that_is_taken():
    assert read(branched(2, 1), branch="else").macs == MACS
    assert read(branched(1, 2), branch="then").macs == MACS
    assert "as --branch says" in read(branched(1, 2), branch="then").notes[0]
    assert "use one of larger, then, else" in refused(branched(1, 2), branch="both")


def test_of_many_branches_by_data_three_are_told_one_by_one():
    nodes, name = [], "x"
    for i in range(9):
        branches = {
            f"{b}_branch": graph([node("Relu", name, f"{b}{i}")], [], [value(f"{b}{i}", None)])
            for b in ("then", "else")
        }
        nodes.append(node("If", "is", f"y{i}", f"if{i}", **branches))
        name = f"y{i}"
    network = read(model(nodes, [value("x", [1, 2]), value("is", [], BOOL)], [value(name, None)]))
    assert len(network.notes) == 4
    assert network.notes[-1].startswith("6 more Ifs depend on data")


# One in another, outer tensors, functions.


def nest(kind: str, depth: int, count: int) -> onnx.ModelProto:
    """Loops or Ifs in each other, the innermost a product of tensors from the very outside."""
    nodes = [multiply("x", f"out{depth}", "mm")]
    for level in range(depth, 0, -1):
        made = value(f"out{level}", [1, WIDTH])
        if kind == "If":
            branches = {
                "then_branch": graph(nodes, [], [made]),
                "else_branch": graph(
                    [node("Relu", "x", f"r{level}")], [], [value(f"r{level}", [1, WIDTH])]
                ),
            }
            nodes = [node("If", "yes", f"out{level - 1}", f"N{level}", **branches)]
            continue
        inner = graph(
            [*nodes, node("Identity", "c", "c_out")],
            [value("i", [], INT64), value("c", [], BOOL), value(f"s{level}", [1, WIDTH])],
            [value("c_out", [], BOOL), made],
        )
        nodes = [node("Loop", "M - x", f"out{level - 1}", f"N{level}", body=inner)]
    return model(
        nodes, [value("x", [1, WIDTH]), value("yes", [], BOOL)], [value("out0", None)],
        [WEIGHT, stored("M", np.int64(count))],
    )  # fmt: skip


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_loops_in_loops_multiply_and_read_outer_tensors(tmp_path, depth):
    proto = nest("Loop", depth, 3)
    macs, _ = ran(proto, tmp_path, yes=np.bool_(True))
    assert read(proto).macs == macs == 3**depth * MACS


def test_branches_in_branches_are_read_in_time_that_does_not_double():
    network = read(nest("If", 12, 1))
    assert network.macs == MACS
    assert len(network.notes) == 4


def test_trips_of_an_inner_loop_are_said_by_its_place():
    more = [stored("k", np.float32(9))]
    inner = body([multiply("g", "h_out"), SUM], (value("g", [1, WIDTH]),), condition=BY_DATA)
    inner.output[1].name = "h_out"
    loop = node("Loop", "- - h", "h_end", "inner", body=inner)
    outer = graph(
        [loop, node("Identity", "c", "c_out")],
        [value("i", [], INT64), value("c", [], BOOL), STATE],
        [value("c_out", [], BOOL), value("h_end", None)],
    )
    proto = looped(outer, 4, more=more)
    assert refused(proto).endswith("--trips 'L/inner'=10")
    assert read(proto, trips={"L/inner": 5}).macs == 20 * MACS


def test_local_functions_in_a_body_are_written_out(tmp_path):
    function = helper.make_function(
        "own", "Twice", ["a", "w"], ["b"],
        [node("MatMul", "a w", "m"), node("MatMul", "m w", "b")], [helper.make_opsetid("", 17)],
    )  # fmt: skip
    call = helper.make_node("Twice", ["h", "W"], ["h_out"], domain="own")
    proto = looped(body([call]), 5)
    proto.functions.append(function)
    assert read(proto).macs == ran(proto, tmp_path)[0] == 10 * MACS


@pytest.mark.parametrize("count", [4, 4_000])
def test_a_branch_on_the_number_of_the_pass_is_taken_where_it_may_be_known(tmp_path, count):
    branches = {
        "then_branch": graph([multiply("h", "a")], [], [value("a", None)]),
        "else_branch": graph([node("Relu", "h", "b")], [], [value("b", None)]),
    }
    nodes = [node("Equal", "i zero", "is"), node("If", "is", "h_out", "first", **branches)]
    proto = looped(body(nodes), count, more=[stored("zero", np.int64(0))])
    network = read(proto)
    if count == 4:
        assert network.macs == ran(proto, tmp_path)[0] == MACS
        assert network.notes == ()
    else:
        assert network.macs == count * MACS
        assert "If 'L/first' depends on data" in network.notes[0]


def test_a_sequence_map_is_refused_with_what_to_do():
    inner = graph([node("Relu", "a", "b")], [value("a", [2])], [value("b", [2])])
    proto = model(
        [node("SequenceMap", "x", "y", "map", body=inner)], [value("x", [2])], [value("y", None)]
    )
    assert "export the network with a Loop" in refused(proto)


# Against onnxruntime, and against the same written out by hand.


@dataclass(frozen=True)
class Drawn:
    count: int
    products: int
    grows: bool
    guard: str | None
    inner: int
    parity: bool


@st.composite
def drawn(draw) -> Drawn:
    whole = st.integers(0, 5)
    guard = draw(st.sampled_from([None, "Less i limit"]))
    return Drawn(
        draw(whole), draw(st.integers(1, 2)), draw(st.booleans()), guard, draw(st.integers(0, 3)),
        draw(st.booleans()),
    )  # fmt: skip


def drawn_model(d: Drawn) -> onnx.ModelProto:
    names = ["h", *(f"p{i}" for i in range(d.products))]
    nodes = [multiply(a, b, f"mm{b}") for a, b in pairwise(names)]
    last = names[-1]
    if d.inner:
        state = (value("g", [None, WIDTH]),)
        step = body([multiply("g", "g_out", "in")], state, condition="Identity kc", own="k")
        nodes.append(node("Loop", f"inner - {last}", "looped", "K", body=step))
        last = "looped"
    if d.parity:
        odd = {
            "then_branch": graph([node("Relu", last, "t")], [], [value("t", None)]),
            "else_branch": graph([multiply(last, "e", "odd")], [], [value("e", None)]),
        }
        nodes += [node("Less", "i two", "is"), node("If", "is", "chosen", "Q", **odd)]
        last = "chosen"
    more = (
        [node("Concat", f"{last} x", "h_out", axis=0)] if d.grows else [node("Tanh", last, "h_out")]
    )
    condition = d.guard or "Identity c"
    constants = [stored(n, np.int64(v)) for n, v in (("limit", 2), ("two", 2), ("inner", d.inner))]
    state = value("h", [None if d.grows else 1, WIDTH])
    return looped(body([*nodes, *more], (state,), condition=condition), d.count, more=constants)


@settings(max_examples=40, deadline=None)
@given(drawn())
def test_any_loop_counts_what_onnxruntime_runs(tmp_path_factory, d):
    proto = drawn_model(d)
    macs, times = ran(proto, tmp_path_factory.mktemp("ort"))
    for fuse in (False, True):
        assert read(proto, fuse=fuse).macs == macs
    raw = read(proto, fuse=False)
    for op in ("MatMul", "Tanh", "Concat"):
        assert times_of(raw, op) == times[op]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 6), st.integers(1, 3))
def test_a_loop_moves_the_bytes_of_its_passes_written_out_by_hand(count, wide):
    proto = looped(body([multiply()]), count)
    names = ["x", *(f"s{i}" for i in range(count))]
    chain = [multiply(a, b, b) for a, b in pairwise(names)]
    by_hand = read(model(chain, [value("x", [1, WIDTH])], [value(names[-1], None)], [WEIGHT]))
    network = read(proto)
    assert network.macs == by_hand.macs
    assert sum(a.moved_bytes for a in network.layers) == sum(a.moved_bytes for a in by_hand.layers)
    assert network.params == by_hand.params


# Bad files.


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda n: n.ClearField("attribute"), "has no body"),
        (lambda n: n.attribute[0].g.input.pop(0), "do not fit its operands"),
        (lambda n: n.attribute[0].g.output.pop(), "do not fit its operands"),
        (lambda n: n.output.append("more"), "do not fit its operands"),
    ],
)
def test_a_loop_that_makes_no_sense_is_one_line(change, says):
    proto = looped(body([multiply()]), 5)
    change(proto.graph.node[0])
    assert says in refused(proto)


def test_a_scan_along_an_axis_that_is_not_there_is_one_line():
    proto = scanned(7, axes=1)
    proto.graph.node[0].attribute.pop()
    for attribute in proto.graph.node[0].attribute:
        if attribute.name == "scan_input_axes":
            attribute.ints[:] = [5]
    assert "axis 5" in refused(proto)


def test_mutated_loops_are_read_or_refused_in_one_line():
    rng = np.random.default_rng(45)
    seeds = [
        p.SerializeToString() for p in (grown(3), scanned(4), branched(1, 2), nest("Loop", 2, 2))
    ]
    for _ in range(300):
        data = bytearray(seeds[rng.integers(len(seeds))])
        for place in rng.integers(len(data), size=rng.integers(1, 4)):
            data[place] = rng.integers(256)
        proto = onnx.ModelProto()
        try:
            proto.ParseFromString(bytes(data))
        except Exception:
            continue
        try:
            read(proto, trips={}, unknown_ops=rng.choice(["error", "memory"]))
        except NetworkError as error:
            assert "\n" not in str(error)


def test_loops_too_deep_in_each_other_to_be_written_out_end_in_one_line(monkeypatch):
    """Each level hangs on the number of its pass, so that passes would multiply."""
    monkeypatch.setattr(flow, "MAX_VISITS", 2_000)
    nodes, last = [multiply("x", "o", "mm")], "o"
    for level in range(12):
        branches = {
            "then_branch": graph([node("Relu", last, f"t{level}")], [], [value(f"t{level}", None)]),
            "else_branch": graph([multiply(last, f"e{level}")], [], [value(f"e{level}", None)]),
        }
        state, done = f"s{level}", f"g{level}_out"
        nodes += [
            node("Equal", f"i{level} zero", f"is{level}"),
            node("If", f"is{level}", f"c{level}", f"Q{level}", **branches),
            node("Identity", f"g{level}", done),
            node("Concat", f"{state} c{level}", f"{state}_out", axis=0),
        ]
        inner = graph(
            nodes,
            [value(f"i{level}", [], INT64), value(f"g{level}", [], BOOL), value(state, None)],
            [value(done, [], BOOL), value(f"{state}_out", None)],
        )
        last = f"n{level}"
        nodes = [node("Loop", "M - x", last, f"L{level}", body=inner)]
    constants = [WEIGHT, stored("M", np.int64(3)), stored("zero", np.int64(0))]
    proto = model(nodes, [value("x", [1, WIDTH])], [value(last, None)], constants)
    assert "loops and branches in each other come to more than 2,000 nodes" in refused(proto)

"""Measured times of layers: what a capture says, and which layer takes it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.cost.times import MeasuredTimes, TimedRow, load_times, match_times
from dfsrt.network import Kind, from_onnx_model, load_network
from tests.network.builders import Builder, runnable

HZ = 10**9


def write(folder: Path, rows, **columns) -> str:
    """A capture of (run, node, nodes, nanoseconds) as 'dfsrt capture' lays it out."""
    folder.mkdir(exist_ok=True)
    run, node, nodes, took = zip(*rows, strict=True)
    table = {
        "run": pa.array(run, pa.int32()),
        "node": pa.array(node).dictionary_encode(),
        "op": pa.array(["Op"] * len(rows)).dictionary_encode(),
        "start_ns": pa.array(range(len(rows)), pa.int64()),
        "duration_ns": pa.array(took, pa.int64()),
        "nodes": pa.array(nodes, pa.list_(pa.string())),
    }
    kept = {k: v for k, v in {**table, **columns}.items() if v is not None}
    pq.write_table(pa.table(kept), folder / "layers.parquet")
    return f"capture:{folder}"


def small():
    """A convolution with its activation, a view, a pool and a product, and what a shape takes."""
    b = Builder()
    x = b.op(
        "Relu", b.op("Conv", b.input("x", [1, 4, 8, 8]), b.weight(4, 4, 3, 3), name="c"), name="r"
    )
    y = b.op("MaxPool", x, kernel_shape=[2, 2], name="p")
    shape = b.op("Shape", y, name="s")
    flat = b.op(
        "Reshape",
        y,
        b.op(
            "Concat",
            b.op("Slice", shape, b.const([0]), b.const([1]), name="sl"),
            b.const([-1]),
            axis=0,
            name="k",
        ),
        name="v",
    )
    return from_onnx_model(
        runnable(b.model(b.op("MatMul", flat, b.weight(100, 5), name="m"))), "small"
    )


def per_layer(network, times, at_hz=HZ):
    """Each running layer's time by name, the model's own times taken to be 1 each."""
    running = [layer for layer in network.layers if layer.kind is not Kind.VIEW]
    matched = match_times(times, network, at_hz)
    ns = matched.per_layer(np.ones(len(running)))
    return dict(zip([layer.name for layer in running], ns.tolist(), strict=True))


def measured(*rows, own=True, kind="capture"):
    return MeasuredTimes(
        kind, "f", "0" * 64, tuple(TimedRow((n,) if n else (), ns) for n, ns in rows), own_nodes=own
    )


def test_the_small_network_is_what_the_cases_take_it_for():
    network = small()
    assert [layer.nodes for layer in network.layers] == [("c", "r"), ("p", "v"), ("m",)]
    assert network.named.settled == ("s", "sl", "k")


def test_a_capture_worked_by_hand(tmp_path):
    """Two runs: means are 35, 5, 20, 1, 1, 1, 2 and 40 us. The convolution has its activation's
    time; shapes count with the layer of the row after them, whose view 'v' is the pool's."""
    us = {"c": (30, 40), "r": (4, 6), "p": (20, 20), "s": (1, 1), "sl": (0, 2), "k": (1, 1),
          "v": (2, 2), "m": (50, 30)}  # fmt: skip
    rows = [(run, n, [n], t[run] * 1000) for run in (0, 1) for n, t in us.items()]
    times = load_times(write(tmp_path / "cap", rows))
    assert times.total_ns == 105_000
    assert len(times.rows) == 8
    assert per_layer(small(), times) == {"c": 40_000, "p": 25_000, "m": 40_000}
    assert match_times(times, small(), HZ).with_next == 3


def test_a_kernel_of_several_layers_is_shared_as_the_models_own_times_are():
    times = measured(("c", 10.0), ("p", 1.0), ("m", 1.0))
    joint = TimedRow(("p", "m"), 90.0)
    matched = match_times(
        MeasuredTimes("capture", "f", "0" * 64, (times.rows[0], joint), own_nodes=True), small(), HZ
    )
    assert matched.per_layer(np.array([7.0, 2.0, 1.0])).tolist() == pytest.approx([10, 60, 30])
    assert matched.per_layer(np.array([7.0, 0.0, 0.0])).tolist() == [10, 45, 45]


def test_what_nobody_maps_counts_with_the_next_layer_and_at_the_end_with_the_last():
    times = measured(("c", 10.0), ("", 3.0), ("p", 1.0), ("m", 1.0), ("", 0.5), ("k", 0.25))
    assert per_layer(small(), times) == {"c": 10, "p": 4, "m": 1.75}


def test_layers_without_a_row_are_left_to_the_model():
    ns = per_layer(small(), measured(("c", 10.0), ("m", 1.0)))
    assert (ns["c"], ns["m"]) == (10, 1)
    assert math.isnan(ns["p"])


def test_other_tools_rows_go_by_name_with_their_own_steps_or_in_order():
    tool = {"own": False, "kind": "tool"}
    rows = (("in", 5.0), ("c", 10.0), ("p", 2.0), ("copy", 1.0), ("m", 1.0), ("out", 4.0))
    assert per_layer(small(), measured(*rows, **tool)) == {"c": 15, "p": 2, "m": 6}
    rows = (("1", 10.0), ("2", 2.0), ("3", 1.0))
    assert per_layer(small(), measured(*rows, **tool)) == {"c": 10, "p": 2, "m": 1}
    assert match_times(measured(*rows, **tool), small(), HZ).how == "in order"
    with pytest.raises(InputError, match="in order one for each of 3 layers"):
        match_times(measured(*rows[:2], **tool), small(), HZ)
    with pytest.raises(InputError, match="give layer times of this network"):
        match_times(measured(("m", 1.0), ("2", 2.0), ("3", 1.0), **tool), small(), HZ)


def test_a_tools_layer_with_products_that_the_network_lacks_is_no_step_of_the_tools_own():
    rows = [TimedRow((n,), 1.0) for n in "cpm"]
    for stranger in (TimedRow(("c2",), 1.0, op="ConvRelu"), TimedRow(("c2",), 1.0, macs=9)):
        times = MeasuredTimes("tool", "f", "0" * 64, (*rows, stranger))
        with pytest.raises(InputError, match="1 belong to none, 'c2' first"):
            match_times(times, small(), HZ)


def test_a_slash_and_an_underline_are_the_same_where_that_tells_layers_apart():
    b = Builder()
    y = b.op("MatMul", b.input("x", [2, 4]), b.weight(4, 4), name="a/b")
    b.op("MatMul", y, b.weight(4, 4), name="a/c")
    network = from_onnx_model(runnable(b.model("matmul_4")), "n")
    assert per_layer(network, measured(("a_b", 1.0), ("a/c", 2.0))) == {"a/b": 1, "a/c": 2}


@pytest.mark.parametrize("optimized", [False, True])
@given(data=st.data())
def test_no_nanosecond_is_lost_and_none_comes_to_it(optimized, data):
    """A naive walk: whatever kernels there are, and whatever they cover, their times add up."""
    network = data.draw(st.sampled_from([load_network("squeezenet"), small()]))
    shapes = [n for n in network.named.settled if n not in network.named.constant]
    nodes = [n for layer in network.layers for n in layer.nodes] + shapes
    rows = []
    while nodes:
        many = data.draw(st.integers(1, 3)) if optimized else 1
        rows.append(TimedRow(tuple(nodes[:many]), data.draw(st.integers(0, 10**9)) * 1.0))
        nodes = nodes[many:]
    times = MeasuredTimes("capture", "f", "0" * 64, tuple(rows), own_nodes=True)
    running = [layer for layer in network.layers if layer.kind is not Kind.VIEW]
    model = np.array(
        data.draw(st.lists(st.integers(0, 9), min_size=len(running), max_size=len(running)))
    )
    ns = match_times(times, network, HZ).per_layer(model * 1.0)
    assert not np.isnan(ns).any()
    assert math.fsum(ns) == pytest.approx(math.fsum(r.time_ns for r in rows), rel=1e-12, abs=1e-6)
    assert ns.min() >= 0


def oracle(network, rows):
    """Each running layer's time by plain loops over (nodes, time): one layer a row, in order."""
    owner = {}
    for layer in network.layers:
        for node in layer.nodes:
            owner[node] = layer
    took, waiting, last = {}, 0.0, None
    for node, time in rows:
        layer = owner.get(node)
        if layer is None or layer.kind == "view":
            waiting += time
            continue
        took[layer.name] = took.get(layer.name, 0.0) + waiting + time
        waiting, last = 0.0, layer.name
    took[last] += waiting
    return took


@given(st.lists(st.integers(0, 10**6), min_size=66, max_size=66))
def test_a_plain_loop_gives_every_layer_the_same_time(times):
    network = load_network("squeezenet")
    order = sorted((n for a in network.layers for n in a.nodes), key=lambda n: int(n[1:]))
    rows = list(zip(order, map(float, times), strict=True))
    assert per_layer(network, measured(*rows)) == pytest.approx(oracle(network, rows))


GOOD = [(0, n, [n], 1000) for n in ("c", "r", "p", "v", "m")]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"duration_ns": pa.array([1, 2, None, 4, 5])}, "node 'p' of run 0 has no time"),
        ({"duration_ns": pa.array([1, -2, 3, 4, 5])}, "node 'r' of run 0 has a time of -2 ns"),
        ({"duration_ns": pa.array([1, 2, 3, math.nan, 5])}, "'v' of run 0 has a time of nan"),
        ({"duration_ns": pa.array([1, 2, 3, 4, 2 * 10**15])}, "allowed is 0 to 10"),
        ({"duration_ns": pa.array(["a", "b", "c", "d", "e"])}, "cannot be read"),
        ({"nodes": pa.array([1, 2, 3, 4, 5])}, "column nodes holds no lists of texts"),
        ({"node": pa.array([1, 2, 3, 4, 5])}, "column node holds no texts"),
        ({"run": pa.array([0, 0, None, 0, 0])}, "column run is not all whole numbers"),
        ({"start_ns": pa.array(["a"] * 5)}, "column start_ns is not all whole numbers"),
        ({"nodes": None}, "lacks the column nodes"),
    ],
)
def test_a_broken_capture_is_one_line(tmp_path, columns, says):
    with pytest.raises(InputError, match=says) as caught:
        load_times(write(tmp_path / "cap", GOOD, **columns))
    assert "\n" not in str(caught.value)


def test_what_is_no_capture_is_refused(tmp_path):
    (tmp_path / "layers.parquet").write_bytes(b"PAR1 cut short")
    (tmp_path / "a.csv").write_text("a,b")
    (tmp_path / "empty").mkdir()
    whole = write(tmp_path / "cap", GOOD)
    file = Path(whole.partition(":")[2]) / "layers.parquet"
    (tmp_path / "cut.parquet").write_bytes(file.read_bytes()[:-40])
    pq.write_table(pq.read_table(file).slice(0, 0), tmp_path / "none.parquet")
    for text, says in {
        "here": "that is not KIND:FILE; write it like 'capture:FOLDER'",
        "capture:": "that is not KIND:FILE",
        "captures:x": "did you mean 'capture'",
        f"capture:{tmp_path / 'nowhere'}": "does not exist",
        f"capture:{tmp_path / 'empty'}": "has no layers.parquet",
        f"capture:{tmp_path / 'a.csv'}": "is no Parquet file",
        f"capture:{tmp_path}": "cannot be read",
        f"capture:{tmp_path / 'cut.parquet'}": "cannot be read",
        f"capture:{tmp_path / 'none.parquet'}": "has 0 rows",
    }.items():
        with pytest.raises(InputError, match=says) as caught:
            load_times(text)
        assert "\n" not in str(caught.value)


def test_times_of_another_network_are_refused_with_both_counts_and_first_names(tmp_path):
    times = load_times(write(tmp_path / "cap", GOOD))
    with pytest.raises(InputError) as caught:
        match_times(times, load_network("squeezenet"), HZ)
    said = str(caught.value)
    assert "has 5 layers (c, r, p, ...) and 'squeezenet' has 26 with products (n0, n3, n5" in said
    assert "0 of them of one name; 5 belong to none, 'c' first" in said
    with pytest.raises(InputError, match="1 belong to none, 'ghost' first"):
        match_times(measured(("c", 1.0), ("m", 1.0), ("ghost", 1.0)), small(), HZ)
    with pytest.raises(InputError, match="1 of them of one name; give layer times of this"):
        match_times(measured(("c", 1.0)), small(), HZ)
    with pytest.raises(InputError, match="no time in any of its 1 rows"):
        match_times(MeasuredTimes("t", "f", "", (TimedRow(("c",), None),)), small(), HZ)


def test_a_small_file_of_gigabytes_of_names_takes_little_memory(tmp_path):
    """1,000,000 rows of one name of 100 kB: 100 GB, were each row to have its own."""
    name, rows = "n" * 100_000, 1_000_000
    once = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([name]))
    ones = pa.ListArray.from_arrays(np.arange(rows + 1, dtype=np.int32), once)
    table = {
        "run": np.zeros(rows, np.int32), "node": once, "op": once,
        "start_ns": np.arange(rows), "duration_ns": np.ones(rows, np.int64), "nodes": ones,
    }  # fmt: skip
    pq.write_table(pa.table(table), tmp_path / "layers.parquet")
    (row,) = load_times(f"capture:{tmp_path}").rows
    assert (row.names, row.time_ns) == ((name,), rows)

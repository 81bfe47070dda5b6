"""Cycles from other simulators' reports, in the forms that those simulators write."""

from __future__ import annotations

import json
import math
from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.cost import cost_network
from dfsrt.cost.cycles import load_cycles, match
from dfsrt.network import Network, load_network
from dfsrt.report.api import Job
from tests.network.builders import Builder, runnable

V2 = "LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n"
V3 = V2.replace("Total Cycles", "Total Cycles (incl. prefetch), Total Cycles", 1)
MAESTRO = (
    "Neural Network Name, Layer Number, NumPEs, Runtime (Cycles), "
    "Activity count-based Energy (nJ), Throughput (MACs/Cycle), Num MACs, "
    "Compute Delay (Min), Compute Delay (Min), Compute Delay (Avg)\n"
)
PRODUCTS = ["n0", "n4", "n8", "n10", "n12", "n16", "n19", "n22"]
"""Alexnet's layers with products, by name."""


def scalesim(path: Path, cycles, stalls=None, head: str = V2) -> str:
    extra = "9, " if "incl." in head else ""
    rows = [
        f"{i}, {extra}{c}, {s}, 9.9, 100.0, 9.8,\n"
        for i, (c, s) in enumerate(zip(cycles, stalls or [0] * len(cycles), strict=True))
    ]
    path.write_text(head + "".join(rows))
    return f"scalesim:{path}"


def maestro(path: Path, rows) -> str:
    path.write_text(
        MAESTRO + "".join(f"net,{n},256,{c},1.5e+08,36.7,99, 1, 2, 3\n" for n, c in rows)
    )
    return f"maestro:{path}"


def zigzag_layer(name: str, onload: float, compute: float, offload: float) -> dict:
    latency = {"data_onloading": onload, "computation": compute, "data_offloading": offload}
    return {
        "outputs": {"energy": {"energy_total": 1.0}, "latency": latency, "spatial": {}},
        "inputs": {"accelerator": {"name": "a"}, "layer": {"name": name, "type": "Conv"}},
    }


def array_cycles(network, cycles) -> dict[str, int]:
    npu = dfsrt.load_device("systolic-128")
    told = match(load_cycles(cycles), network)
    ours = cost_network(network, npu)
    theirs = cost_network(network, npu, array=told.cycles)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.dram_bytes, a.actions, a.overhead_cycles) == (
            b.dram_bytes,
            b.actions,
            b.overhead_cycles,
        )
        if not a.layer.gemms:
            assert a.compute_cycles == b.compute_cycles
    return {c.layer.name: c.compute_cycles for c in theirs if c.layer.gemms}


@pytest.fixture(scope="module")
def alexnet():
    return load_network("alexnet").as_precision("int8")


@pytest.mark.parametrize("head", [V2, V3])
def test_scalesims_rows_go_to_the_layers_with_products_in_order(alexnet, tmp_path, head):
    cycles = [100_000 + i for i in range(8)]
    told = scalesim(tmp_path / "C.csv", cycles, head=head)
    assert array_cycles(alexnet, told) == dict(zip(PRODUCTS, cycles, strict=True))


def test_scalesims_stalls_are_left_to_dfsrts_own_memory_model(alexnet, tmp_path):
    told = scalesim(tmp_path / "C.csv", [500_000] * 8, stalls=[200_000] * 8)
    assert set(array_cycles(alexnet, told).values()) == {300_000}


def test_maestros_rows_go_by_name_and_extra_rows_are_left_over(alexnet, tmp_path):
    rows = [(name, 70_000 + i) for i, name in enumerate(reversed(PRODUCTS))]
    told = maestro(tmp_path / "m.csv", [("CONV1_Residual", 5), *rows])
    assert array_cycles(alexnet, told) == dict(rows)
    assert match(load_cycles(told), alexnet).how == "by name"


def test_zigzags_latency_is_loading_computing_and_unloading(alexnet, tmp_path):
    for place in (10, 9, 2, 1, 3, 4, 5, 6, 7):
        layer = zigzag_layer(f"L{place}", 11.0, 1000.0 * place, 2.5)
        (tmp_path / f"net_LayerNode_{place}_complete.json").write_text(json.dumps(layer))
    (tmp_path / "net_LayerNode_10_complete.json").unlink()
    (tmp_path / "net_LayerNode_2_complete.json").unlink()
    ten = zigzag_layer("L10", 1.0, 7.0, 2.0)
    (tmp_path / "net_LayerNode_10_complete.json").write_text(json.dumps(ten))
    (tmp_path / "net_overall_complete.json").write_text('{"outputs": {}}')
    (tmp_path / "net_LayerNode_1_simple.json").write_text('{"energy": 1, "latency": 1}')
    found = load_cycles(f"zigzag:{tmp_path}").rows
    # Numbers in names count by size, not by letter; broken cycles are rounded up.
    assert [(r.name, r.cycles) for r in found] == [
        *((f"L{i}", math.ceil(1000 * i + 13.5)) for i in (1, 3, 4, 5, 6, 7, 9)),
        ("L10", 10),
    ]
    assert match(load_cycles(f"zigzag:{tmp_path}"), alexnet).how == "in order"


def test_zigzags_simple_results_and_lists_are_read(tmp_path):
    (tmp_path / "a_conv_simple.json").write_text('{"energy": 852721.8, "latency": 2708}')
    (row,) = load_cycles(f"zigzag:{tmp_path}").rows
    assert (row.name, row.cycles) == ("a_conv", 2708)
    many = tmp_path / "all.json"
    many.write_text(json.dumps([zigzag_layer("a", 0, 5, 0), zigzag_layer("b", 1, 6, 1)]))
    assert [(r.name, r.cycles) for r in load_cycles(f"zigzag:{many}").rows] == [("a", 5), ("b", 8)]


def test_a_row_named_like_a_node_inside_a_layer_is_that_layers(alexnet, tmp_path):
    inside = [next(a.nodes[-1] for a in alexnet.layers if a.name == name) for name in PRODUCTS]
    assert inside != PRODUCTS
    rows = [(name, 60_000 + i) for i, name in enumerate(inside)]
    told = maestro(tmp_path / "m.csv", rows)
    assert list(array_cycles(alexnet, told).values()) == [c for _, c in rows]


def test_a_run_worked_by_hand(tmp_path):
    """Products of 500,000 told cycles: 1 ms at 500 MHz, whatever dfsrt's own array would take.

    systolic-128 has an ideal memory and no launch: a layer's time is its cycles over the clock.
    The report's cycles hold its fill, so nothing is added to them.
    """
    told = scalesim(tmp_path / "C.csv", [500_000] * 8)
    table = Job("alexnet", device="systolic-128", cycles=told).table
    plain = Job("alexnet", device="systolic-128").table
    level = table.npu.opps.freqs_hz.index(500_000_000)
    times = dict(zip(table.load.names, table.duration_ns[:, level].tolist(), strict=True))
    others = dict(zip(plain.load.names, plain.duration_ns[:, level].tolist(), strict=True))
    for name, time in times.items():
        assert time == (1_000_000 if name in PRODUCTS else others[name])


def test_dfsrts_own_array_cycles_as_a_report_change_nothing(tmp_path):
    """Feeding back what dfsrt counts gives the same run, energy included, to the last bit."""
    job = Job("alexnet", device="mdla", frames=2)
    from dfsrt.device.engines.systolic import array_cycles as on_array

    mine = [
        sum(on_array(g, job.npu.array, layer.precision) for g in layer.gemms)
        for layer in job.job.deployment.network().layers
        if layer.gemms
    ]
    told = Job("alexnet", device="mdla", frames=2, cycles=scalesim(tmp_path / "C.csv", mine))
    first, second = job.run().report, told.run().report
    assert (first.time_s, first.energy_j) == (second.time_s, second.energy_j)
    assert first.cycles is None
    assert second.cycles == f"scalesim:{tmp_path / 'C.csv'}"


@given(st.lists(st.integers(1, 10**9), min_size=8, max_size=8))
def test_more_told_cycles_never_make_a_faster_layer(alexnet, cycles):
    npu = dfsrt.load_device("mdla")
    network = alexnet
    places = [i for i, a in enumerate(network.layers) if a.gemms]
    told: list[int | None] = [None] * len(network.layers)
    for place, count in zip(places, cycles, strict=True):
        told[place] = count
    first = cost_network(network, npu, array=told)
    second = cost_network(network, npu, array=[None if c is None else c + 1 for c in told])
    for place, count in zip(places, cycles, strict=True):
        assert first[place].compute_cycles >= count
        assert second[place].compute_cycles >= first[place].compute_cycles


def test_scalesims_own_report_of_squeezenet_is_one_cycle_off_dfsrts_array_in_every_layer():
    """SCALE-Sim 3.0.0, 128 x 128 weight-stationary; it reports the last cycle, counted from 0."""
    report = Path(__file__).parents[2] / "docs" / "examples" / "scalesim_squeezenet_128.csv"
    network = load_network("squeezenet").as_precision("int8")
    theirs = [row.cycles for row in load_cycles(f"scalesim:{report}").rows]
    costs = cost_network(network, dfsrt.load_device("systolic-128"))
    ours = [c.compute_cycles for c in costs if c.layer.gemms]
    assert ours == [cycles + 1 for cycles in theirs]


def test_reports_say_where_the_cycles_come_from(dfsrt, tmp_path):
    told = scalesim(tmp_path / "C.csv", [10] * 8)
    done = dfsrt("run", "alexnet", "-d", "mdla", "--cycles", told, "--json", "r.json")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["cycles"] == told
    assert "matched in order" in done.stdout
    assert any("energy are counted by dfsrt" in note for note in report["notes"])
    assert any("larger array" in note for note in report["notes"])
    done = dfsrt("layers", "alexnet", "-d", "mdla", "--cycles", told, "--json", "-")
    layers = json.loads(done.stdout)
    assert layers["cycles"] == told
    assert layers["notes"]
    done = dfsrt("compare", "alexnet", "-d", "mdla", "-g", "dfs", "--cycles", told)
    assert "note: the array's cycles of 8 layers come from scalesim:" in done.stdout
    assert dfsrt("layers", "alexnet", "--cycles", told).returncode == 2


def test_a_report_of_another_network_is_one_error_with_both_counts_and_first_names(tmp_path):
    job = Job("alexnet", device="mdla", cycles=scalesim(tmp_path / "C.csv", [1] * 54))
    with pytest.raises(InputError) as caught:
        _ = job.table
    text = str(caught.value)
    assert "54 layers (0, 1, 2, ...)" in text
    assert "8 with products (n0, n4, n8, ...)" in text
    assert "\n" not in text


def test_names_that_contradict_the_order_are_refused(alexnet, tmp_path):
    names = ["n4", "n0", *(f"other{i}" for i in range(6))]
    told = maestro(tmp_path / "m.csv", [(name, 5) for name in names])
    with pytest.raises(InputError, match="2 of them of one name"):
        match(load_cycles(told), alexnet)
    fits = maestro(tmp_path / "m.csv", [(n, 5) for n in ["n0", "n4", *names[2:]]])
    assert match(load_cycles(fits), alexnet).how == "in order"


def test_a_name_that_several_rows_share_is_not_matched_by_name(alexnet, tmp_path):
    told = maestro(tmp_path / "m.csv", [*((name, 5) for name in PRODUCTS), ("n0", 6)])
    with pytest.raises(InputError, match="has 9 layers"):
        match(load_cycles(told), alexnet)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "0 bytes"),
        (b"\xff\xfe\x00junk", "no CSV report"),
        (b"a,b,c\n1,2,3\n", "lacks LayerID, Total Cycles, Stall Cycles"),
        (V2.encode(), "names no layer"),
        (V2.encode() + b"0, 5", "line 2: no value"),
        (V2.encode() + b"0, many, 0, 1, 1, 1,\n", "'many' is no number of cycles"),
        (V2.encode() + b"0, -5, 0, 1, 1, 1,\n", "no number of cycles"),
        (V2.encode() + b"0, nan, 0, 1, 1, 1,\n", "no number of cycles"),
        (V2.encode() + b"0, 1e300, 0, 1, 1, 1,\n", "no number of cycles"),
        (V2.encode() + b"0, 5, 6, 1, 1, 1,\n", "6 stall cycles of 5"),
        (V2.encode() + b"1, 5, 0, 1, 1, 1,\n", "layer 0 should come here"),
    ],
)
def test_broken_scalesim_reports_are_one_clear_error(tmp_path, content, told):
    path = tmp_path / "C.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=told) as caught:
        load_cycles(f"scalesim:{path}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "no result of ZigZag"),
        (b"[1, 2]", "no result of ZigZag"),
        (b"{}", "neither outputs.latency nor latency"),
        (b'{"latency": "x"}', "no result of ZigZag"),
        (b'{"latency": -1}', "no number of cycles"),
        (b"[]", "names no layer"),
        (b"\xff\xff", "no result of ZigZag"),
    ],
)
def test_broken_zigzag_results_are_one_clear_error(tmp_path, content, told):
    path = tmp_path / "z.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        load_cycles(f"zigzag:{path}")


def test_what_is_no_report_at_all_is_said_plainly(tmp_path):
    for text, told in (
        ("report.csv", "that is not KIND:FILE"),
        ("scalesim:", "that is not KIND:FILE"),
        ("scalsim:x.csv", "did you mean 'scalesim'"),
        (f"scalesim:{tmp_path / 'none.csv'}", "does not exist"),
        (f"maestro:{tmp_path}", "is a folder"),
        (f"zigzag:{tmp_path}", "no \\*_complete.json"),
    ):
        with pytest.raises(InputError, match=told):
            load_cycles(text)


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(InputError, match="has 1,073,741,824 bytes"):
        load_cycles(f"scalesim:{path}")


def exported_names(tmp_path) -> Network:
    """A network with names as torch exports them, in an order that is not the alphabet's."""
    b = Builder()
    x = b.op("MatMul", b.input("x", [4, 8]), b.weight(8, 16), name="/stem/MatMul")
    y = b.op("MatMul", x, b.weight(16, 4), name="/body/MatMul")
    onnx.save(runnable(b.model(y)), tmp_path / "net.onnx")
    return load_network(tmp_path / "net.onnx")


def test_zigzags_file_names_belong_to_layers_with_slashes_in_their_names(tmp_path):
    network = exported_names(tmp_path)
    for name, cycles in (("_stem_MatMul", 900), ("_body_MatMul", 70)):
        (tmp_path / f"{name}_simple.json").write_text(json.dumps({"energy": 1, "latency": cycles}))
    told = match(load_cycles(f"zigzag:{tmp_path}"), network)
    assert told.how == "by name"
    given = zip(network.layers, told.cycles, strict=True)
    assert {a.name: c for a, c in given if c is not None} == {
        "/stem/MatMul": 900,
        "/body/MatMul": 70,
    }


@pytest.mark.parametrize("names", [("fc", "conv"), ("b2_conv1", "b1_conv2"), ("conv1", "fc2")])
def test_files_whose_names_tell_no_order_are_never_matched_in_order(tmp_path, names):
    network = exported_names(tmp_path)
    for name in names:
        (tmp_path / f"{name}_simple.json").write_text('{"energy": 1, "latency": 5}')
    with pytest.raises(InputError, match=r"2 with products .*tell no order"):
        match(load_cycles(f"zigzag:{tmp_path}"), network)


def test_files_that_only_count_up_are_matched_in_order(tmp_path):
    network = exported_names(tmp_path)
    for place, cycles in ((2, 5), (11, 6)):
        file = tmp_path / f"net18_LayerNode_{place}_simple.json"
        file.write_text(json.dumps({"energy": 1, "latency": cycles}))
    told = match(load_cycles(f"zigzag:{tmp_path}"), network)
    assert (told.how, [c for c in told.cycles if c is not None]) == ("in order", [5, 6])

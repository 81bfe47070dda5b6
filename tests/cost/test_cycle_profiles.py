"""Cycles of products out of the profiles of NPUs' own compilers: rknn-toolkit2's and Vela's."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.cost import cost_network
from dfsrt.cost.cycles import load_cycles, match
from dfsrt.network import load_network
from dfsrt.report.api import Job

PRODUCTS = ["n0", "n4", "n8", "n10", "n12", "n16", "n19", "n22"]
"""Alexnet's layers with products, by name."""
RKNN = (
    "ID OpType DataType Target InputShape OutputShape Cycles(DDR/NPU/Total) Time(us) MacUsage(%)"
    " WorkLoad(0/1/2) RW(KB) FullName\n"
)
VELA = (
    "TFLite_operator,NNG Operator,SRAM Usage,Peak%,Op Cycles,Network%,NPU,SRAM AC,DRAM AC,"
    "OnFlash AC,OffFlash AC,MAC Count,Network%,Util%,Name\n"
)


def rknn(path, rows) -> str:
    """A profile with a row ``(operator, name, NPU cycles)`` each."""
    lines = [
        f"{n} {op} INT8 {'CPU' if op.endswith('Operator') else 'NPU'} (1,3,8,8) (1,4,8,8) "
        f"9/{cycles}/{cycles + 9} 5 \\ 100.0%/0.0%/0.0% 1 {op[:4]}:{name}\n"
        for n, (op, name, cycles) in enumerate(rows, start=1)
    ]
    total = f"Total Operator Elapsed Per Frame Time(us): {5 * len(lines)}\n"
    path.write_text(RKNN + "".join(lines) + total)
    return f"rknn:{path}"


def vela(path, rows) -> str:
    """A table with a row ``(operator, name, NPU cycles)`` each; memory takes twice as long."""
    share = 100 / len(rows)
    path.write_text(
        VELA
        + "".join(
            f"{op},{op},9,1,{2 * cycles}.0,{share},{cycles}.0,7.0,0.0,0.0,0.0,64,{share},9,{name}\n"
            for op, name, cycles in rows
        )
    )
    return f"vela:{path}"


def cycles_of(network, text) -> dict[str, int]:
    matched = match(load_cycles(text), network)
    pairs = zip(network.layers, matched.cycles, strict=True)
    return {layer.name: cycles for layer, cycles in pairs if cycles is not None}


@pytest.fixture(scope="module")
def alexnet():
    return load_network("alexnet").as_precision("int8")


def test_the_npus_cycles_reach_the_layers_by_name_and_ddrs_do_not(alexnet, tmp_path):
    rows = [("ConvRelu", name, 1000 + i) for i, name in enumerate(PRODUCTS)]
    extra = [("InputOperator", "data", 0), ("MaxPool", "n2", 0), ("OutputOperator", "prob", 0)]
    text = rknn(tmp_path / "p.txt", [*extra, *reversed(rows)])
    assert cycles_of(alexnet, text) == {name: 1000 + i for i, name in enumerate(PRODUCTS)}


def test_fused_operators_and_names_that_the_compiler_rewrote_are_known(alexnet, tmp_path):
    suffixes = ["", "_rs", "_tp_rs", "_nc4", "_2conv", "_mm", "_i1", "_expand0"]
    ops = ["ConvExSwish", "ConvReluAdd", "ConvClip", "Conv", "exConv", "exMatMul", "MatMul", "Gemm"]
    names = [name + suffix for name, suffix in zip(PRODUCTS, suffixes, strict=True)]
    rows = [(op, name, 7 + i) for i, (op, name) in enumerate(zip(ops, names, strict=True))]
    matched = match(load_cycles(rknn(tmp_path / "p.txt", rows)), alexnet)
    assert matched.how == "by name"
    assert [c for c in matched.cycles if c is not None] == list(range(7, 15))


def test_a_name_as_it_stands_counts_before_one_that_it_may_stand_for(alexnet, tmp_path):
    """'n4_rs' could be n4, which has a row of its own; so it is nobody's."""
    rows = [("Conv", name, 50 + i) for i, name in enumerate(PRODUCTS)]
    text = rknn(tmp_path / "p.txt", [("Conv", "n4_rs", 99), *rows])
    assert cycles_of(alexnet, text)["n4"] == 51


def test_names_of_another_file_go_by_order_where_the_count_fits(alexnet, tmp_path):
    rows = [("Conv", f"x{i}", 30 + i) for i in range(8)]
    pool = ("MaxPool", "pool", 0)
    matched = match(load_cycles(rknn(tmp_path / "p.txt", [rows[0], pool, *rows[1:]])), alexnet)
    assert matched.how == "in order"
    assert [c for c in matched.cycles if c is not None] == list(range(30, 38))


def test_velas_rows_are_the_npus_cycles_of_products_alone(alexnet, tmp_path):
    rows = [("CONV_2D", f"a/Relu;a/{name}", 40 + i) for i, name in enumerate(PRODUCTS[:5])]
    rows += [("FULLY_CONNECTED", name, 45 + i) for i, name in enumerate(PRODUCTS[5:])]
    # a part of a joined name is known by itself, so that 'n0' stands apart
    rows = [(op, name.replace("a/n", "n"), cycles) for op, name, cycles in rows]
    text = vela(tmp_path / "v.csv", [*rows, ("MAX_POOL_2D", "n2", 900), ("SOFTMAX", "s", 9)])
    assert cycles_of(alexnet, text) == {name: 40 + i for i, name in enumerate(PRODUCTS)}


def test_a_row_named_by_a_layers_output_is_that_layers(alexnet, tmp_path):
    outputs = {layer.name: layer.outputs[0].name for layer in alexnet.layers}
    rows = [("CONV_2D", outputs[name], 60 + i) for i, name in enumerate(PRODUCTS)]
    text = vela(tmp_path / "v.csv", rows[::-1])
    assert cycles_of(alexnet, text) == {name: 60 + i for i, name in enumerate(PRODUCTS)}


@pytest.mark.parametrize("device", ["systolic-128", "rk3588-npu"])
def test_a_profiles_cycles_stand_in_for_every_engines_own(alexnet, tmp_path, device):
    text = rknn(tmp_path / "p.txt", [("Conv", name, 10**6) for name in PRODUCTS])
    npu = dfsrt.load_device(device)
    matched = match(load_cycles(text), alexnet)
    costs = cost_network(alexnet, npu, array=matched.cycles)
    assert all(c.compute_cycles >= 10**6 for c in costs if c.layer.gemms)
    ours = cost_network(alexnet, npu)
    assert [c.dram_bytes for c in costs] == [c.dram_bytes for c in ours]


def test_a_run_says_where_its_cycles_come_from(tmp_path):
    text = rknn(tmp_path / "p.txt", [("Conv", name, 10**6) for name in PRODUCTS])
    notes = Job("alexnet", device="mdla", cycles=text).run().report.notes
    assert any("8 layers come from rknn:" in note and "by name" in note for note in notes)


def test_what_has_no_cycles_of_products_is_refused(tmp_path):
    built = rknn(tmp_path / "built.txt", [("Conv", "a", 0), ("Conv", "b", 0)])
    with pytest.raises(InputError, match="has no cycles of layers with products, none of 2 rows"):
        load_cycles(built)
    with pytest.raises(InputError, match="does not exist"):
        load_cycles(f"vela:{tmp_path / 'none.csv'}")
    (tmp_path / "cut.csv").write_text(VELA + "CONV_2D,CONV_2D,9,1")
    with pytest.raises(InputError, match="cut short"):
        load_cycles(f"vela:{tmp_path / 'cut.csv'}")


def test_a_profile_of_another_network_is_refused_with_both_counts(alexnet, tmp_path):
    text = rknn(tmp_path / "p.txt", [("Conv", f"x{i}", 5) for i in range(7)])
    with pytest.raises(InputError, match=r"has 7 layers .* 'alexnet' has 8 with products"):
        match(load_cycles(text), alexnet)

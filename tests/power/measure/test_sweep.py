"""Made-up layers and the probes of networks."""

from __future__ import annotations

import pytest

from dfsrt.network import load_network
from dfsrt.network.layer import Kind
from dfsrt.network.probe import make_probe, network_probes
from dfsrt.network.reading import Reading
from dfsrt.power.measure.choose import make_bench
from dfsrt.power.measure.plan import Plan
from dfsrt.power.measure.session import measure_all
from dfsrt.power.measure.sweep import FAMILIES, MOST_ELEMENTS, MOST_MACS, sweep_probes
from dfsrt.power.measure.torch_ops import OPERATORS
from dfsrt.power.measure.wanted import Wanted


def test_probes_of_a_network_are_its_unfused_layers():
    layers = [a for a in load_network("resnet50", fuse=False).layers if a.kind is not Kind.VIEW]
    probes = network_probes("resnet50")
    assert [p.layer for p in probes] == layers
    assert probes[0].attributes["strides"] == [2, 2]
    assert set(probes[0].operands) == {t.name for t in (*layers[0].inputs, *layers[0].weights)}


def test_a_made_probe_has_the_products_that_its_shapes_say():
    probe = make_probe(
        "c", "Conv", [(8, 64, 56, 56), (128, 64, 3, 3)], "float16", pads=[1] * 4, strides=[2, 2]
    )
    (product,) = probe.layer.gemms
    assert (product.m, product.k, product.n) == (8 * 28 * 28, 64 * 9, 128)
    assert probe.as_type("bfloat16").layer.outputs[0].dtype == "bfloat16"


def test_the_sweep_fills_every_family_within_its_limits():
    found = list(sweep_probes(300, 5, "float16"))
    assert {family for family, _ in found} == {f.name for f in FAMILIES}
    for _, probe in found:
        tensors = (*probe.layer.inputs, *probe.layer.outputs)
        assert max(t.elements for t in tensors) <= 2 * MOST_ELEMENTS
        assert probe.layer.macs <= MOST_MACS
        assert probe.layer.op in OPERATORS


def test_sizes_of_the_sweep_spread_over_decades():
    macs = sorted(p.layer.macs for _, p in sweep_probes(300, 5, "float16") if p.layer.macs)
    assert macs[len(macs) // 10] < 1e8 < 1e10 < macs[-len(macs) // 10]


def test_a_longer_sweep_holds_the_shorter_ones_layers():
    few = {repr(p) for _, p in sweep_probes(100, 5, "float16")}
    many = {repr(p) for _, p in sweep_probes(200, 5, "float16")}
    assert few <= many


def test_a_plan_repeats_a_few_layers_in_every_part():
    plan = Plan(["alexnet"], {"float16": 1.0}, per_network=20, sweep=150, seed=3)
    parts = [plan.subjects(i, 2) for i in range(2)]
    repeated = [{s.probe.layer for s in part if s.repeat} for part in parts]
    assert repeated[0] == repeated[1] != set()
    assert len({s.key for part in parts for s in part}) >= sum(map(len, parts)) - 6


def test_each_shape_of_a_network_is_taken_once():
    plan = Plan(["vgg19"], {"float16": 1.0}, per_network=1000, sweep=0, seed=3)
    taken = [s.probe.layer for s in plan.subjects() if not s.repeat]
    assert 10 < len(taken) < len(network_probes("vgg19"))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_every_family_makes_every_type(dtype):
    assert all(p.layer.outputs[0].dtype == dtype for _, p in sweep_probes(40, 1, dtype))


def test_an_earlier_file_is_measured_again_layer_by_layer(tmp_path):
    bench = make_bench(Wanted(device="rk3588-npu", networks=(), sweep=6, points=1))
    measure_all(bench.subjects(), bench.open_meter(), tmp_path / "s.parquet")
    first = {s.probe.layer for s in bench.subjects()}
    again = make_bench(Wanted(device="nvidia", sweep=0, like=str(tmp_path / "s.parquet")))
    assert {s.probe.layer for s in again.subjects()} == first


def test_layers_of_a_built_network_are_probes_at_the_sizes_asked_for():
    probes = network_probes("mobilenetv2:image=96", batch=2)
    first = probes[0].layer
    assert (first.op, first.inputs[0].shape) == ("Conv", (2, 3, 96, 96))
    assert len(probes) > 60
    sized = Reading(dims={"image": 512})  # which a text encoder has not
    assert len(network_probes("sd2-text-encoder", sized, batch=1)) > 100

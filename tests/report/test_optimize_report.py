"""``dfsrt.optimize`` from Python: verdicts, rates, layers, and transforms of one's own."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

import dfsrt
from dfsrt.base.errors import InputError, NetworkError, OutputError
from dfsrt.network.load import from_onnx_model
from dfsrt.optimize import Calibration
from dfsrt.report.optimize.schema import StepChange
from dfsrt.report.optimize.verdict import THRESHOLD, trade, verdict
from tests.helpers.small_nets import conv_net, save

DATA = Calibration(
    tuple({"x": np.full((1, 3, 8, 8), v, np.float32)} for v in (0.1, 0.5, 0.9)),
    "three grey pictures",
    labels=np.array([0, 1, 2]),
)


def changed(latency=0.0, energy=0.0, file=0.0, stored=0.0, dram=0.0):
    return StepChange(
        latency=latency, energy=energy, file_bytes=file, stored_bytes=stored, dram_bytes=dram
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed(latency=-0.2, energy=-0.3, file=-0.5), "speed"),
        (changed(latency=-0.009, energy=-0.02), "energy only"),
        (changed(energy=-0.009, stored=-0.4), "bytes only"),
        (changed(dram=-0.1), "bytes only"),
        (changed(file=None, stored=-0.011), "bytes only"),
        (changed(latency=0.009, energy=0.009, file=-0.009), "no effect"),
        (changed(file=0.5), "no effect"),
        (changed(latency=0.05, energy=-0.5, file=-0.5), "slower"),
        (changed(energy=0.05, file=-0.5), "more energy"),
    ],
)
def test_a_verdict_is_the_first_difference_that_counts(change, says):
    assert verdict(change) == says


SHARES = st.floats(-0.99, 5)


@given(SHARES, SHARES, SHARES, SHARES, SHARES)
def test_no_speed_is_promised_without_less_time(latency, energy, file, stored, dram):
    says = verdict(changed(latency, energy, file, stored, dram))
    assert (says == "speed") == (latency <= -THRESHOLD)
    if says == "bytes only":
        assert min(file, stored, dram) <= -THRESHOLD
        assert max(abs(latency), abs(energy)) < THRESHOLD


@dataclass(frozen=True)
class Nothing:
    """Leaves a model as it is."""

    name = "nothing"

    def apply(self, model, data):
        copy = type(model)()
        copy.CopyFrom(model)
        return copy


@dataclass(frozen=True)
class Half:
    """Takes the second convolution's outputs down to half, and what reads them."""

    name = "half"

    def apply(self, model, data):
        from onnx import numpy_helper

        copy = Nothing().apply(model, data)
        for tensor in copy.graph.initializer:
            array = numpy_helper.to_array(tensor)
            if tensor.name == "w2":
                tensor.CopyFrom(numpy_helper.from_array(array[:16].copy(), "w2"))
            if tensor.name == "w3":
                tensor.CopyFrom(numpy_helper.from_array(array[:, :16].copy(), "w3"))
        return copy


def test_a_step_that_does_nothing_has_no_effect():
    done = dfsrt.optimize(conv_net(), [Nothing()], DATA, cap="0.2 W")
    given, after = done.report.rows
    assert after.verdict == "no effect"
    same = ("weight_bytes", "stored_bytes", "dram_bytes", "macs", "latency_s", "energy_j")
    assert [getattr(after, name) for name in same] == [getattr(given, name) for name in same]
    assert after.fidelity.same == after.fidelity.cosine == 1.0
    assert after.fidelity.sqnr_db is None


def test_weights_in_branches_which_no_step_changes_are_said():
    model = conv_net()
    *others, conv, mean, flat, classes = model.graph.node
    branch = helper.make_graph([conv], "then", [], [helper.make_empty_tensor_value_info("c")])
    late = helper.make_node("If", ["on"], ["c"], "late", then_branch=branch, else_branch=branch)
    del model.graph.node[:]
    model.graph.node.extend([*others, late, mean, flat, classes])
    model.graph.initializer.append(helper.make_tensor("on", TensorProto.BOOL, [], [True]))
    notes = dfsrt.optimize(model, "prune:ratio=0.5", DATA).report.notes
    assert any(n.startswith("weights of 2 products inside If 'late' stay as they") for n in notes)
    assert not any(
        "inside" in n for n in dfsrt.optimize(conv_net(), [Nothing()], DATA).report.notes
    )


def test_a_step_that_halves_a_layer_halves_its_arithmetic_and_bytes():
    done = dfsrt.optimize(conv_net(), [Half()], DATA, per_layer=True)
    given, after = done.report.rows
    macs = {"first": 64 * 16 * 27, "second": 64 * 32 * 144, "classes": 4 * 32}
    assert given.macs == sum(macs.values())
    assert after.macs == macs["first"] + (macs["second"] + macs["classes"]) // 2
    layers = {layer.name: layer for layer in done.report.layers}
    second = layers["second"]
    assert second.after.weight_bytes * 2 == second.before.weight_bytes == 32 * 144 * 4
    assert after.energy_j.total < given.energy_j.total
    for row, side in ((given, "before"), (after, "after")):
        states = [getattr(layer, side) for layer in done.report.layers]
        assert sum(state.energy_j for state in states) == pytest.approx(row.energy_j.total, rel=0.1)
        assert sum(state.macs for state in states) == row.macs


def test_watts_at_the_same_rate_are_those_of_a_run_of_that_period():
    done = dfsrt.optimize(conv_net(), [Half()], DATA, cap="none", governor="performance")
    given, after = done.report.rows
    period_s = 1 / given.fps
    network = from_onnx_model(done.model, "small")
    at_rate = dfsrt.run(
        network, cap="none", governor="performance", period=f"{period_s * 1e9:.0f}ns"
    )
    watts = at_rate.report.energy_by_domain_j.total / at_rate.report.time_s
    assert after.same_rate_power_w.total == pytest.approx(watts, rel=1e-3)
    assert after.same_rate_power_w.total < given.same_rate_power_w.total
    assert given.same_rate_power_w.total == pytest.approx(given.power_w.total, rel=1e-2)


def test_the_report_holds_what_json_and_frames_do():
    done = dfsrt.optimize(conv_net(), "prune:ratio=0.5", DATA)
    assert msgspec.json.decode(done.to_json()) == done.to_dict()
    assert list(done.to_dataframe()["step"]) == [row.step for row in done.report.rows]
    assert "prune" in done._repr_html_()
    assert "small on rk3588-npu" in repr(done)
    assert done.report.data == "three grey pictures"


def test_a_model_in_memory_is_left_as_it_is_and_one_on_disk_too(tmp_path):
    model = conv_net()
    before = model.SerializeToString()
    done = dfsrt.optimize(model, "prune:ratio=0.9", DATA, out=tmp_path / "small.onnx")
    assert model.SerializeToString() == before
    assert (tmp_path / "small.onnx").read_bytes() == done.model.SerializeToString()


def test_a_file_in_fp32_stands_beside_its_run_in_half_precision():
    model = conv_net()
    plain = dfsrt.optimize(model, "int8", DATA).report
    half = dfsrt.optimize(model, "int8", DATA, precision="fp16").report
    assert plain.rows[0].precision == "int8" and half.as_float is None
    assert plain.as_float.precision == half.rows[0].precision == "fp16"
    for name in ("latency_s", "fps", "energy_j", "power_w", "dram_bytes"):
        assert getattr(plain.as_float, name) == getattr(half.rows[0], name)
    assert any("the file's fp32 runs in int8" in note for note in plain.notes)


def test_energy_that_goes_another_way_than_time_is_said():
    assert [*trade(changed(latency=-0.2, energy=0.2))] == ["for 20% more energy a frame"]
    assert [*trade(changed(latency=0.2, energy=-0.05))] == ["for 5% less energy a frame"]
    assert not [*trade(changed(latency=-0.2, energy=-0.2)), *trade(changed(latency=-0.2))]


def test_zeros_too_few_for_the_device_s_numbers_are_said_of_the_step_that_made_them():
    few, many = (
        dfsrt.optimize(conv_net(), f"prune:ratio={ratio}", DATA).report.rows[-1].reasons
        for ratio in (0.1, 0.5)
    )
    assert few == ["zeros in 3 layers: too few to save bytes in 8 bits"]
    assert len(many) == 1 and many[0].startswith("zeros in 3 layers: rk3588-npu does not skip them")


def test_a_device_that_runs_a_file_in_float_has_nothing_beside_it():
    assert (
        dfsrt.optimize(conv_net(), [Nothing()], DATA, device="eyeriss-v1").report.as_float is None
    )


def test_scales_by_channel_that_split_code_books_are_said():
    by = {
        per: dfsrt.optimize("digits", f"share,int8:per={per}", samples=8).report.rows[-1].reasons
        for per in ("channel", "tensor")
    }
    split = [line for line in by["channel"] if "split the code books of 7 layers" in line]
    assert len(split) == 1 and "int8:per=tensor keeps them" in split[0]
    assert not any("code books" in line for line in by["tensor"])


def test_what_python_says_wrongly_is_an_error_that_says_so(tmp_path):
    file = save(conv_net(), tmp_path / "net.onnx")
    for error, source, steps, more in (
        (InputError, 5, "prune", {}),
        (InputError, file, [], {}),
        (InputError, file, "prune", {"period": "1ms"}),
        (InputError, file, "prune", {"perod": "1ms"}),
        (OutputError, file, "prune", {"out": file}),
        (NetworkError, tmp_path / "none.onnx", "prune", {}),
    ):
        with pytest.raises(error):
            dfsrt.optimize(source, steps, DATA, **more)


def test_each_step_and_each_layer_of_a_refit_are_told_as_they_are_done():
    seen = []
    dfsrt.optimize(
        "digits", "prune:nm=2of4:refit", samples=16, on_step=lambda *now: seen.append(now)
    )
    layers = [what for what, _, _ in seen if ", " in what]
    assert seen[0] == ("as given", 0, 2)
    assert seen[-1] == ("prune:nm=2of4:refit", 2, 2)
    assert layers[-1] == f"prune:nm=2of4:refit, {len(layers)} of {len(layers)}"
    assert len(layers) >= 6

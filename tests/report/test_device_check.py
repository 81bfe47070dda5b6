"""A device against measurements: figures, and files that do not fit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.base.tomltext import toml_text
from dfsrt.device import device_names, load_device
from dfsrt.device.profile import read_profile
from dfsrt.device.truth_file import SHELF, USES, read_truth, truth_path
from dfsrt.report.device_check import check_device, rank_correlation
from tests.helpers.cli import dfsrt as command_line

DOCS = Path(__file__).resolve().parents[2] / "docs"
ALEXNET = {
    "network": "alexnet",
    "value": 2.0,
    "unit": "ms",
    "used": "held out",
    "source": "measured for a test",
    "conditions": "none",
}
FASTEST = {"governor": "performance", "power_model": "datasheet"}
HEAD = "op,in_channels,in_h,in_w,out_channels,kernel,groups,out_h,out_w,measured_us"
ROW = "conv+silu,3,8,8,16,3,1,8,8,100"
PROFILE = {"file": "layers.csv", "used": "fitted", "source": "for a test", "conditions": "none"}


@pytest.fixture
def write_truth(tmp_path):
    """Write a truth file with measurements and profiles."""

    def write(measurements=(), profiles=(), device="mdla", rows=(ROW,), columns="", **more):
        (tmp_path / "layers.csv").write_text("\n".join([HEAD + columns, *rows]) + "\n")
        table = {"format": 1, "device": device, "what": "a test", **more}
        table |= {"measurement": list(measurements), "profile": list(profiles)}
        path = tmp_path / "truth.toml"
        path.write_text(toml_text({k: v for k, v in table.items() if v != []}))
        return path

    return write


def entry(truth, device="mdla"):
    (found,) = check_device(device, truth).measurements
    return found


def test_a_time_is_that_of_a_run_at_the_highest_clock(write_truth):
    run = dfsrt.run("alexnet", device="mdla", frames=1, **FASTEST)
    found = entry(write_truth([ALEXNET]))
    assert found.predicted == pytest.approx(run.report.time_s * 1e3, rel=1e-9)
    assert found.error == pytest.approx(found.predicted / 2.0 - 1)
    assert found.freq_hz == load_device("mdla").opps.freqs_hz[-1]


@pytest.mark.parametrize(("unit", "scale"), [("s", 1), ("ms", 1e3), ("us", 1e6)])
def test_units_of_time_are_powers_of_ten(write_truth, unit, scale):
    seconds = entry(write_truth([{**ALEXNET, "unit": "s"}])).predicted
    assert entry(write_truth([{**ALEXNET, "unit": unit}])).predicted == pytest.approx(
        seconds * scale
    )


def test_frames_joules_and_watts_belong_together(write_truth):
    units = ("s", "fps", "J", "mJ", "W")
    s, fps, joules, milli, watts = (
        entry(write_truth([{**ALEXNET, "unit": unit}])).predicted for unit in units
    )
    assert fps * s == pytest.approx(1)
    assert (milli, watts * s) == (pytest.approx(joules * 1e3), pytest.approx(joules))
    run = dfsrt.run("alexnet", device="mdla", frames=1, **FASTEST)
    assert joules == pytest.approx(run.report.energy_by_domain_j.npu, rel=1e-6)


def test_watts_on_several_cores_are_those_of_a_run_on_as_many(write_truth):
    """Clock trees and leakage of all cores in use are in them, not those of one."""
    measured = {**ALEXNET, "network": "squeezenet", "unit": "W", "precision": "int8", "cores": 3}
    found = entry(write_truth([measured], device="rk3588-npu"), "rk3588-npu")
    run = dfsrt.run("squeezenet", device="rk3588-npu:cores=3", frames=1, **FASTEST)
    assert found.predicted == pytest.approx(run.report.power_w.avg, rel=1e-6)


def test_a_clock_a_precision_and_a_batch_are_those_of_the_measurement(write_truth):
    slow = entry(write_truth([{**ALEXNET, "freq_hz": load_device("mdla").opps.freqs_hz[0]}]))
    wide = entry(write_truth([{**ALEXNET, "precision": "fp16"}]))
    plain = entry(write_truth([ALEXNET]))
    assert slow.predicted > plain.predicted
    assert wide.predicted > plain.predicted


def test_errors_are_summed_up_by_use(write_truth):
    base = entry(write_truth([ALEXNET])).predicted
    values = ((base / 1.1, "held out"), (base / 0.7, "held out"), (base, "fitted"))
    truth = write_truth([{**ALEXNET, "value": v, "used": used} for v, used in values])
    by_use = check_device("mdla", truth).by_use
    assert set(by_use) == set(USES)
    held = by_use["held out"]
    assert (held.count, held.mean_error) == (2, pytest.approx(0.2))
    assert held.worst_error == pytest.approx(-0.3)
    assert by_use["fitted"].worst_error == pytest.approx(0)


def test_a_profile_adds_its_overhead_to_every_prediction(write_truth):
    rows = ("conv,64,10,10,64,1,1,10,10,100", "add,16,10,10,16,0,1,10,10,5")
    plain, late = (
        check_device("mdla", write_truth([], [{**PROFILE, "overhead_ns": ns}], rows=rows))
        for ns in (0, 7_000)
    )
    (before,), (after,) = plain.profiles, late.profiles
    assert after.predicted_s - before.predicted_s == pytest.approx(2 * 7e-6)
    assert after.measured_s == pytest.approx(105e-6)
    assert (after.layers, after.overhead_s) == (2, pytest.approx(7e-6))


def powered(write_truth, *rows, columns=",power_w,zero_inputs,zero_weights"):
    truth = write_truth([], [{**PROFILE, "precision": "int8"}], rows=rows, columns=columns)
    return check_device("mdla", truth).profiles[0]


CONV = "conv,64,20,20,64,3,1,20,20,100"


def test_watts_of_a_profile_are_the_plants_by_the_zeros_of_each_row(write_truth):
    """By hand: zeros save zero_gating of what products and registers take, and nothing else."""
    found = powered(write_truth, f"{CONV},0.5,0,0", f"{CONV},0.5,0.5,0.5", f"{CONV},,,")
    full, sparse, dark = found.by_layer
    assert (found.power.count, found.layers) == (2, 3)
    npu = load_device("mdla")
    silicon, volts = npu.silicon, npu.opps.points[-1].rail_uv * 1e-6
    pj = silicon.mac_pj["int8"] + silicon.register_pj_per_mac["int8"]
    saved = 400 * 576 * 64 * pj * 1e-12 * (volts / (silicon.ref_uv * 1e-6)) ** 2
    saved *= silicon.zero_gating * 0.75 * npu.hidden.capacitance_scale / npu.rail.efficiency
    assert full.predicted_s == sparse.predicted_s
    assert (full.predicted_w - sparse.predicted_w) * full.predicted_s == pytest.approx(saved)
    assert (full.measured_w, dark.measured_w, dark.predicted_w) == (0.5, None, None)
    errors = [row.predicted_w / row.measured_w - 1 for row in (full, sparse)]
    assert found.power.mean_error == pytest.approx(np.abs(errors).mean())


def test_without_zeros_watts_are_those_of_the_mean_activity(write_truth):
    (row,) = powered(write_truth, f"{CONV},0.5", columns=",power_w").by_layer
    share = load_device("mdla").hidden.activity_mean
    (same,) = powered(
        write_truth, f"{CONV},0.5,{1 - share}", columns=",power_w,zero_inputs"
    ).by_layer
    gating = load_device("mdla").silicon.zero_gating
    assert row.predicted_w != same.predicted_w or gating == 1
    assert powered(write_truth, f"{CONV}", columns="").power is None


def test_a_batch_makes_maps_and_products_larger_and_weights_not(write_truth):
    from dfsrt.device.profile import profile_network

    write_truth([], [PROFILE], rows=(f"{CONV},3", CONV + ","), columns=",batch")
    folder = write_truth([], [PROFILE], rows=(f"{CONV},3", CONV + ","), columns=",batch").parent
    three, one = profile_network(read_profile(folder / "layers.csv"), "p").layers
    assert (three.macs, three.input_bytes, three.output_bytes) == (
        3 * one.macs,
        3 * one.input_bytes,
        3 * one.output_bytes,
    )
    assert three.weight_bytes == one.weight_bytes


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"{CONV},0,,", "line 2: power_w is 0.0; give watts above 0, or nothing"),
        (f"{CONV},nan,,", "line 2: power_w is nan; give watts above 0, or nothing"),
        (f"{CONV},1,1.5,", "line 2: zero_inputs is 1.5; allowed is 0 to 1"),
        (f"{CONV},1,,-0.1", "line 2: zero_weights is -0.1; allowed is 0 to 1"),
        (f"{CONV},much,,", "line 2: "),
    ],
)
def test_watts_and_zeros_that_do_not_fit_are_one_line(write_truth, row, message):
    with pytest.raises(InputError) as error:
        powered(write_truth, row)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_layers_of_a_profile_are_what_its_rows_say(write_truth):
    rows = (
        "conv+silu,4,10,10,16,3,2,8,8,1",
        "concat,48,4,4,48,0,1,4,4,1",
        "resize,8,4,4,8,0,1,8,8,1",
        "maxpool,8,8,8,8,5,8,8,8,1",
    )
    write_truth([], [PROFILE], rows=rows)
    from dfsrt.device.profile import profile_network

    folder = write_truth([], [PROFILE], rows=rows).parent
    conv, concat, resize, pool = profile_network(read_profile(folder / "layers.csv"), "p").layers
    assert (conv.macs, conv.joined, conv.fused_ops) == (64 * 18 * 16, ("Sigmoid", "Mul"), 5 * 1024)
    assert conv.weights[0].shape == (16, 2, 3, 3)
    assert (concat.input_bytes, concat.output_bytes, concat.vector_ops) == (768, 768, 0)
    assert (resize.vector_ops, pool.vector_ops) == (512, 25 * 512)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=40))
def test_rank_correlation_is_scipys(pairs):
    first, second = np.array(pairs, dtype=float).T
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        assert rank_correlation(first, second) is None
        return
    expected = spearmanr(first, second).statistic
    assert rank_correlation(first, second) == pytest.approx(expected, abs=1e-12)


def test_a_preset_that_nobody_measured_says_so():
    for name in device_names():
        if truth_path(name) is None:
            check = check_device(name)
            assert not check.measured
            assert check.measurements == check.profiles == []


@pytest.mark.deep
def test_every_shipped_truth_file_is_of_its_preset_and_loads():
    for path in SHELF.glob("*.toml"):
        assert path.stem in device_names()
        assert check_device(path.stem).measured


def test_the_example_of_a_truth_file_loads(tmp_path):
    text = (DOCS / "devices.md").read_text()
    (example,) = re.findall(r"```toml truth\n(.*?)```", text, re.DOTALL)
    (tmp_path / "truth.toml").write_text(example)
    truth = read_truth(tmp_path / "truth.toml")
    assert (truth.measurement[0].value, truth.profile[0].overhead_ns) == (12.5, 60_000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": "alexnat"}, "measurement[0]: unknown network 'alexnat'; did you mean 'alex"),
        (
            {"unit": "FPS"},
            "measurement[0]: unknown unit 'FPS'; did you mean 'fps'? (known: J, W, fps",
        ),
        ({"unit": "hours"}, "unknown unit 'hours'; did you mean 'us'? (known: J, W, fps, mJ, ms"),
        ({"used": "helt out"}, "unknown use 'helt out'; did you mean 'held out'"),
        ({"precision": "int7"}, "unknown precision 'int7'; did you mean 'int8'"),
        ({"value": 0.0}, "measurement[0].value is 0.0; allowed is 1e-12"),
        ({"value": float("nan")}, "measurement[0].value is nan"),
        ({"value": "2 ms"}, "'measurement[0].value' is text in quotes; give a number"),
        ({"source": " "}, "measurement[0].source is empty"),
        ({"conditions": ""}, "measurement[0].conditions is empty"),
        ({"unit": None}, "key 'unit' of measurement[0] is missing; add it"),
        ({"watt": 1}, "unknown key of measurement[0] 'watt'"),
        ({"cores": 2}, "a measurement is of 2 cores, and mdla has 1"),
        ({"freq_hz": 7}, "a measurement is at 7 Hz, which mdla does not run at"),
        ({"network": "nowhere.onnx"}, "nowhere.onnx"),
    ],
)
def test_a_measurement_that_does_not_fit_is_one_line(write_truth, change, message):
    spoiled = {k: v for k, v in {**ALEXNET, **change}.items() if v is not None}
    with pytest.raises(InputError) as error:
        check_device("mdla", write_truth([spoiled]))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("convs,3,8,8,16,3,1,8,8,100", "line 2: unknown operator 'convs'; did you mean 'conv'"),
        ("conv+silo,3,8,8,16,3,1,8,8,100", "line 2: unknown activation 'silo'"),
        ("conv,3,8,8,16,3,1,8,8,fast", "line 2: "),
        ("conv,3,8,8,16,3,2,8,8,1", "groups = 2 do not divide"),
        ("conv,3,8,8,16,3,1,0,8,1", "line 2: out_h is 0; allowed is above 0"),
    ],
)
def test_a_profile_that_does_not_fit_is_one_line(write_truth, row, message):
    with pytest.raises(InputError) as error:
        check_device("mdla", write_truth([], [PROFILE], rows=(row,)))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_profile_lacks_no_column(tmp_path):
    (tmp_path / "p.csv").write_text("op,kernel\nconv,3\n")
    with pytest.raises(InputError, match="has no column 'groups'; add it"):
        read_profile(tmp_path / "p.csv")
    (tmp_path / "p.csv").write_text(HEAD)
    with pytest.raises(InputError, match="holds no layer"):
        read_profile(tmp_path / "p.csv")


def test_truth_of_another_device_and_empty_truth_are_refused(write_truth):
    with pytest.raises(InputError, match="is of device 'tpu7nm', not 'mdla'"):
        check_device("mdla", write_truth([ALEXNET], device="tpu7nm"))
    with pytest.raises(InputError, match="holds no measurement"):
        check_device("mdla", write_truth())
    with pytest.raises(InputError, match="format 2"):
        check_device("mdla", write_truth([ALEXNET], format=2))
    with pytest.raises(InputError, match="leave cores= out"):
        check_device("mdla:cores=1", write_truth([ALEXNET]))


def cli(*args):
    return command_line(".", "device", "check", *args)


def test_the_command_shows_tables_or_json_and_one_line_for_errors(write_truth):
    truth = write_truth([ALEXNET], [PROFILE])
    shown = cli("mdla", "--truth", truth)
    assert shown.returncode == 0
    for text in ("alexnet", "held out", "measured for a test", "layers"):
        assert text in shown.stdout
    told = json.loads(cli("mdla", "--truth", truth, "--json", "-").stdout)
    assert told == msgspec.to_builtins(check_device("mdla", truth))
    failed = cli("mdla", "--truth", "no.toml")
    assert (failed.returncode, failed.stderr.count("\n")) == (2, 1)


def test_nobody_has_measured_it_is_one_line_and_an_exit_code_of_its_own(tmp_path):
    done = cli("systolic-128")
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (1, "", 1)
    assert "never held against a real chip" in done.stdout
    told = cli("systolic-128", "--json", "-")
    assert (told.returncode, json.loads(told.stdout)["measured"]) == (1, False)
    drawn = cli("systolic-128", "--figure", tmp_path / "x.svg")
    assert (drawn.returncode, drawn.stderr.count("\n"), list(tmp_path.iterdir())) == (2, 1, [])
    assert "there is nothing to draw; give measurements of yours with --truth" in drawn.stderr


def test_conditions_and_sources_are_notes_that_end_where_lines_do(write_truth):
    long = "a board on a desk, " * 20 + "fan on"
    other = {**ALEXNET, "conditions": long, "source": "a notebook"}
    lines = cli("mdla", "--truth", write_truth([ALEXNET, other, ALEXNET], [PROFILE])).stdout
    assert max(map(len, lines.splitlines())) <= 100
    assert f"{long}. Source: a notebook" in " ".join(lines.split())
    noted = [line.split()[-1] for line in lines.splitlines() if line.startswith("alexnet")]
    assert noted == ["1", "2", "1"]


def test_layers_of_a_profile_are_told_one_by_one(write_truth):
    rows = ("conv,64,10,10,64,1,1,10,10,100", "add,16,10,10,16,0,1,10,10,5")
    (profile,) = check_device(
        "mdla", write_truth([], [{**PROFILE, "overhead_ns": 7_000}], rows=rows)
    ).profiles
    assert [(layer.op, layer.measured_s) for layer in profile.by_layer] == [
        ("conv", pytest.approx(100e-6)),
        ("add", pytest.approx(5e-6)),
    ]
    assert sum(layer.predicted_s for layer in profile.by_layer) == pytest.approx(
        profile.predicted_s
    )
    assert all(layer.predicted_s > 7e-6 for layer in profile.by_layer)


def test_a_table_of_measurements_is_sent_to_calibrate(tmp_path):
    table = tmp_path / "board.csv"
    table.write_text("network,latency_s\nalexnet,0.01\n")
    with pytest.raises(InputError, match=r"board\.csv' is a table.*dfsrt device calibrate"):
        read_truth(table)

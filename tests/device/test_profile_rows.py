"""dfsrt's own profile out of another tool's: what fits, what does not, and back again."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.device.profile import ProfileRow, profile_network, read_profile
from dfsrt.device.profile_rows import profile_rows, write_profile
from dfsrt.recording.layer_times import LayerTime, LayerTimes, read_layer_times
from tests.helpers import profiles

COLUMNS = "op,in_channels,in_h,in_w,out_channels,kernel,groups,out_h,out_w,measured_us,batch"
OPS = {
    "conv": "Conv",
    "conv+relu": "ConvRelu",
    "conv+clip": "ConvClip",
    "conv+sigmoid": "ConvSigmoid",
    "conv+silu": "ConvExSwish",
    "add": "Add",
    "concat": "Concat",
    "split": "Split",
    "resize": "Resize",
    "maxpool": "MaxPool",
}
side = st.integers(1, 400)


def times_of(*rows: LayerTime) -> LayerTimes:
    return LayerTimes("rknn", "p", "", rows, {})


def conv(op: str, x, w, y, dtype: str = "int8", time_s: float | None = 1e-6, target: str = "npu"):
    return LayerTime(
        "a", op, time_s, input_shape=x, output_shape=y, weight_shape=w, dtype=dtype, target=target
    )


def test_a_profile_of_rknn_is_written_as_dfsrts_own(tmp_path):
    (tmp_path / "p.txt").write_text(profiles.rknn_20())
    made = profile_rows(read_layer_times(f"rknn:{tmp_path / 'p.txt'}"))
    write_profile(made.rows, tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text().splitlines() == [
        COLUMNS,
        "conv+relu,3,64,64,16,3,1,32,32,55,1",
        "conv+relu,16,32,32,16,3,16,32,32,22,1",
        "concat,48,32,32,48,0,1,32,32,11,1",
    ]
    assert made.left_out == {"on the CPU": 2}
    assert read_profile(tmp_path / "p.csv") == made.rows
    assert len(profile_network(made.rows, "p").layers) == 3


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(OPS)), side, side, side, side, st.sampled_from([1, 3, 5, 7]),
            st.booleans(), st.integers(1, 10**6), st.integers(1, 4),
        ),
        min_size=1,
        max_size=12,
    )
)  # fmt: skip
def test_what_a_profile_holds_comes_back_from_rknns_table(tmp_path_factory, layers):
    """A profile, as rknn-toolkit2 would print it, imported again."""
    rows, table = [], []
    for n, (op, cin, cout, h, w, k, depthwise, us, batch) in enumerate(layers, start=1):
        is_conv = op.startswith("conv")
        cout = cin if depthwise or op in ("add", "concat", "split", "maxpool", "resize") else cout
        groups = cin if is_conv and depthwise else 1
        rows.append(
            ProfileRow(
                op=op, in_channels=cin, in_h=h, in_w=w, out_channels=cout,
                kernel=k if is_conv else 0, groups=groups, out_h=h, out_w=w,
                measured_us=us, batch=batch,
            )
        )  # fmt: skip
        x, y = f"({batch},{cin},{h},{w})", f"({batch},{cout},{h},{w})"
        weights = f"(1,{cin},{k},{k})" if groups == cin else f"({cout},{cin},{k},{k})"
        inputs = f"{x},{weights},({cout})" if is_conv else x
        table.append((n, OPS[op], "INT8", "NPU", inputs, y, 5, 5, us, "\\", 1, f"n{n}"))
    folder = tmp_path_factory.mktemp("p")
    (folder / "p.txt").write_text(profiles.rknn_15(table))
    made = profile_rows(read_layer_times(f"rknn:{folder / 'p.txt'}"))
    write_profile(made.rows, folder / "p.csv")
    assert read_profile(folder / "p.csv") == tuple(rows)
    assert made.left_out == {}


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (conv("Conv", (1, 3, 8, 8), (4, 3, 3, 3), (1, 4, 8, 8), dtype="float16"), "not in int8"),
        (conv("Conv", (1, 3, 8, 8), (4, 3, 3, 3), (1, 4, 8, 8), time_s=None), "without a time"),
        (conv("Conv", (1, 3, 8, 8), (4, 3, 1, 3), (1, 4, 8, 8)), "of operator Conv"),
        (conv("Conv", (1, 3, 8, 8), (4, 2, 3, 3), (1, 4, 8, 8)), "of operator Conv"),
        (conv("ConvTranspose", (1, 4, 8, 8), (4, 1, 4, 4), (1, 4, 16, 16)), "of operator ConvTr"),
        (conv("MatMul", (1, 3, 8, 8), (), (1, 4, 8, 8)), "of operator MatMul"),
        (conv("Conv", (3, 8), (4, 3, 3, 3), (4, 8)), "without two shapes of four sides"),
        (conv("Conv", (1, 3, 8, 8), (4, 3, 3, 3), (1, 4, 8, 8), target="cpu"), "on the CPU"),
    ],
)
def test_what_fits_no_profile_is_counted_with_the_reason(layer, reason):
    made = profile_rows(times_of(layer, layer))
    assert made.rows == ()
    ((said, count),) = made.left_out.items()
    assert said.startswith(reason)
    assert count == 2


def test_a_depthwise_kernel_is_known_in_rknns_form_and_in_onnxs():
    for weights in ((1, 8, 3, 3), (8, 1, 3, 3)):
        (row,) = profile_rows(times_of(conv("Conv", (1, 8, 9, 9), weights, (1, 8, 9, 9)))).rows
        assert (row.groups, row.kernel) == (8, 3)
    (row,) = profile_rows(times_of(conv("Conv", (1, 8, 9, 9), (6, 4, 3, 3), (1, 6, 9, 9)))).rows
    assert row.groups == 2


def test_the_verb_shows_layers_operators_and_sums(dfsrt, tmp_path):
    (tmp_path / "p.txt").write_text(profiles.rknn_20())
    done = dfsrt("device", "profile", "rknn:p.txt", "--csv", "p.csv")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "rknn:p.txt: 5 layers, 96.00 µs, 5,632 cycles, sdk: 2.3.0"
    assert ["ConvRelu", "2", "77.0", "µs", "80.2%", "5,632"] in [line.split() for line in lines]
    assert lines[-1] == "p.csv: 3 layers; left out: 2 on the CPU"
    with (tmp_path / "p.csv").open() as file:
        assert [row["op"] for row in csv.DictReader(file)] == ["conv+relu", "conv+relu", "concat"]


def test_the_verbs_json_has_every_number(dfsrt, tmp_path):
    import json

    (tmp_path / "v.csv").write_text(profiles.vela_3())
    done = dfsrt("device", "profile", "vela:v.csv", "--json", "-")
    report = json.loads(done.stdout)
    assert (report["kind"], report["time_s"], report["cycles"]) == ("vela", None, 7331)
    assert [o["op"] for o in report["operators"]] == ["CONV_2D", "MAX_POOL_2D"]
    assert report["operators"][0]["share"] == 6000 / 7331
    assert report["layers"][0]["macs"] == 442368


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("vela:v.csv", "--csv", "p.csv"), "has no layer for a profile (2 without a time)"),
        (("vela:v.csv", "--csv", "p.txt"), "is no .csv file"),
        (("vela:nowhere.csv",), "does not exist"),
        (("rknn:v.csv", "--json", "j.json"), "holds no table"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(dfsrt, tmp_path, said, told):
    (tmp_path / "v.csv").write_text(profiles.vela_3())
    done = dfsrt("device", "profile", *said)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["v.csv"]

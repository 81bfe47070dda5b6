"""Profiles of layers: what each tool's file says, in at least two versions of its form."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.recording.layer_times import LayerTime, read_layer_times
from tests.helpers import profiles

RKNN = {"1.3": profiles.rknn_13(), "1.5": profiles.rknn_15(), "2": profiles.rknn_20()}
FORMS = {
    "rknn": list(RKNN.values()),
    "vela": [profiles.vela_3(), profiles.vela_5()],
    "tensorrt": [profiles.tensorrt(), profiles.tensorrt(median=False)],
    "openvino": [profiles.openvino(), profiles.openvino("us", delimiter=",")],
    "onnxruntime": [profiles.onnxruntime(), profiles.onnxruntime(fences=True)],
}
EVERY = [(kind, text) for kind, texts in FORMS.items() for text in texts]
cell = st.text("abc/_.:;x0", min_size=1, max_size=9)


def read(folder: Path, kind: str, text: str):
    (folder / "profile").write_text(text, encoding="utf-8")
    return read_layer_times(f"{kind}:{folder / 'profile'}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("profiles")


def refusal(folder: Path, kind: str, text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, kind, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("version", RKNN)
def test_every_sdks_table_says_the_same(folder, version):
    times = read(folder, "rknn", RKNN[version])
    assert times.rows == (
        LayerTime(
            "image", "InputOperator", 4e-6, 0, 12288.0, None, (), (1, 3, 64, 64), "uint8", (), "cpu"
        ),
        LayerTime(
            "/a/Conv",
            "ConvRelu",
            55e-6,
            4608,
            28866.56,
            None,
            (1, 3, 64, 64),
            (1, 16, 32, 32),
            "uint8",
            (16, 3, 3, 3),
            "npu",
        ),
        LayerTime(
            "/b/Conv",
            "ConvRelu",
            22e-6,
            1024,
            32768.0,
            None,
            (1, 16, 32, 32),
            (1, 16, 32, 32),
            "int8",
            (1, 16, 3, 3),
            "npu",
        ),
        LayerTime(
            "/c/Concat",
            "Concat",
            11e-6,
            0,
            98304.0,
            None,
            (1, 16, 32, 32),
            (1, 48, 32, 32),
            "int8",
            (),
            "npu",
        ),
        LayerTime(
            "y", "OutputOperator", 4e-6, 0, 49152.0, None, (1, 48, 32, 32), (), "int8", (), "cpu"
        ),
    )
    assert times.total_s == pytest.approx(96e-6, rel=1e-15)
    assert times.notes == ()
    assert times.about == ({"sdk": "2.3.0"} if version == "2" else {})


def test_a_profile_says_where_it_is_from(folder):
    times = read(folder, "rknn", RKNN["2"])
    data = (folder / "profile").read_bytes()
    assert (times.kind, times.path) == ("rknn", str(folder / "profile"))
    assert times.sha256 == hashlib.sha256(data).hexdigest()
    assert str(times) == f"rknn:{folder / 'profile'}"


def test_the_toolkits_csv_file_says_the_same(folder):
    times = read(folder, "rknn", profiles.rknn_csv())
    assert times.rows == read(folder, "rknn", RKNN["2"]).rows
    assert times.notes == ("the file states no total, so that rows may be missing at its end",)
    with_total = profiles.rknn_csv() + "Total Operator Elapsed Per Frame Time(us):,96\n"
    assert read(folder, "rknn", with_total).notes == ()
    assert "cut short" in refusal(folder, "rknn", profiles.rknn_csv()[:-9])


@pytest.mark.parametrize(
    "prefix", ["", "D RKNN: [12:00:00.250] ", "> | ", "11-26 12:00:00.1  77  78 D RKNN    : "]
)
def test_a_logs_prefix_is_read_past(folder, prefix):
    logged = profiles.rknn_20(prefix=prefix)
    assert read(folder, "rknn", logged).rows == read(folder, "rknn", RKNN["1.3"]).rows


@given(seed=st.integers(0, 999), version=st.sampled_from(["1.3", "1.5"]))
def test_a_row_broken_in_two_is_one_row(folder, seed, version):
    """Wherever a terminal or a mail program has broken it after its first two cells."""
    random, lines = Random(seed), []
    for line in RKNN[version].splitlines():
        if line[:1].isdigit():
            cells = line.split("  ")
            at = random.randrange(6, len(cells))
            line = "  ".join(cells[:at]) + random.choice(["\n", " \n\n"]) + "  ".join(cells[at:])
        lines.append(line)
    text = "\n".join(lines) + "\n"
    assert read(folder, "rknn", text).rows == read(folder, "rknn", RKNN["2"]).rows


def test_lines_of_the_log_between_rows_change_nothing(folder):
    text = RKNN["2"].replace("ConvRelu   INT8", "ConvRelu   INT8")
    lines = text.splitlines(keepends=True)
    noisy = "".join(line + "W RKNN: [12:00:01.000] the driver says something\n" for line in lines)
    assert read(folder, "rknn", noisy).rows == read(folder, "rknn", text).rows


def test_the_last_of_several_tables_counts_and_that_is_said(folder):
    first = profiles.rknn_20([(*row[:8], row[8] * 2, *row[9:]) for row in profiles.ROWS])
    times = read(folder, "rknn", first + RKNN["2"])
    assert times.rows == read(folder, "rknn", RKNN["2"]).rows
    assert times.notes[0].startswith("the text holds 2 tables")


def test_a_second_table_that_is_cut_short_is_not_passed_over(folder):
    second = RKNN["2"].split("Total Operator")[0]
    assert "cut short" in refusal(folder, "rknn", RKNN["2"] + second)


def test_a_compilers_table_after_one_that_ran_does_not_hide_it(folder):
    built = profiles.rknn_13([(*row[:8], 0, *row[9:]) for row in profiles.ROWS])
    assert read(folder, "rknn", RKNN["2"] + built).rows == read(folder, "rknn", RKNN["2"]).rows


def test_a_compilers_table_without_times_has_cycles_alone(folder):
    rows = [(*row[:8], 0, *row[9:]) for row in profiles.ROWS]
    text = profiles.rknn_13(rows).split("Total Operator")[0]
    times = read(folder, "rknn", text)
    assert [row.time_s for row in times.rows] == [None] * 5
    assert [row.cycles for row in times.rows] == [0, 4608, 1024, 0, 0]
    assert times.total_s is None
    assert "have not run" in times.notes[0]


def test_the_clock_that_eval_perf_has_set_is_told(folder):
    clocks = "CPU Current Frequency List:\n    - 1800000\nNPU Current Frequency List:\n    - 1000\n"
    assert read(folder, "rknn", clocks + RKNN["1.5"]).about["npu_hz"] == "1000"


def test_columns_are_found_by_their_names_in_any_order(folder):
    heads = profiles.RKNN_13.split()
    for seed in range(20):
        order = list(range(1, len(heads) - 1))
        Random(seed).shuffle(order)
        order = [
            0,
            heads.index("OpType"),
            *(n for n in order if heads[n] != "OpType"),
            len(heads) - 1,
        ]
        lines = []
        for line in RKNN["1.3"].splitlines():
            cells = line.split()
            shuffled = len(cells) == len(heads)
            lines.append("  ".join(cells[n] for n in order) if shuffled else line)
        assert (
            read(folder, "rknn", "\n".join(lines) + "\n").rows
            == read(folder, "rknn", RKNN["1.3"]).rows
        )


def test_vela_counts_the_npus_cycles_and_no_times(folder):
    three = read(folder, "vela", profiles.vela_3())
    assert three.rows == (
        LayerTime("net/relu;net/conv", "CONV_2D", None, 6000, macs=442368, target="npu"),
        LayerTime("a,b", "MAX_POOL_2D", None, 1331, macs=4096, target="npu"),
    )
    assert (three.total_s, three.notes) == (None, ())
    five = read(folder, "vela", profiles.vela_5())
    assert [(r.name, r.op, r.cycles, r.macs) for r in five.rows] == [
        ("net/conv", "Conv2D", 6000, 442368),
        ("net/conv", "Conv2D", 0, 0),
        ("a,b", "MaxPool", 1330, 4096),
    ]


def test_a_vela_table_of_several_parts_is_one_profile(folder):
    head, first, second = profiles.vela_3().splitlines()
    times = read(folder, "vela", "\n".join([head, first, head, second, ""]))
    assert [row.name for row in times.rows] == ["net/relu;net/conv", "a,b"]


@given(st.permutations(range(15)))
def test_velas_columns_are_found_by_their_names(folder, order):
    rows = list(csv.reader(io.StringIO(profiles.vela_3())))
    if order.index(5) > order.index(12):  # the first Network% is of cycles, by its place
        order = [{5: 12, 12: 5}.get(n, n) for n in order]
    out = io.StringIO()
    csv.writer(out).writerows([row[n] for n in order] for row in rows)
    assert read(folder, "vela", out.getvalue()).rows == read(folder, "vela", profiles.vela_3()).rows


@pytest.mark.parametrize("median", [True, False])
def test_tensorrts_layers_have_their_mean_time(folder, median):
    times = read(folder, "tensorrt", profiles.tensorrt(median))
    assert times.rows == (LayerTime("conv1 + relu1", "", 125e-6), LayerTime("fc", "", 75e-6))
    assert times.about == {"runs": "200"}


def test_tensorrts_sums_stand_in_for_means_that_are_not_there(folder):
    entries = json.loads(profiles.tensorrt())
    for entry in entries[1:]:
        del entry["averageMs"]
    times = read(folder, "tensorrt", json.dumps(entries))
    assert [row.time_s for row in times.rows] == pytest.approx([125e-6, 75e-6], rel=1e-15)


@pytest.mark.parametrize("unit", ["ms", "us", "µs", "s"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_openvinos_layers_have_their_mean_over_the_requests(folder, unit, delimiter):
    times = read(folder, "openvino", profiles.openvino(unit, delimiter=delimiter))
    assert [(r.name, r.op, r.dtype) for r in times.rows] == [
        ("conv1", "Convolution", "i8"),
        ("fc", "FullyConnected", "fp32"),
    ]
    assert [row.time_s for row in times.rows] == pytest.approx([300e-6, 200e-6], rel=1e-12)
    assert times.about == {"requests": "2"}
    assert times.notes == ("2 layers did not run, and are left out",)


def test_a_column_more_in_openvinos_table_changes_nothing(folder):
    text = profiles.openvino().replace("execType;", "execType;numaId;")
    lines = [
        line
        if line.startswith("layerName") or not line
        else ";".join([*line.split(";")[:4], "0", *line.split(";")[4:]])
        for line in text.split("\n")
    ]
    plain = read(folder, "openvino", profiles.openvino())
    assert read(folder, "openvino", "\n".join(lines)).rows == plain.rows


def test_onnxruntimes_nodes_have_their_mean_over_the_runs(folder):
    times = read(folder, "onnxruntime", profiles.onnxruntime())
    assert times.rows == (
        LayerTime(
            "c",
            "Conv",
            20e-6,
            None,
            None,
            None,
            (1, 3, 8, 8),
            (1, 4, 6, 6),
            "float",
            (4, 3, 3, 3),
            "cpu",
        ),
        LayerTime(
            "r", "Relu", 10e-6, None, None, None, (1, 3, 8, 8), (1, 4, 6, 6), "float", (), "cpu"
        ),
    )
    assert times.about == {"runs": "3"}
    assert times.notes == (
        "the first of 3 runs took 1.6 times the mean of the others and is in the mean; profile "
        "more runs to be rid of it",
    )


def test_onnxruntimes_fences_of_older_versions_are_no_layers(folder):
    times = read(folder, "onnxruntime", profiles.onnxruntime(fences=True))
    assert [(r.name, r.op, r.time_s) for r in times.rows] == [
        ("c", "Conv", 20e-6),
        ("r", "Relu", 10e-6),
    ]


def test_an_unfinished_profile_has_the_times_of_its_whole_runs(folder):
    whole = profiles.onnxruntime(runs=((20, 10), (20, 10)))
    last = profiles.onnxruntime(runs=((20, 10), (20, 10), (90, 90)))
    times = read(folder, "onnxruntime", last[: last.rindex('{"cat": "Node"') + 60])
    assert times.rows == read(folder, "onnxruntime", whole).rows
    assert "never called end_profiling()" in times.notes[0]
    assert times.about["runs"] == "2"


def test_a_profile_with_spare_commas_has_its_times_and_shapes(folder):
    text = profiles.onnxruntime()
    spare = text.replace("]}], ", "]},], ").replace("}}, {", "}},, {")
    assert spare != text
    assert read(folder, "onnxruntime", spare).rows == read(folder, "onnxruntime", text).rows


def test_times_of_a_gpus_nodes_are_said_to_be_the_hosts(folder):
    text = profiles.onnxruntime()
    kernel = {"cat": "Kernel", "ts": 105, "dur": 600, "ph": "X", "name": "gemm", "args": {}}
    times = read(folder, "onnxruntime", json.dumps([*json.loads(text), kernel]))
    assert times.rows == read(folder, "onnxruntime", text).rows
    assert "1 kernels beside them took 0.200 ms a run" in times.notes[-1]


def test_shapes_beyond_all_numbers_are_refused(folder):
    text = profiles.onnxruntime().replace("[1, 4, 6, 6]", "[1, 4, 6, 1e400]")
    assert "has shapes that are none" in refusal(folder, "onnxruntime", text)


def test_nodes_of_one_name_stay_apart(folder):
    text = profiles.onnxruntime().replace('"r_kernel_time"', '"c_kernel_time"')
    rows = read(folder, "onnxruntime", text).rows
    assert [(row.name, row.op) for row in rows] == [("c", "Conv"), ("c", "Relu")]


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 10**7), st.integers(0, 10**9), st.integers(0, 10**9), cell.map(str.strip)
        ),
        min_size=1,
        max_size=20,
    ),
    version=st.sampled_from([profiles.rknn_13, profiles.rknn_15, profiles.rknn_20]),
)
def test_what_is_written_in_any_form_is_read_again(folder, rows, version):
    table = [
        (
            n,
            "ConvRelu",
            "INT8",
            "NPU",
            "(1,4,9,9),(8,4,3,3),(8)",
            "(1,8,9,9)",
            ddr,
            npu,
            us,
            1.5,
            10,
            name,
        )
        for n, (us, ddr, npu, name) in enumerate(rows, start=1)
    ]
    times = read(folder, "rknn", version(table))
    assert [row.cycles for row in times.rows] == [row[2] for row in rows]
    if any(row[0] for row in rows):
        assert [row.time_s for row in times.rows] == [row[0] / 1e6 for row in rows]
    expected = [f"Conv:{row[3]}".partition(":")[2] for row in rows]
    assert [row.name for row in times.rows] == expected


@pytest.mark.parametrize(("kind", "text"), EVERY)
def test_plain_reading_by_the_standard_library_gives_the_same_sum(folder, kind, text):
    """The oracle knows each form's times by the csv and json modules and a count of columns."""
    total_s, expected_s = read(folder, kind, text).total_s, ORACLES[kind](text)
    assert total_s == (expected_s if expected_s is None else pytest.approx(expected_s, rel=1e-9))


def _openvino_total(text: str) -> float | None:
    tables = [r for r in csv.reader(io.StringIO(text), delimiter=text[len("layerName")]) if r]
    per = {"realTime (ms)": 1e-3, "realTime (us)": 1e-6}[tables[0][4]]
    totals = [float(row[4]) * per for row in tables if row[0] == "Total"]
    return sum(totals) / len(totals)


def _onnxruntime_total(text: str) -> float | None:
    events = [e for e in json.loads(text) if e["name"].endswith("_kernel_time")]
    return sum(e["dur"] for e in events) * 1e-6 / 3


ORACLES = {
    "rknn": lambda text: float(text.split("Elapsed")[1].split("(us): ")[1].split()[0]) * 1e-6,
    "vela": lambda text: None,
    "tensorrt": lambda text: sum(e.get("averageMs", 0) for e in json.loads(text)) * 1e-3,
    "openvino": _openvino_total,
    "onnxruntime": _onnxruntime_total,
}


@pytest.mark.parametrize(("kind", "text"), EVERY)
@given(data=st.data())
def test_a_profile_cut_anywhere_is_refused_or_whole(folder, kind, text, data):
    """Never a traceback, and never fewer layers than there are without a word."""
    whole = len(read(folder, kind, text).rows)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    try:
        times = read(folder, kind, cut)
    except InputError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 600
    else:
        assert len(times.rows) == whole or any("rows are missing" in note for note in times.notes)


@pytest.mark.parametrize(("kind", "text"), EVERY)
@given(data=st.data())
def test_a_profile_with_a_stretch_of_noise_is_read_or_refused(folder, kind, text, data):
    at = data.draw(st.integers(0, len(text)))
    noise = data.draw(st.text('0a/(,)-;"\\ \n\0é{}[]:', max_size=8))
    length = data.draw(st.integers(0, 30))
    try:
        read(folder, kind, text[:at] + noise + text[at + length :])
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("kind", "form", "old", "new", "told"),
    [
        ("rknn", profiles.rknn_20, "Time(us) ", "Time(ticks) ", "times in 'Time(ticks)'"),
        ("rknn", profiles.rknn_20, "RW(KB)", "RW(pages)", "bytes in 'RW(pages)'"),
        ("rknn", profiles.rknn_20, "   55   ", "   -55   ", "line 6: Time(us) is '-55'"),
        ("rknn", profiles.rknn_20, "   55   ", "   nan   ", "line 6: Time(us) is 'nan'"),
        ("rknn", profiles.rknn_20, "   55   ", "   \\   ", "line 6: Time(us) is '\\'"),
        ("rknn", profiles.rknn_20, "   55   ", "   ", "line 6: 11 values under 12 columns"),
        ("rknn", profiles.rknn_20, "1200/4608/4608", "1200/4608", "'1200/4608' under Cycles"),
        ("rknn", profiles.rknn_20, "FullName", "Layer", "of an unknown version"),
        ("rknn", profiles.rknn_20, "Total Operator", "All Operators", "no line 'Total Operator"),
        ("rknn", profiles.rknn_20, "ID   OpType", "No   Kind", "holds no table"),
        ("vela", profiles.vela_3, ",NPU,", ",Cycles,", "lacks NPU"),
        ("vela", profiles.vela_3, "6000.0", "-6000.0", "line 2: NPU is '-6000.0'"),
        ("vela", profiles.vela_5, ",6000,", ",,", "line 2: NPU is ''"),
        ("vela", profiles.vela_5, ",9.0,a,b", "", "line 4, the last: 14 values under 16 columns"),
        ("tensorrt", profiles.tensorrt, '"count"', '"number"', 'does not begin with {"count"'),
        ("tensorrt", profiles.tensorrt, "averageMs", "averageUs", ""),
        ("tensorrt", profiles.tensorrt, "0.125", "-0.125", "averageMs of 'conv1 + relu1' is '-0.1"),
        ("tensorrt", profiles.tensorrt, "0.125", "null", "averageMs of 'conv1 + relu1' is 'None'"),
        ("tensorrt", profiles.tensorrt, '"count": 200', '"count": 0', "counts 0 runs"),
        ("tensorrt", profiles.tensorrt, "]", "", "no complete file of JSON"),
        ("openvino", profiles.openvino, "realTime (ms)", "realTime (ticks)", "realTime (ticks)"),
        ("openvino", profiles.openvino, "realTime", "wallTime", "of an unknown version"),
        ("openvino", profiles.openvino, "0.25;", "-0.25;", "line 3: realTime (ms) is '-0.25'"),
        ("openvino", profiles.openvino, "fc;", "fd;", ""),
        ("onnxruntime", profiles.onnxruntime, '"dur": 30', '"dur": -30', "dur -30"),
        ("onnxruntime", profiles.onnxruntime, "model_run", "model_sprint", "no whole run"),
    ],
)
def test_what_is_wrong_is_one_line_that_says_where(folder, kind, form, old, new, told):
    text = form()
    assert old in text
    changed = text.replace(old, new, 1) if not told else text.replace(old, new)
    if told:
        assert told in refusal(folder, kind, changed)


def test_one_bad_row_among_thousands_is_left_out_and_said(folder):
    good = profiles.ROWS[1]
    rows = [(n, *good[1:]) for n in range(1, 2001)]
    rows[700] = (*rows[700][:8], -5, *good[9:])
    times = read(folder, "rknn", profiles.rknn_20(rows))
    assert len(times.rows) == 1999
    assert times.notes[0] == (
        "1 of 2000 rows are left out: line 705: Time(us) is '-5'; allowed is 0 to 1e+12"
    )
    rows[800] = rows[900] = (*rows[800][:8], -5, *good[9:])
    assert "line 705" in refusal(folder, "rknn", profiles.rknn_20(rows))


def test_rows_shown_without_their_names_and_dots_for_the_rest_are_a_part(folder):
    lines = profiles.rknn_15().splitlines()
    shown = lines[5].removesuffix("Conv:/a/Conv")
    text = "\n".join([*lines[:4], shown, "", "...", *lines[-4:], ""])
    times = read(folder, "rknn", text)
    assert [(row.name, row.op, row.cycles) for row in times.rows] == [("", "ConvRelu", 4608)]
    assert "57.3% of the time that it states" in times.notes[0]


def test_rows_that_are_missing_are_said(folder):
    """Somebody has shown a part of a table, with the total of the whole."""
    times = read(folder, "rknn", profiles.rknn_20(total=192))
    assert times.notes == (
        "its layers make up 50.0% of the time that it states: rows are missing, or were edited",
    )
    part = "\n".join([*profiles.vela_3().splitlines()[:2], ""])
    assert "75.0% of the network's cycles" in read(folder, "vela", part).notes[0]


def test_requests_of_different_layers_are_refused(folder):
    first, second = profiles.openvino().split("\n\n")[:2]
    text = f"{first}\n\n{second.replace('fc;', 'other;')}\n\n"
    assert "requests of different layers" in refusal(folder, "openvino", text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("profile.txt", "is not KIND:FILE"),
        ("rknn:", "is not KIND:FILE"),
        ("rkn:x", "did you mean 'rknn'"),
        ("rknn:nowhere.txt", "does not exist"),
        ("vela:{folder}", "is a folder"),
        ("vela:\0", "does not exist"),
    ],
)
def test_what_names_no_profile_is_said(folder, text, told):
    with pytest.raises(InputError, match=told):
        read_layer_times(text.format(folder=folder))


@pytest.mark.parametrize("kind", FORMS)
def test_other_files_are_refused(folder, kind):
    for data in (b"\0\1\2\3" * 9, b"\xff\xfe\0", b"[]", b"{}", b"hello\n", b"[1, 2]", b"[" * 10**5):
        (folder / "profile").write_bytes(data)
        with pytest.raises(InputError) as caught:
            read_layer_times(f"{kind}:{folder / 'profile'}")
        assert "\n" not in str(caught.value)


def test_old_toolkits_and_totals_alone_are_named(folder):
    old = "Layer ID    Name          Operator            Uid       Time(us)\n0  a  CONV  1  361\n"
    assert "is of RKNN-Toolkit 1" in refusal(folder, "rknn", old)
    assert "perf_debug=True" in refusal(folder, "rknn", "Total Time(us): 17219\nFPS: 58.08\n")

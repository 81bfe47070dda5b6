"""replay, trace, network export and pipelines at the terminal: outputs, files, and mistakes."""

from __future__ import annotations

import json
import re
import subprocess

import msgspec
import onnx
import pytest

from dfsrt.report.schema import Report
from dfsrt.report.trace_table import TraceReport
from docs.generate import DOCS, REPLAY_OUTPUTS, filled, shown
from tests.helpers.cli import DFSRT, dfsrt


def fine(folder, *words):
    done = dfsrt(folder, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rounded(value):
    """Sums over rows that come one by one or in bundles differ in their last digits."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def test_docs_replay_shows_what_the_commands_print():
    text = (DOCS / "replay.md").read_text()
    assert filled(text, shown(REPLAY_OUTPUTS)) == text


def examples() -> list[str]:
    """The files that the page shows: a pipeline and a day."""
    return re.findall(r"```toml\n(.*?)```", (DOCS / "replay.md").read_text(), re.DOTALL)


def test_the_example_day_of_the_docs_makes_a_trace(tmp_path):
    (tmp_path / "my-day.toml").write_text(examples()[1])
    fine(tmp_path, "trace", "generate", "day", "-w", "my-day.toml", "-o", "day")
    shown_as = json.loads(fine(tmp_path, "trace", "show", "day", "--json", "-"))
    assert {"yolov8n", "shufflenet"} <= {w["name"] for w in shown_as["workloads"]}


def test_the_example_pipeline_of_the_docs_runs(tmp_path):
    (tmp_path / "spotter.toml").write_text(examples()[0])
    fine(tmp_path, "run", "spotter.toml:every=5", "--frames", "20", "--json", "r.json")
    report = msgspec.json.decode((tmp_path / "r.json").read_bytes(), type=Report)
    assert {s.name: s.calls for s in report.stages} == {"resize": 20, "find": 20, "look": 8}


def test_a_trace_is_made_shown_mixed_and_replayed(tmp_path):
    common = ["--duration", "2s", "--seed", "3"]
    fine(tmp_path, "trace", "generate", "poisson", "-w", "squeezenet", "--rate", "50", "-o", "a",
         "--deadline", "1ms", *common)  # fmt: skip
    fine(tmp_path, "trace", "generate", "bursty", "-w", "alexnet", "--burst", "1s", "--pause",
         "1s", "-o", "b", "--priority", "1", *common)  # fmt: skip
    fine(tmp_path, "trace", "mix", "a", "b", "-o", "c")
    shown_as = json.loads(fine(tmp_path, "trace", "show", "c", "--json", "-"))
    trace = msgspec.convert(shown_as, TraceReport)
    assert {w.name for w in trace.workloads} == {"squeezenet", "alexnet"}
    out = fine(
        tmp_path, "replay", "c", "--discipline", "edf", "--drop", "late", "--json", "r.json",
        "--log", "r.parquet", "--trans-stat", "t.txt", "--perfetto", "t.pftrace",
    )  # fmt: skip
    report = msgspec.json.decode((tmp_path / "r.json").read_bytes(), type=Report)
    assert report.requests.total == trace.requests
    assert f"{report.requests.total:,}" in out and "edf, open loop, drop late" in out
    assert {p.name for p in tmp_path.iterdir()} == {
        "a", "b", "c", "r.json", "r.parquet", "t.txt", "t.pftrace",
    }  # fmt: skip
    again = json.loads(fine(tmp_path, "replay", "c", "--discipline", "edf", "--drop", "late",
                            "--detail", "request", "--json", "-"))  # fmt: skip
    assert rounded(again) == rounded(json.loads((tmp_path / "r.json").read_text()))


def test_the_trans_stat_file_is_the_kernels(tmp_path):
    fine(tmp_path, "run", "squeezenet", "-n", "400", "--trans-stat", "t.txt", "--json", "r.json")
    lines = (tmp_path / "t.txt").read_text().splitlines()
    report = json.loads((tmp_path / "r.json").read_text())
    assert lines[0] == "     From  :   To"
    assert re.fullmatch(r" {11}:(?:[ \d]{10}){8}   time\(ms\)", lines[1])
    rows = lines[2:-1]
    assert all(re.fullmatch(r"[* ][ \d]{10}:(?:[ \d]{10}){9}", row) for row in rows)
    assert sum(row.startswith("*") for row in rows) == 1
    counts = [[int(x) for x in re.findall(r"\d+", row.split(":")[1])] for row in rows]
    assert sum(sum(row[:-1]) for row in counts) == report["transitions"]["frequency"]
    assert lines[-1] == f"Total transition : {report['transitions']['frequency']}"
    spent = sum(row[-1] for row in counts)
    assert abs(spent - report["time_s"] * 1e3) <= len(rows)  # whole milliseconds, each cut


def test_networks_are_exported_as_files_that_load(tmp_path):
    out = fine(tmp_path, "network", "export", "sd2-unet:image=64", "-o", "u.onnx")
    assert "865,925,124 parameters" in out
    onnx.checker.check_model(onnx.load(tmp_path / "u.onnx"), full_check=True)
    told = fine(tmp_path, "layers", "u.onnx").splitlines()[0]
    assert "865,925,124 constants" in told
    fine(tmp_path, "network", "export", "resnet50", "-o", "r.onnx")
    assert "4,089,184,256 MACs" in fine(tmp_path, "layers", "r.onnx").splitlines()[0]
    half = ["network", "export", "sd2-vae-decoder", "--dim", "image=64", "-o", "h.onnx"]
    fine(tmp_path, *half, "--precision", "fp16")
    model = onnx.load(tmp_path / "h.onnx")
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT16


MISTAKES = {
    ("replay", "nowhere"): "trace or scenario 'nowhere'",
    ("replay", "zoom-30fps", "--discipline", "lifo"): "did you mean 'fifo'",
    ("replay", "zoom-30fps", "--drop", "all"): "newest=N",
    ("replay", "zoom-30fps", "--log", "x.csv"): "no .parquet file",
    ("replay", "zoom-30fps", "--until", "never"): "until 'never' is unknown",
    ("replay", "zoom-30fps", "--repeat", "two"): "not a whole number",
    ("trace", "generate", "weekly", "-o", "x"): "unknown kind of trace",
    ("trace", "generate", "poisson", "--rate", "-1", "-o", "x"): "rate -1",
    ("trace", "generate", "day", "--seed", "-1", "-o", "x"): "seed -1",
    ("trace", "show", "nowhere"): "unknown trace",
    ("run", "infinite-zoom:steps=0"): "from 1 to 1000",
    ("run", "infinite-zoom", "--dim", "image=64"): "infinite-zoom:image",
    ("layers", "infinite-zoom"): "is a pipeline, not a network",
    ("network", "export", "sd2-unet", "-o", "u.txt"): "no .onnx file",
    ("network", "export", "resnet50", "-o", "u.onnx", "--precision", "fp16"): "is a file",
    ("network", "export", "sd2-unet:image=65", "-o", "u.onnx"): "steps of 64",
    ("run", "squeezenet", "--perfetto", "no/where"): "no folder",
    ("run", "squeezenet", "--perfetto", "x", "--chrome", "x"): "two outputs",
}


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_a_mistake_ends_in_one_line_and_leaves_nothing(tmp_path, words):
    done = dfsrt(tmp_path, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1 and MISTAKES[words] in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_replay_into_a_closed_pipe_is_silent(tmp_path):
    command = f"{DFSRT} replay camera-detection | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == "" and done.stdout.count("\n") == 1


def test_an_existing_folder_is_not_overwritten(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine").write_text("x")
    done = dfsrt(tmp_path, "trace", "generate", "poisson", "-o", "a")
    assert done.returncode == 2 and "there already" in done.stderr
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["mine"]

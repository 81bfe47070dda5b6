"""``dfsrt import``: what is in a recording, and traces made of its slices."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from dfsrt.base.errors import InputError
from dfsrt.capture.requests import requests_from
from dfsrt.recording.collect import Collector
from dfsrt.trace.load import load_trace
from tests.recording.test_ftrace import TEXT
from tests.recording.test_ort_profile import RUN, node, session, write


def frames(path) -> None:
    """Three runs at 100, 400 and 900 µs."""
    more = [session("model_run", at, 90) for at in (400, 900)]
    write(path, [*RUN, *more, node("conv1", 410, 30), node("conv1", 910, 40)])


def test_import_says_what_is_in_a_profile(dfsrt, tmp_path):
    frames(tmp_path / "p.json")
    done = dfsrt("import", "p.json", "--json", "s.json")
    assert done.returncode == 0, done.stderr
    assert "p.json: 10 slices on 2 tracks and 0 samples of 0 counters in 985 µs" in done.stdout
    summary = json.loads((tmp_path / "s.json").read_text())
    busy = {t["track"]: t["busy_share"] for t in summary["tracks"]}
    assert busy["CPUExecutionProvider, thread 0"] == pytest.approx(110 / 985)


def test_import_shows_counters_with_their_units(dfsrt, tmp_path):
    (tmp_path / "t.txt").write_text(TEXT)
    done = dfsrt("import", "t.txt")
    assert done.returncode == 0, done.stderr
    lines = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    assert "600 MHz" in lines["fdab0000.npu frequency"]
    assert "675 mV" in lines["vdd_npu_s0 voltage"]
    assert "52.5 degC" in lines["npu-thermal temperature"]


def test_slices_that_fit_a_pattern_become_a_trace_that_replays(dfsrt, tmp_path):
    frames(tmp_path / "p.json")
    done = dfsrt(
        "import", "p.json", "--requests", "model_*n", "--workload", "squeezenet", "-o", "frames"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("frames: 3 requests; replay them with: dfsrt replay frames\n")
    trace = load_trace(tmp_path / "frames")
    assert trace.arrival_ns.tolist() == [0, 300_000, 800_000]
    assert trace.workloads == ("squeezenet",)
    assert (trace.card.kind, trace.card.duration_ns) == ("recorded", 890_000)
    assert dfsrt("replay", "frames", "--device", "mdla").returncode == 0


def test_a_pattern_may_name_a_track_and_one_that_fits_nothing_is_an_error():
    c = Collector()
    c.add_slice("gpu", "draw", 100, 10)
    c.add_slice("npu", "detect", 50, 10)
    c.add_slice("npu", "detect", 20, 10)
    found = c.recording({})
    assert requests_from(found, "npu", "w", "n", "s").arrival_ns.tolist() == [0, 30]
    with pytest.raises(InputError, match="'detect', 'draw'"):
        requests_from(found, "nothing*", "w", "n", "s")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--workload", "x"], "--workload needs --requests"),
        (["--requests", "x"], "needs --workload NAME and --out FOLDER"),
        (["--out", "r.txt"], "name it like 'r.csv'"),
        (["--format", "chrom"], "did you mean 'chrome'"),
        (["--requests", "x", "--workload", "y", "--out", "p.json"], "is there already"),
        (
            ["--requests", "zzz", "--workload", "squeezenet", "--out", "new"],
            "no slice of the recording",
        ),
    ],
)
def test_options_that_do_not_fit_are_one_clear_error(dfsrt, tmp_path, options, told):
    frames(tmp_path / "p.json")
    done = dfsrt("import", "p.json", *options)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["p.json"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"[1, 2", b"[" * 5000, b"text\n"])
def test_what_is_no_recording_is_one_clear_error(dfsrt, tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    done = dfsrt("import", "x")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["r.parquet", "r.csv"])
def test_a_recording_is_written_as_a_table(dfsrt, tmp_path, name):
    frames(tmp_path / "p.json")
    assert dfsrt("import", "p.json", "-o", name).returncode == 0
    read = pq.read_table if name.endswith("parquet") else csv.read_csv
    table = read(tmp_path / name)
    assert table.num_rows == 10
    assert sum(table["duration_ns"].to_pylist()) == (20 + 40 + 30 + 10 + 60 + 62 + 180 + 70) * 1000

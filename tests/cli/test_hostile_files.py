"""Files that are none, or are more than they seem: each reader refuses them in one line at once."""

from __future__ import annotations

import gzip
import os
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dfsrt.base.errors import DfsrtError
from dfsrt.base.plugin.module import module_in_file
from dfsrt.base.reading import RAISED_BY
from dfsrt.cost.cycles.report import load_cycles
from dfsrt.cost.tool_names import other_names
from dfsrt.device import load_device
from dfsrt.device.devicetree import read_device_tree
from dfsrt.network import load_network
from dfsrt.network.pipeline import load_pipeline
from dfsrt.network.samples.files import read_arrays
from dfsrt.power.measure.networks_file import read_networks
from dfsrt.power.measure.store import read_idle, read_samples
from dfsrt.recording import read_recording
from dfsrt.run.scenario_load import is_scenario, load_scenario
from dfsrt.study.study import read_study
from dfsrt.trace.load import load_trace

READERS = {
    "network.onnx": load_network,
    "device.toml": lambda path: load_device(str(path)),
    "pipeline.toml": lambda path: load_pipeline(str(path)),
    "scenario.toml": lambda path: load_scenario(str(path)),
    "study.toml": read_study,
    "tree.dts": read_device_tree,
    "trace.csv": load_trace,
    "trace.parquet": load_trace,
    "samples.parquet": read_samples,
    "networks.json.gz": read_networks,
    "arrays.npz": read_arrays,
    "recording.json": read_recording,
    "cycles.csv": lambda path: load_cycles(f"scalesim:{path}"),
    "own.py": lambda path: module_in_file(str(path), "governor file"),
}


def refusal(read, path) -> str:
    with pytest.raises(DfsrtError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", READERS)
def test_no_reader_waits_for_a_pipe(name, tmp_path):
    os.mkfifo(tmp_path / name)
    refusal(READERS[name], tmp_path / name)


@pytest.mark.parametrize("name", READERS)
def test_no_reader_takes_more_than_the_environment_allows(name, tmp_path, monkeypatch):
    (tmp_path / name).write_bytes(b"x" * 5000)
    monkeypatch.setenv(RAISED_BY, "1 kB")
    refusal(READERS[name], tmp_path / name)


@pytest.mark.parametrize("text", ["x = " + "[" * 20_000, "x = " + "9" * 5000, "a." * 20_000])
def test_toml_that_the_library_cannot_take_is_refused_by_every_reader(text, tmp_path):
    for name in ("device.toml", "pipeline.toml", "scenario.toml", "study.toml"):
        (tmp_path / name).write_text(text)
        refusal(READERS[name], tmp_path / name)
        assert not is_scenario(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("device.toml", 'base = "../elsewhere.toml"\nname = "d"\n'),
        ("device.toml", 'base = "/dev/zero.toml"\nname = "d"\n'),
        ("scenario.toml", 'device = "../elsewhere.toml"\n'),
        ("trace.csv", "arrival_ms,workload\n1,../elsewhere.onnx\n"),
        ("trace.csv", "arrival_ms,workload\n1,/etc/elsewhere.onnx\n"),
    ],
)
def test_a_file_that_another_names_elsewhere_is_not_opened(name, text, tmp_path, monkeypatch):
    (tmp_path / "inside").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "elsewhere.toml").write_text('base = "mdla"\nname = "e"\n')
    monkeypatch.chdir(tmp_path / "work")
    path = tmp_path / "inside" / name
    path.write_text(text)
    if name != "scenario.toml":  # which needs more than a device
        assert "lies outside of it; copy it into that folder" in refusal(READERS[name], path)
    else:
        refusal(READERS[name], path)


def test_a_table_that_unpacks_to_more_than_is_read_is_refused_unopened(tmp_path, monkeypatch):
    monkeypatch.setattr("dfsrt.base.parquet.MOST_IN_CHUNK", 1 << 20)
    path = tmp_path / "trace.parquet"
    text = pa.array(["a" * (1 << 21)], pa.large_string())
    table = pa.table({"arrival_ns": [1], "workload": text})
    pq.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=False)
    assert path.stat().st_size < 2000
    assert RAISED_BY in refusal(load_trace, path)


def test_an_archive_that_unpacks_to_gigabytes_is_refused_unopened(tmp_path, monkeypatch):
    path = tmp_path / "arrays.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"\0" * (1 << 22))
    monkeypatch.setattr("dfsrt.network.samples.files.MOST_UNPACKED", 1 << 20)
    assert "unpacked, has 4,194,304 bytes" in refusal(read_arrays, path)


def test_readings_that_unpack_to_gigabytes_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "networks.json.gz"
    path.write_bytes(gzip.compress(b" " * (1 << 21)))
    monkeypatch.setattr("dfsrt.power.measure.networks_file.MOST_BYTES", 1 << 20)
    assert "of which up to 1,048,576 are read" in refusal(read_networks, path)


@pytest.mark.parametrize(
    ("columns", "about"),
    [
        ({"key": pa.array([b"\x80"], pa.binary()).view(pa.string())}, {}),
        ({"key": ["a"]}, {}),
        ({"key": ["a"], "layer": ["[1]"], "attributes": ["{}"], "source": ["s"]}, {}),
        ({}, {"dfsrt.idle": "[" * 5000}),
        ({}, {"dfsrt.idle": '[{"power_w": "x"}]'}),
    ],
)
def test_samples_that_are_none_are_told_in_one_line(columns, about, tmp_path):
    path = tmp_path / "samples.parquet"
    pq.write_table(pa.table(columns).replace_schema_metadata(about), path)
    assert "give a file that 'dfsrt measure' wrote" in refusal(
        read_samples if columns else read_idle, path
    )


@pytest.mark.parametrize(
    "text", ["arrival_ms,workload" + "," * 100_000, "a" * 100_000, "arrival_ms\n" + "a" * 2**23]
)
def test_a_table_without_end_to_its_columns_or_cells_is_refused(text, tmp_path):
    path = tmp_path / "trace.csv"
    path.write_text(text)
    refusal(load_trace, path)


def test_a_name_of_a_million_endings_stands_for_itself_alone():
    assert other_names("rknn", "conv" + "_rs" * 300_000) == ()
    assert other_names("rknn", "conv_rs")

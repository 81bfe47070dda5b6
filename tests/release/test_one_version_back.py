"""What dfsrt 0.1 wrote is read; what a later dfsrt writes is refused in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

import dfsrt
from dfsrt.base.errors import DfsrtError, InputError
from dfsrt.device import load_device
from dfsrt.governor.file import read_governor_file
from dfsrt.power.measure.store import read_samples, write_samples
from dfsrt.power.models import open_model
from dfsrt.recording import table
from dfsrt.study.journal import Journal
from dfsrt.trace import load_trace as read_trace
from dfsrt.trace.write import write_trace

ROOT = Path(__file__).resolve().parents[2]
OLD = Path(__file__).parent / "written_by_0_1"


def test_reports_of_a_run_and_of_a_comparison_are_read_with_every_figure():
    for name in ("run.json", "compare.json"):
        written = json.loads((OLD / name).read_text())
        read = json.loads(msgspec.json.encode(dfsrt.read_report(OLD / name)))
        assert {key: read[key] for key in written} == written
    assert [run.governor for run in dfsrt.read_report(OLD / "compare.json").runs] == [
        "dfs", "performance"
    ]  # fmt: skip


def test_a_trace_is_read_and_written_again_with_its_format(tmp_path):
    old = read_trace(OLD / "trace")
    assert (len(old), old.workloads) == (10, ("squeezenet",))
    write_trace(old, tmp_path / "new")
    assert "format" not in (OLD / "trace" / "card.toml").read_text()
    assert (tmp_path / "new" / "card.toml").read_text().startswith("format = 1\n")
    assert (read_trace(tmp_path / "new").arrival_ns == old.arrival_ns).all()


def test_samples_are_read_and_written_again_with_their_format(tmp_path):
    old = read_samples(OLD / "samples.parquet")
    write_samples(old, tmp_path / "new.parquet")
    assert (len(old), read_samples(tmp_path / "new.parquet")) == (5, old)
    assert format_of(tmp_path / "new.parquet") == b"1"


def test_a_recording_is_read_and_written_again_with_its_format(tmp_path):
    old = table.read(OLD / "recording.parquet")
    table.write(old, tmp_path / "new.parquet")
    new = table.read(tmp_path / "new.parquet")
    assert (old.about, len(old.slices), len(old.counters)) == ({"made by": "dfsrt 0.1"}, 1, 1)
    assert (new.about, format_of(tmp_path / "new.parquet")) == (old.about, b"1")


def test_devices_governors_and_power_models_are_read():
    assert load_device(OLD / "device.toml").name == "mine"
    assert read_governor_file(OLD / "governor.toml").name == "dfs"
    assert open_model("mdla").card.format == 2  # the shelf is 0.1's


@pytest.mark.parametrize(
    ("name", "now", "later", "read"),
    [
        ("run.json", '"schema_version": 2', '"schema_version": 3', dfsrt.read_report),
        ("trace/card.toml", "name =", "format = 2\nname =", lambda p: read_trace(p.parent)),
        ("governor.toml", "format = 1", "format = 2", read_governor_file),
        ("device.toml", "format = 1", "format = 2", load_device),
    ],
)
def test_a_later_one_is_refused_in_one_line_that_says_what_to_do(tmp_path, name, now, later, read):
    shutil.copytree(OLD, tmp_path / "files")
    path = tmp_path / "files" / name
    text = path.read_text()
    assert now in text
    path.write_text(text.replace(now, later, 1))
    with pytest.raises(DfsrtError, match=r"this dfsrt reads format \d.*use a newer dfsrt") as said:
        read(path)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("name", "read"), [("samples.parquet", read_samples), ("recording.parquet", table.read)]
)
@pytest.mark.parametrize("said", ["2", "two"])
def test_parquet_of_a_later_format_is_refused(tmp_path, name, read, said):
    whole = pq.read_table(OLD / name)
    about = {**(whole.schema.metadata or {}), b"dfsrt.format": said.encode()}
    pq.write_table(whole.replace_schema_metadata(about), tmp_path / name)
    with pytest.raises(InputError, match=f"has format {said}; this dfsrt reads format 1"):
        read(tmp_path / name)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": 2}', '{"schema_version": 1}'])
def test_what_is_no_report_or_too_old_is_refused(tmp_path, text):
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(InputError, match=r"r\.json"):
        dfsrt.read_report(tmp_path / "r.json")


def test_a_journal_of_another_version_is_not_gone_on_with(tmp_path):
    journal = Journal(tmp_path / "study.log")
    old, new = {"dfsrt": "0.1.0", "optuna": "5"}, {"dfsrt": dfsrt.__version__, "optuna": "5"}
    said = str(
        journal.of_another_study({"versions": old}, {"versions": new, "study": {}, "files": {}})
    )
    journal.close()
    assert "(versions dfsrt changed); give another --out" in said


def format_of(path: Path) -> bytes | None:
    return (pq.read_schema(path).metadata or {}).get(b"dfsrt.format")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "schema").glob("*.json")), ids=lambda p: p.stem
)
def test_every_published_schema_has_a_version(path):
    schema = json.loads(path.read_text())
    whole = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    assert "schema_version" in whole["properties"]

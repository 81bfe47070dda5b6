"""The recorded captures on the shelf hold together."""

from __future__ import annotations

import hashlib

import pyarrow.parquet as pq
import pytest

from dfsrt.base.shelf import shelf_entries
from dfsrt.network import load_network
from dfsrt.network.zoo import locate
from dfsrt.trace.card import read_card_file
from dfsrt.trace.load import load_trace

CAPTURES = [e.name for e in shelf_entries("traces") if (e / "layers.parquet").is_file()]


def test_there_is_a_recorded_capture_on_the_shelf():
    assert CAPTURES


@pytest.mark.parametrize("name", CAPTURES)
def test_its_layers_lie_in_its_runs_and_are_all_nodes_of_its_model(name):
    trace = load_trace(name)
    assert trace.card.kind == "recorded"
    (entry,) = [e for e in shelf_entries("traces") if e.name == name]
    about = read_card_file(entry / "card.toml").capture
    (model,) = trace.workloads
    assert about["model_sha256"] == hashlib.sha256(locate(model)[1].read_bytes()).hexdigest()
    rows = pq.read_table(entry / "layers.parquet").to_pylist()
    assert len(trace) == about["runs"] == len({row["run"] for row in rows})
    ends = [*trace.arrival_ns.tolist()[1:], trace.card.duration_ns]
    for row in rows:
        begin = trace.arrival_ns[row["run"]]
        assert begin <= row["start_ns"]
        assert row["start_ns"] + row["duration_ns"] <= ends[row["run"]]
    mapped = sum(row["duration_ns"] for row in rows if row["nodes"])
    assert mapped / sum(row["duration_ns"] for row in rows) >= 0.99
    nodes = {n for layer in load_network(model).layers for n in layer.nodes}
    assert {n for row in rows for n in row["nodes"]} == nodes
    assert sum(f.stat().st_size for f in entry.iterdir()) < 200_000

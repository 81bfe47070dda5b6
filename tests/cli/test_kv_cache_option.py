"""``--kv-cache`` reaches the network, and its note the page."""

from __future__ import annotations

import json

import onnx
import pytest

from dfsrt.cli import main as entry
from tests.network.test_kv_cache import ROW, decoder


@pytest.fixture
def layers(monkeypatch, tmp_path):
    """Type ``dfsrt layers`` with a decoder's file; returns its report."""
    monkeypatch.chdir(tmp_path)
    onnx.save(decoder(), "step.onnx")

    def typed(*words):
        words = ("dfsrt", "layers", "step.onnx", *words, "--json", "out.json")
        monkeypatch.setattr("sys.argv", list(words))
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        assert stopped.value.code == 0
        return json.loads((tmp_path / "out.json").read_text("utf-8"))

    return typed


def test_a_copied_cache_costs_its_bytes_and_an_appended_one_is_said(layers):
    appended, copied = layers(), layers("--kv-cache", "copy")
    written = [
        next(layer["output_bytes"] for layer in said["layers"] if layer["name"] == "append")
        for said in (appended, copied)
    ]
    assert written == [ROW, 16 * ROW]
    assert "--kv-cache copy" in appended["notes"][0]
    assert copied["notes"] == []

"""Language models wherever a network is named: loads, runs, truth files."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.run.source import NETWORK, kind_of

SMALL = """
source = "made up"
layers = 1
heads = 4
key_value_heads = 2
head_width = 16
width = 64
feed_forward = 96
vocabulary = 48
context = 256
tied = true
"""


@pytest.mark.parametrize("said", ["llm:llama-3.2-1b:bits=8", "llm:my.toml", " llm:config.json"])
def test_a_language_model_is_a_network_and_no_pipeline(said):
    assert kind_of(said) == NETWORK


def test_a_configuration_of_ones_own_runs_as_any_network_does_and_anew_when_it_changes(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(SMALL)
    one = dfsrt.run(f"llm:{path}", device="rk3588-npu", step="layer").report
    path.write_text(SMALL.replace("layers = 1", "layers = 3"))
    three = dfsrt.run(f"llm:{path}", device="rk3588-npu", step="layer").report
    assert 1.5 < one.fps / three.fps < 3
    assert any("int4 weights" in note for note in one.notes)


def test_a_name_without_a_model_is_told_the_nearest_and_a_plain_one_finds_its_family():
    with pytest.raises(InputError, match=r"did you mean 'llm:llama-3\.2-1b'"):
        dfsrt.run("llm:llama-3.2-1")
    with pytest.raises(InputError, match=r"did you mean 'llm:tinyllama-1\.1b'"):
        dfsrt.run("tinyllama-1.1b")

"""Language models wherever a network is named: loads, runs, truth files."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.cli.load_job import check_kind
from dfsrt.network import load_network
from dfsrt.report.network_check import check_network
from dfsrt.run.source import LANGUAGE, NETWORK, kind_of

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
def test_a_language_model_is_one_by_its_name_and_a_pass_of_it_is_a_network(said):
    assert kind_of(said) == LANGUAGE
    assert kind_of(f"{said}:phase=prefill") == kind_of(f"{said}:context=12") == NETWORK


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


def test_a_check_of_a_language_model_is_of_a_pass_and_ends_with_a_command_that_runs(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(SMALL)
    found = check_network(f"llm:{path}")
    assert found.next == f"dfsrt run llm:{path}:phase=decode" and not found.problems
    assert found.macs == load_network(f"llm:{path}:phase=decode").macs


def test_where_a_network_is_asked_for_a_language_model_is_told_to_name_a_pass():
    with pytest.raises(InputError, match=r"name a pass of it, like 'llm:phi3-3\.8b:phase=decode'"):
        check_kind("llm:phi3-3.8b", "network")

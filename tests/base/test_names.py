"""``NAME:key=value`` as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.names import (
    one_of,
    parse_name_spec,
    sought_in,
    unknown_name,
    unknown_on_shelf,
)


def test_a_name_with_options_is_split():
    spec = parse_name_spec("dfs:rail=850mV:tie=highest", "governor")
    assert (spec.name, dict(spec.options)) == ("dfs", {"rail": "850mV", "tie": "highest"})
    assert str(spec) == "dfs:rail=850mV:tie=highest"


def test_a_path_with_a_colon_stays_a_name():
    assert parse_name_spec("folder:1/device.toml", "device").name == "folder:1/device.toml"


@pytest.mark.parametrize("text", ["", "  ", ":rail=1", "dfs:tie=a:tie=b"])
def test_what_cannot_be_split_is_refused(text):
    with pytest.raises(InputError, match="governor"):
        parse_name_spec(text, "governor")


def test_a_file_that_was_given_without_its_ending_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert unknown_on_shelf("device", "mine", ["ideal"]).endswith("or give a .toml file")
    (tmp_path / "mine.toml").touch()
    assert unknown_on_shelf("device", "mine", ["ideal"]).endswith("as 'mine.toml', which is there")
    assert "which is there" not in unknown_on_shelf("device", "n" * 5000, ["ideal"])


def test_an_unknown_name_gets_the_nearest_one():
    assert "did you mean 'dfs'?" in unknown_name("governor", "dsf", ["dfs", "dvfs-x"])
    assert "known: none" in unknown_name("governor", "x", [])


def test_of_long_names_one_that_begins_as_it_was_misspelt_is_nearest():
    keys = ["memory.banks", "memory.bandwidth_bytes_per_s", "memory.buffer_bytes"]
    assert "did you mean 'memory.bandwidth_bytes_per_s'?" in unknown_name(
        "number", "memory.bandwith", keys
    )
    assert "did you mean 'memory.banks'?" in unknown_name("number", "memory.bank5", keys)


def test_what_shares_half_of_its_letters_is_not_meant():
    assert "did you mean" not in unknown_name("choice", "both", ["then"])


def test_of_a_crowd_of_names_the_nearest_are_listed_and_the_others_counted():
    text = unknown_name("input", "data", [*(f"w{i}" for i in range(300)), "data_0"])
    assert "did you mean 'data_0'?" in text and "(known: data_0, w" in text
    assert text.endswith("and 291 more)") and len(text) < 200


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("own.py:Slow:share=0.5", "f/own.py:Slow:share=0.5"),
        ("sub/own.TOML", "f/sub/own.TOML"),
        ("dfs:rail=850mV", "dfs:rail=850mV"),
        ("own.onnx", "own.onnx"),
    ],
)
def test_a_file_is_sought_in_a_folder_and_a_name_is_not(text, found):
    assert sought_in(Path("f"), text, (".toml", ".py")) == found


def test_a_language_model_that_a_file_names_is_sought_beside_it(tmp_path):
    assert sought_in(tmp_path, "llm:my.toml:bits=8", ".onnx") == f"llm:{tmp_path}/my.toml:bits=8"
    assert sought_in(tmp_path, "llm:llama-3.2-1b", ".onnx") == "llm:llama-3.2-1b"
    with pytest.raises(InputError, match="lies outside of it"):
        sought_in(tmp_path, "llm:../../my.json", ".onnx")


def test_a_choice_that_is_none_is_told_all_and_the_nearest():
    assert one_of("lyer", ("layer", "request")) == (
        "use one of layer, request; did you mean 'layer'?"
    )
    assert one_of("req", ("layer", "request")).endswith("did you mean 'request'?")
    assert one_of("zzz", ("layer", "request")) == "use one of layer, request"

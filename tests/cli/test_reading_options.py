"""How a network is read is said by the same options in every command, and kept where it is kept."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest

from dfsrt.base.errors import InputError
from dfsrt.cli import main as entry
from dfsrt.cli.commands import make_app
from dfsrt.network import reading
from dfsrt.network.pipeline import load_pipeline
from dfsrt.network.reading import Reading, reading_of
from dfsrt.report.api import Job
from dfsrt.trace.card import card_text, read_card
from dfsrt.trace.load import load_trace
from dfsrt.trace.trace import TraceCard
from tests.network.loops import BOOL, INT64, graph, model, node, stored, value

OPTIONS = ("--dim", "--set", "--branch", "--trips", "--unknown-ops")
READERS = (
    "run", "compare", "replay", "layers", "frontier", "predict", "measure", "capture", "activity",
    "battery run", "battery compare", "battery ranges", "budget", "device calibrate",
    "memory network", "memory compare",
)  # fmt: skip


def branch(name: str) -> onnx.GraphProto:
    made = value(f"{name}y", ["batch", 16])
    return graph([node("MatMul", f"x {name}", f"{name}y", f"{name}mm")], [], [made])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a voice detector's shape: an If on the sampling rate, an open batch."""
    nodes = [
        node("Equal", "sr k", "is"),
        node("If", "is", "y", "rate", then_branch=branch("A"), else_branch=branch("B")),
        node("Relu", "y", "z", "last"),
    ]
    constants = [stored(n, np.ones((32, 16), np.float32)) for n in "AB"]
    onnx.save(
        model(
            nodes, [value("x", ["batch", 32]), value("sr", [], INT64)], [value("z", None)],
            [*constants, stored("k", np.int64(16000))],
        ),
        tmp_path / "vad.onnx",
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def typed(folder, monkeypatch, capsys):
    def type_(*words):
        monkeypatch.setattr("sys.argv", ["dfsrt", *words])
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        said = capsys.readouterr()
        if stopped.value.code:
            assert said.err.count("\n") == 1
            return said.err
        return json.loads(said.out) if "--json" in words else said.out

    return type_


@pytest.mark.parametrize("command", READERS)
def test_every_command_that_reads_a_network_has_the_options(command):
    from typer.main import get_command

    group = get_command(make_app())
    for word in command.split():
        group = group.commands[word]
    names = {option for parameter in group.params for option in parameter.opts}
    assert set(OPTIONS) <= names


SIZED = ("--dim", "batch=2")


def test_the_branch_that_was_taken_is_said_first_in_every_report(typed):
    for words in (("layers",), ("run", "-n", "2"), ("predict",), ("frontier", "-g", "dfs")):
        command, *rest = words
        report = typed(command, "vad.onnx", *SIZED, *rest, "--json", "-")
        assert report["notes"][0].startswith("If 'rate' depends on data (on input sr)")
        lines = typed(command, "vad.onnx", *SIZED, *rest).splitlines()
        assert any("note: If 'rate' depends on data" in line for line in lines[:3])
    several = typed("compare", "vad.onnx", *SIZED, "-n", "2", "-g", "dfs,dvfs", "--json", "-")
    assert "If 'rate'" in several["runs"][1]["notes"][0]


@pytest.mark.parametrize(("said", "node_name"), [
    (("--set", "sr=16000"), "rate/Amm"),
    (("--set", "sr=8000"), "rate/Bmm"),
    (("--branch", "else"), "rate/Bmm"),
    (("--branch", "then"), "rate/Amm"),
])  # fmt: skip
def test_set_and_branch_choose(typed, said, node_name):
    report = typed("layers", "vad.onnx", *SIZED, *said, "--json", "-")
    assert [layer["name"] for layer in report["layers"]] == [node_name]


@pytest.mark.parametrize(("said", "says"), [
    (("--set", "sr"), "write it like --set sr=16000"),
    (("--set", "=1"), "write it like --set sr=16000"),
    (("--set", "sr=1", "--set", "sr=2"), "twice"),
    (("--set", "rate=1"), "known: sr, x"),
    (("--branch", "both"), "'larger', 'then' or 'else'"),
    (("--trips", "loop"), "--trips Loop_0=20"),
    (("--trips", "loop=-1"), "--trips Loop_0=20"),
    (("--trips", "loop=3"), "leave out --trips loop"),
    (("--unknown-ops", "skip"), "'error' or 'memory'"),
])  # fmt: skip
def test_what_is_said_wrongly_is_one_line(typed, said, says):
    assert says in typed("layers", "vad.onnx", *SIZED, *said)


def test_a_captured_trace_is_replayed_as_it_was_captured(typed, folder):
    said = ("--dim", "batch=2", "--set", "sr=8000", "--branch", "else")
    typed("capture", "vad.onnx", "--out", "T", *said, "--runs", "2")
    trace = load_trace("T")
    own = reading_of(dims={"batch": 2}, values={"sr": 8000}, branch="else")
    assert dict(trace.card.readings) == {trace.workloads[0]: own}
    report = typed("replay", "T", "--json", "-")
    assert report["frames"] == 2
    layers = Job("T").table.load.names
    assert layers == ("rate/Bmm",)
    assert Job("T", values={"sr": 16000}).table.load.names == ("rate/Amm",)
    assert Job("T", dims={"batch": 64}).table.macs == 32 * Job("T").table.macs


def test_a_capture_feeds_the_value_that_is_set(typed, folder):
    from dfsrt.capture import capture_model

    dark = {"x": "[[0,0],[0,0]]"}
    onnx.save(
        model([node("Relu", "x", "y")], [value("x", ["n", 2])], [value("y", None)]), "one.onnx"
    )
    done = capture_model("one.onnx", values=dark)
    assert done.model.values["x"].tolist() == [[0, 0], [0, 0]]
    assert done.model.reading.dims == {"n": 2}
    assert "did you mean" in typed("capture", "vad.onnx", "--out", "T", *SIZED, "--set", "sra=1")
    assert not (folder / "T").exists()


def test_a_card_keeps_how_networks_are_read_to_the_last_word(tmp_path):
    own = Reading({"a b": 3}, {"sr": "[1, 2]"}, "then", {"L/in ner": 4}, "memory")
    card = TraceCard(
        "t", "recorded", "d", "s", 5, readings={"../a b.onnx": own, "plain": Reading()}
    )
    (tmp_path / "card.toml").write_text(card_text(card))
    assert read_card(tmp_path / "card.toml").readings == {"../a b.onnx": own}


@pytest.mark.parametrize(("line", "says"), [
    ('"vad.onx" = { dims = { batch = 2 } }', "did you mean 'vad.onnx'"),
    ('"vad.onnx" = { dim = { batch = 2 } }', "did you mean 'dims'"),
    ('"vad.onnx" = { branch = "both" }', "branch"),
    ('"vad.onnx" = { trips = { L = -1 } }', "whole number of 0 or more"),
])  # fmt: skip
def test_a_card_that_reads_wrongly_is_one_line(folder, line, says):
    (folder / "T").mkdir()
    (folder / "T" / "trace.csv").write_text("arrival_ns,workload\n0,vad.onnx\n")
    head = 'name="t"\nkind="recorded"\ndescription="d"\nsource="s"\nduration="5 ns"\n[reading]\n'
    (folder / "T" / "card.toml").write_text(head + line)
    with pytest.raises(InputError, match=says) as caught:
        load_trace(folder / "T")
    assert "\n" not in str(caught.value)


def test_in_a_mix_sizes_and_values_go_to_the_network_that_has_them(folder):
    (folder / "two.csv").write_text("arrival_ns,workload\n0,vad.onnx\n1000,squeezenet\n")
    table = Job("two.csv", dims={"batch": 2}, values={"sr": 8000}).table
    assert table.load.names[0] == "rate/Bmm"
    with pytest.raises(InputError, match="no network of the load has 'other', which --set sets"):
        _ = Job("two.csv", dims={"batch": 2}, values={"other": 1}).table


PIPELINE = """
format = 1
name = "ears"
description = "two rates"
source = "a test"
[parameters.rate]
default = "16k"
help = "the sampling rate"
choices = { 16k = 16000, 8k = 8000 }
[[stage]]
name = "first"
network = "vad.onnx"
dims = { batch = 1 }
set = { sr = "rate" }
[[stage]]
name = "second"
network = "vad.onnx"
dims = { batch = 2 }
branch = "else"
"""


def test_a_pipelines_stages_say_how_their_networks_are_read(folder, typed):
    (folder / "ears.toml").write_text(PIPELINE)
    first, second = load_pipeline("ears.toml:rate=8k").stages
    assert first.reading == reading_of(dims={"batch": 1}, values={"sr": 8000})
    assert second.reading.branch == "else"
    assert Job("ears.toml").table.load.names == ("rate/Amm", "rate/Bmm")
    report = typed("run", "ears.toml", "-n", "2", "--json", "-")
    assert any("If 'rate' depends on data" in note for note in report["notes"])
    assert "set of that network's stage" in typed("run", "ears.toml", "--set", "sr=8000")


def test_a_stage_that_reads_wrongly_is_named(folder):
    wrong = PIPELINE.replace('branch = "else"', "trips = { L = -1 }")
    (folder / "ears.toml").write_text(wrong)
    with pytest.raises(InputError, match="stage 'second': the trips of 'L' are -1"):
        load_pipeline("ears.toml")


def test_studies_read_networks_as_they_say(folder):
    from dfsrt.study.cell import Cell, Point, setting_of
    from dfsrt.study.cell import _job as job_of
    from dfsrt.study.study import parse_study

    text = 'name = "s"\n[over]\nnetworks = ["vad.onnx", "squeezenet"]\ndims = { batch = 2 }\n'
    study = parse_study(text + "set = { sr = 8000 }\n")
    point = Point("dfs", "rk3588-npu", None)
    names = [
        job_of(Cell(n, None, 0), point, setting_of(study)).table.load.names[0]
        for n in study.over.networks
    ]
    assert names[0] == "rate/Bmm"
    with pytest.raises(InputError, match="whole number"):
        parse_study(text + "trips = { L = -1 }\n")


def test_readings_that_say_the_same_are_one_key():
    a = Reading({"a": 1, "b": 2}, {"c": "1"}, trips={"d": 1, "e": 2})
    b = Reading({"b": 2, "a": 1}, {"c": "1"}, trips={"e": 2, "d": 1})
    assert a == b
    assert hash(a) == hash(b)
    assert reading.value_text([True, 2]) == "[true, 2]"
    over = Reading(branch="then", unknown_ops="memory").over(Reading({"n": 1}, branch="else"))
    assert over == Reading({"n": 1}, branch="then", unknown_ops="memory")


def test_what_is_left_out_is_said_first_in_reports(typed):
    odd = onnx.helper.make_node("Odd", ["x"], ["o"], domain="own", name="odd")
    proto = model(
        [odd, node("Relu", "x", "y")], [value("x", [2, 8])], [value("y", None), value("o", [2, 8])]
    )
    onnx.save(proto, "odd.onnx")
    assert "--unknown-ops memory" in typed("layers", "odd.onnx")
    memory = ("--unknown-ops", "memory")
    layers = typed("layers", "odd.onnx", *memory, "--json", "-")
    assert layers["left_out"]["as_memory"] == [["Odd", 1]]
    for words in (("layers",), ("run", "-n", "2"), ("compare", "-n", "2", "-g", "dfs,dvfs")):
        lines = typed(words[0], "odd.onnx", *words[1:], *memory).splitlines()
        assert any(
            "1 of 2 nodes (50.0%: 1 Odd) has no rule" in line.replace("\n", " ")
            for line in lines[:3]
        )


def test_passes_of_a_loop_stand_in_the_table_of_layers(typed):
    inner = graph(
        [node("MatMul", "h W", "h2", "mm"), node("Identity", "c", "c2")],
        [value("i", [], INT64), value("c", [], BOOL), value("h", [1, 8])],
        [value("c2", [], BOOL), value("h2", [1, 8])],
    )
    onnx.save(
        model(
            [node("Loop", "M - x", "y", "L", body=inner)], [value("x", [1, 8])], [value("y", None)],
            [stored("M", np.int64(5)), stored("W", np.ones((8, 8), np.float32))],
        ),
        "loop.onnx",
    )  # fmt: skip
    assert " passes " in typed("layers", "loop.onnx")
    report = typed("layers", "loop.onnx", "-d", "rk3588-npu", "--json", "-")
    assert (report["layers"][0]["times"], report["layers"][0]["macs"]) == (5, 320)


def test_the_measured_time_of_a_loop_is_that_of_the_layers_in_it(typed):
    inner = graph(
        [node("MatMul", "h W", "h2", "mm"), node("Identity", "c", "c2")],
        [value("i", [], INT64), value("c", [], BOOL), value("h", [1, 8])],
        [value("c2", [], BOOL), value("h2", [1, 8])],
    )
    nodes = [node("Loop", "M - x", "y", "L", body=inner), node("MatMul", "y W", "z", "last")]
    constants = [stored("M", np.int64(5)), stored("W", np.ones((8, 8), np.float32))]
    onnx.save(model(nodes, [value("x", [1, 8])], [value("z", None)], constants), "loop.onnx")
    typed("capture", "loop.onnx", "--out", "T", "--runs", "2")
    report = typed("run", "loop.onnx", "-n", "1", "--layer-times", "capture:T", "--json", "-")
    assert any("the times of 2 of 2 layers of loop are measured" in n for n in report["notes"])

"""``dfsrt trace generate``: own workloads and days, and a command at its end that works."""

from __future__ import annotations

import shlex
from pathlib import Path

import onnx
import pytest

from dfsrt.base.errors import InputError
from dfsrt.cli.trace_generate import Synthetic, make_trace
from dfsrt.network.reading import Reading
from dfsrt.report.api import Job
from dfsrt.report.own_workloads import with_own_files
from dfsrt.trace import load_trace, mixed, write_trace
from tests.network.builders import Builder

PIPELINE = """
format = 1
name = "spotter"
description = "find, then look"
source = "an example"
key_every = "every"
[parameters.every]
default = 3
high = 100
help = "one frame in so many is looked at closely"
[[stage]]
name = "look"
on = "key"
network = "own.onnx"
[[stage]]
name = "find"
network = "tiny-images"
"""


def saved(folder, shape):
    b = Builder()
    folder.mkdir(exist_ok=True)
    model = b.model(b.op("MatMul", b.input("x", shape), b.weight(8, 8)))
    onnx.save(model, str(folder / "own.onnx"))


def printed(done) -> list[str]:
    assert done.returncode == 0, done.stderr
    return shlex.split(done.stdout.strip().rpartition("replay them with: dfsrt ")[2])


def test_a_pipeline_of_ones_own_and_the_command_that_is_printed(dfsrt, tmp_path):
    saved(tmp_path / "sub", [4, 8])
    (tmp_path / "sub" / "own.toml").write_text(PIPELINE)
    asked = ("poisson", "-w", "sub/own.toml:every=2", "--duration", "1s")
    command = printed(dfsrt("trace", "generate", *asked, "-o", "T"))
    assert command == ["replay", "T"]
    done = dfsrt(*command)
    assert done.returncode == 0 and done.stdout.startswith("T (synthetic) on ")


def test_what_a_network_leaves_open_gets_a_likely_size_in_the_card(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, ["batch", 8])
    said = Synthetic(kind="periodic", out=Path("T"), workload="own.onnx", duration="1s", rate=2)
    write_trace(with_own_files(make_trace(said)), said.out)
    assert load_trace("T").card.readings == {"own.onnx": Reading(dims={"batch": 1})}
    assert Job("T").table.macs == 64
    four = with_own_files(make_trace(said), dims={"batch": 4})
    assert four.card.readings == {"own.onnx": Reading(dims={"batch": 4})}
    camera = load_trace("camera-detection")
    both = mixed([load_trace("T"), camera], camera.card)
    (tmp_path / "sub").mkdir()
    write_trace(both, tmp_path / "sub" / "U")
    assert len(Job("sub/U").table.sections) == 2  # the size is of the one network alone


def test_what_is_said_of_reading_is_kept_or_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, ["batch", 8])
    (tmp_path / "own.toml").write_text(PIPELINE)
    for workload, dims, message in (
        ("own.toml", {"batch": 2}, "is a pipeline, whose file says how"),
        ("own.toml", {}, "in a pipeline's file write it like dims"),
        ("squeezenet", {"batch": 2}, "no open dimension 'batch'"),
    ):
        trace = make_trace(Synthetic(kind="poisson", out=Path("T"), workload=workload))
        with pytest.raises(InputError, match=message):
            with_own_files(trace, dims=dims)
    built = make_trace(Synthetic(kind="poisson", out=Path("T"), workload="tiny-images"))
    assert with_own_files(built, dims={"image": 64}).card.readings["tiny-images"].dims


REFUSED = {
    ("poisson", "nonsense"): "unknown network or pipeline 'nonsense'",
    ("poisson", "none.onnx"): "no file that is there",
    ("day", "holiday"): r"unknown day 'holiday' \(known: assistant, phone\)",
    ("azure-code", "llm:llama-3.2-1b:phase=decode"): "has phase, which its passes set",
    ("weekly", "resnet50"): "unknown kind of trace 'weekly'",
}


@pytest.mark.parametrize(("asked", "message"), REFUSED.items())
def test_what_cannot_be_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        make_trace(Synthetic(kind=asked[0], out=Path("T"), workload=asked[1]))


@pytest.mark.parametrize("kind", ["azure-code", "day", "poisson"])
def test_a_seed_below_zero_is_refused_of_every_kind(kind):
    with pytest.raises(InputError, match="seed -1 is no whole number of 0 to"):
        make_trace(Synthetic(kind=kind, out=Path("T"), seed=-1))


def test_an_option_that_a_kind_has_no_use_for_is_refused():
    for kind, option in (("poisson", "jitter"), ("day", "burst"), ("periodic", "pause")):
        with pytest.raises(InputError, match=f"'--{option}' is not for a {kind} trace"):
            Synthetic(kind=kind, out=Path("T"), **{option: "1ms"})

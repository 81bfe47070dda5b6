"""Pipelines: which stages a frame runs, parameters, and files that make no sense."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import InputError
from dfsrt.network.pipeline import is_pipeline, load_pipeline, pipeline_names

GOOD = """
format = 1
name = "p"
description = "d"
source = "s"
key_every = "every"
[parameters.every]
default = 2
help = "h"
[parameters.mode]
default = "on"
choices = { on = 2, off = 1 }
help = "h"
[[stage]]
name = "a"
network = "squeezenet"
dims = { batch = "mode" }
repeat = "every"
loop = "l"
[[stage]]
name = "b"
network = "shufflenet"
repeat = "every"
loop = "l"
[[stage]]
name = "c"
on = "first"
host = { fixed_us = 5, source = "assumed", low = 1, high = 2 }
"""


def load(text, tmp_path, options=""):
    path = tmp_path / "p.toml"
    path.write_text(text)
    return load_pipeline(f"{path}{options}")


def names(pipeline, on):
    return [pipeline.stages[i].name for i in pipeline.order(on)]


def test_infinite_zoom_paints_one_frame_in_five_with_twenty_steps():
    zoom = load_pipeline("infinite-zoom")
    assert zoom.key_every == 5 and zoom.in_order
    middle = ["unet", "scheduler"] * 20
    assert names(zoom, "first") == [
        "resize-mask", "text-encode", "vae-encode", *middle, "vae-decode", "blend",
    ]  # fmt: skip
    assert names(zoom, "key") == ["resize-mask", "vae-encode", *middle, "vae-decode", "blend"]
    assert names(zoom, "between") == ["interpolate"]


def test_parameters_reach_stages_sizes_and_times():
    zoom = load_pipeline("infinite-zoom:steps=50:guidance=off:image=256:every=2")
    by_name = {stage.name: stage for stage in zoom.stages}
    assert by_name["unet"].repeat == 50
    assert dict(by_name["unet"].reading.dims) == {"image": 256, "batch": 1}
    assert by_name["blend"].host_ns == 5 * 256 * 256
    typed = {"steps": "50", "guidance": "off", "image": "256", "every": "2"}
    assert zoom.parameters == {**typed, "weights": "own"}


def test_neighbours_in_a_loop_run_in_turn(tmp_path):
    pipeline = load(GOOD, tmp_path, ":every=3")
    assert names(pipeline, "first") == ["a", "b"] * 3 + ["c"]
    assert names(pipeline, "between") == ["a", "b"] * 3


def test_names_and_files_are_told_from_networks():
    assert "infinite-zoom" in pipeline_names()
    assert is_pipeline("infinite-zoom:steps=2") and is_pipeline("x/y.toml:a=1")
    assert not is_pipeline("my.toml.d/net.onnx") and not is_pipeline("")
    assert not is_pipeline("resnet50") and not is_pipeline("sd2-unet:image=64")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", "reads format 1"),
        ('name = "a"', 'name = "b"', "two named 'b'"),
        ('repeat = "every"', 'repeat = "evry"', "unknown parameter 'evry'; did you mean 'every'"),
        ('repeat = "every"\nloop = "l"\n[[stage]]\nname = "b"', 'repeat = 3\nloop = "l"\n'
         '[[stage]]\nname = "b"', "share a loop"),
        ('on = "first"', 'on = "second"', "on 'second' is unknown"),
        ("fixed_us = 5", "fixed_us = -5", "allowed is above 0"),
        ("fixed_us = 5", f"ns_per_pixel = 1.0, pixels = [{', '.join(['9' * 18] * 40)}]",
         "more than 1,000,000,000,000 pixels"),
        (", low = 1, high = 2", "", "low and high"),
        ('network = "squeezenet"', 'netwrk = "squeezenet"', "did you mean 'network'"),
        ('network = "squeezenet"\n', "", "either a network or a host"),
        ("[[stage]]", "[[stage", "not valid TOML"),
    ],
)  # fmt: skip
def test_files_that_make_no_sense_are_refused_in_one_line(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(InputError, match=message) as caught:
        load(GOOD.replace(old, new, 1), tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("infinite-zoom:steps=0", "from 1 to 1000"),
        ("infinite-zoom:steps=many", "from 1 to 1000"),
        ("infinite-zoom:guidance=maybe", "use one of on, off"),
        ("infinite-zoom:step=2", "did you mean 'steps'"),
        ("infinit-zoom", "did you mean 'infinite-zoom'"),
        ("nowhere.toml", "No such file"),
    ],
)
def test_parameters_and_names_that_are_not_there_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        load_pipeline(text)

"""Levers: each rung is the run that it names; own levers come from files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.cli import main as entry
from dfsrt.report.brief import Brief, brief_of
from dfsrt.run.job import job_of
from dfsrt.run.run import execute
from dfsrt.run.scenario_load import load_scenario
from dfsrt.run.sharing import SharedDeployments
from dfsrt.study.levers import ladder_of, pull
from dfsrt.study.levers.file import SHIPPED, read_levers
from dfsrt.study.levers.page import levers_page
from dfsrt.study.levers.schema import LeftOut, Rung
from dfsrt.study.levers.table import head_lines, levers_grids
from dfsrt.study.levers.texts import options_of, with_options
from dfsrt.study.levers.words import cap_text, limit_lines, next_lines
from docs.levers import OUTPUTS
from docs.readme import output_of

PIPELINE = """
format = 1
name = "two"
description = "digits, several steps a painted frame"
source = "a test"
key_every = "every"
[parameters.every]
default = 2
help = "one frame in so many is painted"
[parameters.steps]
default = 20
high = 100
help = "steps of a painted frame"
[[stage]]
name = "paint"
on = "key"
network = "digits"
repeat = "steps"
[[stage]]
name = "between"
host = { fixed_us = 50, source = "assumed", low = 10, high = 100 }
"""
OWN = """
format = 1
[[lever]]
name = "slowest"
what = "the slowest clock"
run = { governor = "powersave" }
fidelity = "same"
[[lever]]
name = "int8"
what = "weights in 8 bits alone"
run = { precision = "w8a16" }
[[lever]]
name = "bin"
what = "a leakier die"
device = { bin = "L5" }
"""
NAMES = ("int8", "layer-clocks", "steps-20", "steps-4", "every-5")
SAID = {"cap": "0.1W", "frames": 7}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    path = tmp_path_factory.mktemp("levers") / "two.toml"
    path.write_text(PIPELINE)
    return str(path)


@pytest.fixture(scope="module")
def ladder(pipeline):
    return ladder_of(pipeline, names=NAMES, **SAID)


@pytest.fixture(scope="module")
def report(ladder):
    return pull(ladder, workers=1).report


def plain(load, **fields):
    """The core of a run as anybody runs it, with nothing shared."""
    said = {"precision": "fp16", "schedule": "layerwise", "governor": "app-dvfs"}
    said |= {"memory": "performance", "idle": "none", **SAID, **fields}
    return brief_of(dfsrt.run(load, **said).report)


def core(rung):
    return Brief(**{name: getattr(rung, name) for name in Brief.__struct_fields__})


def test_the_baseline_and_the_last_rung_are_plain_runs_to_the_bit(pipeline, report):
    assert core(report.rungs[0]) == plain(f"{pipeline}:steps=50:every=1")
    whole = plain(f"{pipeline}:steps=4:every=5", precision="int8", governor="dfs")
    assert core(report.rungs[-1]) == whole
    assert [rung.lever for rung in report.rungs] == ["baseline", *NAMES]


def test_alone_and_left_out_are_the_runs_that_they_name(pipeline, report):
    alone = {rung.lever: core(rung) for rung in report.alone}
    assert alone["steps-4"] == plain(f"{pipeline}:steps=4:every=1")
    assert alone["layer-clocks"] == plain(f"{pipeline}:steps=50:every=1", governor="dfs")
    without = {rung.lever: core(rung) for rung in report.without}
    assert without["int8"] == plain(f"{pipeline}:steps=4:every=5", governor="dfs")
    fewer = plain(f"{pipeline}:steps=20:every=5", precision="int8", governor="dfs")
    assert without["steps-4"] == fewer


def test_leaving_the_last_one_out_is_the_rung_before_and_the_first_alone_is_the_first_rung(report):
    assert core(report.without[-1]) == core(report.rungs[-2])
    assert core(report.alone[0]) == core(report.rungs[1])
    assert report.without[2].energy_change == 0.0  # steps-4 takes the place of steps-20


def test_leaving_one_out_and_adding_it_last_agree(pipeline, report):
    for name in ("int8", "every-5"):
        others = [other for other in NAMES if other != name]
        last = pull(ladder_of(pipeline, names=[*others, name], **SAID), workers=1).report
        assert core(last.rungs[-1]) == core(report.rungs[-1])
        left_out = next(rung for rung in report.without if rung.lever == name)
        assert core(last.rungs[-2]) == core(left_out)


def test_whoever_waits_is_told_how_many_runs_there_are():
    told = []
    pull(ladder_of("digits", names=["int8"], frames=1), 1, lambda *said: told.append(said))
    total = told[0][1]
    assert told == [(done, total) for done in range(1, total + 1)]


def test_changes_are_against_the_rung_before_the_baseline_and_all_on(report):
    joules = [rung.energy_per_frame_j.total for rung in report.rungs]
    for before, after, rung in zip(joules, joules[1:], report.rungs[1:], strict=False):
        assert rung.energy_change == after / before - 1
    for rung in report.alone:
        assert rung.energy_change == rung.energy_per_frame_j.total / joules[0] - 1
        assert rung.fps_change == rung.fps / report.rungs[0].fps - 1
    for rung in report.without:
        assert rung.energy_change == rung.energy_per_frame_j.total / joules[-1] - 1


def test_levers_that_were_not_picked_are_tried_on_top_of_all(pipeline, report):
    beyond = {rung.lever: rung for rung in report.beyond}
    on_top = plain(
        f"{pipeline}:steps=4:every=5", precision="int8", governor="dfs", memory="passive"
    )
    assert core(beyond["memory-clock"]) == on_top
    best = min(report.beyond, key=lambda rung: rung.energy_change)
    assert any(f"next best lever: {best.lever}, " in line for line in report.next)


def test_what_does_not_apply_is_left_out_with_the_reason(report):
    why = {one.lever: one.why for one in report.left_out}
    assert why["w4a8"] == "rk3588-npu decodes no 4-bit weights"
    assert "has no parameter image" in why["picture"]
    assert "--in" in why["display"]
    assert "--dram" in why["dram-map"]


@pytest.mark.parametrize(
    ("load", "device", "precision", "vain"),
    [("digits", "ethos-u55-256", "int8", True), ("llm:llama-3.2-1b", "xdna2", "bf16", False)],
)
def test_a_device_without_fp16_begins_in_its_own_precision(load, device, precision, vain):
    ladder = ladder_of(load, device=device)
    assert ladder.spec().precision == precision
    assert ladder.baseline.what.startswith(f"{precision} ({device} has no fp16), layer by layer")
    assert ("int8" not in ladder.names) == vain
    assert (LeftOut(lever="int8", why="the baseline has it already") in ladder.left_out) == vain


def test_a_baseline_of_ones_own_stays_as_it_was_written(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('format = 1\n[baseline]\nname = "b"\nwhat = "w"\nrun = { precision = "fp16" }')
    with pytest.raises(InputError, match=r"baseline cannot run: layer .* is in fp16"):
        pull(ladder_of("digits", file=path, device="ethos-u55-256", frames=1), workers=1)


@pytest.mark.parametrize(
    ("cap", "says"),
    [("0.5", "cap 500 mW"), ("0.5 W", "cap 500 mW"), ("none", "no cap"), (None, "cap 180 mW")],
)
def test_a_cap_is_said_in_watts_however_it_was_typed(cap, says):
    ladder = ladder_of("digits", cap=cap)
    assert cap_text(ladder.spec(), ladder.ground.npu) == f"{says} on npu"


def test_the_load_is_called_as_it_was_typed(pipeline, report):
    assert report.load == pipeline
    assert levers_page(report).title == f"Which lever pays: {pipeline} on rk3588-npu"
    named = msgspec.structs.replace(report, load="llm:llama-3.2-1b")
    assert levers_page(named).title == "Which lever pays: llm:llama-3.2-1b on rk3588-npu"


def test_a_component_that_a_scenario_lacks_is_left_out_with_what_it_has():
    why = {one.lever: one.why for one in ladder_of("edge-camera").left_out}
    assert why["display"].startswith("scenario edge-camera has no component display (components: ")


@pytest.mark.parametrize(
    ("frames", "cause", "says"),
    [
        (46, "empty", "; to 2.2%, for baseline ended within a frame, after 46 frames"),
        (46, "requests", "alone"),
        (460, "empty", "alone"),
        (0, "empty", "alone"),
    ],
)
def test_figures_of_a_few_frames_say_how_fine_they_are(frames, cause, says, report):
    few = msgspec.structs.replace(report.rungs[0], frames=frames, end_cause=cause)
    assert head_lines(msgspec.structs.replace(report, rungs=[few]))[-1].endswith(says)


def test_what_is_typed_with_the_load_stays(pipeline):
    ladder = ladder_of(f"{pipeline}:steps=3", **SAID)
    assert ladder.spec().load == f"{pipeline}:steps=3:every=1"
    assert {"steps-20", "steps-4"} <= {one.lever for one in ladder.left_out}


def test_a_pipeline_of_a_scenario_on_the_shelf_is_put_into_its_surroundings():
    ladder = ladder_of("infinite-zoom", names=["display", "int8"])
    assert ladder.ground.scenario.name == "infinite-zoom-phone"
    dim = ladder.spec(["display"]).load
    assert dim.spec.load == "infinite-zoom:steps=50:every=1"
    states = {use.name: use.state for use in dim.setting.uses}
    assert states["display"] == "dim"
    before = {use.name: use.state for use in ladder.spec().load.setting.uses}
    assert before == {**states, "display": "half"}
    alone = ladder_of("infinite-zoom", "none")
    assert alone.ground.scenario is None
    assert "display" not in alone.names
    assert "sleep" in alone.names


def test_any_load_can_be_put_into_the_surroundings_of_a_scenario(pipeline):
    ladder = ladder_of(pipeline, "infinite-zoom-phone", names=["int8", "display"], until="2s")
    report = pull(ladder, workers=1).report
    assert (report.scenario, report.joules) == ("infinite-zoom-phone", "battery")
    grid = levers_grids(report)[0]
    lives = [row[list(grid.heads).index("life")] for row in grid.rows]
    assert lives == ["> 2 s"] * 3, "stopped by time, with charge left"
    scenario = load_scenario("infinite-zoom-phone")
    dim = [
        replace(use, state="dim") if use.name == "display" else use for use in scenario.setting.uses
    ]
    setting = replace(scenario.setting, uses=tuple(dim))
    spec = replace(scenario.spec, load=f"{pipeline}:steps=50:every=1")
    load = replace(scenario, spec=spec, setting=setting)
    last = report.rungs[-1]
    assert core(last) == plain(load, precision="int8", until="2s", cap=None, frames=None)
    assert last.energy_per_frame_j.battery < report.rungs[-2].energy_per_frame_j.battery
    assert last.energy_change < 0


def test_levers_of_ones_own_are_added_and_take_the_place_of_ours(pipeline, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    ladder = ladder_of(pipeline, file=path, names=["int8", "slowest", "bin"], **SAID)
    report = pull(ladder, workers=1).report
    whole = plain(
        f"{pipeline}:steps=50:every=1", precision="w8a16", governor="powersave",
        device="rk3588-npu:bin=L5",
    )  # fmt: skip
    assert core(report.rungs[-1]) == whole
    assert [rung.fidelity for rung in report.rungs] == [
        "same",
        "not measured",
        "same",
        "not measured",
    ]
    assert report.rungs[-1].changes == "device:bin=L5"
    every = ladder_of(pipeline, file=path, **SAID)
    assert every.names[-2:] == ("slowest", "bin")
    assert every.names.index("int8") == 0


def test_steps_are_added_and_a_map_of_dram_is_written_into_its_part(pipeline, tmp_path):
    levers = {lever.name: lever for lever in read_levers(SHIPPED).lever}
    spec = job_of(ladder_of("squeezenet", dram="lpddr4-3200:channels=2").ground.spec).spec
    spec = levers["share"].apply(levers["prune"].apply(spec))
    assert spec.steps == "prune:channels=0.25,share:values=16"
    assert levers["dram-map"].apply(spec).dram == "lpddr4-3200:channels=2:map=drmap"
    assert "dram-map" in ladder_of("squeezenet", dram="lpddr4-3200").names


TEXT = st.text("abcdefgh", min_size=1, max_size=4)


@given(TEXT, st.dictionaries(TEXT, TEXT), st.dictionaries(TEXT, TEXT))
def test_options_in_a_text_are_those_that_were_there_with_the_new_ones_over_them(name, old, new):
    text = with_options(with_options(name, old, "load"), new, "load")
    assert options_of(text, "load") == {**old, **new}
    assert text.split(":")[0] == name


BAD = {
    "format = 2": "has format 2",
    "format = 1": "has no [[lever]]",
    'format = 1\n[[lever]]\nname = "a"\nwhat = "b"': "changes nothing",
    'format = 1\n[[lever]]\nname = "a,b"\nwhat = "b"\nrun = { governor = "dfs" }': "no comma",
    'format = 1\n[[lever]]\nname = "a"\nwhat = "b"\nrun = { govenor = "dfs" }': "govenor",
    'format = 1\n[[lever]]\nname = "a"\nwhat = "b"\nrun = { governor = 3 }': "governor",
    'format = 1\n[[lever]]\nname = "a"\nwhat = "b"\nneeds = "x"\nload = { a = 1 }': "int4",
    'format = 1\n' + 2 * '[[lever]]\nname = "a"\nwhat = "b"\nload = { steps = 1 }\n': "twice",
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BAD.items())
def test_a_file_of_levers_that_makes_no_sense_is_refused(text, says, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(InputError, match="levers file") as refused:
        read_levers(path)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["w4a8"], "w4a8 cannot be pulled here: rk3588-npu decodes no 4-bit weights"),
        (["picture"], "squeezenet has no parameter image"),
        (["display"], "give a scenario (--in)"),
        (["int9"], "did you mean 'int8'"),
        (["int8", "int8"], "named twice"),
        ([], "no lever is named"),
    ],
)
def test_a_lever_that_is_named_and_cannot_be_pulled_is_an_error(names, says):
    with pytest.raises(InputError) as refused:
        ladder_of("squeezenet", names=names)
    assert says in str(refused.value)


def test_a_lever_that_only_its_run_refuses_is_an_error_where_it_was_written(pipeline, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('format = 1\n[[lever]]\nname = "a"\nwhat = "b"\nrun = { governor = "dsf" }')
    with pytest.raises(InputError, match=r"lever a cannot be pulled here: .*dfs"):
        pull(ladder_of(pipeline, file=path, names=["a"], **SAID), workers=1)


OWN_BASELINES = {
    'component = { wifi = "off" }': "give a scenario",
    "load = { stesp = 5 }": "squeezenet has no parameter stesp",
    'needs = "skips-zeros"': "rk3588-npu skips no zeros",
    'dram = { map = "drmap" }': "names no DRAM part",
}


@pytest.mark.parametrize(("table", "says"), OWN_BASELINES.items())
def test_a_baseline_of_ones_own_that_does_not_apply_is_an_error(table, says, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(f'format = 1\n[baseline]\nname = "mine"\nwhat = "b"\n{table}')
    with pytest.raises(InputError, match=f"the baseline cannot be had here: .*{says}"):
        ladder_of("squeezenet", file=path)


def test_a_baseline_with_a_component_that_is_not_there_is_an_error(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('format = 1\n[baseline]\nname = "m"\nwhat = "b"\ncomponent = { wif = "off" }')
    with pytest.raises(InputError, match=r"no component wif .*wifi"):
        ladder_of("infinite-zoom", file=path)


def test_no_workers_at_all_is_an_error(pipeline):
    with pytest.raises(InputError, match="workers 0 is out of range"):
        pull(ladder_of(pipeline, names=["int8"], **SAID), workers=0)


def test_a_scenario_has_surroundings_and_takes_no_others():
    with pytest.raises(InputError, match="leave --in out"):
        ladder_of("voice-glasses", "infinite-zoom-phone")
    with pytest.raises(InputError, match="scenario"):
        ladder_of("squeezenet", "infinite-zoom-fone")


def test_pipelines_with_networks_in_common_share_them_to_the_bit(pipeline, ladder):
    shared = SharedDeployments()
    first = shared.job(ladder.spec())
    second = shared.job(ladder.spec(["steps-4", "every-5"]))
    fresh = job_of(ladder.spec(["steps-4", "every-5"]))
    ours, alone = second.deployment.mix.table, fresh.deployment.mix.table
    assert (ours.duration_ns == alone.duration_ns).all()
    assert execute(second).book.energy_j.sum() == execute(fresh).book.energy_j.sum()
    other = shared.job(replace(ladder.spec(["steps-4"]), precision="int8"))
    assert (first.table.duration_ns != other.table.duration_ns).any()


def rung(name, joules, **more):
    brief = Brief(
        fps=1.0, energy_per_frame_j=joules, fps_per_w=1.0, tops_per_w=1.0, power_avg_w=1.0,
        power_max_w=1.0, time_s=1.0, frames=1, busy_share=1.0, latency_p50_s=None,
        latency_p99_s=None, missed=0, over_cap=0.0, dram_bytes_per_frame=None, held_by="cap",
    )  # fmt: skip
    fields = {name: getattr(brief, name) for name in Brief.__struct_fields__}
    return Rung(**fields, lever=name, what="", changes="", fidelity="same", **more)


def test_words_name_the_first_the_most_missed_and_the_next_lever():
    def change(name, share):
        return rung(name, None, energy_change=share, fps_change=None)

    alone = [change("a", -0.2), change("b", -0.5), change("c", 0.1)]
    without = [change("a", 0.9), change("b", 0.3), change("c", -0.05)]
    assert next_lines(alone, without, [change("d", -0.1), change("e", 0.1)], []) == [
        "pull b first: -50.0% joules a frame alone",
        "a would be missed most: +90.0% without it",
        "does not pay with all others on: c (-5.0% without it)",
        "next best lever: d, -10.0% joules a frame on top of all that are on",
    ]
    slower = rung("d", None, energy_change=-0.3, fps_change=-0.143)
    assert next_lines(alone, without, [slower], [])[-1] == (
        "next best lever: d, -30.0% joules a frame and -14.3% frames a second on top of all that "
        "are on"
    )
    assert next_lines(alone, without, [change("e", 0.1)], [])[-1].startswith(
        "next best lever: none"
    )


def test_words_say_what_holds_the_clock_and_where_joules_go(report):
    lines = limit_lines(report.rungs[-1])
    assert lines[0].startswith(f"the clock is held by {report.rungs[-1].held_by}")
    assert "uncore" in lines[1]


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """Type a command in a folder; returns its exit code, and what it says on both streams."""
    monkeypatch.chdir(tmp_path)

    def type_(*words):
        monkeypatch.setattr("sys.argv", ["dfsrt", "levers", *words])
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        said = capsys.readouterr()
        return stopped.value.code, said.out, said.err

    return type_


def test_the_command_prints_tables_and_writes_json_a_figure_and_a_page(typed, pipeline, tmp_path):
    words = (pipeline, "-c", "0.1W", "-n", "3", "-l", "int8,every-5", "-w", "1")
    code, out, err = typed(
        *words, "--json", "r.json", "--figure", "w.svg", "--html", "p.html"
    )  # fmt: skip
    assert (code, err) == (0, "")
    report = json.loads((tmp_path / "r.json").read_text())
    assert [r["lever"] for r in report["rungs"]] == ["baseline", "int8", "every-5"]
    assert {"fps", "energy_per_frame_j", "fps_per_w", "life_s"} <= set(report["rungs"][0])
    assert report["rungs"][0]["life_s"] is None
    for text in (
        "lever, in order",
        "alone FPS",
        "limits now: ",
        "next best lever: ",
        "left out: w4a8",
    ):
        assert text in out
    assert b"every-5" in (tmp_path / "p.html").read_bytes()
    assert (tmp_path / "w.svg").read_text().count("<path") > 10


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("squeezenet", "-l", "int9"), "int9"),
        (("squeezenet", "--levers", "nowhere.toml"), "nowhere.toml"),
        (("squeezenet", "--figure", "w.pdf"), ".svg"),
        (("squeezenet", "--html", "w.txt"), ".html"),
        (("infinite-zoom", "-n", "3"), "--until"),
        (("nothing",), "nothing"),
        (("squeezenet", "-l", "int8", "-d", "nowhere"), "nowhere"),
        (("squeezenet", "-l", "int8", "-w", "1", "-c", "fast"), "cap"),
    ],
)
def test_what_cannot_be_ends_in_one_line_and_code_2(typed, words, says):
    code, out, err = typed(*words)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert says in err


TOUR = Path(__file__).parents[2] / "docs" / "tour.md"
PAGE = Path(__file__).parents[2] / "docs" / "levers.md"


def test_every_number_of_the_tours_first_screen_is_in_the_page_of_the_command():
    text, page = TOUR.read_text(), PAGE.read_text()
    block = text[text.index("<!-- levers -->") : text.index("<!-- /levers -->")]
    numbers = [n.replace(" %", "%") for n in re.findall(r"\d+\.\d+ %|\d h \d\d min", block)]
    assert len(numbers) >= 10
    for number in numbers:
        assert number in page, number


def test_the_small_example_of_the_page_is_what_one_gets():
    command = OUTPUTS["small"]
    assert f"$ {command}\n{output_of(f'{command} --workers 1')}" in PAGE.read_text()

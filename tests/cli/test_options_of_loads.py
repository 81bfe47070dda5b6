"""Every option of every command that runs a load is taken, and reaches the run, or is refused by
name."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import dfsrt
from dfsrt.base import defaults
from dfsrt.cli import main as entry
from dfsrt.cli.load_options import LoadOptions
from dfsrt.cli.said import as_typed, option_of
from dfsrt.governor.registry import label
from dfsrt.report.api import Job
from dfsrt.run.fit import UNFIT

LOADS = {
    "network": "squeezenet",
    "pipeline": "infinite-zoom",
    "language model": "llm:qwen2.5-0.5b",
    "trace": "zoom-30fps",
    "scenario": "voice-glasses",
}
VERBS = {
    "run": tuple(LOADS),
    "compare": tuple(LOADS),
    "replay": ("trace",),
    "battery": ("scenario",),
    "battery compare": ("scenario",),
}
SPOKEN = {
    "device": ("mdla", "mdla"),
    "cap": ("0.7 W", "0.7 W"),
    "frames": ("3", 3),
    "period": ("40ms", "40ms"),
    "deadline": ("50ms", "50ms"),
    "prompt": ("64", 64),
    "tokens": ("5", 5),
    "until": ("3 requests", "3 requests"),
    "discipline": ("edf", "edf"),
    "drop": ("late", "late"),
    "idle": ("teo", "teo"),
    "idle_rail": ("lowest", "lowest"),
    "memory": ("528MHz", "528MHz"),
    "blind": (None, True),
    "parallel": ("2", "2"),
    "prefetch": ("weights", "weights"),
    "loop": ("closed", "closed"),
    "repeat": ("2", 2),
    "time_scale": ("0.5", 0.5),
    "ambient": ("35 C", "35 C"),
    "cap_at": ("1ms=0.5W", {"1ms": "0.5W"}),
    "cap_domain": ("system", "system"),
    "cap_window": ("1ms", "1ms"),
    "power_model": ("datasheet", "datasheet"),
    "confidence": ("90%", "90%"),
    "precision": ("fp16", "fp16"),
    "steps": ("prune", "prune"),
    "dim": ("batch=2", {"batch": 2}),
    "set": ("sr=16000", {"sr": "16000"}),
    "branch": ("then", "then"),
    "trips": ("loop=3", {"loop": 3}),
    "no_fuse": (None, False),
    "unknown_ops": ("memory", "memory"),
    "kv_cache": ("copy", "copy"),
    "cycles": ("scalesim:report.csv", "scalesim:report.csv"),
    "activity": ("zeros.csv", {"": "zeros.csv"}),
    "activity_known": (None, True),
    "layer_times": ("capture:here", {"": "capture:here"}),
    "layer_times_at": ("600MHz", "600MHz"),
    "mapper": ("weight", "weight"),
    "schedule": ("best", "best"),
    "dram": ("ddr3-1600", "ddr3-1600"),
    "seed": ("7", 7),
    "correct": (None, True),
    "detail": ("request", "request"),
    "step": ("layer", "layer"),
}
"""What is typed after an option, and what the run's specification then says."""
FIELDS = {"dim": "dims", "set": "values", "cap_at": "cap_changes", "no_fuse": "fuse"}
WRITTEN = {
    "json": "r.json",
    "log": "l.parquet",
    "perfetto": "t.pftrace",
    "chrome": "t.json",
    "trans_stat": "t.txt",
    "figure": "f.png",
    "html": "p.html",
}
OTHERS = ("load", "governor", "samples", "workers", "dask", "per_layer", "bound")
ONE_RUN = ("per_layer", "log", "perfetto", "chrome", "trans_stat")


class Asked(NamedTuple):
    """A job, and what its run was asked for."""

    job: Any
    asked: tuple[Any, ...]
    named: dict[str, Any]


class SpiedError(Exception):
    """Raised in place of a run."""


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """Type a command in an empty folder; returns the job and what its run was asked for."""
    monkeypatch.chdir(tmp_path)

    def stop(job, *asked, **named):
        raise SpiedError(job, asked, named)

    monkeypatch.setattr(Job, "run", stop)
    monkeypatch.setattr(Job, "compare", stop)

    def type_(*words):
        monkeypatch.setattr("sys.argv", ["dfsrt", *words])
        try:
            entry.main()
        except SpiedError as spied:
            return Asked(*spied.args)
        except SystemExit as stopped:
            said = capsys.readouterr()
            assert said.out == ""
            assert stopped.code == 2
            return said.err
        raise AssertionError("the command ran nothing, and says nothing")

    return type_


def cases(options):
    return [
        pytest.param(verb, kind, option, id=f"{verb} {kind} {as_typed(option)}")
        for verb, kinds in VERBS.items()
        for kind in kinds
        for option in options
    ]


def words_of(verb, kind, option, value):
    return [*verb.split(), LOADS[kind], as_typed(option), *([] if value is None else [value])]


def unfit(kind):
    return {option_of(field) for field in UNFIT[kind]}


def assert_refused(said, option, words):
    assert said.startswith(f"dfsrt: '{as_typed(option)}' is"), said
    assert said.count("\n") == 1
    for field in [f.name for f in fields(LoadOptions)]:
        assert f"'{field}'" not in said, f"{words}: a field's name instead of an option's"


def test_the_table_knows_every_option():
    declared = {field.name for field in fields(LoadOptions)}
    assert declared == {*SPOKEN, *WRITTEN, *OTHERS}


@pytest.mark.parametrize(("verb", "kind", "option"), cases(SPOKEN))
def test_what_is_said_of_a_run_reaches_its_specification_or_is_refused(typed, verb, kind, option):
    value, spec = SPOKEN[option]
    words = words_of(verb, kind, option, value)
    answer = typed(*words)
    if option in unfit(kind):
        assert_refused(answer, option, words)
    elif option == "ambient":
        assert answer.job.job.setting.ambient.value == 35.0
    else:
        assert getattr(answer.job.spec, FIELDS.get(option, option)) == spec


@pytest.mark.parametrize(("verb", "kind", "option"), cases(ONE_RUN))
def test_what_is_of_one_run_is_asked_for_or_refused(typed, verb, kind, option):
    value = WRITTEN.get(option)
    words = words_of(verb, kind, option, value)
    answer = typed(*words)
    if "compare" in verb:
        assert_refused(answer, option, words)
        assert "several are compared" in answer
    elif option != "per_layer":
        assert answer.named[option] == Path(value)
        assert answer.named["on_done"] is not None


@pytest.mark.parametrize(("verb", "kind"), [(v, k) for v, kinds in VERBS.items() for k in kinds])
@pytest.mark.parametrize(
    "said", ["-g dfs -g dvfs", "-g dfs,dvfs", "--governors dfs,dvfs", "--governor dfs,dvfs,"]
)
def test_several_governors_are_compared_whatever_the_verb(typed, verb, kind, said):
    answer = typed(*verb.split(), LOADS[kind], *said.split())
    assert list(answer.asked[0]) == ["dfs", "dvfs"]


@pytest.mark.parametrize(("verb", "kind"), [("run", k) for k in LOADS] + [("replay", "trace")])
def test_one_governor_is_the_jobs_own(typed, verb, kind):
    assert typed(verb, LOADS[kind], "-g", "powersave").job.spec.governor == "powersave"


def test_nobodys_governor_is_the_default_or_the_scenarios(typed):
    assert typed("run", "squeezenet").job.spec.governor == defaults.GOVERNOR
    assert list(typed("compare", "squeezenet").asked[0]) == list(defaults.BASELINES)
    assert list(typed("compare", "voice-glasses").asked[0]) == list(defaults.LIFE_BASELINES)
    assert typed("battery", "voice-glasses").job.spec.governor == "segment-dvfs"


@pytest.mark.parametrize(("verb", "kind"), [("compare", k) for k in LOADS])
def test_python_compares_the_same_governors_as_the_command_line(typed, verb, kind, monkeypatch):
    told = list(typed(verb, LOADS[kind]).asked[0])
    monkeypatch.undo()
    ran = []
    monkeypatch.setattr(Job, "run", lambda self, governor, **_: ran.append(label(governor)))
    monkeypatch.setattr("dfsrt.report.api.comparison", lambda results, bound: None)
    dfsrt.compare(LOADS[kind])
    assert ran == told


@pytest.mark.parametrize("option", ["samples", "workers", "dask"])
@pytest.mark.parametrize("kind", ["network", "pipeline", "trace"])
def test_only_a_scenario_is_sampled(typed, kind, option):
    assert_refused(typed("run", LOADS[kind], as_typed(option), "2"), option, option)


@pytest.mark.parametrize("option", ["per_layer", "perfetto", "chrome", "trans_stat", "figure"])
def test_samples_refuse_what_is_of_one_run(typed, option):
    words = ("battery", "voice-glasses", "--samples", "2", as_typed(option))
    value = WRITTEN.get(option)
    assert_refused(typed(*words, *([value] if value else [])), option, words)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("replay squeezenet", "is a network, not a trace; use 'dfsrt run squeezenet'"),
        ("replay infinite-zoom:steps=4", "not a trace; use 'dfsrt run infinite-zoom:steps=4'"),
        ("replay voice-glasses", "is a scenario, not a trace; use 'dfsrt battery voice-glasses'"),
        ("battery zoom-30fps", "is a trace, not a scenario; use 'dfsrt replay zoom-30fps'"),
        ("battery compare squeezenet", "not a scenario; use 'dfsrt run squeezenet'"),
        ("battery ranges squeezenet", "not a scenario; use 'dfsrt run squeezenet'"),
    ],
)
def test_a_load_of_another_kind_is_told_its_own_verb(typed, words, advice):
    said = typed(*words.split())
    assert advice in said
    assert typed(*advice.split("'")[-2].split()[1:]).job is not None


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("squeezenets", "squeezenet"),
        ("infinite-zom:steps=4", "infinite-zoom"),
        ("zoom-30fp", "zoom-30fps"),
        ("voice-glass", "voice-glasses"),
        ("sd2-unett:image=64", "sd2-unet"),
    ],
)
@pytest.mark.parametrize("verb", ["run", "compare", "replay", "battery"])
def test_a_name_on_no_shelf_is_told_the_nearest_of_all_shelves(typed, verb, name, near):
    said = typed(verb, name)
    assert f"did you mean '{near}'?" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("run squeezenet --dim batch", "--dim 'batch' is not NAME=SIZE"),
        ("replay zoom-30fps --cap-at 20ms", "--cap-at '20ms' is not TIME=WATTS"),
        ("run squeezenet --activity a=", "--activity 'a=' names no file; write it like"),
        ("run squeezenet --activity x --activity y", "gives a file twice; give one for each"),
        ("run squeezenet --activity a=x --activity a=y", "gives a file of 'a' twice"),
        ("run squeezenet --layer-times a=", "--layer-times 'a=' names no source; write it like"),
        ("run squeezenet --layer-times x --layer-times y", "gives a source twice; give one for"),
        ("run squeezenet --layer-times a=x --layer-times a=y", "gives a source of 'a' twice"),
        ("run squeezenet -g ,", "no governor given"),
        ("compare zoom-30fps -g ,", "no governor given"),
        ("run squeezenet --until never", "until 'never' is unknown; give a time above 0"),
        ("replay zoom-30fps --until 0s", "until '0s' is unknown; give a time above 0"),
        ("battery ranges voice-glasses --log l.parquet", "'--log' is of one run"),
        ("battery ranges voice-glasses -g dfs -g dvfs", "'--governor' is named more than once"),
        ("run", "Missing argument 'LOAD'"),
        ("replay", "Missing argument 'TRACE'"),
        ("battery run", "Missing argument 'SCENARIO'"),
    ],
)
def test_bad_words_end_in_one_line(typed, words, says):
    said = typed(*words.split())
    assert says in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("verb", ["replay", "battery", "battery compare"])
def test_the_help_leaves_out_what_never_fits(capsys, monkeypatch, verb):
    monkeypatch.setenv("COLUMNS", "200")
    kind = VERBS[verb][0]
    hidden = unfit(kind) | (set(ONE_RUN) if "compare" in verb else set())
    words = (verb if " " in verb or kind == "trace" else f"{verb} run").split()
    monkeypatch.setattr("sys.argv", ["dfsrt", *words, "--help"])
    with pytest.raises(SystemExit):
        entry.main()
    shown = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert not {as_typed(option) for option in hidden} & shown
    assert {"--cap", "--until", "--governor", "--json", "--dim"} <= shown

"""Numbers of the device, the memory's clock and governors in one search."""

from __future__ import annotations

import itertools
from dataclasses import fields

import pytest

from dfsrt.base.errors import InputError
from dfsrt.report.api import Job
from dfsrt.run.spec import RunSpec
from dfsrt.study import tune
from dfsrt.study.cell import SHARED, cells_of, setting_of
from dfsrt.study.result import bare_spec
from dfsrt.study.space import space_of
from dfsrt.study.study import Over, parse_study

LEAST = 'name = "least"\n[over]\nnetworks = ["squeezenet"]\n'
NUMBERS = LEAST + "[search.device_numbers]\n"

NOT_IN_A_STUDY = {
    "load": "networks",
    "cap": "caps",
    "seed": "seeds",
    "values": "set",
    "governor": "a point's own, and the baseline's",
    **dict.fromkeys(("name", "what", "world", "ambient"), "of scenarios, which end by themselves"),
    **dict.fromkeys(("discipline", "drop", "loop", "repeat", "time_scale"), "of traces"),
    **dict.fromkeys(("activity", "activity_known", "layer_times", "layer_times_at"), "measured"),
    **dict.fromkeys(("cycles", "fuse"), "of one network"),
    **dict.fromkeys(("cap_changes", "until"), "of one run"),
    **dict.fromkeys(("detail", "step"), "no result depends on them"),
}
"""Fields of a run that a study does not say, with where or why."""


def searched(text: str) -> dict[str, str]:
    return {name: d.text for name, d in space_of(parse_study(text)).dimensions.items()}


def test_every_field_of_a_run_can_be_said_in_a_study_or_has_a_reason_why_not():
    known = {f.name for f in fields(RunSpec)}
    said = set(Over.__struct_fields__) & known
    assert said | set(NOT_IN_A_STUDY) == known
    assert not said & set(NOT_IN_A_STUDY)


def test_every_field_that_trials_share_is_one_of_a_run_and_reaches_its_jobs():
    assert set(SHARED) <= {f.name for f in fields(RunSpec)}
    study = parse_study(LEAST + 'prefetch = "all"\nprecision = "fp16"\nblind = true')
    setting = dict(setting_of(study))
    assert (setting["prefetch"], setting["precision"], setting["blind"]) == ("all", "fp16", True)


def test_what_a_study_says_of_memory_and_tokens_is_what_a_run_says(tmp_path):
    study = parse_study("""
        name = "language"
        trials = 1
        batch = 1
        baseline = "performance"
        [over]
        networks = ["llm:tinyllama-1.1b"]
        frames = 1
        prompt = 8
        tokens = 2
        prefetch = "weights"
        memory = "1560MHz"
        power_model = "datasheet"
        [search]
        guard = [0.1]
    """)
    best = tune(study, tmp_path, 1).report.best
    said = {"prompt": 8, "tokens": 2, "prefetch": "weights", "memory": "1560MHz", "frames": 1}
    job = Job("llm:tinyllama-1.1b", power_model="datasheet", **said)
    report = job.run("dfs:guard=0.1").report
    assert best.means["energy_j"] == pytest.approx(report.energy_per_inference_j, rel=1e-12)
    assert best.memory == "1560MHz"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            '"memory.buffer_bytes" = { low = "128KiB", high = 1048576, step = "128KiB" }',
            {"memory.buffer_bytes": "128KiB to 1MiB by 128KiB"},
        ),
        ('"array.rows" = [16, "32"]', {"array.rows": "16, 32"}),
        (
            '"memory.bandwidth_bytes_per_s" = { low = "9GB/s", high = "36GB/s", log = true }',
            {"memory.bandwidth_bytes_per_s": "9GB/s to 36GB/s (log)"},
        ),
        ('"memory.double_buffer" = [true, false]', {"memory.double_buffer": "true, false"}),
        ('"silicon.mac_pj.int8" = [0.05, 0.1]', {"silicon.mac_pj.int8": "0.05pJ, 0.1pJ"}),
        ('points = ["1GHz+300MHz", "600MHz"]', {"points": "300MHz+1GHz, 600MHz"}),
    ],
)
def test_numbers_are_searched_in_the_units_of_their_keys(line, shown):
    assert searched(NUMBERS + line) == shown


def test_all_clocks_of_the_memory_are_declared():
    assert searched(LEAST + '[search]\nmemory = "declared"') == {
        "memory": "528MHz, 1068MHz, 1560MHz, 2750MHz"
    }
    chosen = searched(LEAST + '[search]\nmemory = ["528 MHz", "dmc_ondemand"]')["memory"]
    assert chosen.startswith("528MHz, dmc_ondemand")


def test_a_draw_is_laid_over_what_the_study_says_of_its_device():
    study = parse_study(
        NUMBERS.replace("[search.", 'device = "rk3588-npu:bin=L5:array.cols=16"\n[search.', 1)
        + '"array.rows" = [16, 64]\n"array.cols" = [8]'
    )
    point = space_of(study).point({"array.rows": "64", "array.cols": "8"})
    assert point.device == "rk3588-npu:bin=L5:array.cols=8:array.rows=64"
    assert point.governor == "dfs"


def test_a_number_changes_the_fingerprint():
    texts = (NUMBERS + f'"array.rows" = [{rows}]' for rows in (16, 16, 64))
    one, same, other = (parse_study(text).fingerprint() for text in texts)
    assert one == same != other


def test_a_files_folder_is_left_out_and_a_slash_in_a_unit_is_none():
    text = "/some/where/mine.toml:memory.bandwidth_bytes_per_s=25GB/s"
    assert bare_spec(text) == "mine.toml:memory.bandwidth_bytes_per_s=25GB/s"


def test_the_best_of_hardware_and_governor_is_the_one_that_trying_everything_finds(tmp_path):
    rows, buffers, points = ("16", "32"), ("64KiB", "512KiB"), ("300MHz+600MHz", "300MHz+1GHz")
    ties, memory = ("lowest", "highest"), ("1560MHz", "2750MHz")
    study = parse_study(
        f"""
        name = "hardware and governor"
        trials = 90
        limits = {{ latency_s = 1.3 }}
        [over]
        networks = ["squeezenet"]
        caps = ["1.5 W"]
        cap_domain = "npu+dram"
        frames = 1
        power_model = "datasheet"
        [search]
        memory = {list(memory)}
        [search.device_numbers]
        "array.rows" = {list(rows)}
        "memory.buffer_bytes" = {list(buffers)}
        points = {list(points)}
        [search.parameters]
        tie = {list(ties)}
    """
    )

    def runs(device, governor, clock=None):
        said = {"cap": "1.5 W", "cap_domain": "npu+dram", "frames": 1, "memory": clock}
        job = Job("squeezenet", device=device, power_model="datasheet", **said)
        report = job.run(governor).report
        return report.energy_per_inference_j, report.latency_s.p50

    energy0, latency0 = runs("rk3588-npu", "app-dvfs")
    tried = {}
    for row, buffer, kept, tie, clock in itertools.product(rows, buffers, points, ties, memory):
        device = f"rk3588-npu:points={kept}:memory.buffer_bytes={buffer}:array.rows={row}"
        energy, latency = runs(device, f"dfs:tie={tie}", clock)
        if latency <= 1.3 * latency0:
            tried[row, buffer, kept, tie, clock] = energy / energy0
    done = tune(study, tmp_path, 1).report
    best, least = done.best, min(tried.values())
    assert best.metrics["energy_j"] == pytest.approx(least, rel=1e-9)
    names = ("array.rows", "memory.buffer_bytes", "points", "tie", "memory")
    assert tried[tuple(best.parameters[n] for n in names)] == pytest.approx(least, rel=1e-9)
    assert len({round(value, 6) for value in tried.values()}) > 3  # there was something to find
    assert done.baseline.device == "rk3588-npu"
    assert len(cells_of(study)) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (NUMBERS + '"memory.bufer_bytes" = [1]', "did you mean 'memory.buffer_bytes'"),
        (NUMBERS + '"memory.points" = [1]', "unknown number of device rk3588-npu"),
        (NUMBERS + '"array.rows" = ["1 s"]', "search.device_numbers.array.rows '1 s' is no number"),
        (NUMBERS + '"array.rows" = []', "give 1 to 1000 choices"),
        (NUMBERS + '"memory.buffer_bytes" = ["1KiB", 1024]', "each once"),
        (NUMBERS + '"array.rows" = { low = 64, high = 16 }', "not below high"),
        (NUMBERS + '"array.rows" = { low = 1.5, high = 16 }', "is no whole number"),
        (NUMBERS + '"memory.double_buffer" = { low = 0, high = 1 }', "give a list"),
        (NUMBERS + 'points = ["1.1GHz"]', "give some of 300MHz"),
        (NUMBERS + "points = { low = 1, high = 2 }", "has no range; give a list of sets"),
        (LEAST + "[search]\nmemory = 'all'", 'give "declared" or a list'),
        (LEAST + "[search]\nmemory = ['dmc']", "did you mean 'dmc_ondemand'"),
        (LEAST + "device = 'mdla'\n[search]\nmemory = 'declared'", "says no memory points"),
        (
            LEAST + "[search]\ndevice = ['rk3588-npu', 'mdla']\n"
            "[search.device_numbers]\n'cores.count' = [1]",
            "unknown number of device mdla",
        ),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_what_does(text, says):
    with pytest.raises(InputError, match=says):
        space_of(parse_study(text))


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ("memory = '1MHz'", "1MHz"),
        ("prefetch = 'al'", "did you mean 'all'"),
        ("device = 'mdla'\nblind = true", "says no memory points"),
        ("tokens = 3", "'tokens' is not for a network"),
        ("parallel = 7", "parallel"),
    ],
)
def test_what_is_said_of_all_trials_is_checked_before_the_first(tmp_path, over, says):
    study = parse_study(LEAST + over + "\n[search]\nguard = [0, 0.1]")
    with pytest.raises(InputError, match=says):
        tune(study, tmp_path, 1)

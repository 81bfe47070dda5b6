"""Study files: what they may hold, and what is said of what they may not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dfsrt.base.errors import InputError
from dfsrt.study import read_study, tune
from dfsrt.study.space import space_of
from dfsrt.study.study import parse_study

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLES = sorted(p for p in FOLDER.glob("*.toml") if "[search" in p.read_text())
LEAST = 'name = "least"\n[over]\nnetworks = ["alexnet"]\n'


def searched(text: str) -> dict[str, str]:
    return {name: d.text for name, d in space_of(parse_study(text)).dimensions.items()}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_shipped_examples_can_be_searched(path):
    assert space_of(read_study(path)).dimensions


def test_without_a_search_all_that_the_governor_declares_is_searched():
    assert searched(LEAST) == {"rail": "auto, 700mV, 750mV, 800mV, 850mV", "same": "0.0 to 0.5"} | {
        "tie": "lowest, highest"
    }


def test_what_the_governor_text_fixes_is_not_searched():
    assert set(searched('governor = "dfs:tie=highest:rail=850mV"\n' + LEAST)) == {"same"}


@pytest.mark.parametrize(
    ("search", "shown"),
    [
        ("guard = { low = '0%', high = '20%' }", {"guard": "0.0 to 0.2"}),
        ("guard = [0, 0.1]", {"guard": "0.0, 0.1"}),
        ("idle = ['none', 'timeout', 'teo']", {"idle": "none, timeout=50ms, teo"}),
        (
            "idle = { low = '1ms', high = 'rknpu', log = true }",
            {"idle": "timeout=1ms to timeout=3000ms (log)"},
        ),
        ("confidence = ['none', 0.99]", {"confidence": "none, 0.99"}),
        ("device = ['mdla', 'rk3588-npu']", {"device": "mdla, rk3588-npu"}),
        ("set_points = { count = 4 }", {"set_points": "700mV+750mV+800mV+850mV"}),
        ("set_points = [['850mV', '700mV'], 'all']", {"set_points": "700mV+850mV, all"}),
        (
            "parameters.rail = { low = '700mV', high = '850mV', step = '50mV' }",
            {"rail": "700mV to 850mV by 50mV"},
        ),
        (
            "parameters.same = { low = 0.001, high = 0.1, log = true }",
            {"same": "0.001 to 0.1 (log)"},
        ),
    ],
)
def test_what_is_searched_is_read_in_the_units_of_the_parameter(search, shown):
    assert searched(f"{LEAST}[search]\n{search}") == shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "keys 'name', 'over' are missing; add them"),
        ("name = 'x'", "key 'over' is missing"),
        ("nam = 'x'\n" + LEAST, "did you mean 'name'"),
        ("name = 3", "'name' is a whole number; give text"),
        ("trials = 0\n" + LEAST, "trials = 0 is out of range; allowed is 1 to 100,000"),
        ("batch = 0\n" + LEAST, "batch = 0 is out of range"),
        ("seed = -1\n" + LEAST, "seed = -1 is out of range"),
        ("format = 7\n" + LEAST, "format 7 is unknown"),
        ("sampler = 'tpee'\n" + LEAST, "did you mean 'tpe'"),
        ("objectives = ['enrgy_j']\n" + LEAST, "did you mean 'energy_j'"),
        ("objectives = []\n" + LEAST, "give one, two or three"),
        ("objectives = ['fps', 'fps']\n" + LEAST, "each once"),
        ("limits = { fsp = 1 }\n" + LEAST, "did you mean 'fps'"),
        ("limits = { fps = nan }\n" + LEAST, "is no bound"),
        ("prune = true\nobjectives = ['fps', 'energy_j']\n" + LEAST, "one objective only"),
        ("sampler = 'cmaes'\nlimits = { fps = 1 }\n" + LEAST, "one objective and no limits"),
        ("sampler = 'cmaes'\n" + LEAST, "two ranges of numbers or more, and there are 1"),
        ("governor = 'dsf'\n" + LEAST, "did you mean 'dfs'"),
        ("governor = 'dvfs'\n" + LEAST, "nothing to search"),
        (LEAST + "seeds = []", "over.seeds is empty"),
        (LEAST + "[search]\nguard = { low = 0.1 }", "key 'high' of search.guard is missing"),
        (LEAST + "[search]\nguard = { low = 0.3, high = 0.1 }", "not below high"),
        (LEAST + "[search]\nguard = [2]", "guard '2.0' is out of range"),
        (LEAST + "[search]\nset_points = { count = 9 }", "the device has 4"),
        (LEAST + "[search]\nset_points = [['700 furlongs']]", "not a quantity in V"),
        (LEAST + "[search]\nconfidence = ['110%']", "out of range"),
        (LEAST + "[search]\ndevice = ['mdla', 'mdla']", "each once"),
        (LEAST + "[search.parameters]\nsma = 'declared'", "did you mean 'same'"),
        (LEAST + "[search.parameters]\nsame = 'all'", 'give "declared", a list'),
        (LEAST + "[search.parameters]\nsame = [0.7]", "out of range; allowed is 0 to 0.5"),
        (LEAST + "[search.parameters]\ntie = ['last']", "use one of lowest, highest"),
        (LEAST + "[search.parameters]\nsame = { low = 0, high = 0.5, log = true }", "log needs"),
        (LEAST + "[search.parameters]\nsame = { low = 0, high = 0.5, step = 0 }", "not above 0"),
        (
            "governor = 'dfs:tie=lowest'\n" + LEAST + "[search.parameters]\ntie = 'declared'",
            "searched and fixed",
        ),
        (
            "governor = 'schedutil'\n" + LEAST + "[search.parameters]\nperiod = 'declared'",
            "a time has no declared range",
        ),
    ],
)
def test_what_does_not_fit_is_an_error_that_says_what_does(text, says):
    with pytest.raises(InputError, match=says):
        space_of(parse_study(text))


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ("networks = ['alexnt']", "baseline app-dvfs: .*did you mean 'alexnet'"),
        ("networks = ['alexnet']\ncaps = ['1 horse']", "not a quantity in W"),
        ("networks = ['alexnet']\nframes = 0", "frames 0 is out of range"),
    ],
)
def test_what_cannot_run_at_all_stops_the_study_before_its_first_trial(tmp_path, over, says):
    study = parse_study(f"name = 'x'\n[over]\n{over}\n[search]\nguard = [0, 0.1]")
    with pytest.raises(InputError, match=says):
        tune(study, tmp_path, 1)


def test_points_that_cannot_run_are_counted_with_the_reason_and_the_others_go_on(tmp_path):
    study = parse_study("""
        name = "some fail"
        governor = "simple_ondemand"
        trials = 24
        [over]
        networks = ["alexnet"]
        frames = 1
        [search.parameters]
        up = [10, 90]
        down = [5, 50]
    """)
    done = tune(study, tmp_path, 1).report
    assert done.trials.failed > 0
    assert done.trials.complete > 0
    assert done.trials.failed + done.trials.complete == 24
    assert list(done.failures.values()) == [done.trials.failed]
    assert "down=50 is above up=10" in next(iter(done.failures))


def test_where_no_point_can_run_the_study_stops_with_the_reason(tmp_path):
    study = parse_study(f"trials = 64\n{LEAST}frames = 1\n[search]\nset_points = [['712mV']]")
    with pytest.raises(InputError, match=r"none of the first 16 trials could run.*712 mV"):
        tune(study, tmp_path, 1)


def test_a_network_file_is_sought_beside_the_study_and_belongs_to_its_identity(tmp_path):
    from dfsrt.network.zoo import locate

    shutil.copy(locate("alexnet")[1], tmp_path / "mine.onnx")
    (tmp_path / "s.toml").write_text("name = 'x'\n[over]\nnetworks = ['mine.onnx']")
    study = read_study(tmp_path / "s.toml")
    assert study.over.networks == [str(tmp_path / "mine.onnx")]
    before = study.fingerprint()
    (tmp_path / "mine.onnx").write_bytes(b"another")
    assert study.fingerprint() != before


def test_who_uses_memory_is_sought_beside_the_study_and_belongs_to_its_identity(tmp_path):
    code = "class Mine:\n    def map(self, nests, buffer): ...\n    def plan(self, work): ..."
    (tmp_path / "mine.py").write_text(code)
    (tmp_path / "mine.toml").write_text("")
    over = "mapper = 'mine.py:Mine'\nschedule = 'mine.py:Mine'\ndram = 'mine.toml:channels=2'"
    (tmp_path / "s.toml").write_text(f"name = 'x'\n[over]\nnetworks = ['alexnet']\n{over}")
    study = read_study(tmp_path / "s.toml")
    own = str(tmp_path / "mine.py:Mine")
    assert (study.over.mapper, study.over.schedule) == (own, own)
    assert study.over.dram == str(tmp_path / "mine.toml:channels=2")
    for file in ("mine.py", "mine.toml"):
        before = study.fingerprint()
        (tmp_path / file).write_text("x = 1")
        assert study.fingerprint() != before


@pytest.mark.parametrize("key", ["mapper", "schedule", "dram"])
def test_who_uses_memory_is_known_before_a_journal_is_begun(tmp_path, key):
    study = parse_study(f"{LEAST}{key} = 'nobody'")
    with pytest.raises(InputError, match=f"^unknown {key} 'nobody'"):
        tune(study, tmp_path / "out", 1)
    assert not (tmp_path / "out").exists()


def test_a_study_file_that_is_not_there_or_not_toml_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot read study"):
        read_study(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(InputError, match="not valid TOML"):
        read_study(tmp_path / "bad.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a text file"):
        read_study(tmp_path / "bad.toml")


def test_what_is_typed_is_what_runs_with_six_digits_and_never_out_of_range():
    same = space_of(parse_study(LEAST)).dimensions["same"]
    assert same.typed(0.123456789) == "0.123457"
    narrow = space_of(
        parse_study(LEAST + "[search.parameters]\nsame = { low = 0.1, high = 0.12345678 }")
    ).dimensions["same"]
    assert narrow.typed(0.12345678) == "0.12345678"


@pytest.mark.parametrize(
    ("idle", "rail", "why"),
    [
        ("slumber", None, "unknown idle governor 'slumber'"),
        (None, "high", "idle rail 'high' is unknown; use one of hold, lowest"),
    ],
)
def test_what_an_idle_npu_does_is_said_for_a_study_and_checked_at_first(tmp_path, idle, rail, why):
    study = parse_study(LEAST).sleeping(idle, rail)
    assert (study.over.idle, study.over.idle_rail) == (idle, rail)
    with pytest.raises(InputError, match=why):
        tune(study, tmp_path / "out", 1)
    assert not (tmp_path / "out").exists()

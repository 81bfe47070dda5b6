"""Scenario files: the shelf, and one clear line for each thing that can be wrong in one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import ranged_numbers
from dfsrt.governor.idle.timeout import Timeout
from dfsrt.governor.registry import label, make_governor
from dfsrt.run.job import make_job
from dfsrt.run.scenario_load import SHELF, load_scenario, scenario_names
from dfsrt.run.stop import parse_stop
from dfsrt.study.assumed import assumptions, with_assumptions
from dfsrt.world.components import component_names, load_component

GOOD = (SHELF / "infinite-zoom-phone.toml").read_text()


def written(tmp_path: Path, old: str, new: str) -> str:
    assert old in GOOD, old
    path = tmp_path / "s.toml"
    path.write_text(GOOD.replace(old, new, 1))
    return str(path)


def test_five_scenarios_are_on_the_shelf_and_infinite_zoom_is_one() -> None:
    assert len(scenario_names()) >= 4
    assert "infinite-zoom-phone" in scenario_names()


@pytest.mark.parametrize("name", scenario_names())
def test_every_assumed_number_of_a_scenario_has_a_range_and_a_reason(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.assumed()
    for path, number in scenario.assumed().items():
        assert number.low < number.high, path
        assert len(number.source) > len("assumed: "), path


@pytest.mark.parametrize("name", component_names())
def test_every_components_number_has_a_source_or_a_range(name: str) -> None:
    component = load_component(name)
    assert component.name == name
    for path, number in ranged_numbers(component):
        assert number.source, path
        assert not number.assumed or number.low < number.high, path


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('limit = "0.3 W"', 'limit = "3 V"', "cap.limit '3 V' is not a quantity in W"),
        ('value = "25 C"', 'value = "25 W"', "ambient.temperature '25 W' is not a quantity in C"),
        ('use = "display"', 'use = "dispaly"', "'dispaly'; did you mean 'display'"),
        ('state = "half"', 'state = "halb"', "unknown state of display 'halb'"),
        ('per_frame = "encode"', 'per_frame = "encod"', "unknown event of codec 'encod'"),
        ('cell = "phone-4700"', 'cell = "phone-470"', "unknown battery 'phone-470'"),
        ('model = "phone"', 'model = "fone"', "unknown heat model 'fone'"),
        ('node = "skin"', 'node = "skinn"', "no node 'skinn'"),
        ('switch_on = "75 C"', 'switch_on = "90 C"', "control 85 C is not above switch_on 90 C"),
        ('charge = "100 %"', 'charge = "140 %"', "battery.charge is above 100 %"),
        ('charge = "20 %"', 'charge = "0 %"', "cap.below.charge 0 is out of range"),
        ('at = "empty"', 'at = "full"', "stop.at 'full' is unknown"),
        ('most = "48 h"', 'most = "99 d"', "stop.most '99 d' is out of range"),
        ('workload = "infinite', 'trace = "x"\nworkload = "infinite', "a trace or a workload"),
        ('use = "wifi"\nstate = "idle"', 'use = "gpu"\nstate = "compose"', "is there twice"),
        ('governor = "dfs"', 'governer = "dfs"', "unknown key 'governer'; did you mean 'governor'"),
        ('governor = "dfs"', 'tick = "1 ms"', "tick '1 ms' is out of range"),
        ('governor = "dfs"', "governor = 3", "'governor' is a whole number; give text in quotes"),
        ('governor = "dfs"', 'governor = "dfs', "is not valid TOML"),
        ('[heat]\nmodel = "phone"', "[heat]", "key 'model' of heat is missing"),
        ('load = "1 W"', 'load = "9 W"', "points of ascending load"),
        ('least = "0.15 W"', 'least = "a bit"', "component 'cpu': least 'a bit'"),
        ('weight = 0.5', 'weight = -1', "component 'cpu': weight -1 is out of range"),
        ('low = "10 ms"', 'low = "60 ms"', "timeout=rocket lies outside its range 60 ms to 3 s"),
        ('"timeout=rocket"', '"teo"', "low and high are of a timeout's wait, and policy is 'teo'"),
        ('"timeout=rocket"', '"timeout=rokcet"', "unknown driver 'rokcet'; did you mean 'rocket'"),
        ('low = "10 ms", ', "", "low and high go together; give both"),
        ('governor = "dfs"', 'starts = "7"', "starts '7' is no time of day"),
        ('use = "gpu"', 'change = [{ at = "07:00", state = "off" }]\nuse = "gpu"',
         "component 'gpu': change.at is a time of day; add starts"),
        ("[heat]\n", '[npu]\nchange = [{ at = "1 W", state = "off" }]\n[heat]\n', "npu: change.at"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_scenario_is_one_line_that_names_it(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(InputError) as failure:
        load_scenario(path)
    assert told in str(failure.value)
    assert path in str(failure.value)
    assert "\n" not in str(failure.value)


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line \d+"):
        load_scenario(written(tmp_path, 'governor = "dfs"', 'governor = "dfs'))


def test_files_of_a_scenario_may_lie_beside_it(tmp_path: Path) -> None:
    from dfsrt.world.battery.load import SHELF as CELLS

    (tmp_path / "mine.toml").write_text((CELLS / "phone-5000.toml").read_text())
    path = written(tmp_path, 'cell = "phone-4700"', 'cell = "mine.toml"')
    assert load_scenario(path).setting.battery.capacity_ah.value == 5.0


def test_stop_rules_are_a_word_a_time_or_a_count() -> None:
    assert parse_stop("empty").empty
    assert parse_stop("8 h").at_ns == 8 * 3600 * 10**9
    assert parse_stop("1000 requests").requests == 1000
    for bad in ("0 requests", "0 s", "-1 h", "soon", ""):
        with pytest.raises(InputError):
            parse_stop(bad)


def test_a_number_is_set_by_its_path_and_nothing_else_changes() -> None:
    scenario = load_scenario("infinite-zoom-phone")
    path = "heat.links.skin-ambient.resistance"
    other = scenario.at(**{path: 7.0})
    before, after = scenario.numbers(), other.numbers()
    assert after[path].value == 7.0
    assert {p for p in before if before[p] != after[p]} == {path}
    assert after.keys() == before.keys()


def test_states_that_are_not_used_are_not_among_the_assumptions() -> None:
    names = load_scenario("infinite-zoom-phone").assumed()
    assert "uses.wifi.component.states.idle" in names
    assert "uses.wifi.component.states.send" not in names


OWN = """
import numpy as np, dfsrt

class Slow:
    def plan(self, view):
        level = np.zeros(view.n_layers, dtype=int)
        return dfsrt.Plan(level, view.rails_uv[level])
"""


@pytest.mark.parametrize(
    ("governor", "named"),
    [
        ("own.toml", "userspace:freq=300MHz"),
        ("own.toml:freq=600MHz", "userspace:freq=600MHz"),
        ("own.py:Slow", "own.py:Slow"),
        ("powersave", "powersave"),
    ],
)
def test_a_governors_file_is_sought_beside_the_scenario_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, governor: str, named: str
) -> None:
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    path = written(folder, 'governor = "dfs"', f'governor = "{governor}"')
    text = 'format = 1\ngovernor = "userspace"\n[parameters]\nfreq = "300MHz"\n'
    (folder / "own.toml").write_text(text)
    (folder / "own.py").write_text(OWN)
    made = make_governor(str(load_scenario(path).spec.governor))
    assert label(made).removeprefix(f"{folder}/") == named


def test_a_devices_file_is_sought_beside_the_scenario_options_or_not(tmp_path: Path) -> None:
    for options in ("", ":bin=L1"):
        path = written(tmp_path, 'device = "rk3588-npu"', f'device = "own.toml{options}"')
        assert load_scenario(path).spec.device == f"{tmp_path / 'own.toml'}{options}"


def test_who_uses_memory_is_sought_beside_the_scenario_that_names_it(tmp_path: Path) -> None:
    own = 'mapper = "own.py:Own"\nschedule = "best"\ndram = "own.toml:channels=2"'
    path = written(tmp_path, 'governor = "dfs"', f'governor = "dfs"\n{own}')
    spec = load_scenario(path).spec
    assert (spec.mapper, spec.schedule) == (str(tmp_path / "own.py:Own"), "best")
    assert spec.dram == str(tmp_path / "own.toml:channels=2")


@pytest.mark.parametrize("name", ["own.onnx", "own.toml", "own.toml:size=768"])
def test_a_workloads_file_is_sought_beside_the_scenario_too(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, 'workload = "infinite-zoom:steps=20"', f'workload = "{name}"')
    assert load_scenario(path).spec.load == f"{tmp_path}/{name}"


def test_an_idle_policy_has_a_range_while_the_scenarios_own_is_in_use(tmp_path: Path) -> None:
    """What ``--idle`` says has none, and a policy alone is what it says."""
    job = make_job("voice-glasses")
    assert job.spec.idle == "timeout=rocket"
    after = assumptions(job)["idle.after"]
    assert (after.low, after.value, after.high) == (0.01, 0.05, 3.0)
    assert with_assumptions(job, {"idle.after": 0.2}).idle.governor == Timeout(after=200_000_000)
    assert "idle.after" not in assumptions(make_job("voice-glasses", idle="timeout=50ms"))
    (tmp_path / "own.py").write_text("")
    line = GOOD[GOOD.index("idle = ") :].splitlines()[0]
    plain = load_scenario(written(tmp_path, line, 'idle = "own.py:Mine"\nidle_rail = "lowest"'))
    assert (plain.spec.idle, plain.idle_after) == (f"{tmp_path / 'own.py'}:Mine", None)
    assert plain.spec.idle_rail == "lowest"


def test_ranges_of_a_device_are_of_the_states_that_a_policy_enters() -> None:
    def tried(idle: str) -> set[str]:
        names = assumptions(make_job("voice-glasses", idle=idle))
        return {name.split(".")[3] for name in names if name.startswith("device.idle.states.")}

    assert tried("none") == set()
    assert tried("timeout=1s") == {"rail-off"}
    assert tried("teo") == {"collapse", "rail-off"}


def test_a_devices_number_is_set_by_its_key_and_governors_predict_as_before() -> None:
    job = make_job("voice-glasses")
    other = with_assumptions(job, {"device.silicon.uncore_w": 0.1, "ambient": 12.0})
    assert other.npu.silicon.uncore_w == 0.1 != job.npu.silicon.uncore_w
    assert other.setting is not None
    assert other.setting.ambient.value == 12.0
    np.testing.assert_array_equal(other.table.predicted_w, job.table.predicted_w)


OPEN = """
<ir_version: 8, opset_import: ["": 17]>
open (float[batch, 8] x) => (float[batch, 4] y)
<float[8, 4] w = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0}>
{ y = MatMul(x, w) }
"""


def test_sizes_that_a_network_leaves_open_are_said_with_the_load(tmp_path: Path) -> None:
    onnx.save(onnx.parser.parse_model(OPEN), tmp_path / "open.onnx")
    begin = GOOD.index("workload = ")
    old = GOOD[begin : GOOD.index("\n", begin)]
    said = written(tmp_path, old, 'workload = "open.onnx"\ndims = { batch = 3 }')
    macs = [np.sum(make_job(said, **more).table.macs) for more in ({}, {"dims": {"batch": 5}})]
    assert macs == [3 * 8 * 4, 5 * 8 * 4]
    with pytest.raises(InputError, match="batch"):
        make_job(written(tmp_path, old, 'workload = "open.onnx"')).table  # noqa: B018

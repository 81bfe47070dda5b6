"""What an NPU may draw for a target: against a scan of caps, closed forms, and bad input."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace

import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged
from dfsrt.report.core import report_of
from dfsrt.run.job import make_job
from dfsrt.run.run import execute
from dfsrt.run.scenario import Scenario
from dfsrt.run.scenario_load import load_scenario
from dfsrt.study.assumed import assumptions
from dfsrt.study.budget import find_budget, parse_targets
from dfsrt.study.budget.lives import TrialTask, run_task
from dfsrt.study.budget.target import parse_target
from dfsrt.study.budget.trial import Trial
from tests.helpers.scenarios import changed

PHONE = load_scenario("infinite-zoom-phone")
STEP = 1.08


def sure(value: float) -> Ranged:
    return Ranged(value, value, value, "test")


def small(**changes) -> Scenario:
    """Squeezenet back to back on a phone whose battery lasts a minute or so."""
    fields = {
        "name": "small", "load": "squeezenet", "until": "empty", "charge": sure(0.045),
        "soc_caps": (), "cap": "0.15 W", "vary": replace(PHONE.vary, bins=()),
    }  # fmt: skip
    return changed(PHONE, **(fields | changes))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return small()


@pytest.fixture(scope="module")
def job(scenario):
    return make_job(scenario)


def naive(job, cap_w=None, **numbers):
    """Frames a second, life in s and skin in °C, by plain runs."""
    job = job if cap_w is None else job.under(cap_w)
    job = job.changed(world=job.setting.at(**numbers)) if numbers else job
    report = report_of(execute(job))
    return report.fps, report.battery.life_s, report.battery.temperature_c.skin_max


def budget(scenario, *texts, numbers=None, workers=1, **fields):
    return find_budget(scenario, parse_targets(texts), numbers, workers, **fields)


@pytest.fixture(scope="module")
def scan(job):
    """A scan of caps by plain runs: (cap, figures), ascending by 8 %."""
    caps = [0.04 * STEP**k for k in range(32)]
    return [(cap, naive(job, cap)) for cap in caps]


@pytest.fixture(scope="module")
def minute(scenario):
    return budget(scenario, "70 s")


def test_the_cap_of_a_life_is_the_largest_that_a_scan_finds(minute, scan):
    (answer,) = minute.targets
    best = max(cap for cap, (_, life, _) in scan if life >= answer.value)
    assert best / 1.01 <= answer.cap.cap_w <= best * STEP * 1.01
    assert answer.cap.reached >= answer.value == 70
    assert answer.cap.missed_w <= answer.cap.cap_w * 1.01
    assert answer.met == (answer.at_present >= 70)
    assert minute.tolerance == 0.01


def test_the_cap_of_a_speed_is_the_smallest_that_a_scan_finds(scenario, scan):
    answer = budget(scenario, "120 FPS").targets[0]
    best = min(cap for cap, (speed, _, _) in scan if speed >= 120)
    assert best / STEP / 1.01 <= answer.cap.cap_w <= best * 1.01
    assert answer.cap.reached >= 120 > naive(make_job(scenario), answer.cap.missed_w)[0]


def test_the_cap_of_a_skin_is_the_largest_that_a_scan_finds():
    short = small(until="20 s")  # of lives of their own length the longer ones are the warmer
    scan = [(0.05 * STEP**k, naive(make_job(short), 0.05 * STEP**k)[2]) for k in range(20)]
    limit = (scan[0][1] + scan[-1][1]) / 2
    answer = budget(short, f"skin {limit} C").targets[0]
    best = max(cap for cap, skin in scan if skin <= limit)
    assert best / 1.01 <= answer.cap.cap_w <= best * STEP * 1.01
    assert answer.one_way


def test_targets_together_leave_the_caps_between_their_own(scenario):
    both = budget(scenario, "90 FPS", "40 s")
    fast, long_ = (t.cap.cap_w for t in both.targets)
    assert both.together
    assert (both.least_w, both.most_w) == (fast, long_)
    assert fast < long_
    neither = budget(scenario, "100 FPS", "80 s")
    assert not neither.together
    assert (neither.least_w, neither.most_w) == (None, None)
    assert any("no cap meets '100 FPS' and '80 s' together" in note for note in neither.notes)


def test_a_target_that_needs_no_cap_is_met_already(scenario):
    answer = budget(scenario, "10 s").targets[0]
    assert (answer.cap.verdict, answer.cap.cap_w) == ("always", None)
    assert answer.says.startswith("10 s: is met already: ")
    assert "without any cap" in answer.says
    slow = budget(scenario, "1 FPS").targets[0]
    assert "is met already" in slow.says
    assert "even at the lowest clocks" in slow.says


def test_a_speed_beyond_reach_says_the_most_and_what_holds_it(scenario, job):
    answer = budget(scenario, "1e4 FPS").targets[0]
    most = naive(job, "none")[0]
    assert (answer.cap.verdict, answer.cap.cap_w) == ("never", None)
    assert answer.cap.reached == pytest.approx(most)
    assert "cannot be reached" in answer.says
    assert f"{most:.4g} FPS is the most, without a cap; held by the highest clock" in answer.says


def test_a_load_that_asks_for_less_is_what_holds_its_speed():
    answer = budget(small(period="33 ms"), "60 FPS").targets[0]
    assert "held by the load, for which the NPU works" in answer.says


def test_a_life_beyond_reach_says_what_an_npu_at_rest_would_leave(scenario, job):
    rest = job.changed(period="2000000 s")
    life = report_of(execute(rest)).battery.life_s
    beyond, within = (
        budget(scenario, f"{seconds} s").targets[0].says for seconds in (life * 1.1, life * 0.99)
    )
    assert "even with the NPU at rest: cut another component" in beyond
    assert "with the NPU at rest: serve fewer requests" in within


def test_a_cut_of_a_component_meets_the_target_as_a_run_with_less_says(scenario, job):
    seconds = naive(job)[1] * 1.04
    report = budget(scenario, f"{seconds} s")
    by_name = {cut.name: cut for cut in report.cuts}
    for name, state in (("display", "half"), ("cpu", "light")):
        need, now = by_name[name].targets[0], by_name[name].power_mean_w
        assert need.left_w + need.fall_w == pytest.approx(now)
        path = f"uses.{name}.component.states.{state}"
        watts = job.setting.numbers()[path].value
        share = need.left_w / now
        # Within the tolerance of the answer, and hardly more than is needed.
        assert naive(job, **{path: watts * share * 0.998})[1] >= seconds
        assert naive(job, **{path: watts * (share + 0.02)})[1] < seconds


def test_with_an_ideal_battery_a_cut_is_what_its_energy_leaves_for_each_second(job):
    """No resistance and no loss: the energy is the same in every life, so power times time is."""
    setting = job.setting
    battery = replace(
        setting.battery, model="peukert", rc=(), exponent=sure(1.0), rated_a=sure(100.0),
        resistance=sure(1e-6), path=sure(0.0), cutoff=sure(2.95),
    )  # fmt: skip
    pmic = tuple(replace(point, efficiency=sure(1.0)) for point in setting.pmic)
    ideal = small(battery=battery, pmic=pmic, charge=sure(0.012))
    now = report_of(execute(make_job(ideal))).battery
    report = budget(ideal, f"{now.life_s * 1.1} s")
    fall_w = now.energy_j.chemical / now.life_s * (1 - 1 / 1.1)
    able = {cut.name for cut in report.cuts if cut.targets[0].verdict == "just"}
    assert able == {cut.name for cut in report.cuts if cut.power_mean_w > fall_w}
    assert len(able) >= 2
    for cut in report.cuts:
        if cut.name in able:
            assert cut.targets[0].fall_w == pytest.approx(fall_w, rel=0.03)


def test_components_are_ranked_by_what_a_tenth_of_them_brings(minute, job):
    report = minute
    gains = [cut.life_gain_s for cut in report.cuts]
    assert gains == sorted(gains, reverse=True)
    assert report.ranked_by == "life"
    path = "uses.display.component.states.half"
    less = naive(job, **{path: job.setting.numbers()[path].value * 0.9})[1]
    (display,) = (cut for cut in report.cuts if cut.name == "display")
    assert display.life_gain_s == pytest.approx(less - naive(job)[1])


def test_the_range_of_a_cap_holds_its_value_and_its_ends_are_those_of_plain_runs(
    scenario, job, monkeypatch
):
    doubted = ("uses.display.component.states.half", "health", "uses.wifi.component.states.idle")
    of_job = assumptions(job)
    few = {name: of_job[name] for name in doubted}
    monkeypatch.setattr("dfsrt.study.budget.budget.assumptions", lambda _: few)
    (target,) = budget(scenario, "60 s", numbers=2).targets
    spread, cap_w = target.range, target.cap.cap_w
    assert (spread.numbers, len(spread.alone)) == (3, 2)
    assert spread.alone[0].number.name == doubted[0]  # it is in doubt by more than a tenth
    display, health = few[doubted[0]], few["health"]
    worst = naive(job, cap_w, **{doubted[0]: display.high, "health": health.low})[1]
    best = naive(job, cap_w, **{doubted[0]: display.low, "health": health.high})[1]
    assert spread.at_worst <= worst * 1.001
    assert spread.at_best >= best * 0.999
    for one in spread.alone:
        name, number = one.number.name, few[one.number.name]
        for end, figure, answer in (
            (number.low, one.figure_low, one.at_low),
            (number.high, one.figure_high, one.at_high),
        ):
            assert figure == pytest.approx(naive(job, cap_w, **{name: end})[1])
            if answer.verdict == "just":
                assert naive(job, answer.cap_w, **{name: end})[1] >= 60
                assert naive(job, answer.missed_w, **{name: end})[1] < 60
        low, high = sorted((_as_w(one.at_low), _as_w(one.at_high)))
        assert low <= cap_w * 1.03
        assert high >= cap_w / 1.03
    assert _as_w(spread.worst) <= cap_w * 1.03
    assert _as_w(spread.best) >= cap_w / 1.03


def _as_w(cap) -> float:
    """A cap for a life as watts: none at all is 0, any is infinite."""
    return {"never": 0.0, "always": math.inf}.get(cap.verdict, cap.cap_w)


def sent(task: TrialTask) -> TrialTask:
    return pickle.loads(pickle.dumps(task))  # noqa: S301 - written a moment ago


def test_a_worker_of_its_own_gives_the_same_life(scenario):
    trial = Trial(cap_w=0.12, shares=(("display", 0.5),))
    tasks = [TrialTask(call, scenario, {}, trial) for call in ("one", "two")]
    here, there = run_task(tasks[0]), run_task(sent(tasks[1]))
    assert here == there


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("30 FPS", "fps", 30), ("30fps", "fps", 30), ("fps=0.03", "fps", 0.03),
        ("FPS 5", "fps", 5), ("8 h", "life", 28800), ("life=90 min", "life", 5400),
        ("life = 2 d", "life", 172800), ("skin 38 C", "skin", 38), ("skin=38.5", "skin", 38.5),
        ("38 °C", "skin", 38),
    ],
)  # fmt: skip
def test_a_target_is_known_by_its_name_or_its_unit(text, kind, value):
    target = parse_target(text)
    assert (target.kind, target.value) == (kind, pytest.approx(value))


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ((), "no target given; give one, like --target '30 FPS', '8 h' or 'skin 38 C'"),
        (("8 parsecs",), "has the unit 'parsecs', which is unknown; allowed are FPS, s, min"),
        (("8",), "has no unit; allowed are FPS"),
        (("8 W",), "has the unit 'W', which is unknown"),
        (("0 FPS",), "is not above 0"),
        (("-3 h",), "out of range"),
        (("0 h",), "is not above 0"),
        (("40 d",), "a life is at most 30 d"),
        (("skin 400 C",), "give -60 C to 200 C"),
        (("fps=3 h",), "is not a quantity in FPS"),
        (("8 h", "life=9 h"), "is a second one of life; give one"),
        (("fps=nan",), "is not a quantity in FPS"),
    ],
)
def test_what_is_no_target_is_refused_in_a_line(texts, says):
    with pytest.raises(InputError, match=r".") as refused:
        parse_targets(texts)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_no_budget_can_be_of_is_refused(scenario):
    with pytest.raises(InputError, match="use a scenario; for a network see dfsrt levers"):
        budget("squeezenet", "8 h")
    with pytest.raises(InputError, match="a life is the target, and 'small' ends at '30 s'"):
        budget(small(until="30 s"), "8 h")
    with pytest.raises(InputError, match="out of range; give 0 or more"):
        budget(scenario, "8 h", numbers=-1)
    with pytest.raises(InputError, match="workers 0 is out of range"):
        budget(scenario, "8 h", workers=0)
    with pytest.raises(InputError, match="no target given"):
        find_budget(scenario, ())

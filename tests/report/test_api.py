"""The Python API: one verb for every load, and what results turn into."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pyarrow.parquet as pq
import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.report import result
from dfsrt.run.source import KINDS

PIPELINE = "infinite-zoom:steps=1:image=64"


def test_the_room_and_the_verb_have_one_name():
    import dfsrt.run.job as by_path
    from dfsrt.run import job as by_room

    assert by_path is by_room
    assert isinstance(dfsrt.run, ModuleType)
    assert dfsrt.run("alexnet", frames=1).report.frames == 1


def test_importing_dfsrt_costs_no_numpy():
    code = "import sys, dfsrt; sys.exit('numpy' in sys.modules or not callable(dfsrt.run))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("load", "fields"),
    [("alexnet", {"frames": 2}), (PIPELINE, {"frames": 2}), ("voice-assistant", {"until": "3 s"})],
)
def test_every_load_runs_and_compares_by_the_same_call(load, fields):
    both = dfsrt.compare(load, "dfs, app-dvfs", **fields)
    alone = dfsrt.run(load, governor="dfs", **fields)
    assert [r.governor for r in both.report.runs] == ["dfs", "app-dvfs"]
    assert both.report.kind == alone.report.kind in KINDS
    assert both.runs[0].report.energy_j == alone.report.energy_j
    regret = both.report.runs[0].regret
    assert regret is not None
    assert regret.time >= 0
    assert alone.report.regret is None


def test_regret_of_a_trace_of_one_network_is_that_networks_own(tmp_path):
    """Both are judged by the same steady frame."""
    path = tmp_path / "one.csv"
    path.write_text("arrival_ms,workload\n0,squeezenet\n50,squeezenet\n")
    names = "dfs,app-dvfs,powersave"
    trace, network = (dfsrt.compare(x, names, cap="0.13 W") for x in (path, "squeezenet"))
    for one, two in zip(trace.report.runs, network.report.runs, strict=True):
        assert one.regret.time == pytest.approx(two.regret.time, abs=1e-12)
        assert one.regret.energy == pytest.approx(two.regret.energy, abs=1e-12)
        assert one.regret.layers_over == pytest.approx(two.regret.layers_over)


def test_a_governor_that_samples_is_judged_on_lone_networks_only():
    (alone,) = dfsrt.compare("squeezenet", "schedutil", frames=30).report.runs
    (mixed,) = dfsrt.compare("voice-assistant", "schedutil", until="1 s").report.runs
    assert alone.regret is not None
    assert mixed.regret is None


def test_governors_are_names_objects_or_one():
    own = make_governor("dfs")
    for governors in ("dfs", ["dfs"], own, [own]):
        done = dfsrt.compare("alexnet", governors, frames=1)
        assert [r.governor for r in done.report.runs] == ["dfs"]
    with pytest.raises(InputError, match="no governor given"):
        dfsrt.compare("alexnet", [], frames=1)


def test_a_job_is_shared_under_other_caps_and_fields():
    job = dfsrt.Job("alexnet", frames=1)
    other = job.under("0.5 W").changed(frames=2)
    assert other.table is job.table
    assert (other.power_cap.first_w, other.run().report.frames) == (0.5, 2)


def test_layers_are_of_one_network():
    assert dfsrt.Job("alexnet").layers().totals.layers == 14
    with pytest.raises(InputError, match="has no layers of its own"):
        dfsrt.Job(PIPELINE).layers()


def test_progress_tells_the_governor_at_work():
    told = []
    job = dfsrt.Job("alexnet", frames=3)
    job.compare("dfs,dvfs", lambda number, done: told.append((number, done)))
    assert told[-1] == (1, 3)
    assert {number for number, _ in told} == {0, 1}


def test_logs_of_networks_are_layers_and_of_traces_requests(tmp_path):
    dfsrt.run("alexnet", frames=2, log=tmp_path / "layers.parquet")
    done = dfsrt.run("voice-assistant", until="3 s", log=tmp_path / "requests.parquet")
    layers, requests = (pq.read_table(tmp_path / f"{n}.parquet") for n in ("layers", "requests"))
    assert {"name", "start_ns", "end_ns", "power_w", "energy_j"} <= set(layers.column_names)
    assert requests.column_names == [
        "request", "workload", "session", "priority", "arrival_ns", "start_ns", "finish_ns",
        "latency_ns", "wake_ns", "deadline_ns", "status",
    ]  # fmt: skip
    assert requests.num_rows == done.report.requests.total
    assert done.report.detail == "request"
    done.save_requests(tmp_path / "again.parquet")
    assert pq.read_table(tmp_path / "again.parquet").num_rows == requests.num_rows


def test_a_layer_log_of_a_trace_is_there_where_it_is_asked_for(tmp_path):
    path = tmp_path / "layers.parquet"
    dfsrt.run("voice-assistant", until="1 s", detail="layer", log=path)
    assert "start_ns" in pq.read_table(path).column_names
    assert "layer" in pq.read_table(path).column_names


def test_results_become_data_frames_where_pandas_is_there(monkeypatch):
    monkeypatch.setattr(result, "import_module", lambda name: SimpleNamespace(DataFrame=dict))
    run = dfsrt.run("alexnet", frames=2)
    assert len(run.to_dataframe()["power_w"]) == len(run.log.layer)
    trace = dfsrt.run("voice-assistant", until="2 s")
    assert set(trace.to_dataframe()["status"]) <= {"done", "started", "waiting"}
    frame = dfsrt.compare("alexnet", "dfs,dvfs", frames=1).to_dataframe()
    assert frame["governor"] == ["dfs", "dvfs"]
    assert len(frame["energy_by_domain_j.total"]) == 2


def test_without_pandas_the_advice_is_to_install_it(monkeypatch):
    monkeypatch.setattr("dfsrt.base.extras.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install pandas"):
        dfsrt.run("alexnet", frames=1).to_dataframe()


def test_a_notebook_shows_the_tables():
    run = dfsrt.run("alexnet", frames=2)
    for text in (run._repr_html_(), dfsrt.compare("alexnet", "dfs", frames=1)._repr_html_()):
        assert text.count("<table>") == text.count("</table>") >= 1
        assert "all domains" in text


def test_what_a_load_has_no_use_for_is_refused_by_name():
    with pytest.raises(InputError, match="'frames' is not for a trace"):
        dfsrt.run("voice-assistant", frames=3)
    with pytest.raises(InputError, match="unknown option 'frame'"):
        dfsrt.run("alexnet", frame=3)

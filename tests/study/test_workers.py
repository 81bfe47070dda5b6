"""The same study gives the same files, whoever does the work."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dfsrt.base.errors import InputError
from dfsrt.study import tune
from dfsrt.study.points import run_points
from dfsrt.study.pool import most_workers, open_pool
from dfsrt.study.study import parse_study
from tests.study.planted import bowl, study_of

RESULTS = ("result.json", "trials.csv", "governor.toml", "pareto.svg")

STUDY = """
name = "workers"
trials = 24
batch = 8
objectives = ["energy_j", "latency_s"]
sampler = "nsga2"
[over]
networks = ["squeezenet", "alexnet"]
caps = ["0.16 W"]
frames = 2
[search]
device = ["rk3588-npu", "rk3588-npu-ivr"]
confidence = ["none", "99%"]
set_points = { count = 2 }
[search.parameters]
same = "declared"
"""


def results(folder):
    return {name: (folder / name).read_bytes() for name in RESULTS}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process finds."""
    folder = tmp_path_factory.mktemp("alone")
    tune(parse_study(STUDY), folder, 1)
    return results(folder)


def test_two_processes_find_what_one_finds(alone, tmp_path):
    done = tune(parse_study(STUDY), tmp_path, 2)
    assert results(tmp_path) == alone
    assert done.timing.engine_s > 0
    assert done.timing.workers == 2


@pytest.fixture
def cluster(tmp_path):
    """A real scheduler and two real workers on loopback; yields the address."""
    dask = str(Path(sys.executable).with_name("dask"))
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = ["worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard"]
    worker += ["--no-nanny", "--death-timeout", "60"]
    commands = [scheduler, [*worker, "--name", "a"], [*worker, "--name", "b"]]
    started = [
        subprocess.Popen(
            [dask, *command], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]
    try:
        wait_for_workers(address, 2, started)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            end(process)


def end(process):
    """Wait for a process that was told to stop; one that hangs in its own shutdown is killed."""
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_workers(address, count, started):
    """Wait until the scheduler answers and has its workers; fail if a process has ended."""
    from distributed import Client

    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and all(process.poll() is None for process in started):
        try:
            with Client(address, timeout=2) as client:
                client.wait_for_workers(count, timeout=30)
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError([process.poll() for process in started])


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of distributed's own threads and sockets
def test_two_dask_workers_find_what_one_process_finds(alone, cluster, tmp_path):
    out = tmp_path / "out"
    tune(parse_study(STUDY), out, dask=cluster)
    assert results(out) == alone


@pytest.mark.deep
@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_no_scheduler_is_an_error_that_says_how_to_start_one(tmp_path):
    with pytest.raises(InputError, match="dask scheduler"):
        tune(study_of(trials=8), tmp_path, dask=f"tcp://127.0.0.1:{free_port()}")


def test_fewer_workers_than_one_is_an_error(tmp_path):
    with pytest.raises(InputError, match="workers 0 is out of range"):
        tune(study_of(trials=8), tmp_path, 0, evaluate=bowl)


def test_more_workers_than_four_a_core_are_refused_before_any_begins():
    most = most_workers()
    with pytest.raises(InputError, match=f"workers 1000000 is out of range; give 1 to {most}"):
        open_pool(1_000_000, None, abs).__enter__()
    with pytest.raises(InputError, match="workers 1000000 is out of range"):
        list(run_points([], 1_000_000))

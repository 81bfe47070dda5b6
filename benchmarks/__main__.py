"""Measure what the main job promises, print it, and keep it under ``benchmarks/results``."""

from __future__ import annotations

import datetime
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import call_cpu_s, command_cost, machine
from benchmarks.unet_graph import unet_graph

RESULTS = Path(__file__).parent / "results"
DFSRT = str(Path(sys.executable).with_name("dfsrt"))


def help_cost() -> dict[str, Any]:
    return {"target": "cpu_s < 0.3", **command_cost([DFSRT, "--help"], runs=7)}


def run_cost() -> dict[str, Any]:
    cost = command_cost([DFSRT, "run", "resnet50"], runs=7)
    return {"target": "cpu_s < 2, peak_mb < 300", **cost}


def run_with_fit_cost() -> dict[str, Any]:
    command = [DFSRT, "run", "resnet50", "--device", "rk3588-npu:bin=L3"]
    return {"note": "a bin without a shipped model: fits one", **command_cost(command, runs=5)}


def lowering_cost() -> dict[str, Any]:
    import onnx

    from dfsrt.network import load_network

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unet.onnx"
        model = unet_graph()
        onnx.save(model, path)
        cost = call_cpu_s(lambda: load_network(path), runs=9)
    return {"target": "cpu_s < 0.150", "nodes": len(model.graph.node), **cost}


def prediction_cost() -> dict[str, Any]:
    """All layers at all clocks and voltages of a 1,600-node network, and on a real card."""
    from benchmarks.predicting import predicting

    return {"target": "cpu_s < 0.050 each", **predicting(unet_graph())}


def importing_cost() -> dict[str, Any]:
    """Profiles and power logs of 10,000 rows."""
    from benchmarks.importers import importing

    return {"target": "cpu_s < 1 each", **importing()}


def reading_cost() -> dict[str, Any]:
    """A file of 1.3 GB with its weights inside, without them and whole."""
    from benchmarks.reading import reading

    return {"target": "dfsrt: mb < 50", **reading()}


def mapping_cost() -> dict[str, Any]:
    """All layers of networks mapped and scheduled."""
    from benchmarks.mapping import mapping

    return {"target": "exhaustive: resnet50 < 0.1, sd2-unet < 0.5; resident < 0.1", **mapping()}


def optimize_cost() -> dict[str, Any]:
    """Transforms on a network of ResNet-50's size, and fits of digits, in a process of their own.

    ``peak_mb`` grows from line to line: each is that of all steps up to it.
    """
    import subprocess

    from benchmarks.smaller import TARGETS

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.smaller"], capture_output=True, text=True, check=True
    )
    results: dict[str, Any] = json.loads(done.stdout)
    return {"target": f"cpu_s: {TARGETS}", **results}


def calibration_cost() -> dict[str, Any]:
    """A device calibrated on 20 networks, each command in a process of its own."""
    from benchmarks.calibrate import calibrating

    return {"target": "wall_s < 30 each, on two cores", **calibrating()}


def runtime_rate() -> dict[str, Any]:
    from dfsrt.run.job import make_job
    from dfsrt.run.run import execute

    job = make_job("resnet50", frames=400, step="layer")
    job.table  # noqa: B018 - worked out here, and not in what is timed
    rates = {}
    for governor in ("dfs", "dvfs"):
        best = 0.0
        for _ in range(5):
            begin = time.process_time()
            run = execute(job, governor, walks=True)
            best = max(best, run.book.layer_runs / (time.process_time() - begin))
        rates[f"{governor}_layers_per_cpu_s"] = round(best)
    return {"target": "dfs >= 100000 layers a CPU second, books included", **rates}


def loop_rate() -> dict[str, Any]:
    """The compiled loop, in a process of its own: its peak memory counts."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.loop"], capture_output=True, text=True, check=True
    )
    target = (
        "walked: dfs >= 100e6, dvfs >= 20e6 layers a CPU second, 1e9 in < 500 MB; "
        "10^9 repeated frames in < 1 s"
    )
    return {"target": target, **json.loads(done.stdout)}


def optimum_cost() -> dict[str, Any]:
    """The optimum of 1,000 layers at 16 clocks and 4 voltages."""
    from benchmarks.optimal import optimal_cost

    return optimal_cost()


def tuning_cost() -> dict[str, Any]:
    """1,000 trials of dfs on resnet50 on two workers: engine and tuner apart."""
    from benchmarks.tuning import tuning

    return {"target": "wall_s < 60", **tuning(workers=2)}


def sweeping_cost() -> dict[str, Any]:
    """1,000 points of resnet50 on two workers: engine, tables and overhead apart."""
    from benchmarks.sweeping import sweeping

    return {"target": "wall_s < 30", **sweeping(workers=2)}


def replaying_cost() -> dict[str, Any]:
    """Graphs, pipelines, a day's trace and exports, in a process of their own."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.replaying"], capture_output=True, text=True, check=True
    )
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def bounding_cost() -> dict[str, Any]:
    """The energy bound, by itself and beside a comparison."""
    from benchmarks.bounding import bounding

    return {"target": "quick_s < 0.1 * compare_s", **bounding()}


def living_cost() -> dict[str, Any]:
    """Battery scenarios and pages, in a process of their own."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.living"], capture_output=True, text=True, check=True
    )
    results: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return results


def governing_cost() -> dict[str, Any]:
    """A governor over a board at 10 Hz, its process and its watchdog's."""
    from benchmarks.governing import governing

    return {"target": "core_share < 0.01 each", **governing()}


def deciding_cost() -> dict[str, Any]:
    """Rules of governors that see the queue, in a process of their own."""
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.deciding"], capture_output=True, text=True, check=True
    )
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def first_use_cost() -> dict[str, Any]:
    """Commands in an empty cache folder, and again."""
    from benchmarks.first_use import first_use

    return first_use()


def memory_and_language_cost() -> dict[str, Any]:
    """The optimum over both clocks, and language models in machine code that is there."""
    from benchmarks.joint import joint_cost
    from benchmarks.tokens import language_models

    return {"joint": joint_cost(), "language_models": language_models()}


def pivot_cost() -> dict[str, Any]:
    """The page of a sweep of 10,000 points."""
    from benchmarks.pivoting import pivoting

    return {"target": "size_mb < 8, drawn_ms < 2000", **pivoting()}


def main() -> None:
    benchmarks = (
        help_cost,
        run_cost,
        run_with_fit_cost,
        lowering_cost,
        prediction_cost,
        importing_cost,
        reading_cost,
        mapping_cost,
        optimize_cost,
        calibration_cost,
        runtime_rate,
        tuning_cost,
        sweeping_cost,
        loop_rate,
        optimum_cost,
        replaying_cost,
        bounding_cost,
        living_cost,
        governing_cost,
        deciding_cost,
        memory_and_language_cost,
        pivot_cost,
        first_use_cost,
    )
    results = {}
    for benchmark in benchmarks:
        results[benchmark.__name__] = benchmark()
        print(benchmark.__name__, json.dumps(results[benchmark.__name__]), flush=True)
    keep_results("main-job", results)


def keep_commands(name: str, costs: dict[str, Any]) -> None:
    """Print what each command costs, and keep it."""
    for command, cost in costs.items():
        print(command, cost)
    keep_results(name, costs)


def keep_results(name: str, results: dict[str, Any]) -> None:
    """Write ``results`` with the date and the machine, named by the date and ``name``."""
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    RESULTS.mkdir(exist_ok=True)
    document = {"date": date, "machine": machine(), "results": results}
    path = RESULTS / f"{date}-{name}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    print(f"written to {path.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
